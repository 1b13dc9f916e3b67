from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "lobstr_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from lobstr_site import checks  # noqa: F401  (registers the start-up checks)
