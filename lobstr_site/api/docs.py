"""``/v1/docs``: every operation with its fields, and a form to try it with a key."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Docs(DocsBase):
    """The Swagger UI that django-ninja brings, in the site's frame."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        context = {"nav": "api", "document": self.get_openapi_url(api, kwargs)}
        return render(request, "api/docs.html", context)
