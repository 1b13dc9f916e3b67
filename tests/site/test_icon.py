"""Every page names the site's icon, and a browser that asks for one by itself gets it too."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests import factories

LINK = '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/admin/squids/user/", "/admin/squids/user/add/", "/nothing-here"]
)
def test_a_page_names_it_once(db: None, path: str) -> None:
    client = Client()
    client.force_login(factories.user("operator", is_staff=True, is_superuser=True))
    page = client.get(path).content.decode()
    assert LINK in page
    assert len(re.findall(r'rel="(?:shortcut )?icon"', page)) == 1


def test_before_one_is_signed_in_too(db: None) -> None:
    assert LINK in Client().get("/login").content.decode()


def test_a_browser_that_asks_is_led_to_it() -> None:
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/static/icon.svg")
    assert finders.find("icon.svg")
