"""Nobody sees another's squid: every address of the app, as anonymous and as a stranger."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from squids import actions, urls
from squids.models import Squid

OWN = sorted(str(pattern.name) for pattern in urls.urlpatterns)
# Each user has these, about their own things; tests/runs/test_access.py says so of every address.
OF_EVERY_USER = {
    str(pattern.name) for pattern in urls.urlpatterns if "<" not in str(pattern.pattern)
} | {"crawler"}


def address(name: str, squid: Squid) -> str:
    keys = {"uid": squid.uid}
    if name.endswith("_task"):
        keys["task_uid"] = squid.tasks.get(position=1).uid
    if name == "upload_progress":
        keys["upload_uid"] = actions.store_upload(squid, "a.csv", b"url\nhttp://a.example/\n").uid
    if name == "crawler":
        return reverse("squids:crawler", args=[squid.crawler.slug])
    return reverse(f"squids:{name}", kwargs={} if name in OF_EVERY_USER else keys)


@pytest.mark.parametrize("name", OWN)
def test_anonymous_is_sent_to_sign_in(squid: Squid, name: str) -> None:
    url = address(name, squid)
    for response in (Client().get(url), Client().post(url)):
        assert response.status_code == 405 or response.headers["Location"].startswith("/login?")


@pytest.mark.parametrize("name", [name for name in OWN if name not in OF_EVERY_USER])
def test_stranger_finds_nothing(stranger: Client, squid: Squid, name: str) -> None:
    before = Squid.objects.filter(pk=squid.pk).values().get()
    url = address(name, squid)
    answers = {stranger.get(url).status_code, stranger.post(url).status_code}
    assert answers in ({404}, {404, 405})
    assert Squid.objects.filter(pk=squid.pk).values().get() == before
    assert squid.tasks.filter(deleted_at=None, is_active=True).count() == 3


def test_strangers_list_is_empty(stranger: Client, squid: Squid) -> None:
    assert squid.name not in stranger.get(reverse("squids:list")).content.decode()


def test_what_is_not_there_reads_like_what_is_not_theirs(stranger: Client, squid: Squid) -> None:
    theirs = stranger.get(reverse("squids:detail", args=[squid.uid]))
    nothing = stranger.get(reverse("squids:detail", args=["0" * 32]))
    assert theirs.status_code == nothing.status_code == 404
    assert "There is nothing here" in theirs.content.decode()


@pytest.mark.parametrize("name", ["update", "add_tasks", "upload", "activate", "delete", "empty"])
def test_form_from_another_site_is_refused(squid: Squid, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(squid.owner)
    response = client.post(address(name, squid))
    assert response.status_code == 403
    assert "This was not allowed" in response.content.decode()
