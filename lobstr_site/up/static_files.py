"""The static files, collected and compressed once for as long as none of them changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

UNUSED = ["*.map", "redoc*"]
"""What packages bring and no page asks for; it would take longer to compress than all the rest."""


def collect() -> None:
    """Compressing takes seconds, so a stamp beside the files says what they were made of."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    present = _fingerprint()
    if stamp.exists() and stamp.read_text() == present:
        return
    call_command(
        "collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED
    )
    stamp.write_text(present)


def _fingerprint() -> str:
    """Over names, sizes and times of all source files."""
    digest = hashlib.blake2b(digest_size=16)
    for finder in get_finders():
        for name, storage in sorted(finder.list(UNUSED), key=lambda found: str(found[0])):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
