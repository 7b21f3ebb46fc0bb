"""What the minutes' page shows of a meeting: seven queries, whatever the number of seats."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from django.db.models import OuterRef, Subquery

from frontend.views.poll_parts import Result, needed, result_of
from frontend.views.room_parts import summed
from meetings.access import Actor
from meetings.action_items.models import ActionItem
from meetings.action_items.selectors import action_items_of
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import running_order
from meetings.live.models import COUNTED, Attendance, Poll
from meetings.live.selectors import TwoKey, attendance_rows, polls_of
from meetings.minutes.models import Decision, Minutes, Note
from meetings.minutes.selectors import decisions_of, notes_of
from meetings.network.models import Membership, Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Response

OnItem = TypeVar("OnItem", Note, Decision, ActionItem, Poll)


@dataclass(frozen=True, slots=True)
class SeatRecord:
    """A municipality's part in the session: who came and when, or what it had answered."""

    municipality: Municipality
    intervals: list[Attendance]
    answer: str

    @property
    def person(self) -> str:
        return self.intervals[-1].person

    @property
    def office(self) -> str:
        office = self.intervals[-1].office
        return str(dict(Membership.Office.choices).get(office, office)) if office else ""


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    name: str
    total: int
    present: list[SeatRecord]
    regrets: list[SeatRecord]
    absent: list[SeatRecord]


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """What came of one item of the agenda."""

    item: AgendaItem
    notes: list[Note]
    decisions: list[Decision]
    results: list[Result]
    action_items: list[ActionItem]


class Record:
    """The parts of the minutes that stand in other tables, each read when it is first asked for."""

    def __init__(self, actor: Actor, minutes: Minutes) -> None:
        self.actor, self.meeting, self.network = actor, minutes.meeting, minutes.meeting.network

    @cached_property
    def items(self) -> list[ItemRecord]:
        """The running order, each item with what was written, decided, voted and promised on it."""
        notes = _by_item(notes_of(self.actor, self.meeting))
        decisions = _by_item(decisions_of(self.meeting))
        action_items = _by_item(self.action_items)
        closed = [poll for poll in polls_of(self.meeting, staff=False) if poll.state in COUNTED]
        polls = _by_item(closed)
        return [
            ItemRecord(
                item,
                notes[item.pk],
                decisions[item.pk],
                [result_of(poll, self.network, staff=self.actor.is_staff) for poll in polls[item.pk]],
                action_items[item.pk],
            )
            for item in running_order(self.meeting).prefetch_related(None)
        ]

    @cached_property
    def action_items(self) -> list[ActionItem]:
        return list(action_items_of(self.meeting.pk).prefetch_related(None))

    @property
    def other_action_items(self) -> list[ActionItem]:
        """Those that came from no item of the agenda."""
        return [row for row in self.action_items if row.agenda_item_id is None]

    @cached_property
    def seats(self) -> list[SeatRecord]:
        answers = Response.objects.filter(meeting=self.meeting, municipality=OuterRef("pk")).values("answer")[:1]
        rows = municipalities(self.network, self.meeting.local.date()).annotate(answer=Subquery(answers))
        came: dict[UUID, list[Attendance]] = defaultdict(list)
        for interval in attendance_rows(self.meeting):
            came[interval.municipality_id].append(interval)
        return [SeatRecord(row, came[row.pk], row.answer or "") for row in rows]

    @property
    def zones(self) -> list[ZoneRecord]:
        """By the zone's number: who came, who sent regrets, who did neither."""
        grouped: dict[tuple[int, str], list[SeatRecord]] = defaultdict(list)
        for seat in self.seats:
            grouped[seat.municipality.zone.number, seat.municipality.zone.name].append(seat)
        return [_zone(name, seats) for (_number, name), seats in sorted(grouped.items())]

    @property
    def came(self) -> TwoKey:
        """All who were there at any time."""
        return summed(TwoKey(1, seat.municipality.population) for seat in self.seats if seat.intervals)

    @property
    def all_seats(self) -> TwoKey:
        return summed(TwoKey(1, seat.municipality.population) for seat in self.seats)

    @property
    def quorum(self) -> TwoKey:
        return needed(self.all_seats, self.network)


def _zone(name: str, seats: list[SeatRecord]) -> ZoneRecord:
    present = [seat for seat in seats if seat.intervals]
    regrets = [seat for seat in seats if not seat.intervals and seat.answer == Response.Answer.REGRETS]
    absent = [seat for seat in seats if not seat.intervals and seat.answer != Response.Answer.REGRETS]
    return ZoneRecord(name, len(seats), present, regrets, absent)


def _by_item(rows: Iterable[OnItem]) -> dict[UUID, list[OnItem]]:
    grouped: dict[UUID, list[OnItem]] = defaultdict(list)
    for row in rows:
        if row.agenda_item_id:
            grouped[row.agenda_item_id].append(row)
    return grouped
