"""Pages, API and sockets in one server. A socket comes from a page of this site, with its
session."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lobstr_site.settings")
pages = get_asgi_application()

from lobstr_site.api.asgi import Asgi, Guard, Split  # noqa: E402  (after Django's set-up)
from lobstr_site.api.limits import Limits  # noqa: E402
from runs.routing import websocket_urlpatterns  # noqa: E402

sockets = AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(websocket_urlpatterns)))
api: Asgi = pages
if settings.API_RATE:
    api = Limits(api, settings.API_RATE, behind_proxy=bool(settings.SECURE_PROXY_SSL_HEADER))
api = Guard(api, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
application = ProtocolTypeRouter({"http": Split(api, pages), "websocket": sockets})
