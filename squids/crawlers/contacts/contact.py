"""A contact as a page tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from squids.crawlers.interface import Row

EMAIL, PHONE, PROFILE = "email", "phone", "profile"
LINK, TEXT, DATA = "link", "text", "data"
LONGEST_WRITTEN = 300
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Contact:
    """``value`` is its one form: the address in lower case, E.164, the profile's own address.
    ``network`` is that of a profile, ``label`` what stands beside it, ``found_in`` one of LINK,
    TEXT and DATA."""

    kind: str
    value: str
    written: str
    found_in: str
    label: str | None = None
    network: str | None = None

    def row(self, site: str, source: str) -> Row:
        return {
            "site": site,
            "kind": self.kind,
            "value": self.value,
            "network": self.network,
            "label": self.label[:LONGEST_LABEL] if self.label else None,
            "written": self.written[:LONGEST_WRITTEN],
            "found_in": self.found_in,
            "source": source,
        }
