"""Accounts: what is given is encrypted, what is refused changes nothing, another's are left."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from squids import account_types, actions, errors, secrets
from squids.cookies import Cookie
from squids.models import Account, AccountStatus, Squid, User
from tests import factories

TYPE = "web-session"
FILE = ".shop.example\tTRUE\t/\tFALSE\t4102444800\tsid\tvery-secret\n"


def add(owner: User, name: str = "Ada", text: str = FILE, **more: Any) -> Account:
    return actions.add_account(owner, TYPE, name, text, **more)


def refused(field: str, action: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(errors.FieldRefused) as raised:
        action(*args, **more)
    assert raised.value.field == field
    return raised.value.message


@pytest.fixture
def account(owner: User) -> Account:
    return add(owner)


@pytest.fixture
def pages(owner: User) -> Squid:
    return factories.squid(owner, crawler="web-scraper", name="Members")


def test_cookies_are_kept_encrypted_and_come_back(account: Account) -> None:
    account.refresh_from_db()
    assert "very-secret" not in str(vars(account))
    assert account.cookie_names == ["sid"] and account.status == AccountStatus.SYNCHRONIZED
    expected = Cookie("sid", "very-secret", "shop.example", "/", 4_102_444_800.0, False, False)
    assert actions.cookies_of(account) == [expected]


def test_cookies_without_a_site_need_one(owner: User) -> None:
    assert refused("site", add, owner, text="sid=abc") == "Say which site these cookies are for."
    account = add(owner, text="sid=abc", site="https://Shop.example/members/")
    assert actions.cookies_of(account) == [Cookie("sid", "abc", "shop.example")]


def test_only_the_sites_cookies_are_kept(owner: User) -> None:
    other = ".other.example\tTRUE\t/\tFALSE\t0\tsid\tabc\n"
    account = add(owner, text=FILE + other, site="shop.example")
    assert [cookie.domain for cookie in actions.cookies_of(account)] == ["shop.example"]
    assert "None of these" in refused("cookies", add, owner, "Bob", other, site="shop.example")


def test_expired_cookies_are_left_out(owner: User) -> None:
    old = FILE.replace("4102444800", "1000000000")
    assert "have expired" in refused("cookies", add, owner, text=old)
    assert add(owner, text=old + FILE.replace("sid", "sid2")).cookie_names == ["sid2"]


CLUB = (
    "www.club.example\tFALSE\t/\tTRUE\t0\tsid\tabc\n"
    ".club.example\tTRUE\t/\tTRUE\t4102444800\tmember\tada\n"
    ".club.example\tTRUE\t/\tTRUE\t1\tlong-gone\tx\n"
    ".other.example\tTRUE\t/\tTRUE\t0\tsid\tdef\n"
)


def test_a_type_of_one_site_takes_that_sites_cookies_alone(owner: User) -> None:
    account = actions.add_account(owner, "test-club", "Ada", CLUB, site="other.example")
    kept = [(cookie.name, cookie.domain) for cookie in actions.cookies_of(account)]
    assert kept == [("sid", "www.club.example"), ("member", "club.example")]
    assert actions.first_expiry(account) == datetime(2100, 1, 1, tzinfo=UTC)
    pairs = actions.add_account(owner, "test-club", "Bob", "sid=abc; member=bob")
    assert {cookie.domain for cookie in actions.cookies_of(pairs)} == {"club.example"}


def test_a_type_names_the_cookies_it_cannot_do_without(owner: User) -> None:
    said = refused("cookies", actions.add_account, owner, "test-club", "Ada", "sid=abc")
    assert said == "Without member the site would not know the account."


def test_a_type_without_batches_has_no_such_limits(owner: User) -> None:
    account = actions.add_account(owner, "test-club", "Ada", CLUB)
    assert account_types.limits_of(account) == {"profiles": 150}
    refused("batch", actions.limit_account, account, {"batch": 1})


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "two\nlines"])
def test_a_name_that_is_none(owner: User, name: str) -> None:
    refused("name", add, owner, name)
    assert not Account.objects.exists()


def test_a_name_is_one_persons_once(account: Account, owner: User) -> None:
    assert "Ada" in refused("name", add, owner)
    add(factories.user("other"))
    other = add(owner, "Bob")
    refused("name", actions.rename_account, other, "Ada")
    assert other.name == "Bob"
    actions.rename_account(other, " Eve ")
    other.refresh_from_db()
    assert other.name == "Eve"


def test_a_type_must_be_there(owner: User) -> None:
    refused("type", actions.add_account, owner, "no-such", "Ada", FILE)


def test_a_refusal_holds_nothing_of_what_was_given(owner: User) -> None:
    for text in ("very-secret", "[very-secret", FILE.replace("\tFALSE\t4", "\tvery-secret\t4")):
        with pytest.raises(errors.FieldRefused) as raised:
            add(owner, text=text)
        assert "very-secret" not in repr(raised.value)


def test_a_refresh_keeps_limits_and_links(account: Account, pages: Squid) -> None:
    actions.link_accounts(pages, [account])
    actions.limit_account(account, {"pages": 5})
    actions.mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, "Page says so")
    account.refresh_from_db()
    actions.refresh_account(account, "sid=new")
    account.refresh_from_db()
    assert (account.status, account.status_note) == (AccountStatus.SYNCHRONIZED, "")
    assert account.limits == {"pages": 5} and list(pages.accounts.all()) == [account]
    assert actions.cookies_of(account) == [Cookie("sid", "new", "shop.example")]


def test_a_refresh_that_is_refused_changes_nothing(account: Account) -> None:
    before = Account.objects.values().get()
    refused("cookies", actions.refresh_account, account, "nothing")
    assert Account.objects.values().get() == before


def test_a_verdict_on_cookies_that_were_refreshed_since_is_dropped(account: Account) -> None:
    before = account.synchronized_at - timedelta(seconds=1)
    expired = AccountStatus.COOKIES_EXPIRED
    assert not actions.mark_account(account.pk, expired, "late", seen=before)
    assert actions.mark_account(account.pk, expired, "now", seen=account.synchronized_at)
    account.refresh_from_db()
    assert (account.status, account.status_note) == (expired, "now")


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (
            {"pages": 5, "batch": 1, "batch_hours": 0.5},
            {"pages": 5, "batch": 1, "batch_hours": 0.5},
        ),
        ({"pages": None}, {}),
        ({"batch": 1}, {"pages": 7, "batch": 1}),
        ({}, {"pages": 7}),
    ],
)
def test_limits_are_made_tighter(account: Account, limits: Any, kept: Any) -> None:
    actions.limit_account(account, {"pages": 7})
    actions.limit_account(account, limits)
    account.refresh_from_db()
    assert account.limits == kept
    kind = account_types.get(TYPE)
    assert kind and account_types.limits_of(account) == account_types.declared(kind) | kept


def test_limits_that_another_set_meanwhile_stay(account: Account) -> None:
    read_before = Account.objects.get(pk=account.pk)
    actions.limit_account(account, {"pages": 7})
    actions.limit_account(read_before, {"batch": 1})
    account.refresh_from_db()
    assert read_before.limits == account.limits == {"pages": 7, "batch": 1}


def test_an_account_that_was_deleted_meanwhile_has_no_limits(account: Account) -> None:
    read_before = Account.objects.get(pk=account.pk)
    actions.delete_account(account)
    with pytest.raises(errors.Refused):
        actions.limit_account(read_before, {"pages": 7})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pages", 0),
        ("pages", -1),
        ("pages", 20_001),
        ("pages", 1.5),
        ("pages", float("nan")),
        ("batch", float("inf")),
        ("batch_hours", 0),
        ("batch_hours", 0.24),
        ("batch_hours", 169),
        ("profiles", 5),
    ],
)
def test_limits_are_never_loosened(account: Account, name: str, value: float) -> None:
    actions.limit_account(account, {"pages": 7})
    refused(name, actions.limit_account, account, {"batch": 3, name: value})
    account.refresh_from_db()
    assert account.limits == {"pages": 7}


def test_a_limit_that_a_crawler_tightened_since_holds(account: Account) -> None:
    account.limits = {"pages": 1_000_000, "batch_hours": 0.1}
    limits = account_types.limits_of(account)
    assert (limits["pages"], limits["batch_hours"]) == (20_000, 0.25)


def test_links_are_replaced_as_a_whole(account: Account, owner: User, pages: Squid) -> None:
    other = add(owner, "Bob")
    actions.link_accounts(pages, [account])
    actions.link_accounts(pages, [other])
    assert list(pages.accounts.all()) == [other]
    actions.link_accounts(pages, [])
    assert not pages.accounts.exists()


def test_what_may_not_be_linked(account: Account, owner: User, pages: Squid, squid: Squid) -> None:
    actions.link_accounts(pages, [account])
    refused("accounts", actions.link_accounts, squid, [account])
    refused("accounts", actions.link_accounts, pages, [add(factories.user("other"))])
    other = add(owner, "Other type")
    Account.objects.filter(pk=other.pk).update(type="other-type")
    refused("accounts", actions.link_accounts, pages, [account, other])
    gone = add(owner, "Gone")
    Account.objects.filter(pk=gone.pk).delete()
    refused("accounts", actions.link_accounts, pages, [account, gone])
    assert list(pages.accounts.all()) == [account]


def test_deleting_takes_it_off_its_squids(account: Account, pages: Squid) -> None:
    actions.link_accounts(pages, [account])
    actions.delete_account(account)
    assert not pages.accounts.exists() and Squid.objects.filter(pk=pages.pk).exists()


# --- keys ---------------------------------------------------------------------------------------
def key() -> str:
    return Fernet.generate_key().decode()


def test_an_account_whose_key_is_lost_counts_as_expired(
    account: Account, settings: Settings
) -> None:
    settings.ACCOUNT_KEYS = [key()]
    with pytest.raises(secrets.SecretLost):
        actions.cookies_of(account)
    account.refresh_from_db()
    assert account.status == AccountStatus.COOKIES_EXPIRED and "a key that" in account.status_note
    refused("site", actions.refresh_account, account, "sid=new")
    actions.refresh_account(account, json.dumps({"sid": "new"}), "shop.example")
    assert actions.cookies_of(account) == [Cookie("sid", "new", "shop.example")]


def test_keys_can_be_changed(account: Account, owner: User, settings: Settings) -> None:
    old, new = settings.ACCOUNT_KEYS, key()
    settings.ACCOUNT_KEYS = [key()]
    add(owner, "Lost")
    settings.ACCOUNT_KEYS = [new, *old]
    assert actions.renew_secrets() == (1, 1)
    settings.ACCOUNT_KEYS = [new]
    account.refresh_from_db()
    assert actions.cookies_of(account)[0].value == "very-secret"
