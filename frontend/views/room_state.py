"""What the live room of one meeting shows to one person, each part read when it is first asked for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil, floor
from uuid import UUID

from django.db.models import OuterRef, Subquery

from meetings import clock
from meetings.access import Actor, Permission, can
from meetings.action_items.models import ActionItem
from meetings.action_items.selectors import action_items_of
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import running_order
from meetings.live.models import Attendance, Poll, PollState, RollEntry, SpeakerRequest, SpeakerState, Vote
from meetings.live.selectors import TwoKey, polls_of, reaches, speakers_of
from meetings.minutes.models import Decision
from meetings.minutes.selectors import decisions_of
from meetings.network.models import Municipality, Network
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting, MeetingState

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


class Room:
    """Seven queries at most, eight while a poll is open, whatever the number of seats."""

    def __init__(self, actor: Actor, meeting: Meeting) -> None:
        self.actor, self.meeting, self.network, self.now = actor, meeting, meeting.network, clock.now()
        self.is_open = meeting.state == MeetingState.IN_SESSION
        self.gathers = meeting.state in (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION)
        self.may_run = can(actor, Permission.RUN_SESSION)
        self.may_record = can(actor, Permission.RECORD)
        self.may_phone = can(actor, Permission.TAKE_PART_BY_PHONE)

    @cached_property
    def items(self) -> list[AgendaItem]:
        """The running order, once the agenda is published."""
        published = self.meeting.agenda_published_at is not None
        return list(running_order(self.meeting).prefetch_related(None)) if published else []

    @cached_property
    def current(self) -> AgendaItem | None:
        return next((item for item in self.items if item.pk == self.meeting.current_item_id), None)

    @cached_property
    def progress(self) -> Progress | None:
        since = self.meeting.current_item_since
        return Progress(self.current, since, max(self.now - since, NO_TIME)) if self.current and since else None

    @cached_property
    def to_come(self) -> list[AgendaItem]:
        """The items whose turn is still to come, in their order: after the current one, then those passed over."""
        place = (self.current.position or 0) if self.current else 0
        waiting = [item for item in self.items if item.state == ItemState.ACCEPTED and item != self.current]
        return sorted(waiting, key=lambda item: ((item.position or 0) < place, item.position or 0))

    @property
    def following(self) -> AgendaItem | None:
        return self.to_come[0] if self.to_come else None

    @cached_property
    def lines(self) -> list[Line]:
        expected = self._expected()
        return [Line(item, item == self.current, expected.get(item.pk)) for item in self.items]

    def _expected(self) -> dict[UUID, datetime]:
        at = self.now + (self.progress.left if self.progress else NO_TIME)
        if not self.is_open:
            at = self.meeting.starts_at
        found = {}
        for item in self.to_come:
            found[item.pk] = at
            at += timedelta(minutes=item.duration_minutes)
        return found

    @cached_property
    def seats(self) -> list[Seat]:
        """All seats valid on the day, by name, with who is there."""
        there = Attendance.objects.filter(meeting=self.meeting, municipality=OuterRef("pk"), left_at__isnull=True)
        rows = municipalities(self.network, self.meeting.local.date()).annotate(person=Subquery(there.values("person")[:1]))
        return [Seat(row, row.person) for row in rows]

    @cached_property
    def all_seats(self) -> TwoKey:
        return summed(TwoKey(1, seat.municipality.population) for seat in self.seats)

    @cached_property
    def present(self) -> TwoKey:
        return summed(TwoKey(1, seat.municipality.population) for seat in self.seats if seat.is_present)

    @property
    def has_quorum(self) -> bool:
        return reaches(self.present, self.all_seats, self.network)

    @property
    def quorum(self) -> TwoKey:
        return needed(self.all_seats, self.network)

    @property
    def zones(self) -> list[ZonePresence]:
        """By the zone's number."""
        grouped: dict[tuple[int, str], list[Seat]] = defaultdict(list)
        for seat in self.seats:
            grouped[seat.municipality.zone.number, seat.municipality.zone.name].append(seat)
        return [ZonePresence(name, len(seats), [s for s in seats if s.is_present]) for (_number, name), seats in sorted(grouped.items())]

    @cached_property
    def mine(self) -> list[Mine]:
        """The seats that the reader represents."""
        own = [seat for seat in self.seats if seat.municipality.pk in self.actor.seats]
        return [Mine(seat, [row for row in self.waiting if row.municipality_id == seat.municipality.pk]) for seat in own]

    @cached_property
    def speakers(self) -> list[SpeakerRequest]:
        return speakers_of(self.meeting)

    @property
    def speaking(self) -> SpeakerRequest | None:
        return next((row for row in self.speakers if row.state == SpeakerState.SPEAKING), None)

    @property
    def waiting(self) -> list[SpeakerRequest]:
        return [row for row in self.speakers if row.state == SpeakerState.WAITING]

    @property
    def spoken(self) -> list[SpeakerRequest]:
        """Who has spoken on the current item."""
        current = self.meeting.current_item_id
        return [row for row in self.speakers if row.state == SpeakerState.SPOKEN and row.agenda_item_id == current]

    @cached_property
    def polls(self) -> list[Poll]:
        return list(polls_of(self.meeting, staff=self.actor.is_staff))

    @property
    def drafts(self) -> list[Poll]:
        return [poll for poll in self.polls if poll.state == PollState.DRAFT]

    @cached_property
    def open_poll(self) -> Result | None:
        poll = next((poll for poll in self.polls if poll.state == PollState.OPEN), None)
        return self._counted(poll) if poll else None

    @cached_property
    def _roll(self) -> list[RollEntry]:
        """The roll of the open poll, each entry with the choice voted."""
        cast = Vote.objects.filter(poll=OuterRef("poll"), municipality=OuterRef("municipality")).values("choice")[:1]
        return list(
            RollEntry.objects.filter(poll__state=PollState.OPEN, poll__agenda_item__meeting=self.meeting).annotate(choice=Subquery(cast))
        )

    def _counted(self, poll: Poll) -> Result:
        """An open poll as it stands now."""
        votes = {choice["id"]: TwoKey(0, 0) for choice in poll.choices}
        for entry in self._roll:
            if entry.choice in votes:  # type: ignore[attr-defined]
                votes[entry.choice] = summed([votes[entry.choice], TwoKey(1, entry.population)])  # type: ignore[attr-defined]
        counts = [Count(choice["label"], votes[choice["id"]]) for choice in poll.choices]
        return Result(poll, counts, summed(votes.values()), self._needed(poll))

    @property
    def closed_polls(self) -> list[Result]:
        """The latest first."""
        return [result_of(poll, self.network) for poll in reversed(self.polls) if poll.state == PollState.CLOSED]

    def _needed(self, poll: Poll) -> TwoKey:
        return needed(TwoKey(poll.seats_municipalities, poll.seats_population), self.network)

    @property
    def ballots(self) -> list[Ballot]:
        """The reader's seats on the roll of the open poll."""
        if not self.open_poll:
            return []
        labels = {choice["id"]: choice["label"] for choice in self.open_poll.poll.choices}
        choices: dict[UUID, str] = {entry.municipality_id: entry.choice or "" for entry in self._roll}  # type: ignore[attr-defined]
        own = [mine.seat.municipality for mine in self.mine]
        return [Ballot(row, choices[row.pk], labels.get(choices[row.pk], "")) for row in own if row.pk in choices]

    @cached_property
    def decisions(self) -> list[Decision]:
        return list(decisions_of(self.meeting))

    @cached_property
    def action_items(self) -> list[ActionItem]:
        return list(action_items_of(self.meeting.pk).prefetch_related(None))


def result_of(poll: Poll, network: Network) -> Result:
    """A closed poll as it was counted."""
    labels = {choice["id"]: choice["label"] for choice in poll.choices}
    counts = [Count(labels.get(row["choice"], row["choice"]), TwoKey(row["municipalities"], row["population"])) for row in poll.tally]
    seats = TwoKey(poll.seats_municipalities, poll.seats_population)
    return Result(poll, counts, summed(count.votes for count in counts), needed(seats, network))
