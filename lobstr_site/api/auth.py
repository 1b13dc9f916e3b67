"""``Authorization: Token KEY``: the one way into the API."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from ninja.security import APIKeyHeader

from lobstr_site.api.keys import key_text
from lobstr_site.api.limits import SHOWN_KEY, ShownKey
from squids import actions, errors
from squids.models import ApiKey


class Token(APIKeyHeader):
    """A key by the header of the public clients. Raises NotAuthenticated."""

    param_name = "Authorization"
    openapi_description = "Paste the key; “Token ” in front is optional here, needed in scripts."

    def authenticate(self, request: HttpRequest, key: str | None) -> ApiKey:
        text = key_text(key or "")
        if not text:
            raise errors.NotAuthenticated
        found = actions.find_key(text)
        if isinstance(request, ASGIRequest):
            request.scope.get(SHOWN_KEY, ShownKey()).good = True
        actions.note_use(found, request.headers.get("User-Agent", ""))
        request.user = found.owner
        return found
