"""A JSON answer to point into: every path leads back to its value."""

from __future__ import annotations

import json
from typing import Any

import jmespath
import pytest
from hypothesis import given

from squids.crawlers.builder import tree
from squids.crawlers.builder.json_tree import DEEPEST, MOST_ITEMS, MOST_NODES
from squids.crawlers.builder.shapes import Unreadable
from squids.crawlers.interface import Response
from tests.squids.crawlers.builder.test_json_lists import URL, _json, answer, products

BODY = {"data": {"items": products(2), "a b": {"x.y": None}}, "total": 2}


def test_values_are_told_from_the_top() -> None:
    nodes = {node.path: node for node in tree(answer(BODY))}
    assert list(nodes)[:4] == ["@", "data", "data.items", "data.items[0]"]
    assert (nodes["data.items"].kind, nodes["data.items"].count) == ("list", 2)
    assert (nodes["data.items[0].name"].text, nodes["data.items[0].name"].depth) == ("Lamp 1", 4)
    assert nodes['data."a b"."x.y"'].kind == "null"
    assert all(node.relative is None for node in nodes.values())


def test_inside_a_row_a_path_is_the_rows_own() -> None:
    nodes = {node.path: node for node in tree(answer(BODY), "data.items")}
    assert nodes["data.items"].relative is None
    assert nodes["data.items[1]"].relative == "@"
    assert nodes["data.items[1].maker.name"].relative == "maker.name"
    assert nodes["total"].relative is None


@pytest.mark.parametrize("rows", ["data.[", "data.nothing", "total", "", "length(total)"])
def test_rows_that_find_nothing_leave_it_as_it_is(rows: str) -> None:
    assert tree(answer(BODY), rows) == tree(answer(BODY))


def test_it_is_bounded() -> None:
    deep: Any = 1
    for _ in range(50):
        deep = {"in": deep}
    assert max(node.depth for node in tree(answer(deep))) == DEEPEST
    assert len(tree(answer({str(n): n for n in range(5000)}))) == MOST_NODES
    assert len(tree(answer(list(range(1000))))) == MOST_ITEMS + 1
    assert all(len(node.text) <= 120 for node in tree(answer(["x" * 10_000])))


def test_what_is_no_json_is_told() -> None:
    with pytest.raises(Unreadable):
        tree(Response(URL, 200, {}, b"<html>"))


@given(_json)
def test_every_path_leads_to_its_value(body: Any) -> None:
    try:
        nodes = tree(answer(body))
    except Unreadable:
        return
    whole = json.loads(json.dumps(body))
    for node in nodes:
        found = jmespath.search(node.path, whole)
        if isinstance(found, dict | list):
            assert len(found) == node.count
        else:
            assert node.kind in ("string", "boolean", "number", "null")
