from __future__ import annotations

from django.test import Client
from django.urls import reverse

from runs.states import Status
from squids import actions
from squids.models import Crawler, Squid
from tests import factories


def page(client: Client, squid: Squid) -> str:
    response = client.get(reverse("squids:detail", args=[squid.uid]))
    assert response.status_code == 200
    return str(response.content.decode())


def test_fresh_squid_offers_to_launch(client: Client, squid: Squid) -> None:
    text = page(client, squid)
    assert reverse("runs:launch", args=[squid.uid]) in text
    assert reverse("squids:edit", args=[squid.uid]) in text
    assert f"/ws/squids/{squid.uid}" in text


def test_without_tasks_it_says_what_to_do(client: Client, places: Squid) -> None:
    assert "Add what this squid shall work on" in page(client, places)


def test_launch_is_hidden_while_a_run_is_unfinished(client: Client, squid: Squid) -> None:
    for status in (Status.PENDING, Status.RUNNING, Status.PAUSED):
        run = factories.run(squid, status=status)
        text = page(client, squid)
        assert reverse("runs:launch", args=[squid.uid]) not in text
        assert reverse("runs:abort", args=[run.uid]) in text
        run.delete()


def test_runs_are_listed_newest_first(client: Client, squid: Squid) -> None:
    older, newer = factories.run(squid), factories.run(squid)
    text = page(client, squid)
    assert 0 < text.index(f'id="run-row-{newer.uid}"') < text.index(f'id="run-row-{older.uid}"')


def test_message_of_the_last_run_is_shown_as_text(client: Client, squid: Squid) -> None:
    assert "#i-message" not in page(client, squid).partition("</header>")[2]
    factories.run(squid, status=Status.ERROR, message="<b>It broke</b> at a.example")
    text = page(client, squid)
    assert "&lt;b&gt;It broke&lt;/b&gt; at a.example" in text
    assert "<b>It broke" not in text


def test_what_is_missing_is_named(client: Client, places: Squid) -> None:
    actions.add_tasks(places, [{"city": "Oslo"}])
    assert "This squid is not ready. token: A value is needed." in page(client, places)


def test_crawlers_problem_is_told(client: Client, squid: Squid) -> None:
    Crawler.objects.update(problem="The site changed.")
    assert "The site changed." in page(client, squid)


def test_hostile_name_is_text(client: Client, squid: Squid) -> None:
    name = '"><script>alert(1)</script>' + "n" * 270
    Squid.objects.filter(pk=squid.pk).update(name=name)
    for tab in ("detail", "tasks", "settings", "edit", "empty", "delete"):
        response = client.get(reverse(f"squids:{tab}", args=[squid.uid]))
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()


def test_steps_lead_from_tasks_to_launch(client: Client, places: Squid) -> None:
    url = reverse("squids:edit", args=[places.uid])
    assert "There is no task to work on yet." in client.get(url).content.decode()
    actions.add_tasks(places, [{"city": "Oslo"}])
    text = client.get(url).content.decode()
    assert "Still missing: token: A value is needed." in text
    assert "Save and launch" in text
    assert "2.5 credits" in text


def test_crawler_that_is_not_installed_breaks_no_page(client: Client, squid: Squid) -> None:
    Crawler.objects.filter(pk=squid.crawler_id).update(slug="gone-away")
    for tab in ("detail", "tasks", "settings", "edit", "empty", "delete"):
        response = client.get(reverse(f"squids:{tab}", args=[squid.uid]))
        assert response.status_code == 200
    assert "No crawler “gone-away” is installed." in page(client, squid)
    assert client.get(reverse("squids:list")).status_code == 200
