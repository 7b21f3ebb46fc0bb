"""The parts of the live room and of the minutes, ready to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from meetings.agenda.models import AgendaItem
from meetings.live.models import SpeakerRequest
from meetings.live.selectors import TwoKey
from meetings.network.models import Municipality

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Seat:
    """A municipality and who is there for it (None: nobody); `user` when they came in over the web."""

    municipality: Municipality
    person: str | None
    user: UUID | None = None

    @property
    def is_present(self) -> bool:
        return self.person is not None


@dataclass(frozen=True, slots=True)
class ZonePresence:
    name: str
    total: int
    present: list[Seat]


@dataclass(frozen=True, slots=True)
class Line:
    """An item in the running order. `expected_at`: when its turn comes if each keeps to its minutes; None: it had it."""

    item: AgendaItem
    is_current: bool
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How long an item has been under discussion, by the server's clock. `extra`: what the chair has added, in minutes."""

    item: AgendaItem
    since: datetime
    used: timedelta
    extra: int

    @property
    def box(self) -> int:
        """In minutes."""
        return self.item.duration_minutes + self.extra

    @property
    def until(self) -> datetime:
        return self.since + timedelta(minutes=self.box)

    @property
    def left(self) -> timedelta:
        return max(timedelta(minutes=self.box) - self.used, NO_TIME)

    @property
    def used_minutes(self) -> int:
        """In whole minutes, as far as the box goes."""
        return min(int(self.used.total_seconds() // 60), self.box)

    @property
    def over(self) -> timedelta:
        return max(self.used - timedelta(minutes=self.box), NO_TIME)


@dataclass(frozen=True, slots=True)
class Mine:
    """A seat that the reader represents, in the session. `by_another`: somebody else of the seat is in, and the reader's right rests."""

    seat: Seat
    waiting: list[SpeakerRequest]
    by_another: bool = False
    may_take_over: bool = False


def summed(counts: Iterable[TwoKey]) -> TwoKey:
    rows = list(counts)
    return TwoKey(sum(row.municipalities for row in rows), sum(row.population for row in rows))
