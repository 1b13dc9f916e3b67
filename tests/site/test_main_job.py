"""The main job as a newcomer meets it: the printed link, Launch, Done, the CSV of every item."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from curl_cffi import requests
from selectolax.lexbor import LexborHTMLParser, LexborNode

from lobstr_site.demo.catalogue import items
from tests.site.running import running, until


class Person:
    """Somebody with a browser that shows no pictures and runs no scripts."""

    def __init__(self, link: str) -> None:
        self.session: requests.Session[requests.Response] = requests.Session()
        self.base = link.partition("/signin/")[0]
        self.read(link.removeprefix(self.base))

    def read(self, path: str) -> LexborHTMLParser:
        self.path, self.page = path, LexborHTMLParser(self.text(path))
        return self.page

    def text(self, path: str) -> str:
        answer = self.session.get(self.base + path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return str(answer.text)

    def link(self, start: str, text: str = "") -> str | None:
        """Where the first link to an address that starts so, and says exactly this, leads."""
        for node in self.page.css(f'a[href^="{start}"]'):
            if not text or node.text(strip=True) == text:
                return node.attributes["href"]
        return None

    def press(self, form: LexborNode) -> None:
        """Send a form as it stands."""
        sent = [node.attributes for node in form.css("input[name]")]
        fields = {str(field["name"]): field["value"] or "" for field in sent}
        url = f"{self.base}{form.attributes['action']}"
        answer = self.session.post(url, data=fields, headers={"Referer": self.base + self.path})
        assert answer.status_code == 200


def test_launch_to_csv_on_a_fresh_site(tmp_path: Path) -> None:
    with running(tmp_path / "data", fresh=True) as site:
        person = Person(site.link)
        squid = person.link("/squids/", "Demo shop")
        assert squid
        person.read(squid)
        person.press(person.page.css('form[action$="/launch"]')[0])
        # Launch is hidden while a run is unfinished.
        until(lambda: person.read(squid).css_matches('form[action$="/launch"]'), "the run's end")
        download = person.page.css('a[href$=".csv"]')[0].attributes["href"]
        table = person.text(str(download)).removeprefix("\ufeff")
    columns = ("sku", "title", "brand", "price", "rating", "availability")
    expected = [tuple(str(item[column]) for column in columns) for item in items()]
    rows = [
        tuple(str(float(row[c])) if c == "price" else row[c] for c in columns)
        for row in csv.DictReader(io.StringIO(table))
    ]
    assert sorted(rows) == sorted(expected)
