"""The sockets' addresses."""

from __future__ import annotations

from typing import Any, cast

from django.urls import path, re_path

from runs.consumers import ListConsumer, PageConsumer, RunConsumer, SquidConsumer


def _socket(consumer: type[PageConsumer]) -> Any:
    """Django's types know of views only."""
    return cast(Any, consumer.as_asgi())


websocket_urlpatterns: list[Any] = [
    path("ws/squids/<str:uid>", _socket(SquidConsumer)),
    path("ws/runs/<str:uid>", _socket(RunConsumer)),
    path("ws/list", _socket(ListConsumer)),
    re_path("", _socket(PageConsumer)),
]
