"""The command line: deliveries are not part of this API; each command fails and says so."""

from __future__ import annotations

import pytest

from tests.clients.conftest import Maker
from tests.clients.terminal import Lobstr
from tests.clients.test_sdk_delivery import DELIVERY

pytestmark = pytest.mark.clients

SFTP = "--host h --username u --password p --directory /"
OF_A_SQUID = {
    "email": "--email ada@shop.example",
    "googlesheet": "--url https://sheet.example/",
    "s3": "--bucket b --target-path /",
    "webhook": "--url https://hook.example/",
    "sftp": SFTP,
}
TESTS = {
    "test-email": "--email ada@shop.example",
    "test-googlesheet": "--url https://sheet.example/",
    "test-s3": "--bucket b",
    "test-webhook": "--url https://hook.example/",
    "test-sftp": SFTP,
}


@pytest.mark.covers(*(f"lobstr delivery {name}" for name in [*OF_A_SQUID, *TESTS]))
def test_every_delivery_says_that_it_is_not_there(lobstr: Lobstr, make: Maker) -> None:
    squid = make()
    asked = [("delivery", name, squid, *words.split()) for name, words in OF_A_SQUID.items()]
    asked += [("delivery", name, *words.split()) for name, words in TESTS.items()]
    for words in asked:
        refused = lobstr.fails(*words)
        assert refused.out == ""
        assert DELIVERY in refused.err
