"""Pages that recipes are tried on, and recipes in the making: kept, bounded, and gone in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from runs import jobs
from squids import actions, errors
from squids.actions.recipes import RECIPE_LIMIT, SAMPLE_BYTES, SAMPLES_KEPT, SAMPLES_KEPT_FOR
from squids.crawlers.interface import Request, Response
from squids.models import Draft, Part, SamplePage, Squid, User
from tests import factories


def test_a_page_comes_back_as_it_was(squid: Squid) -> None:
    body = "<h1>Größe</h1>".encode("latin-1")
    response = Response(
        "http://shop.example/b", 203, {"content-type": "text/html"}, body, "latin-1"
    )
    request = Request("http://shop.example/a", label="list", meta={"page": 1}, accept=(401,))
    styles = {"http://shop.example/s.css": "b{}"}
    actions.keep_sample(squid, Part.LISTING, "shop.example/a", request, response, styles)
    kept = SamplePage.objects.get()
    assert kept.response == response
    assert kept.crawler_request == request
    assert kept.sheets == styles
    assert (kept.asked, kept.size, kept.is_moved) == ("shop.example/a", len(body), True)


def test_a_squid_has_one_of_each_part(squid: Squid) -> None:
    factories.sample_page(squid, "<p>one</p>")
    factories.sample_page(squid, "<p>two</p>")
    factories.sample_page(squid, "<p>three</p>", part=Part.DETAIL)
    bodies = {sample.part: sample.response.body for sample in SamplePage.objects.all()}
    assert bodies == {Part.LISTING: b"<p>two</p>", Part.DETAIL: b"<p>three</p>"}


def test_a_user_keeps_the_newest_few(owner: User) -> None:
    squids = [factories.squid(owner, tasks=0) for _ in range(SAMPLES_KEPT + 2)]
    other = factories.sample_page(factories.squid(factories.user("other"), tasks=0))
    for squid in squids:
        factories.sample_page(squid)
    kept = SamplePage.objects.filter(owner=owner).values_list("squid", flat=True)
    assert sorted(kept) == sorted(squid.pk for squid in squids[2:])
    assert SamplePage.objects.filter(pk=other.pk).exists()


def test_a_page_that_is_too_large_is_not_kept(squid: Squid) -> None:
    with pytest.raises(errors.FieldRefused) as refused:
        factories.sample_page(squid, "x" * (SAMPLE_BYTES + 1))
    assert (refused.value.field, "5 MB" in refused.value.message) == ("url", True)
    assert not SamplePage.objects.exists()


def test_the_tick_forgets_old_ones(squid: Squid) -> None:
    factories.sample_page(squid)
    new = factories.sample_page(squid, part=Part.DETAIL)
    past = timezone.now() - SAMPLES_KEPT_FOR - timedelta(minutes=1)
    SamplePage.objects.exclude(pk=new.pk).update(fetched_at=past)
    jobs._forget_samples(timezone.now())
    assert list(SamplePage.objects.all()) == [new]


def test_they_go_with_their_squid(squid: Squid) -> None:
    factories.sample_page(squid)
    actions.keep_draft(squid, {"rows": "li"})
    actions.delete(squid)
    assert not SamplePage.objects.exists()
    assert not Draft.objects.exists()


def test_undo_goes_back_and_forth(squid: Squid) -> None:
    actions.keep_draft(squid, {"rows": "b", "fields": {"z": "1", "a": "2"}}, undoes={"rows": "a"})
    actions.keep_draft(squid, {"rows": "c"})
    actions.undo_draft(squid)
    assert Draft.objects.get().recipe == {"rows": "a"}
    actions.undo_draft(squid)
    assert Draft.objects.get().recipe == {"rows": "c"}


def test_nothing_to_undo(squid: Squid) -> None:
    actions.undo_draft(squid)
    actions.keep_draft(squid, {"rows": "c"})
    actions.undo_draft(squid)
    assert Draft.objects.get().recipe == {"rows": "c"}


def test_a_draft_keeps_the_order_of_its_fields(squid: Squid) -> None:
    actions.keep_draft(squid, {"fields": {"zz": "1", "b": "2", "a": "3"}})
    assert list(Draft.objects.get().recipe["fields"]) == ["zz", "b", "a"]


def test_a_draft_has_an_end(squid: Squid) -> None:
    with pytest.raises(errors.FieldRefused):
        actions.keep_draft(squid, {"rows": "x" * RECIPE_LIMIT})
