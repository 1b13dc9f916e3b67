"""As whom instances fetch: a seat per account at work, each with what it may still read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from squids.crawlers.interface import Request, Response


class Fetch(Protocol):
    """``sent`` is called once, just before the first byte of the page is asked for; until then the
    fetch may be cancelled and leaves no trace."""

    def __call__(self, request: Request, *, sent: Callable[[], None]) -> Awaitable[Response]: ...


@dataclass(slots=True)
class Quota:
    """Pages a seat may still read of these request labels; none: of all."""

    left: int
    labels: tuple[str, ...] = ()

    def counts(self, label: str) -> bool:
        return not self.labels or label in self.labels


@dataclass(slots=True, eq=False)
class Seat:
    """``fetch`` has a session of its own. A run without accounts has one seat, without a name and
    without an end. ``out``: the site turned the account away."""

    fetch: Fetch
    account: int | None = None
    name: str = ""
    quotas: Sequence[Quota] = ()
    out: bool = False

    def has_room(self, label: str) -> bool:
        return not self.out and all(q.left > 0 for q in self.quotas if q.counts(label))

    def reserve(self, label: str) -> None:
        for quota in self.quotas:
            quota.left -= quota.counts(label)


@dataclass(slots=True)
class Rota:
    """Spreads instances over seats. What is reserved stays so, also for a page that is never
    written: a rota lives as long as a slice, and the next one counts anew."""

    seats: Sequence[Seat]
    _last: dict[int, Seat] = field(default_factory=dict)
    _told: set[tuple[int | None, int | None]] = field(default_factory=set)

    def reserve(self, number: int, label: str) -> Seat | None:
        """A seat with room for a page, counted before it is asked for; None where none has any."""
        count = len(self.seats)
        for step in range(count):
            seat = self.seats[(number + step) % count]
            if seat.has_room(label):
                seat.reserve(label)
                return seat
        return None

    def changed(self, number: int, seat: Seat) -> bool:
        """Whether the instance goes on as somebody else, said once for many instances."""
        last, self._last[number] = self._last.get(number, seat), seat
        change = last.account, seat.account
        if last is seat or change in self._told:
            return False
        self._told.add(change)
        return True
