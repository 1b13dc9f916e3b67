"""The whole site under its supervisor: it comes up, answers, and leaves nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from curl_cffi import requests

from tests.site.running import PATIENCE, Running, lives, running, until


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path / "data") as site:
        yield site


def test_one_address_is_printed_that_signs_in_once_beside_the_shop(site: Running) -> None:
    assert site.said.count("http://") == 1
    with requests.Session() as person:
        page = person.get(site.link)
        assert (page.status_code, page.redirect_count) == (200, 1)
        assert "Demo shop" in page.text
    with requests.Session() as second:
        assert second.get(site.link).url.split("?")[0].endswith("/login")
    shop = requests.get(f"http://127.0.0.1:{site.settings['LOBSTR_DEMO_PORT']}/shop/")
    assert shop.text.count('<article class="product"') == 20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything(site: Running, number: int) -> None:
    until(lambda: len(site.processes()) >= 8, "all of it")
    site.process.send_signal(number)
    assert site.process.wait(PATIENCE) == 0
    assert site.left() == []
    assert "Stopped." in site.said
    assert not (Path(site.settings["LOBSTR_DATA"]) / "stopping").exists()


def test_a_killed_supervisor_takes_everything_with_it(site: Running) -> None:
    site.processes()
    site.process.kill()
    site.process.wait(PATIENCE)
    until(lambda: not site.left(), "the end of its processes")


def test_a_main_process_that_does_not_end_is_killed(tmp_path: Path) -> None:
    with running(tmp_path / "data", LOBSTR_STOP_GRACE="1") as site:
        queue = site.main("queue")
        assert queue
        queue.suspend()
        site.process.terminate()
        assert site.process.wait(PATIENCE) == 0
        assert site.left() == []


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with running(tmp_path / "data", LOBSTR_STOP_GRACE="100000") as site:
        web = site.main("web")
        assert web
        web.suspend()
        site.process.terminate()
        until(lambda: site.main("queue") is None, "the queue's end")
        site.process.terminate()
        assert site.process.wait(PATIENCE) == 0
        assert site.left() == []


@pytest.mark.parametrize("name", ["web", "queue", "demo"])
def test_what_is_killed_starts_again(site: Running, name: str) -> None:
    first = until(lambda: site.main(name), name)
    group = first.children(recursive=True)
    first.kill()
    until(lambda: not any(lives(p) for p in [first, *group]), "the end of its group")
    until(lambda: site.main(name), "a new one")
    assert f"{name} ended and starts again" in site.said
    ports = site.settings["LOBSTR_PORT"], site.settings["LOBSTR_DEMO_PORT"]
    for port in ports:
        until(lambda port=port: _answers(port), f"an answer on {port}")  # type: ignore[misc]
    until(site.queue_is_empty, "a queue that works")


def test_a_killed_sentinel_leaves_no_worker_without_guard(site: Running) -> None:
    queue = until(lambda: site.main("queue"), "the queue")
    sentinel = until(queue.children, "its sentinel")[0]
    workers = until(site.workers, "its workers")
    sentinel.kill()
    until(lambda: not any(lives(worker) for worker in workers), "the workers' end")
    until(site.workers, "new workers")


def _answers(port: str) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/robots.txt").status_code < 500
    except requests.RequestsError:
        return False
