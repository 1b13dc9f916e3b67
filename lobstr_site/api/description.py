"""The OpenAPI document: what the routers declare, and what is so at every path."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.operation import Operation

from squids.ids import UID

TAGS = {
    "User": "Whose key it is, and what may be spent.",
    "Crawlers": "What can be run, with which parameters, and what comes out.",
    "Squids": "A crawler with settings.",
    "Tasks": "What a squid works on, one by one or by file.",
    "Runs": "Launch, watch, abort.",
    "Credits": "What credits were spent on.",
    "Results": "The rows of runs.",
    "Accounts": "Sign-ins at other sites that a squid works with.",
}
PARAMETERS = {
    "squid": "The id of a squid.",
    "run": "The id of a run.",
    "task": "The id of a task.",
    "account": "The id of an account.",
    "name": "A part of the name, in upper or lower case.",
}
"""Parameters of a query that mean the same at every path."""
HEADERS = {
    "X-RateLimit-Limit": "Requests a minute.",
    "X-RateLimit-Remaining": "How many may come now without waiting.",
    "X-RateLimit-Reset": "When all of them may, in Unix seconds.",
}
REFUSALS = {
    "400": "What was sent cannot be taken; `param` names the field.",
    "401": "No good key was shown.",
    "404": "What was asked for is not there, or is another user's.",
    "413": "The body is too large.",
    "429": "It would have had to wait too long for its turn.",
}


class Api(NinjaAPI):
    """With a document that is whole: servers, headers, and the refusals that may come."""

    def get_openapi_schema(self, **options: Any) -> Any:
        document = super().get_openapi_schema(**options)
        used = set()
        for path in document["paths"].values():
            for operation in path.values():
                _complete(operation)
                used.update(operation["tags"])
        document["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in TAGS if tag in used]
        document["components"]["headers"] = {
            name: {"description": text, "schema": {"type": "integer", "minimum": 0}}
            for name, text in HEADERS.items()
        }
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """What generated clients call it: the names of module and function."""
        view = operation.view_func
        return f"{view.__module__.rpartition('.')[2]}_{view.__name__}"


def _complete(operation: dict[str, Any]) -> None:
    """Where no key is asked for, nobody is refused for want of one."""
    public = not operation.setdefault("security", [])
    answers = {str(code): answer for code, answer in operation["responses"].items()}
    if public:
        answers.pop("401", None)
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"] |= {"pattern": f"^{UID}$"}
            parameter.setdefault("description", "An id: 32 hexadecimal digits.")
        elif parameter["name"] in PARAMETERS:
            parameter.setdefault("description", PARAMETERS[parameter["name"]])
    for code, answer in answers.items():
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
        answer["description"] = REFUSALS.get(code, "Done.")
    if "requestBody" in operation:  # refused before the rates
        answers["413"] = _refusal() | {"description": REFUSALS["413"]}
    if "429" in answers:
        retry = {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
        answers["429"]["headers"]["Retry-After"] = retry
    operation["responses"] = dict(sorted(answers.items()))


def _refusal() -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"content": {"application/json": {"schema": schema}}}


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """The document, with the address at which it was asked for as the server."""
    from lobstr_site.api import api

    servers = [{"url": request.build_absolute_uri("/").rstrip("/")}]
    return api.create_response(request, whole() | {"servers": servers}, status=200)


@cache
def whole() -> dict[str, Any]:
    """The document but for its servers. It takes half a second to make, and anybody may ask."""
    from lobstr_site.api import api

    return dict(api.get_openapi_schema())
