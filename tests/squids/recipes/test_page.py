"""The builder's page: shown, edited, saved, kept as a preset; by somebody with or without
JavaScript."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.urls import reverse
from lxml import html

from squids import actions
from squids.crawlers.interface import Request
from squids.models import Draft, Part, Preset, SamplePage, Squid
from tests import factories

TYPED = {
    "rows": "article.card",
    "fields-0-name": "title",
    "fields-0-select": "h3",
    "fields-0-type": "text",
    "fields-1-name": "price",
    "fields-1-select": ".price",
    "fields-1-type": "number",
}
RECIPE = {
    "rows": "article.card",
    "fields": {"title": "h3", "price": {"select": ".price", "type": "number"}},
}


def at(name: str, squid: Squid) -> str:
    return reverse(f"squids:{name}", args=[squid.uid])


def send(client: Client, name: str, squid: Squid, **more: Any) -> Any:
    return client.post(at(name, squid), TYPED | more)


def by_htmx(client: Client, name: str, squid: Squid, **more: Any) -> str:
    headers = {"HX-Request": "true"}
    answer = client.post(at(name, squid), TYPED | more, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def shown(client: Client, squid: Squid, query: str = "") -> Any:
    answer = client.get(at("recipe", squid) + query)
    assert answer.status_code == 200
    return html.fromstring(answer.content.decode())


def notices(answer: Any) -> str:
    page = html.fromstring(answer.content.decode())
    found = [*page.find_class("error"), *page.find_class("errorlist"), *page.find_class("flash")]
    return " ".join(" ".join(each.text_content().split()) for each in found)


# --- what is shown --------------------------------------------------------------------------------


def test_without_a_page_it_asks_for_one(client: Client, squid: Squid) -> None:
    actions.add_tasks(squid, [{"url": "http://shop.example/1"}])
    page = shown(client, squid)
    assert page.xpath("//input[@id='url']/@value") == ["http://shop.example/1"]
    assert not page.xpath("//iframe") and "Fetch a page to begin" in page.text_content()


def test_a_page_its_suggestions_and_its_copy(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    page = shown(client, squid)
    (frame,) = page.xpath("//iframe")
    assert frame.get("sandbox") == "allow-same-origin"
    assert "article.card" in page.find_class("suggested")[0].text_content()
    copy = client.get(frame.get("src"))
    assert copy.status_code == 200 and b"Lamp 1 of th" in copy.content


def test_nothing_in_the_copy_can_run_or_load(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    answer = client.get(at("page_copy", squid))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox allow-same-origin" in policy
    assert "script" not in policy and "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN" and "no-store" in answer["Cache-Control"]


def test_a_recipe_that_is_saved_is_shown_with_its_rows(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    Squid.objects.filter(pk=squid.pk).update(params={"recipe": RECIPE})
    page = shown(client, squid)
    assert page.xpath("//input[@name='fields-1-name']/@value") == ["price"]
    assert page.xpath("//option[@selected and .='number']/..")[0].get("name") == "fields-1-type"
    rows = page.xpath("//section[@id='tried']//tbody/tr")
    assert len(rows) == 6 and "Lamp 1 of th… 1.5" in " ".join(rows[0].text_content().split())
    marks = json.loads(page.xpath("//script[@id='marks']")[0].text)
    assert len(marks["listing"]["rows"]) == len(marks["listing"]["fields"]["price"]) == 6


def test_crawlers_without_a_recipe_have_no_builder(client: Client, squid: Squid) -> None:
    other = factories.squid(squid.owner, crawler="test-shop", name="Other")
    assert client.get(at("recipe", other)).status_code == 404
    assert b"/recipe" not in client.get(at("detail", other)).content
    for page in ("settings", "edit", "tasks"):
        assert at("recipe", squid).encode() in client.get(at(page, squid)).content


def test_a_deleted_squid_has_none(client: Client, squid: Squid, listing: SamplePage) -> None:
    actions.delete(squid)
    for name in ("recipe", "page_copy"):
        assert client.get(at(name, squid)).status_code == 404


def test_the_tree_of_a_json_answer(client: Client, squid: Squid) -> None:
    api = factories.squid(squid.owner, crawler="json-api-scraper", tasks=0, name="Api")
    body = json.dumps({"items": [{"id": 1, "in stock": True}, {"id": 2, "in stock": False}]})
    factories.sample_page(api, body, kind="application/json")
    page = shown(client, api)
    presses = page.xpath("//ol[@id='tree']//button/@value")
    assert presses == ["rows:items"]
    actions.keep_draft(api, {"rows": "items"})
    said = shown(client, api).xpath("//ol[@id='tree']//button/@value")
    fields = [json.loads(press.partition(":")[2]) for press in said if press.startswith("field")]
    assert [field["name"] for field in fields][:2] == ["id", "in_stock"]
    assert client.get(at("page_copy", api)).status_code == 404
    answer = by_htmx(client, "edit_recipe", api, do="rows:items")
    assert html.fromstring(answer).get_element_by_id("tree").get("hx-swap-oob") == "true"


# --- typing and pressing --------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_answered_with_rows_and_notes(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    said = by_htmx(client, "edit_recipe", squid)
    assert Draft.objects.get(squid=squid).recipe == RECIPE
    assert 'id="tried"' in said and 'id="desk"' not in said
    assert 'id="note-fields-0-select"' in said and "in every row" in said
    squid.refresh_from_db()
    assert "recipe" not in squid.params


def test_a_selector_that_cannot_work_is_told_beside_it(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    said = html.fromstring(by_htmx(client, "edit_recipe", squid, **{"fields-1-select": "p["}))
    note = said.get_element_by_id("note-fields-1-select")
    assert "error" in note.get("class") and "cannot work" in note.text_content()
    assert said.xpath("//tbody/tr")


def test_a_press_answers_with_the_form(client: Client, squid: Squid, listing: SamplePage) -> None:
    said = html.fromstring(by_htmx(client, "edit_recipe", squid, do="block:0"))
    assert said.get("id") == "desk"
    assert said.xpath("//input[@name='next']/@value") == ["li.next > a"]


def test_a_press_without_javascript_comes_back_to_the_page(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    answer = send(client, "edit_recipe", squid, do="drop:fields-1")
    assert answer.status_code == 302 and answer["Location"] == at("recipe", squid)
    assert list(Draft.objects.get().recipe["fields"]) == ["title"]


def test_undo(client: Client, squid: Squid, listing: SamplePage) -> None:
    send(client, "edit_recipe", squid)
    send(client, "edit_recipe", squid, do="drop:fields-0")
    left = {name: text for name, text in TYPED.items() if not name.startswith("fields-0")}
    headers = {"HX-Request": "true"}
    answer = client.post(at("undo_recipe", squid), left | {"next": "typed"}, headers=headers)
    said = html.fromstring(answer.content.decode())
    assert said.xpath("//input[@name='fields-0-name']/@value") == ["title"]
    send(client, "undo_recipe", squid)
    recipe = Draft.objects.get().recipe
    assert (list(recipe["fields"]), recipe["next"]) == (["price"], "typed")


def test_a_press_that_changes_nothing_leaves_undo_as_it_was(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    send(client, "edit_recipe", squid)
    send(client, "edit_recipe", squid, do="drop:fields-0")
    left = {name: text for name, text in TYPED.items() if not name.startswith("fields-0")}
    client.post(at("edit_recipe", squid), left | {"do": "preset"})
    assert list(Draft.objects.get().before["fields"]) == ["title", "price"]


def test_pointing(client: Client, squid: Squid, listing: SamplePage) -> None:
    page = shown(client, squid)
    copy = html.fromstring(client.get(page.xpath("//iframe/@src")[0]).content)
    number = copy.xpath("//p[@class='price']/@data-n")[0]
    answer = client.post(at("point_at", squid), {"number": number, "rows": "article.card"})
    said = html.fromstring(answer.content.decode())
    field = json.loads(said.xpath("//button[contains(., 'Field')]/@value")[0].partition(":")[2])
    assert field == {"of": "fields", "name": "price", "select": ".price", "type": "number"}
    assert client.post(at("point_at", squid), {"number": "x"}).status_code == 400


def test_a_recipe_too_large_is_refused(client: Client, squid: Squid, listing: SamplePage) -> None:
    answer = send(client, "edit_recipe", squid, **{"fields-0-select": "a" * 300_000})
    assert answer.status_code == 422 and "at most 262,144 characters" in notices(answer)
    assert not Draft.objects.exists()


# --- saving ---------------------------------------------------------------------------------------


def test_save(client: Client, squid: Squid, listing: SamplePage) -> None:
    Squid.objects.filter(pk=squid.pk).update(params={"max_pages": 3})
    assert send(client, "save_recipe", squid).status_code == 302
    squid.refresh_from_db()
    assert squid.params == {"max_pages": 3, "recipe": RECIPE}
    assert not Draft.objects.exists()


def test_a_recipe_that_cannot_work_is_not_saved(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    for wrong in ({"fields-0-select": "h3["}, {"fields-0-name": "price"}, {"fields-0-select": ""}):
        answer = send(client, "save_recipe", squid, **wrong)
        assert answer.status_code == 422 and "Not saved" in notices(answer)
        page = html.fromstring(answer.content.decode())
        assert page.xpath("//input[@name='fields-1-name']/@value") == ["price"]
    squid.refresh_from_db()
    assert "recipe" not in squid.params


def test_discard(client: Client, squid: Squid, listing: SamplePage) -> None:
    Squid.objects.filter(pk=squid.pk).update(params={"recipe": RECIPE})
    send(client, "edit_recipe", squid, rows="li")
    send(client, "discard_recipe", squid)
    assert shown(client, squid).xpath("//input[@name='rows']/@value") == ["article.card"]


def test_a_preset_is_saved_replaced_and_applied(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    assert send(client, "keep_preset", squid, preset_name="Lamps").status_code == 302
    again = send(client, "keep_preset", squid, preset_name="Lamps", rows="li")
    assert again.status_code == 422 and "of this name already" in notices(again)
    replaced = {"preset_name": "Lamps", "preset_replace": "on", "rows": "ul > li"}
    assert send(client, "keep_preset", squid, **replaced).status_code == 302
    preset = Preset.objects.get()
    assert preset.recipe == RECIPE | {"rows": "ul > li"}
    send(client, "discard_recipe", squid)
    send(client, "edit_recipe", squid, do="preset", preset=preset.uid)
    assert Draft.objects.get().recipe == preset.recipe


def test_another_user_s_preset_is_not_there(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    theirs = factories.preset(factories.user("stranger"))
    answer = send(client, "edit_recipe", squid, do="preset", preset=theirs.uid)
    assert answer.status_code == 404 and not Draft.objects.exists()


def test_the_first_row_s_page_is_shown_beside_the_listing(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    recipe = RECIPE | {"detail": {"link": "h3 a", "fields": {"text": "p"}}}
    actions.keep_draft(squid, recipe)
    asked = Request("https://shop.example/lamp/1", label="detail", meta={"row": {}})
    factories.sample_page(squid, "<p>All</p>", part=Part.DETAIL, request=asked)
    page = shown(client, squid, "?part=detail")
    assert page.xpath("//iframe/@data-part") == ["detail"]
    assert "All" in page.xpath("//section[@id='tried']//tbody/tr[1]")[0].text_content()


def test_a_recipe_kept_as_its_text_is_shown(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    Squid.objects.filter(pk=squid.pk).update(params={"recipe": json.dumps(RECIPE)})
    assert shown(client, squid).xpath("//input[@name='rows']/@value") == ["article.card"]


def test_a_character_that_is_none_is_refused(
    client: Client, squid: Squid, listing: SamplePage
) -> None:
    field = json.dumps({"name": "\ud800", "select": "b"})
    answer = send(client, "edit_recipe", squid, do=f"field:{field}")
    assert answer.status_code == 422 and not Draft.objects.exists()
    assert client.get(at("page_copy", squid) + "?part=%00").status_code == 404
