"""The parts of the live room and of the minutes, ready to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from meetings.agenda.models import AgendaItem
from meetings.live.models import Poll, SpeakerRequest
from meetings.live.selectors import TwoKey
from meetings.network.models import Municipality, Network

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Seat:
    """A municipality and who is there for it (None: nobody)."""

    municipality: Municipality
    person: str | None

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
    """How long an item has been under discussion, by the server's clock."""

    item: AgendaItem
    since: datetime
    used: timedelta

    @property
    def until(self) -> datetime:
        return self.since + timedelta(minutes=self.item.duration_minutes)

    @property
    def left(self) -> timedelta:
        return max(timedelta(minutes=self.item.duration_minutes) - self.used, NO_TIME)

    @property
    def used_minutes(self) -> int:
        """In whole minutes, as far as the box goes."""
        return min(int(self.used.total_seconds() // 60), self.item.duration_minutes)

    @property
    def over(self) -> timedelta:
        return max(self.used - timedelta(minutes=self.item.duration_minutes), NO_TIME)


@dataclass(frozen=True, slots=True)
class Count:
    """One choice of a poll and its votes in both keys."""

    label: str
    votes: TwoKey


@dataclass(frozen=True, slots=True)
class Result:
    """A poll as far as it is counted. `cast`: all votes; `needed`: what carries the motion."""

    poll: Poll
    counts: list[Count]
    cast: TwoKey
    needed: TwoKey


@dataclass(frozen=True, slots=True)
class Ballot:
    """A seat of the reader's on the roll of the open poll, and what it has voted so far (empty: nothing)."""

    municipality: Municipality
    choice: str
    label: str


@dataclass(frozen=True, slots=True)
class Mine:
    """A seat that the reader represents, in the session."""

    seat: Seat
    waiting: list[SpeakerRequest]


def needed(seats: TwoKey, network: Network) -> TwoKey:
    """The least counts that reach the network's thresholds: at least the one share, more than the other."""
    enough, more_than = network.thresholds
    return TwoKey(ceil(enough * seats.municipalities), floor(more_than * seats.population) + 1)


def summed(counts: Iterable[TwoKey]) -> TwoKey:
    rows = list(counts)
    return TwoKey(sum(row.municipalities for row in rows), sum(row.population for row in rows))


def result_of(poll: Poll, network: Network) -> Result:
    """A closed poll as it was counted."""
    labels = {choice["id"]: choice["label"] for choice in poll.choices}
    counts = [Count(labels.get(row["choice"], row["choice"]), TwoKey(row["municipalities"], row["population"])) for row in poll.tally]
    seats = TwoKey(poll.seats_municipalities, poll.seats_population)
    return Result(poll, counts, summed(count.votes for count in counts), needed(seats, network))
