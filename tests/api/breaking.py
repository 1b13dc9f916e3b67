"""Addresses that break, as an error in the code would, and some that take what they are given."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import path
from ninja import Field, Form, NinjaAPI, UploadedFile

from lobstr_site.api.errors import handle_errors
from lobstr_site.api.parsing import Strict
from squids.api.schema import Body

api = NinjaAPI(urls_namespace="breaking", openapi_url=None, parser=Strict())
handle_errors(api)


@api.get("/breaks")
def breaks(request: HttpRequest) -> Any:
    raise ZeroDivisionError("the secret")


class Given(Body):
    text: str = ""
    number: int = Field(0, ge=0)
    inner: dict[str, Any] = {}


@api.post("/takes")
def takes(request: HttpRequest, data: Given) -> Any:
    return data.dict()


@api.get("/asks")
def asks(request: HttpRequest, word: str = "") -> Any:
    return {"word": word}


@api.post("/uploads")
def uploads(request: HttpRequest, squid: Form[str], file: UploadedFile) -> Any:
    return {"squid": squid, "size": file.size}


def page_breaks(request: HttpRequest) -> Any:
    raise ZeroDivisionError("the secret")


urlpatterns = [path("v1/page-breaks", page_breaks), path("v1/", api.urls)]
