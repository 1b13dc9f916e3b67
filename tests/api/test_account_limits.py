"""Limits of accounts: set one by one, never beyond what is declared."""

from __future__ import annotations

from typing import Any

import pytest
from lobstrio.models.account import Account as SdkAccount

from squids.models import Account
from tests.api.conftest import Script
from tests.api.test_accounts import NOBODY, TYPE, add


@pytest.fixture
def account(script: Script) -> Account:
    return add(script.user)


def test_limits(script: Script, account: Account) -> None:
    """Numbers also as text; the limits that are not named stay, null takes one away."""

    def limit(**params: Any) -> dict[str, Any]:
        body = {"account": account.uid, "type": TYPE, "params": params}
        status, answer = script.post("/accounts", body)
        assert status == 200 and SdkAccount.from_api(answer).id == account.uid
        return dict(answer["params"]["user"])

    assert limit(pages=20, batch="30") == {"pages": 20, "batch": 30}
    assert limit(batch_hours=2.5) == {"pages": 20, "batch": 30, "batch_hours": 2.5}
    assert limit(pages=None) == {"batch": 30, "batch_hours": 2.5}
    assert limit() == {"batch": 30, "batch_hours": 2.5}


def test_a_limit_that_is_not_declared_any_more_is_left_out(
    script: Script, account: Account
) -> None:
    Account.objects.update(limits={"former": 5})
    body = {"account": account.uid, "type": TYPE, "params": {"pages": 20}}
    assert script.post("/accounts", body)[1]["params"]["user"] == {"pages": 20}


@pytest.mark.parametrize(
    "params",
    [
        {"batch": 0}, {"batch": 1001}, {"batch": 1.5}, {"batch": "many"}, {"batch": "nan"},
        {"batch": 10**400}, {"batch": "9" * 400}, {"batch_hours": 1}, {"nothing": 1}, {"a\0b": 1},
        {"batch": "1_0"}, {"batch": "٣"}, {"batch": "30 "}, {"batch": "3e1"},
    ],
    ids=[
        "0", "above", "half", "word", "nan", "huge", "huge text", "below", "unknown", "nul",
        "underscore", "other digits", "blank", "exponent",
    ],
)  # fmt: skip
def test_limits_that_cannot_be(script: Script, account: Account, params: dict[str, Any]) -> None:
    body = {"account": account.uid, "type": TYPE, "params": params}
    status, answer = script.post("/accounts", body)
    assert (status, answer["param"]) == (400, next(iter(params)))
    account.refresh_from_db()
    assert account.limits == {}


@pytest.mark.parametrize("value", [True, [1], {"a": 1}], ids=["bool", "list", "dict"])
def test_a_limit_is_a_number(script: Script, account: Account, value: Any) -> None:
    body = {"account": account.uid, "type": TYPE, "params": {"batch": value}}
    status, answer = script.post("/accounts", body)
    assert status == 400 and answer["param"].startswith("params.batch")


def test_limits_of_what_is_not_there(script: Script, other: Script, account: Account) -> None:
    own = {"account": account.uid, "type": TYPE, "params": {}}
    for changed, kind in (
        ({"type": "test-club"}, "AccountTypeDoesNotExist"),
        ({"type": "nothing"}, "AccountTypeDoesNotExist"),
        ({"account": add(other.user).uid}, "AccountDoesNotExist"),
        ({"account": NOBODY}, "AccountDoesNotExist"),
    ):
        status, answer = script.post("/accounts", own | changed)
        assert (status, answer["type"]) == (404, kind)
