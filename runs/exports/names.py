"""What a downloaded file is called."""

from __future__ import annotations

from urllib.parse import quote

from django.utils import timezone
from django.utils.text import slugify

from runs.models import Run

SLUG_LIMIT = 80


def file_name(run: Run, ending: str) -> str:
    """``squid_YYYYMMDD_HHMM.csv``: the squid's name and when the run began, in the present zone."""
    slug = slugify(run.squid.name, allow_unicode=True)[:SLUG_LIMIT].strip("-_") or "squid"
    began = timezone.localtime(run.started_at or run.created_at)
    return f"{slug}_{began:%Y%m%d_%H%M}.{ending}"


def disposition(name: str) -> str:
    """The header of an attachment as RFC 6266 has it; a plain name besides for old clients."""
    plain = name.encode("ascii", "ignore").decode()
    if plain == name:
        return f'attachment; filename="{name}"'
    plain = f"squid{plain}" if plain.startswith("_") else plain
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
