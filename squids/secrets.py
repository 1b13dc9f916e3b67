"""What is kept encrypted in the database, with keys that are not in it (settings.ACCOUNT_KEYS)."""

from __future__ import annotations

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretLost(Exception):
    """None of the present keys opens it."""


def seal(text: str) -> str:
    """Encrypted with the newest key."""
    return _lock(tuple(settings.ACCOUNT_KEYS)).encrypt(text.encode()).decode()


def unseal(token: str) -> str:
    """Raises SecretLost."""
    try:
        return _lock(tuple(settings.ACCOUNT_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise SecretLost from None


def renew(token: str) -> str:
    """The same text, encrypted with the newest key. Raises SecretLost."""
    try:
        return _lock(tuple(settings.ACCOUNT_KEYS)).rotate(token.encode()).decode()
    except InvalidToken:
        raise SecretLost from None


def is_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4)
def _lock(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
