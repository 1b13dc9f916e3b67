"""Pages of accounts: what people do there, and that no cookie's value ever comes back."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from runs.models import AccountUse, Run
from runs.states import Reason, Status
from squids import actions
from squids.models import Account, AccountStatus, Squid, User
from tests import factories

TYPE = "web-session"
VALUE = "very-secret-value"
FILE = f".shop.example\tTRUE\t/\tFALSE\t4102444800\tsid\t{VALUE}\n"


@pytest.fixture
def account(owner: User) -> Account:
    return actions.add_account(owner, TYPE, "Ada", FILE)


@pytest.fixture
def pages(owner: User) -> Squid:
    """A squid that cannot do without an account."""
    made = factories.squid(owner, crawler="web-scraper", name="Members")
    recipe = {"fields": {"title": "h1"}, "signed_out": "form.sign-in"}
    return actions.update_squid(made, {"params": {"recipe": recipe}})


def address(name: str, account: Account | None = None) -> str:
    return reverse(f"squids:{name}", args=[account.uid] if account else [])


def body(response: Any) -> str:
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def new(**changes: Any) -> dict[str, Any]:
    return {"type": TYPE, "name": "Bob", "cookies": FILE} | changes


def test_one_is_added_by_pasting(client: Client) -> None:
    response = client.post(address("add_account"), new())
    assert response.status_code == 302
    account = Account.objects.get()
    assert (account.name, account.cookie_names) == ("Bob", ["sid"])


def test_one_is_added_by_a_file(client: Client) -> None:
    file = SimpleUploadedFile("cookies.txt", b"\xef\xbb\xbf" + FILE.encode())
    client.post(address("add_account"), new(cookies="", file=file))
    assert actions.cookies_of(Account.objects.get())[0].value == VALUE


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"cookies": ""}, "Paste the cookies, or choose a file."),
        ({"cookies": f"sid={VALUE}"}, "Say which site these cookies are for."),
        ({"cookies": VALUE}, "This is no JSON"),
        ({"cookies": FILE, "site": "a b"}, "The site is no host name"),
        ({"cookies": FILE, "site": "é" * 301}, "at most 300 characters"),
        ({"name": ""}, "Give the account a name."),
        ({"type": "no-such"}, "Select a valid choice"),
        (
            {"cookies": "", "file": SimpleUploadedFile("c.txt", b"\xff\xfe")},
            "The file is no text in UTF-8.",
        ),
        (
            {"cookies": "", "file": SimpleUploadedFile("c.txt", b"a" * 300_000)},
            "The file is larger than 256 KB.",
        ),
    ],
)
def test_what_is_refused_stands_by_its_field(
    client: Client, changes: dict[str, Any], shown: str
) -> None:
    response = client.post(address("add_account"), new(**changes))
    page = body(response)
    assert response.status_code == 422 and shown in page
    assert VALUE not in page and not Account.objects.exists()
    if changes.get("name") is None:
        assert 'value="Bob"' in page


def test_one_added_for_a_squid_is_linked_to_it(client: Client, pages: Squid) -> None:
    form = body(client.get(address("add_account"), {"squid": pages.uid}))
    assert f'name="squid" value="{pages.uid}"' in form
    response = client.post(address("add_account"), new(squid=pages.uid))
    assert response.headers["Location"] == reverse("squids:detail", args=[pages.uid])
    assert [account.name for account in pages.accounts.all()] == ["Bob"]


@pytest.mark.parametrize("page", ["edit", "settings"])
def test_one_added_from_a_form_leads_back_there(client: Client, pages: Squid, page: str) -> None:
    shown = body(client.get(reverse(f"squids:{page}", args=[pages.uid])))
    asked = {"type": TYPE, "squid": pages.uid, "from": page}
    assert f"{address('add_account')}?{urlencode(asked)}".replace("&", "&amp;") in shown
    back = reverse(f"squids:{page}", args=[pages.uid]) + "#accounts"
    form = body(client.get(address("add_account"), asked))
    assert f'name="from" value="{page}"' in form and f'href="{back}">Cancel' in form
    response = client.post(address("add_account"), new(squid=pages.uid, **{"from": page}))
    assert response.headers["Location"] == back


def test_one_that_cannot_be_linked_is_kept_and_says_so(client: Client, pages: Squid) -> None:
    without = factories.squid(pages.owner, name="Books")
    pages.crawler.slug = "gone-crawler"
    pages.crawler.save()
    for squid, name, why in [
        (without, "Bob", "This crawler works without accounts."),
        (pages, "Eve", "No crawler “gone-crawler” is installed."),
    ]:
        response = client.post(address("add_account"), new(squid=squid.uid, name=name), follow=True)
        assert response.status_code == 200 and Account.objects.filter(name=name).exists()
        assert f"It is not linked to “{squid.name}”: {why}" in body(response)


@pytest.mark.parametrize("page", ["edit", "settings"])
def test_a_form_shows_how_an_account_stands(
    client: Client, account: Account, pages: Squid, page: str, settings: Settings
) -> None:
    path = reverse(f"squids:{page}", args=[pages.uid])
    assert "Ready" in body(client.get(path))
    end = timezone.now() + timedelta(hours=2)
    AccountUse.objects.create(account=account, counts={"pages": 20_000}, day_ends_at=end)
    shown = body(client.get(path))
    assert "Limit reached" in shown and "Ready" not in shown
    settings.ACCOUNT_KEYS = [Fernet.generate_key().decode()]
    assert "Cookies expired" in body(client.get(path))


def test_nobody_links_to_anothers_squid(stranger: Client, pages: Squid) -> None:
    response = stranger.post(address("add_account"), new(squid=pages.uid))
    assert response.status_code == 404 and not Account.objects.exists()


def test_the_list_shows_the_owners_alone(
    client: Client, stranger: Client, account: Account
) -> None:
    assert "Ada" in body(client.get(address("accounts")))
    page = body(stranger.get(address("accounts")))
    assert "Ada" not in page and "No account yet" in page


def test_the_list_takes_the_same_queries_for_one_and_many(
    client: Client, owner: User, account: Account
) -> None:
    client.get(address("accounts"))  # what is made at a person's first page
    with CaptureQueriesContext(connection) as one:
        client.get(address("accounts"))
    for number in range(10):
        actions.add_account(owner, TYPE, f"N{number}", FILE)
    with CaptureQueriesContext(connection) as many:
        client.get(address("accounts"))
    assert len(many) == len(one)


def test_the_list_says_what_it_has_done_and_for_whom(
    client: Client, account: Account, pages: Squid
) -> None:
    actions.link_accounts(pages, [account])
    run = factories.run(pages, status=Status.RUNNING)
    end = timezone.now() + timedelta(hours=2)
    AccountUse.objects.create(
        account=account,
        run=run,
        counts={"pages": 1234},
        day_ends_at=end,
        batch=7,
        batch_ends_at=end,
    )
    page = body(client.get(address("accounts")))
    for shown in ("At work", "1,234 ", "of 20,000 pages a day", "of 1,000 in this batch"):
        assert shown in page
    assert run.short_id in page and "Members" in page and "sid" in page


def test_a_day_that_is_over_counts_no_more(client: Client, account: Account) -> None:
    past = timezone.now() - timedelta(minutes=1)
    AccountUse.objects.create(account=account, counts={"pages": 20_000}, day_ends_at=past)
    page = body(client.get(address("accounts")))
    assert "Limit reached" not in page and ">0 <" in page


@pytest.mark.parametrize(
    ("use", "word"),
    [
        ({"counts": {"pages": 20_000}, "day_ends_at": 1}, "Limit reached"),
        ({"batch": 1000, "batch_ends_at": 1}, "Resting"),
        ({}, "Ready"),
    ],
)
def test_states_that_time_heals(
    client: Client, account: Account, use: dict[str, Any], word: str
) -> None:
    soon = timezone.now() + timedelta(hours=1)
    moments = {name: soon if value == 1 else value for name, value in use.items()}
    AccountUse.objects.create(account=account, **moments)
    for page in (address("accounts"), address("account", account)):
        assert word in body(client.get(page))


def test_a_limit_for_some_pages_leaves_the_others(client: Client, owner: User) -> None:
    account = actions.add_account(owner, "test-members", "Ada", "sid=abc", "shop.example")
    end = timezone.now() + timedelta(hours=1)
    use = AccountUse.objects.create(account=account, counts={"lists": 1000}, day_ends_at=end)
    assert "Limit reached" not in body(client.get(address("accounts")))
    use.counts = {"lists": 1000, "pages": 1000}
    use.save()
    assert "Limit reached" in body(client.get(address("accounts")))


def test_a_type_of_one_site_asks_for_none(client: Client, owner: User) -> None:
    club = actions.add_account(owner, "test-club", "Ada", "sid=abc; member=ada")
    page = body(client.get(address("account", club)))
    assert 'name="site"' not in page and 'name="profiles"' in page and 'name="batch"' not in page
    client.post(address("refresh_account", club), {"cookies": "sid=new; member=ada"})
    (first, _) = actions.cookies_of(Account.objects.get(pk=club.pk))
    assert (first.value, first.domain) == ("new", "club.example")


def test_a_lost_key_shows_as_expired_and_reading_changes_nothing(
    client: Client, account: Account, settings: Settings
) -> None:
    settings.ACCOUNT_KEYS = [Fernet.generate_key().decode()]
    page = body(client.get(address("accounts")))
    assert "Cookies expired" in page and "a key that is gone" in page
    account.refresh_from_db()
    assert account.status == AccountStatus.SYNCHRONIZED


def paused(squid: Squid, reason: str) -> Run:
    return factories.run(squid, status=Status.PAUSED, reason=reason)


def test_fresh_cookies_have_waiting_runs_looked_at(
    client: Client, account: Account, pages: Squid
) -> None:
    actions.mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, "Signed out")
    run = paused(pages, Reason.COOKIES_EXPIRED)
    response = client.post(
        address("refresh_account", account), {"cookies": FILE.replace(VALUE, "new")}, follow=True
    )
    assert "1 paused run goes on." in body(response)
    run.refresh_from_db()
    account.refresh_from_db()
    assert run.wake_at is not None and account.status == AccountStatus.SYNCHRONIZED
    assert actions.cookies_of(account)[0].value == "new"


def test_a_run_paused_by_hand_is_left_alone(client: Client, account: Account, pages: Squid) -> None:
    run = paused(pages, Reason.PAUSED_BY_HAND)
    client.post(address("refresh_account", account), {"cookies": FILE})
    run.refresh_from_db()
    assert run.wake_at is None


def test_cookies_that_are_refused_leave_the_old_ones(client: Client, account: Account) -> None:
    response = client.post(address("refresh_account", account), {"cookies": f"x {VALUE}"})
    assert response.status_code == 422 and VALUE not in body(response)
    assert actions.cookies_of(account)[0].value == VALUE


def test_limits_are_tightened_and_never_loosened(client: Client, account: Account) -> None:
    client.post(address("limit_account", account), {"pages": "50", "batch": "", "batch_hours": ""})
    account.refresh_from_db()
    assert account.limits == {"pages": 50}
    for wrong in ({"pages": "20001"}, {"pages": "x"}, {"batch_hours": "0.2"}, {"batch": "0"}):
        response = client.post(address("limit_account", account), wrong)
        assert response.status_code == 422 and "errorlist" in body(response)
    account.refresh_from_db()
    assert account.limits == {"pages": 50}


def test_it_is_renamed(client: Client, owner: User, account: Account) -> None:
    actions.add_account(owner, TYPE, "Bob", FILE)
    response = client.post(address("rename_account", account), {"name": "Bob"})
    assert response.status_code == 422 and "already have an account" in body(response)
    client.post(address("rename_account", account), {"name": "Eve"})
    account.refresh_from_db()
    assert account.name == "Eve"


def test_deleting_names_what_is_lost(client: Client, account: Account, pages: Squid) -> None:
    actions.link_accounts(pages, [account])
    run = paused(pages, Reason.COOKIES_EXPIRED)
    page = body(client.get(address("delete_account", account)))
    assert "Members" in page and run.short_id in page and Account.objects.exists()
    client.post(address("delete_account", account))
    assert not Account.objects.exists() and not pages.accounts.exists()


# --- the squid's pages --------------------------------------------------------------------------
def settings_of(squid: Squid, **changes: Any) -> dict[str, Any]:
    recipe = '{"fields": {"title": "h1"}, "signed_out": "form.sign-in"}'
    given = {"name": squid.name, "concurrency": 1, "delay": 0, "param-recipe": recipe}
    given["run_notify"] = "never"
    return given | changes


def test_accounts_are_chosen_in_the_settings(
    client: Client, owner: User, account: Account, pages: Squid
) -> None:
    path = reverse("squids:update", args=[pages.uid])
    other = actions.add_account(owner, TYPE, "Bob", FILE)
    client.post(path, settings_of(pages, accounts=[account.pk, other.pk]))
    assert pages.accounts.count() == 2
    client.post(path, settings_of(pages, accounts=[other.pk]))
    assert list(pages.accounts.all()) == [other]
    client.post(path, settings_of(pages))
    assert not pages.accounts.exists()


def test_a_run_that_waits_for_accounts_is_looked_at_again(
    client: Client, account: Account, pages: Squid
) -> None:
    why = Reason.NO_ACCOUNT_AVAILABLE
    waiting = factories.run(pages, status=Status.PAUSED, reason=why, wake_at=None)
    path = reverse("squids:update", args=[pages.uid])
    client.post(path, settings_of(pages, accounts=[account.pk]))
    waiting.refresh_from_db()
    assert waiting.wake_at is not None


def test_nobody_chooses_anothers_account(client: Client, account: Account, pages: Squid) -> None:
    foreign = actions.add_account(factories.user("other"), TYPE, "Not yours", FILE)
    assert "Not yours" not in body(client.get(reverse("squids:settings", args=[pages.uid])))
    path = reverse("squids:update", args=[pages.uid])
    response = client.post(path, settings_of(pages, accounts=[foreign.pk], name="Changed"))
    pages.refresh_from_db()
    assert "Choose from your accounts of the right type." in body(response)
    assert response.status_code == 422 and pages.name == "Members"
    assert not pages.accounts.exists()


def test_a_squid_that_lacks_an_account_says_so(
    client: Client, account: Account, pages: Squid
) -> None:
    for name in ("detail", "settings", "tasks", "edit"):
        assert "none is linked" in body(client.get(reverse(f"squids:{name}", args=[pages.uid])))
    actions.link_accounts(pages, [account])
    assert "none is linked" not in body(client.get(reverse("squids:detail", args=[pages.uid])))


def test_a_crawler_without_accounts_shows_nothing_of_them(client: Client, squid: Squid) -> None:
    page = body(client.get(reverse("squids:settings", args=[squid.uid])))
    assert 'id="accounts"' not in page


@pytest.mark.parametrize("reason", [Reason.COOKIES_EXPIRED, Reason.WRONG_CREDENTIALS])
def test_a_paused_run_leads_to_the_cookies(
    client: Client, owner: User, account: Account, pages: Squid, reason: str
) -> None:
    fine = actions.add_account(owner, TYPE, "Bob", FILE)
    actions.link_accounts(pages, [account, fine])
    actions.mark_account(account.pk, AccountStatus.COOKIES_EXPIRED, "Signed out")
    run = paused(pages, reason)
    for path in (
        reverse("squids:detail", args=[pages.uid]),
        reverse("runs:detail", args=[run.uid]),
    ):
        page = body(client.get(path))
        assert "Refresh cookies of “Ada”" in page and address("account", account) in page
        assert "Refresh cookies of “Bob”" not in page


def test_no_value_is_ever_shown_or_logged(
    client: Client, account: Account, pages: Squid, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    actions.link_accounts(pages, [account])
    operator = Client()
    operator.force_login(factories.user("operator", is_staff=True, is_superuser=True))
    client.post(address("refresh_account", account), {"cookies": FILE})
    client.post(address("refresh_account", account), {"cookies": f"[{VALUE}"})
    pages_seen = [
        client.get(address("accounts")),
        client.get(address("account", account)),
        client.get(address("delete_account", account)),
        client.get(reverse("squids:settings", args=[pages.uid])),
        operator.get(reverse("admin:squids_account_changelist")),
        operator.get(reverse("admin:squids_account_change", args=[account.pk])),
    ]
    secret = Account.objects.get().secret
    for response in pages_seen:
        assert response.status_code == 200
        assert VALUE not in body(response) and secret not in body(response)
    assert VALUE not in caplog.text and secret not in caplog.text
