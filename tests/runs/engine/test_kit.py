"""The kit for authors: what it refuses, and that its engine is the real one."""

from __future__ import annotations

import socket
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from runs.engine import kit
from runs.engine.work import CrawlerBug
from squids.crawlers.interface import (
    Crawler,
    Function,
    Outcome,
    Param,
    Params,
    Request,
    Response,
    Usage,
)


class Pages(Crawler):
    """Follows what ``next`` says; misbehaves on demand."""

    slug = "kit-pages"
    name = "Pages"
    task_params = (Param("url", "url", required=True),)
    squid_params = (Param("fault", "string"),)
    functions = (Function("look", "Look", 100),)
    unique_by = ("text",)

    def start(self, task: Params, settings: Any) -> list[Request]:
        return [Request(task["url"])]

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        text, _, onward = response.text.partition("→")
        outcome = Outcome([{"text": text.strip()}])
        if onward.strip():
            outcome.follow.append(Request(response.url.rsplit("/", 1)[0] + onward.strip()))
        match settings.get("fault"):
            case "connect":
                socket.create_connection(("127.0.0.1", 9))
            case "urlopen":
                urllib.request.urlopen("http://example.test")
            case "rows":
                outcome.rows.append({"text": object()})
            case "meta":
                outcome.follow.append(Request("http://a.test", meta={"when": (1, 2)}))
            case "function":
                outcome.functions["other"] = Usage(1, 1)
            case "bug":
                raise ZeroDivisionError("a bug")
        return outcome


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("connect", kit.NetworkUsed),
        ("urlopen", kit.NetworkUsed),
        ("rows", TypeError),
        ("meta", AssertionError),
        ("function", AssertionError),
        ("bug", ZeroDivisionError),
    ],
)
def test_parse_holds_a_crawler_to_the_rules(fault: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        kit.parse(Pages(), kit.page("one"), settings={"fault": fault})


def test_the_network_is_there_again_afterwards() -> None:
    with kit.offline(), pytest.raises(kit.NetworkUsed):
        socket.getaddrinfo("localhost", 80)
    assert socket.getaddrinfo("127.0.0.1", 80)


def test_a_page_from_a_file_in_its_own_charset(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes('<meta charset="windows-1252"><p>café</p>'.encode("cp1252"))
    assert "café" in kit.page(file).text


def test_a_chain_of_pages_with_a_row_seen_before() -> None:
    pages = {"/": "one → /2", "/2": "two → /3", "/3": "one → /"}
    with kit.serve(pages) as site:
        crawled = kit.crawl(Pages(), {"url": f"{site.url}/"}, site=site)
        assert site.asked == ["/robots.txt", "/", "/2", "/3"]
    assert [row["text"] for row in crawled.rows] == ["one", "two", "one"]
    assert [row["text"] for row in crawled.unique] == ["one", "two"]


def test_what_robots_forbid_and_what_is_not_there_fail_their_tasks_alone() -> None:
    pages = {"/robots.txt": "User-agent: *\nDisallow: /closed", "/open": "one", "/closed": "two"}
    with kit.serve(pages) as site:
        tasks = [{"url": f"{site.url}/{name}"} for name in ("open", "closed", "gone")]
        crawled = kit.crawl(Pages(), *tasks, site=site)
        assert "/closed" not in site.asked
    assert crawled.rows == [{"text": "one"}]
    assert "robots.txt" in crawled.failed[2] and "404" in crawled.failed[3]


def test_redirects_are_followed_by_the_engine() -> None:
    moved = kit.Answer(status=301, headers={"Location": "/new"})
    pages: dict[str, str | bytes | kit.Answer] = {"/old": moved, "/new": "here"}
    with kit.serve(pages) as site:
        crawled = kit.crawl(Pages(), {"url": f"{site.url}/old"}, site=site)
    assert crawled.rows == [{"text": "here"}]


def test_a_bug_comes_with_its_traceback() -> None:
    with kit.serve({"/": "one"}) as site, pytest.raises(CrawlerBug, match="a bug") as bug:
        kit.crawl(Pages(), {"url": f"{site.url}/"}, site=site, settings={"fault": "bug"})
    assert "ZeroDivisionError" in bug.value.traceback


def test_a_folder_of_saved_pages_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "secret").write_text("no")
    (tmp_path / "site" / "1.html").write_text("one")
    with kit.serve(tmp_path / "site") as site:
        good = kit.crawl(Pages(), {"url": f"{site.url}/1.html"}, site=site)
        bad = kit.crawl(Pages(), {"url": f"{site.url}/..%2Fsecret"}, site=site)
    assert good.rows == [{"text": "one"}] and "404" in bad.failed[1]


def test_functions_must_be_declared() -> None:
    with pytest.raises(AssertionError, match="not declared: taste"):
        kit.parse(Pages(), kit.page("one"), functions=["taste"])


class Many(Pages):
    """Asks for five pages, of which its label allows two."""

    def parse(self, response: Response, request: Request, settings: Any) -> Outcome:
        if request.label:
            return Outcome([{"text": response.text}])
        base = response.url.rstrip("/")
        return Outcome(follow=[Request(f"{base}/{n}", label="part", most=2) for n in range(5)])


def test_a_label_has_no_more_requests_than_it_may() -> None:
    with kit.serve({"/": ""} | {f"/{n}": f"part {n}" for n in range(5)}) as site:
        crawled = kit.crawl(Many(), {"url": f"{site.url}/"}, site=site)
    assert [row["text"] for row in crawled.rows] == ["part 0", "part 1"]
