"""Every address of the site: the admin, signing in and out, and the pages of the two apps."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from lobstr_site.api import api, transport
from lobstr_site.api.description import document
from lobstr_site.login import Login, admin_login
from lobstr_site.signin import sign_in
from squids.invitations import set_password

admin.site.site_header = admin.site.site_title = "Lobstr Open"
admin.site.login = admin_login  # type: ignore[method-assign, assignment]

urlpatterns: list[URLPattern | URLResolver] = [
    path("favicon.ico", RedirectView.as_view(url=static("icon.svg"))),  # asked for beside files
    path("admin/", admin.site.urls),
    path("v1/", transport.unknown, name="api_root"),
    path("v1/openapi.json", document, name="api_document"),
    path("v1/", api.urls),
    re_path(r"\Av1(?:/[\s\S]*)?\Z", transport.unknown, name="api_nothing"),
    path("login", Login.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("signin/<str:token>", sign_in, name="signin"),
    path("invitation/<str:uidb64>/<str:token>", set_password, name="set_password"),
    path("", include("runs.urls")),
    path("", include("squids.urls")),
]
