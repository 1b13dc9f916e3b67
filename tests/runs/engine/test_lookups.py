"""Requests of kind dns, answered by a real name server on the loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from runs.engine import errors, lookups
from runs.engine.fetch import Fetcher
from runs.engine.lookups import server
from runs.engine.politeness import HostRule, Politeness
from runs.engine.retry import next_delay
from squids.crawlers.interface import Request, Response
from tests import dns_server
from tests.dns_server import NameServer, name_server
from tests.runs.engine.conftest import allowing

ZONE = {
    "one.example": {
        "MX": ["20 second.one.example.", "10 first.one.example."],
        "A": ["10.0.0.7"],
        "TXT": ['"v=spf1 -all"'],
    },
    "big.example": {"TXT": [f'"{number:03} {"x" * 200}"' for number in range(40)]},
    "xn--mller-kva.example": {"MX": ["5 mx.example."]},
    "bare.example": {"A": ["192.0.2.1"]},
}
SLOTS = 4
IN_TIME = 0.4
"""Seconds, in place of those that a real look-up may take."""


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    monkeypatch.setattr(lookups, "TRY", IN_TIME)
    monkeypatch.setattr(lookups, "LIFETIME", 2 * IN_TIME)
    with name_server(ZONE) as running:
        yield running


def ask(folder: Path, names: NameServer | str, *urls: str, **fields: Any) -> list[Response]:
    """Look-ups, all at once, in the event loop that workers use."""
    place = names if isinstance(names, str) else names.place

    async def main() -> list[Response]:
        polite = Politeness(folder, {lookups.BUDGET: HostRule(SLOTS)})
        async with Fetcher(polite, dns_servers=[server(place)]) as fetcher:
            requests = [Request(url, kind="dns", **fields) for url in urls]
            return await asyncio.gather(*(fetcher.fetch(r, allowing()) for r in requests))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def one(folder: Path, names: NameServer | str, url: str, **fields: Any) -> Response:
    return ask(folder, names, url, **fields)[0]


def records(response: Response) -> Any:
    return json.loads(response.body)


def test_records_come_as_zone_files_write_them_always_in_one_order(
    names: NameServer, tmp_path: Path
) -> None:
    response = one(tmp_path, names, "dns:One.Example?type=mx")
    assert (response.status, response.url) == (200, "dns:one.example?type=MX")
    assert records(response) == ["10 first.one.example.", "20 second.one.example."]


def test_a_private_address_is_data(names: NameServer, tmp_path: Path) -> None:
    assert records(one(tmp_path, names, "dns:one.example?type=A")) == ["10.0.0.7"]


def test_no_records_is_an_answer(names: NameServer, tmp_path: Path) -> None:
    response = one(tmp_path, names, "dns:bare.example?type=MX")
    assert (response.status, records(response)) == (200, [])


def test_no_such_name_is_404_for_who_accepts_it(names: NameServer, tmp_path: Path) -> None:
    response = one(tmp_path, names, "dns:nobody.example?type=MX", accept=(404,))
    assert (response.status, records(response)) == (404, [])


def test_no_such_name_is_final_for_others(names: NameServer, tmp_path: Path) -> None:
    with pytest.raises(errors.NoSuchName, match=r"no name nobody\.example") as raised:
        one(tmp_path, names, "dns:nobody.example?type=MX")
    assert next_delay(1, raised.value) is None
    assert not raised.value.trouble


def test_a_long_answer_comes_over_tcp(names: NameServer, tmp_path: Path) -> None:
    names.odd["big.example"] = dns_server.truncated
    assert len(records(one(tmp_path, names, "dns:big.example?type=TXT"))) == 40
    assert [protocol for _, _, protocol in names.asked] == ["udp", "tcp"]


@pytest.mark.parametrize("behaviour", ["nothing", "servfail", "garbage"])
def test_a_name_whose_servers_are_broken_is_no_trouble_of_ours(
    names: NameServer, tmp_path: Path, behaviour: str
) -> None:
    names.odd["lame.example"] = getattr(dns_server, behaviour)
    response = one(tmp_path, names, "dns:lame.example?type=MX", accept=(404, 503))
    assert (response.status, records(response)) == (503, [])
    with pytest.raises(errors.LookupFailed) as raised:
        one(tmp_path, names, "dns:lame.example?type=MX", accept=(404,))
    assert next_delay(1, raised.value) is not None
    assert not raised.value.trouble


def test_noise_before_the_answer_is_passed_over(names: NameServer, tmp_path: Path) -> None:
    def noisy(query: Any) -> list[bytes]:
        return [*dns_server.garbage(query), names.answer(query).to_wire()]

    names.odd["one.example"] = noisy
    assert records(one(tmp_path, names, "dns:one.example?type=TXT")) == ['"v=spf1 -all"']


def test_silence_of_the_resolver_is_a_trouble_that_pauses_a_run(
    names: NameServer, tmp_path: Path
) -> None:
    names.silent = True
    with pytest.raises(errors.DnsFailed, match="no name server of ours answers") as raised:
        one(tmp_path, names, "dns:one.example?type=MX", accept=(404, 503))
    assert next_delay(1, raised.value) is not None
    assert raised.value.trouble == errors.WEBSITE_INACCESSIBLE


def test_nobody_there(names: NameServer, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(errors.DnsFailed, match="no name server of ours answers"):
            one(tmp_path, f"127.0.0.1:{held.getsockname()[1]}", "dns:one.example?type=MX")


def test_an_answer_is_remembered(names: NameServer, tmp_path: Path) -> None:
    async def main() -> None:
        async with Fetcher(Politeness(tmp_path), dns_servers=[server(names.place)]) as fetcher:
            for _ in range(3):
                await fetcher.fetch(Request("dns:one.example?type=MX", kind="dns"), allowing())

    asyncio.run(main())
    assert len(names.asked) == 1


def test_no_more_at_once_than_the_budget(names: NameServer, tmp_path: Path) -> None:
    counter, inside, most = threading.Lock(), 0, 0

    def slow(query: Any) -> list[bytes]:
        nonlocal inside, most
        with counter:
            inside += 1
            most = max(most, inside)
        time.sleep(0.01)
        with counter:
            inside -= 1
        return [names.answer(query).to_wire()]

    hosts = [f"n{number}.example" for number in range(20)]
    names.odd |= dict.fromkeys(hosts, slow)
    urls = [f"dns:{host}?type=MX" for host in hosts]
    assert {found.status for found in ask(tmp_path, names, *urls, accept=(404,))} == {404}
    assert most <= SLOTS


def test_names_in_other_scripts(names: NameServer, tmp_path: Path) -> None:
    assert records(one(tmp_path, names, "dns:Müller.example?type=MX")) == ["5 mx.example."]


@pytest.mark.parametrize(
    "url",
    [
        "dns:one.example",
        "dns:one.example?type=ANY",
        "dns:one.example?type=AXFR",
        "dns:one.example?type=MX&server=192.0.2.1",
        "dns://192.0.2.1/one.example?type=MX",
        "dns:one.example:5353?type=MX",
        "dns:?type=MX",
        "dns:.?type=A",
        "dns:one..example?type=A",
        "dns:-one.example?type=A",
        "dns:one example?type=A",
        "dns:one\\.example?type=A",
        "dns:one.example\n?type=A",
        f"dns:{'a' * 64}.example?type=A",
        f"dns:{'a.' * 130}example?type=A",
        "dns:ä­.éxample‮?type=A",
        "http://one.example/?type=MX",
    ],
)
def test_nothing_else_is_asked(names: NameServer, tmp_path: Path, url: str) -> None:
    with pytest.raises(errors.BadUrl):
        one(tmp_path, names, url)
    assert names.asked == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_servers_as_operators_write_them(text: str, meant: tuple[str, int]) -> None:
    assert server(text) == meant


@pytest.mark.parametrize("text", ["", "ns.example", "192.0.2.1:0", "192.0.2.1:x", "1.2.3.4:70000"])
def test_servers_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        server(text)
