"""An owner who is signed in, a stranger who is too, and a squid between them."""

from __future__ import annotations

import pytest
from django.test import Client

from squids.models import Squid, User
from tests import factories


@pytest.fixture
def owner(db: None) -> User:
    return factories.user("owner")


@pytest.fixture
def squid(owner: User) -> Squid:
    """A squid of the tests' shop with three tasks."""
    return factories.squid(owner, tasks=3, name="Books")


@pytest.fixture
def places(owner: User) -> Squid:
    """A squid of a crawler with two task parameters and a setting of every kind."""
    return factories.squid(owner, tasks=0, crawler="test-places", name="Towns")


@pytest.fixture
def client(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def stranger(db: None) -> Client:
    return signed_in(factories.user("stranger"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
