from __future__ import annotations

from django.apps import AppConfig


class SquidsConfig(AppConfig):
    name = "squids"
    verbose_name = "Squids"
