"""Members of the demo shop, and a squid that works with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runs.models import AccountUse, Run
from squids import actions
from squids.models import Account, Squid, User
from tests.demo_server import DemoSite
from tests.runs.conftest import MakeSquid

GOOD, BAD = "visitor=demo", "visitor=gone"
"""Cookies that the pages behind ``/cookie/need`` accept, and do not."""

MakeAccount = Callable[..., Account]
MembersSquid = Callable[..., Squid]


@pytest.fixture
def make_account(owner: User) -> MakeAccount:
    """An account with this cookie, and these limits where they are tighter than declared."""

    def make(name: str, cookie: str = GOOD, **limits: float) -> Account:
        account = actions.add_account(owner, "test-members", name, cookie, site="127.0.0.1")
        actions.limit_account(account, limits)
        return account

    return make


@pytest.fixture
def members(site: DemoSite, make_squid: MakeSquid) -> MembersSquid:
    """A squid on these pages of the shop, with these accounts linked."""

    def make(*paths: str, accounts: list[Account], concurrency: int = 1, **params: bool) -> Squid:
        urls = [site.url + path for path in paths]
        squid = make_squid(*urls, crawler="test-members", concurrency=concurrency, **params)
        actions.link_accounts(squid, accounts)
        return squid

    return make


def use_of(account: Account) -> AccountUse:
    return AccountUse.objects.get(account=account)


def held_by(account: Account) -> Run | None:
    return use_of(account).run
