"""The types of accounts."""

from __future__ import annotations

import pytest
from lobstrio.models.account import AccountType

from squids import account_types
from tests.api.conftest import Script


@pytest.mark.parametrize("path", ["/account_types", "/accounts/types"])
def test_the_types(script: Script, path: str) -> None:
    status, body = script.get(path)
    found = {item["name"]: item for item in body["data"]}
    assert status == 200 and list(found) == sorted(account_types.every())
    assert found["test-club"] == {
        "id": account_types.uid("test-club"),
        "object": "account_type",
        "name": "test-club",
        "description": "Club member",
        "domain": "club.example",
        "baseurl": "https://club.example",
        "icon": None,
        "params": {"profiles": {"min": 1, "max": 150, "default": 150, "display": "Profiles a day"}},
        "cookies": [{"name": "sid", "required": True}, {"name": "member", "required": True}],
    }
    rest = found["web-session"]["params"]["batch_hours"]
    assert (rest["min"], rest["default"], rest["max"]) == (0.25, 0.25, 168)
    read = AccountType.from_api(found["web-session"])
    assert (read.domain, read.baseurl, read.cookies) == ("any site", "", [])


def test_the_types_page_by_page(script: Script) -> None:
    body = script.get("/account_types", limit=1, page=2)[1]
    assert [item["name"] for item in body["data"]] == sorted(account_types.every())[1:2]
