"""The recipe builder of a squid whose pages are drawn works on the drawn page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from squids import actions
from squids.models import SamplePage, User
from tests import factories
from tests.runs.engine.servers import Site

pytestmark = [pytest.mark.rendering, pytest.mark.django_db(transaction=True)]


def test_a_page_is_fetched_as_a_run_would(site: Site, settings: Settings, tmp_path: Path) -> None:
    settings.ALLOW_PRIVATE = frozenset({site.place})
    settings.HOSTS_DIR = tmp_path / "hosts"
    owner: User = factories.user("owner")
    squid = factories.squid(owner, crawler="web-scraper", tasks=0)
    actions.update_squid(squid, {"params": {"render": True, "wait_for": ".late"}})
    client = Client()
    client.force_login(owner)
    address = reverse("squids:fetch_page", args=[squid.uid])
    assert client.post(address, {"url": site.url("/late")}).status_code == 302
    sample = SamplePage.objects.get()
    assert '<p id="it">drawn</p>' in sample.response.text
    assert (sample.crawler_request.kind, sample.crawler_request.wait_for) == ("browser", ".late")
    copy = client.get(reverse("squids:page_copy", args=[squid.uid])).content.decode()
    assert ">drawn</p>" in copy and "<script" not in copy
