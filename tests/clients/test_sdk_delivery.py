"""The SDK: deliveries are not part of this API; each says so, and none pretends to work."""

from __future__ import annotations

from typing import Any

import pytest
from lobstrio import NotFoundError

from tests.clients.conftest import Maker
from tests.clients.kinds import Part

pytestmark = pytest.mark.clients

DELIVERY = "This server delivers by e-mail alone: set it on the squid's page."
SFTP = {"host": "h", "username": "u", "password": "p", "directory": "/"}
OF_A_SQUID: dict[str, dict[str, Any]] = {
    "email": {"email": "ada@shop.example"},
    "google_sheet": {"url": "https://sheet.example/"},
    "s3": {"bucket": "b", "target_path": "/"},
    "webhook": {"url": "https://hook.example/"},
    "sftp": SFTP,
}
TESTS: dict[str, dict[str, Any]] = {
    "test_email": {"email": "ada@shop.example"},
    "test_google_sheet": {"url": "https://sheet.example/"},
    "test_s3": {"bucket": "b"},
    "test_webhook": {"url": "https://hook.example/"},
    "test_sftp": SFTP,
}


@pytest.mark.covers(*(f"delivery.{name}" for name in [*OF_A_SQUID, *TESTS]))
def test_every_delivery_says_that_it_is_not_there(api: Part, make: Maker) -> None:
    squid = make()
    for name, words in OF_A_SQUID.items():
        with pytest.raises(NotFoundError) as refused:
            getattr(api.delivery, name)(squid, **words)
        assert refused.value.message == DELIVERY
    for name, words in TESTS.items():
        with pytest.raises(NotFoundError) as refused:
            getattr(api.delivery, name)(**words)
        assert refused.value.message == DELIVERY
