"""A mail server on the loopback that the site sends to, and a squid that asks for e-mails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from runs.models import Notice, Run
from squids import actions
from squids.models import Notify, Squid
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid
from tests.smtp_server import MailServer, mail_server

TO = "ada@example.org"


@pytest.fixture
def smtp(settings: Settings) -> Iterator[MailServer]:
    cache.clear()
    with mail_server() as server:
        use(settings, server.port)
        yield server


def use(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.SITE_URL = "https://lobstr.example"


Asking = Callable[..., Squid]


@pytest.fixture
def asking(site: DemoSite, make_squid: MakeSquid) -> Asking:
    """A squid of the shop's kitchen (or these paths) that asks for e-mails to Ada."""

    def make(choice: str, *paths: str, crawler: str = "test-shop", **params: object) -> Squid:
        urls = [site.url + path for path in paths or ("/category/kitchen/",)]
        squid = make_squid(*urls, crawler=crawler, **params)
        return actions.update_squid(squid, {"run_notify": choice, "notify_email": TO})

    return make


def written(run: Run) -> list[tuple[str, str]]:
    """Status and reason that each of the run's e-mails tells."""
    return list(Notice.objects.filter(run=run).order_by("id").values_list("status", "reason"))


EACH = (Notify.NEVER, Notify.ON_SUCCESS, Notify.ON_ERROR)
