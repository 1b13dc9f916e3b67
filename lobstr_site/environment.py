"""Settings' sources: the environment and the data folder. The README's table lists them all.

What cannot be right ends the process with one line that says what to set.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

TRUE = {"1", "true", "yes", "on"}


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    return value in TRUE if value else default


def number(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip()
    try:
        return int(value) if value else default
    except ValueError:
        raise SystemExit(f"lobstr: {name} must be a whole number, not “{value}”.") from None


def words(name: str) -> list[str]:
    """A list separated by commas or spaces."""
    return os.environ.get(name, "").replace(",", " ").split()


def secret(name: str) -> str:
    """A value that may stand in a file instead, which ``<name>_FILE`` names."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, "")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "not text"
        raise SystemExit(f"lobstr: {name}_FILE, {path}, cannot be read ({reason}).") from None


def secret_key(folder: Path) -> str:
    """The site's key: LOBSTR_SECRET_KEY, or one made once and kept in the data folder."""
    if given := os.environ.get("LOBSTR_SECRET_KEY"):
        return given
    return _kept(folder / "secret_key", secrets.token_urlsafe(50))


def account_keys(folder: Path) -> list[str]:
    """The keys of the accounts' cookies, newest first: LOBSTR_ACCOUNT_KEYS, or the lines of a file
    in the data folder, made with one key when there is none."""
    if given := words("LOBSTR_ACCOUNT_KEYS"):
        return given
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return _kept(folder / "account_keys", fresh).replace(",", " ").split()


def _kept(path: Path, fresh: str) -> str:
    """The text of a file that only its owner may read, written at the first use."""
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_once(path, fresh)
        except OSError as problem:
            raise SystemExit(f"lobstr: {unwritable(path.parent, problem)}") from None
    return path.read_text().strip()


def own_folder(folder: Path) -> Path:
    """A folder inside the data folder, made where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise SystemExit(f"lobstr: {unwritable(folder.parent, problem)}") from None
    return folder


def unwritable(folder: Path, problem: OSError) -> str:
    """What to say of a data folder that cannot be used."""
    reason = (problem.strerror or "cannot be used").lower()
    return (
        f"The data folder {folder} cannot be written to ({reason}). "
        "Set LOBSTR_DATA to a folder that can."
    )


def _write_once(path: Path, text: str) -> None:
    """Two processes starting together must read one key: the link fails for the second."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
