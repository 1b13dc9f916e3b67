"""People read times in their zone: their browser tells it once, and every page follows."""

from __future__ import annotations

import pytest
from django.test import Client

from runs.exports import log
from squids import actions
from squids.errors import FieldRefused
from squids.models import Squid, User
from tests import factories

BODY = "data-tell-zone"


def tell(client: Client, zone: str) -> int:
    return client.post("/time-zone", {"zone": zone}).status_code


def zone_of(user: User) -> str:
    user.refresh_from_db()
    return user.time_zone


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kolkata", "UTC", "Etc/GMT+3"])
def test_it_is_told_once(client: Client, owner: User, zone: str) -> None:
    assert BODY in client.get("/").content.decode()
    assert tell(client, zone) == 204
    assert zone_of(owner) == zone
    assert BODY not in client.get("/").content.decode()


def test_one_that_is_known_or_chosen_stays(client: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="America/Lima")
    assert tell(client, "Europe/Paris") == 204
    assert zone_of(owner) == "America/Lima"


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "../../etc/passwd", "Europe", "x" * 500, "\0", "localtime", "Factory"]
)
def test_what_is_no_zone_is_refused(client: Client, owner: User, zone: str) -> None:
    assert tell(client, zone) == 422
    assert zone_of(owner) == ""
    with pytest.raises(FieldRefused, match="no such time zone"):
        actions.tell_time_zone(owner, zone)


def test_only_a_signed_in_post_with_its_token_counts(client: Client, owner: User) -> None:
    assert client.get("/time-zone").status_code == 405
    assert tell(Client(), "Europe/Paris") == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert tell(strict, "Europe/Paris") == 403
    assert zone_of(owner) == ""
    assert BODY not in Client().get("/login").content.decode()


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Asia/Tokyo", "2025-03-05 00:06:07 JST"),
        ("America/New_York", "2025-03-04 10:06:07 EST"),
        ("", "2025-03-04 15:06:07 UTC"),
        ("No/Longer", "2025-03-04 15:06:07 UTC"),
    ],
)
def test_a_page_tells_times_in_the_zone_and_names_it(
    client: Client, owner: User, squid: Squid, zone: str, text: str
) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone=zone)
    run = factories.run(squid)
    assert f'title="{text}"' in client.get(f"/runs/{run.uid}").content.decode()
    assert f'title="{text}"' in client.get(f"/squids/{squid.uid}").content.decode()


def test_the_next_reader_has_their_own(client: Client, owner: User, squid: Squid) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Asia/Tokyo")
    other = factories.user("other")
    run = factories.run(factories.squid(other))
    client.get("/")
    theirs = Client()
    theirs.force_login(other)
    assert "15:06:07 UTC" in theirs.get(f"/runs/{run.uid}").content.decode()


def test_console_lines_too_but_not_the_file_of_them(
    client: Client, owner: User, squid: Squid
) -> None:
    User.objects.filter(pk=owner.pk).update(time_zone="Asia/Tokyo")
    run = factories.lines(factories.run(squid), ["one"])
    page = client.get(f"/runs/{run.uid}/logs").content.decode()
    assert '<time class="line-at" datetime="2025-03-04T15:06:08Z">00:06:08</time>' in page
    assert "times in Asia/Tokyo" in page
    assert b"".join(log(run).blocks()).startswith(b"2025-03-04T15:06:08.000000Z ")
