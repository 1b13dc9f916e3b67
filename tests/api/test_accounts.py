"""The accounts endpoints: cookies go in and never come out, limits, and who is busy."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lobstrio.models.account import Account as SdkAccount
from lobstrio.models.account import SyncStatus

from runs.models import AccountUse
from runs.states import Reason, Status
from squids import account_types, actions, secrets
from squids.cookies import Cookie
from squids.models import Account, AccountStatus, Squid, User
from tests import factories
from tests.api.conftest import Script

TYPE = "test-members"
SITE = f"{TYPE}@shop.example"
SECRET = "very-secret"
NOBODY = "0" * 32


def add(owner: User, name: str = "Ada", kind: str = TYPE) -> Account:
    return actions.add_account(owner, kind, name, f"sid={SECRET}; member=ada", "shop.example")


@pytest.fixture
def account(script: Script) -> Account:
    return add(script.user)


def told(script: Script, account: Account) -> dict[str, Any]:
    status, body = script.get(f"/accounts/{account.uid}")
    assert status == 200 and body["total_results"] == len(body["data"]) == 1
    return dict(body["data"][0])


def send(script: Script, **body: Any) -> tuple[int, Any]:
    return script.post("/accounts/cookies", {"type": SITE, "cookies": {"sid": SECRET}} | body)


def is_picked(read: SdkAccount) -> bool:
    """By the condition of ``go``."""
    healthy = read.status == "200" and read.status_code_info != "cookies_expired"
    return healthy and not (read.resets_in and read.resets_in > 0)


# --- reading ------------------------------------------------------------------------------------


def test_one_account(script: Script, account: Account) -> None:
    actions.limit_account(account, {"pages": 50})
    squid = factories.squid(script.user, crawler=TYPE, name="Members")
    gone = factories.squid(script.user, crawler=TYPE, name="Gone")
    for linked in (squid, gone):
        actions.link_accounts(linked, [account])
    actions.delete(gone)
    found = told(script, account)
    for name in ("created_at", "updated_at", "last_synchronization_time"):
        assert found.pop(name).endswith("Z")
    assert found == {
        "id": account.uid,
        "object": "account",
        "username": "Ada",
        "type": TYPE,
        "account_type_hash": account_types.uid(TYPE),
        "status": "200",
        "status_code_info": "synchronized",
        "status_code_description": "Ready",
        "baseurl": "https://shop.example",
        "icon": None,
        "cookies": [{"name": "member", "required": False}, {"name": "sid", "required": False}],
        "params": {
            "default": {"pages": 1000, "lists": 1000, "batch": 1000, "batch_hours": 2},
            "user": {"pages": 50},
        },
        "squids": [{"name": "Members", "hash_value": squid.uid}],
        "run": None,
        "resets_in": None,
        "lock_time": None,
    }


def test_the_list(script: Script, other: Script) -> None:
    for name in ("Cy", "Ada", "Bob"):
        add(script.user, name)
    add(other.user, "Not yours")
    status, body = script.get("/accounts", limit=2)
    assert status == 200 and (body["total_results"], body["total_pages"]) == (3, 2)
    names = [SdkAccount.from_api(item).username for item in body["data"]]
    assert names == ["Ada", "Bob"]
    assert [item["username"] for item in script.get("/accounts", limit=2, page=2)[1]["data"]] == [
        "Cy"
    ]
    assert script.get("/accounts", page=9)[1]["data"] == []


def test_the_list_takes_a_fixed_number_of_queries(script: Script) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            script.get("/accounts")
        return len(captured)

    squid = factories.squid(script.user, crawler=TYPE)
    actions.link_accounts(squid, [add(script.user)])
    queries()  # the key's first use is noted
    few = queries()
    more = [add(script.user, f"N{number}") for number in range(8)]
    AccountUse.objects.bulk_create(AccountUse(account=account) for account in more)
    actions.link_accounts(squid, more)
    assert queries() == few


def test_what_is_wrong_with_it(script: Script, account: Account) -> None:
    actions.mark_account(account.pk, AccountStatus.WRONG_CREDENTIALS, "Blocked by the site.")
    found = told(script, account)
    assert (found["status"], found["status_code_info"]) == ("403", "wrong_credentials")
    assert found["status_code_description"] == "Blocked by the site."
    assert not is_picked(SdkAccount.from_api(found))
    actions.mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, "Please sign in.")
    assert told(script, account)["status"] == "401"


def test_cookies_that_cannot_be_opened_count_as_expired(script: Script, account: Account) -> None:
    Account.objects.update(secret="gone")
    found = told(script, account)
    assert (found["status"], found["status_code_info"]) == ("401", "cookies_expired")
    assert found["baseurl"] is None


def test_one_whose_crawler_is_gone(script: Script, account: Account) -> None:
    Account.objects.update(type="gone-away")
    found = told(script, account)
    assert (found["type"], found["params"]["default"]) == ("gone-away", {})


@pytest.mark.parametrize(
    "use",
    [{"counts": {"pages": 1000}, "day_ends_at": 1}, {"batch": 1000, "batch_ends_at": 1}],
    ids=["day", "batch"],
)
def test_until_when_it_rests(script: Script, account: Account, use: dict[str, Any]) -> None:
    soon = timezone.now() + timedelta(hours=1)
    moments = {name: soon if value == 1 else value for name, value in use.items()}
    AccountUse.objects.create(account=account, **moments)
    found = told(script, account)
    assert found["status"] == "200" and 3000 < found["resets_in"] <= 3600
    assert 0 <= found["lock_time"] - soon.timestamp() < 1
    assert not is_picked(SdkAccount.from_api(found))
    AccountUse.objects.update(day_ends_at=timezone.now(), batch_ends_at=timezone.now())
    assert told(script, account)["resets_in"] is None


def test_which_run_it_serves(script: Script, account: Account) -> None:
    """Another run waits for it and goes on by itself, so a client may pick it."""
    run = factories.run(factories.squid(script.user, crawler=TYPE), status=Status.RUNNING)
    AccountUse.objects.create(account=account, run=run)
    found = told(script, account)
    assert (found["run"], found["status_code_description"]) == (run.uid, "At work")
    assert is_picked(SdkAccount.from_api(found))


@pytest.mark.parametrize("path", ["/accounts/{}", "/synchronize/{}"])
def test_anothers_account_is_not_there(script: Script, other: Script, path: str) -> None:
    for uid in (add(other.user).uid, NOBODY):
        status, body = script.get(path.format(uid))
        assert (status, body["type"]) == (404, "AccountDoesNotExist")


# --- cookies ------------------------------------------------------------------------------------


def test_a_new_account(script: Script) -> None:
    status, body = send(script, username="Ada", cookies={"sid": SECRET, "number": 12345})
    account = Account.objects.get()
    assert status == 200 and body == {
        "id": account.uid,
        "object": "synchronize-cookies",
        "status_code": 100,
        "status_text": "created",
        "account_hash": account.uid,
    }
    assert (account.owner, account.type, account.name) == (script.user, TYPE, "Ada")
    assert actions.cookies_of(account) == [
        Cookie("sid", SECRET, "shop.example"),
        Cookie("number", "12345", "shop.example"),  # as the command line makes of it
    ]
    status, body = script.get(f"/synchronize/{body['id']}")
    assert (status, body["status_code"], body["status_text"]) == (200, 200, "synchronized")
    assert SyncStatus.from_api(body).account_hash == account.uid


def test_without_a_name_it_gets_one_from_its_type(script: Script, other: Script) -> None:
    add(script.user, f"{TYPE} (2)")
    send(other)
    for _ in range(2):
        assert send(script)[0] == 200
    names = Account.objects.filter(owner=script.user).order_by("pk").values_list("name", flat=True)
    assert list(names) == [f"{TYPE} (2)", f"{TYPE} (1)", f"{TYPE} (3)"]


def test_the_site_by_a_field_of_its_own(script: Script) -> None:
    assert send(script, type=TYPE, site="https://shop.example/login")[0] == 200
    assert actions.site_of(Account.objects.get()) == "shop.example"


def test_a_type_of_one_site_needs_none(script: Script) -> None:
    cookies = {"sid": SECRET, "member": "ada"}
    assert send(script, type="test-club", cookies=cookies)[0] == 200
    assert told(script, Account.objects.get())["baseurl"] == "https://club.example"


def test_fresh_cookies(script: Script, account: Account) -> None:
    """The account is in order again, stays where it was, and its runs go on."""
    squid = factories.squid(script.user, crawler=TYPE)
    waiting = factories.run(
        squid, status=Status.PAUSED, reason=Reason.COOKIES_EXPIRED, wake_at=None
    )
    actions.mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, "Please sign in.")
    status, body = send(script, type=TYPE, account=account.uid, cookies={"sid": "new"})
    assert (status, body["account_hash"]) == (200, account.uid)
    account.refresh_from_db()
    assert account.status == AccountStatus.SYNCHRONIZED and account.name == "Ada"
    assert actions.cookies_of(account) == [Cookie("sid", "new", "shop.example")]
    waiting.refresh_from_db()
    assert waiting.wake_at is not None


def test_what_became_of_the_cookies_later(script: Script, account: Account) -> None:
    actions.mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, "Please sign in.")
    body = script.get(f"/synchronize/{account.uid}")[1]
    assert (body["status_code"], body["status_text"]) == (401, "cookies_expired")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": TYPE}, "site"),
        ({"site": "not a host"}, "site"),
        ({"type": f"{TYPE}@not a host"}, "site"),
        ({"cookies": {}}, "cookies"),
        ({"type": "test-club", "cookies": {"sid": SECRET}}, "cookies"),
        ({"cookies": {"sid": f"{SECRET}\0"}}, "cookies"),
        ({"cookies": {"sid": f"{SECRET}\ud800"}}, "cookies"),
        ({"cookies": {"sid": SECRET * 1000}}, "cookies"),
        ({"cookies": {f"n{number}": SECRET for number in range(301)}}, "cookies"),
        ({"username": " "}, "username"),
        ({"username": "a\0b"}, "username"),
        ({"username": "Taken"}, "username"),
        ({"surname": "x"}, "surname"),
    ],
    ids=[
        "no site", "bad site", "bad site in type", "no cookies", "too few", "nul", "surrogate",
        "long", "many", "blank", "nul in name", "taken", "unknown",
    ],
)  # fmt: skip
def test_what_cannot_be_added(script: Script, body: dict[str, Any], field: str) -> None:
    add(script.user, "Taken")
    status, answer = send(script, **body)
    assert (status, answer["param"]) == (400, field)
    assert answer["error"].startswith(f"{field}: ") and SECRET not in json.dumps(answer)
    assert Account.objects.count() == 1


def test_the_command_line_is_told_how_to_name_a_site(script: Script) -> None:
    assert f"{TYPE}@shop.example" in send(script, type=TYPE)[1]["error"]


@pytest.mark.parametrize(
    "value",
    [{"a": SECRET}, [SECRET], None, True, 1.5],
    ids=["dict", "list", "null", "bool", "float"],
)
def test_a_cookies_value_is_text(script: Script, value: Any) -> None:
    status, answer = send(script, cookies={"sid": value})
    assert status == 400 and answer["param"].startswith("cookies")


@pytest.mark.parametrize(
    "cookies", [SECRET, [{"name": "sid", "value": SECRET}], None], ids=["text", "list", "null"]
)
def test_cookies_are_an_object(script: Script, cookies: Any) -> None:
    status, answer = send(script, cookies=cookies)
    assert (status, answer["param"]) == (400, "cookies")
    assert SECRET not in json.dumps(answer)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"type": "nothing"}, "AccountTypeDoesNotExist"),
        ({"type": "\0@shop.example"}, "AccountTypeDoesNotExist"),
        ({"account": NOBODY}, "AccountDoesNotExist"),
        ({"account": "another's"}, "AccountDoesNotExist"),
        ({"account": "own", "type": "test-club"}, "AccountTypeDoesNotExist"),
    ],
    ids=["type", "nul", "account", "another's", "other type"],
)
def test_what_is_not_there(
    script: Script, other: Script, account: Account, body: dict[str, str], kind: str
) -> None:
    ids = {"own": account.uid, "another's": add(other.user).uid}
    if "account" in body:
        body = body | {"account": ids.get(body["account"], body["account"])}
    status, answer = send(script, **body)
    assert (status, answer["type"]) == (404, kind)
    assert Account.objects.count() == 2


def test_a_refreshed_account_keeps_its_name(script: Script, account: Account) -> None:
    assert send(script, account=account.uid, username="Ada")[0] == 200
    status, answer = send(script, account=account.uid, username="Bob")
    assert (status, answer["param"]) == (400, "username")


def test_no_cookie_is_answered_or_logged(
    script: Script, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    send(script, username="Ada")
    texts = [script.get(path) for path in ("/accounts", f"/accounts/{Account.objects.get().uid}")]

    def broken(text: str) -> str:
        raise RuntimeError("no key")

    monkeypatch.setattr(secrets, "seal", broken)
    status, answer = send(script)
    assert status == 500
    assert SECRET not in json.dumps([texts, answer]) + caplog.text


# --- deleting -----------------------------------------------------------------------------------


def test_delete(script: Script, account: Account) -> None:
    squid = factories.squid(script.user, crawler=TYPE)
    actions.link_accounts(squid, [account])
    answer = script.delete(f"/accounts/{account.uid}")
    assert answer == (200, {"id": account.uid, "object": "account", "deleted": True})
    assert not Account.objects.exists() and Squid.objects.get().accounts.count() == 0
    assert script.delete(f"/accounts/{account.uid}")[0] == 404


def test_anothers_is_not_deleted(script: Script, other: Script) -> None:
    account = add(other.user)
    assert script.delete(f"/accounts/{account.uid}")[0] == 404
    assert Account.objects.filter(pk=account.pk).exists()


@pytest.mark.parametrize(
    ("path", "field", "value", "words"),
    [
        ("/accounts/cookies", "cookies", [], "text or a whole number"),
        ("/accounts/cookies", "cookies", None, "text or a whole number"),
        ("/accounts", "params", [], "a number or null"),
    ],
    ids=["cookie", "null", "limit"],
)
def test_a_value_of_no_known_type_is_one_fault(
    script: Script, account: Account, path: str, field: str, value: Any, words: str
) -> None:
    body = {"account": account.uid, "type": TYPE, field: {"a.b": value}}
    status, told = script.post(path, body)
    assert (status, told["type"], told["param"]) == (400, "InvalidParamType", f"{field}.a.b")
    assert told["error"] == f"{field}.a.b: This must be {words}."
