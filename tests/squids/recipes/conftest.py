"""A web scraper with a fetched page, and its builder."""

from __future__ import annotations

import pytest
from django.test import Client

from squids.models import SamplePage, Squid, User
from tests import factories
from tests.squids.crawlers.builder.pages import URL, shop


@pytest.fixture
def owner(db: None) -> User:
    return factories.user("owner")


@pytest.fixture
def client(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def squid(owner: User) -> Squid:
    return factories.squid(owner, crawler="web-scraper", tasks=0)


@pytest.fixture
def listing(squid: Squid) -> SamplePage:
    return factories.sample_page(squid, shop(), url=URL)
