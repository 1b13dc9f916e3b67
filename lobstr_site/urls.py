"""Every address of the site: the admin, signing in and out, and the pages of the two apps."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from lobstr_site.signin import sign_in
from squids.invitations import set_password

admin.site.site_header = admin.site.site_title = "Lobstr Open"

urlpatterns: list[URLPattern | URLResolver] = [
    path("favicon.ico", RedirectView.as_view(url=static("icon.svg"))),  # asked for beside files
    path("admin/", admin.site.urls),
    path("login", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("signin/<str:token>", sign_in, name="signin"),
    path("invitation/<str:uidb64>/<str:token>", set_password, name="set_password"),
    path("", include("runs.urls")),
    path("", include("squids.urls")),
]
