"""What holds between a series and its agendas whatever is done: one look at the tables, judged by plain functions."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from meetings.agenda.models import ON_THE_AGENDA, PUT_OFF, AgendaItem, Attachment, ItemState
from meetings.agenda.models import TRANSITIONS as OF_ITEMS
from meetings.events.models import Event, EventStream
from meetings.minutes.models import Minutes
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingSeries, MeetingState
from meetings.scheduling.models import TRANSITIONS as OF_MEETINGS
from meetings.scheduling.schedules import monday
from meetings.states import Machine

Row = Mapping[str, Any]

LIVE = (ItemState.DRAFT, ItemState.PROPOSED, ItemState.ACCEPTED)
FINAL = (ItemState.DECLINED, ItemState.WITHDRAWN, ItemState.DISCUSSED)
WENT_ON = (ItemState.DEFERRED, *PUT_OFF)
"""The states in which an item may have a successor."""
HELD = (*ANNOUNCED, MeetingState.IN_SESSION)
UNDONE = {
    *((state, ItemState.WITHDRAWN) for state in (*LIVE, *WENT_ON)),  # taken back with what had carried it there
    *((ItemState.WITHDRAWN, state) for state in LIVE),  # carried there again
    (ItemState.DEFERRED, ItemState.PROPOSED),  # its meeting is restored
    (ItemState.DEFERRED, ItemState.DRAFT),
    (ItemState.POSTPONED, ItemState.ACCEPTED),
    (ItemState.POSTPONED, ItemState.DEFERRED),  # its meeting is restored, and its successor has gone its own way
    (ItemState.MERGED, ItemState.WITHDRAWN),  # it goes on where it had been carried from
    (ItemState.MERGED, ItemState.DEFERRED),  # it was parted at a meeting that is cancelled
    (ItemState.DRAFT, ItemState.DEFERRED),  # a draft that was returned goes to another meeting
}
"""What undoing does to items, besides the transitions."""


@dataclass(frozen=True)
class Look:
    """Every row that a service of these slices writes, so that two looks are equal when nothing was changed."""

    meetings: Mapping[UUID, Row]
    items: Mapping[UUID, Row]
    series: tuple[Row, ...]
    streams: tuple[Row, ...]
    counts: tuple[object, ...]

    def items_of(self, meeting: UUID) -> list[Row]:
        return [row for row in self.items.values() if row["meeting_id"] == meeting]

    def successors(self) -> Mapping[UUID, list[Row]]:
        found = defaultdict(list)
        for row in self.items.values():
            if row["origin_id"] and not row["taken_back"]:
                found[row["origin_id"]].append(row)
        return found


def look() -> Look:
    """The same acts give rows in the same order, although ids are drawn anew."""
    meetings = {row["id"]: row for row in Meeting.objects.order_by("starts_at", "number", "id").values()}
    order = {pk: place for place, pk in enumerate(meetings)}
    items = sorted(AgendaItem.objects.values(), key=lambda row: (row["created_at"], row["title"], order[row["meeting_id"]]))
    return Look(
        meetings=meetings,
        items={row["id"]: row for row in items},
        series=tuple(MeetingSeries.objects.order_by("pk").values()),
        streams=tuple(EventStream.objects.order_by("pk").values()),
        counts=(
            Event.objects.count(),
            tuple(Minutes.objects.order_by("pk").values_list("pk", "version")),
            tuple(OutgoingEmail.objects.order_by("pk").values_list("pk", "state", "kind")),
            tuple(Attachment.objects.order_by("pk").values_list("pk", "agenda_item")),
            tuple(AgendaItem.co_proposers.through.objects.order_by("pk").values_list("agendaitem", "municipality")),
        ),
    )


def check(before: Look, now: Look) -> None:
    """Raises AssertionError for whatever does not hold."""
    _no_item_is_lost_or_in_two_places(now)
    _what_was_merged_is_where_it_was_merged_into(now)
    _one_approval_of_each_minutes(now)
    _orders_have_no_gaps(now)
    _answers_are_in_writing(now)
    _meetings_stay_themselves(before, now)
    _states_follow_the_tables(before, now)


def _no_item_is_lost_or_in_two_places(now: Look) -> None:
    successors = now.successors()
    for pk, row in now.items.items():
        later, meeting = successors[pk], now.meetings[row["meeting_id"]]
        assert len(later) <= 1, f"{_name(row)} goes on in several places"
        if row["taken_back"]:
            assert row["state"] in (ItemState.WITHDRAWN, ItemState.MERGED) and not later, f"{_name(row)} was taken back, and goes on"
        elif later:
            assert row["state"] in WENT_ON, f"{_name(row)} goes on here and there"
        else:
            assert _has_a_place(row, meeting), f"{_name(row)} is lost at a meeting that is {meeting['state']}"


def _has_a_place(row: Row, meeting: Row) -> bool:
    """Whether an item without a successor is live, ended, or waits in the backlog."""
    match row["state"]:
        case ItemState.PROPOSED:
            return meeting["state"] in ANNOUNCED
        case ItemState.ACCEPTED:
            return meeting["state"] in HELD
        case ItemState.NOT_REACHED:
            return bool(meeting["state"] == MeetingState.CLOSED)
        case ItemState.POSTPONED:
            return meeting["state"] in (MeetingState.IN_SESSION, MeetingState.CLOSED, MeetingState.CANCELLED)
        case _:
            return True  # ended, merged, deferred to the backlog, or a draft, which its author can take elsewhere


def _what_was_merged_is_where_it_was_merged_into(now: Look) -> None:
    for row in now.items.values():
        assert (row["state"] == ItemState.MERGED) == (row["merged_into_id"] is not None)
        if row["merged_into_id"]:
            into = now.items[row["merged_into_id"]]
            assert into["meeting_id"] == row["meeting_id"]
            assert into["state"] != ItemState.WITHDRAWN, f"{_name(row)} is lost with {_name(into)}"


def _one_approval_of_each_minutes(now: Look) -> None:
    roots = [row for row in now.items.values() if row["approves_minutes_of_id"] and not row["taken_back"] and not row["origin_id"]]
    assert all(count == 1 for count in Counter(row["approves_minutes_of_id"] for row in roots).values())


def _orders_have_no_gaps(now: Look) -> None:
    for pk, meeting in now.meetings.items():
        placed = [row for row in now.items_of(pk) if row["position"] is not None]
        assert sorted(row["position"] for row in placed) == list(range(1, len(placed) + 1)), f"{meeting['title']} {meeting['local_start']}"
        struck = () if meeting["agenda_published_at"] is None else tuple(row["id"] for row in placed if row["struck_at"])
        assert all(row["state"] in ON_THE_AGENDA or row["id"] in struck for row in placed)


def _answers_are_in_writing(now: Look) -> None:
    assert all(row["answer"] for row in now.items.values() if row["state"] == ItemState.DECLINED)
    deferred = [row for row in now.items.values() if row["state"] == ItemState.DEFERRED]
    assert all(row["answer"] or now.successors()[row["id"]] for row in deferred)  # a draft that its own author moves asks for no answer


def all_answered(now: Look, meeting: UUID) -> None:
    """What publishing asks for."""
    assert not [row for row in now.items_of(meeting) if row["state"] == ItemState.PROPOSED]


def _meetings_stay_themselves(before: Look, now: Look) -> None:
    assert set(before.meetings) <= set(now.meetings)
    assert set(before.items) <= set(now.items)
    weeks = [(row["series_id"], monday(row["nominal_date"])) for row in now.meetings.values() if row["nominal_date"]]
    assert len(weeks) == len(set(weeks)), "a week has two meetings"
    for pk, was in before.meetings.items():
        row = now.meetings[pk]
        assert (row["nominal_date"], row["number"], row["series_id"]) == (was["nominal_date"], was["number"], was["series_id"])
        times = ("starts_at", "duration_minutes", "local_start", "time_zone")
        cancelled = [one["state"] == MeetingState.CANCELLED for one in (was, row)]
        changed = cancelled[0] != cancelled[1] or any(row[name] != was[name] for name in times)
        assert row["calendar_sequence"] >= was["calendar_sequence"] + changed
        assert row["version"] >= was["version"] and row["running_order_version"] >= was["running_order_version"]


def _states_follow_the_tables(before: Look, now: Look) -> None:
    items, meetings = {*_steps(OF_ITEMS), *UNDONE}, set(_steps(OF_MEETINGS))
    for pk, was in before.items.items():
        step = was["state"], now.items[pk]["state"]
        assert step[0] == step[1] or step in items, f"{_name(was)}: {step}"
        assert was["state"] not in FINAL or step[0] == step[1] or was["taken_back"] or was["origin_id"] or was["approves_minutes_of_id"]
    for pk, was in before.meetings.items():
        step = was["state"], now.meetings[pk]["state"]
        restored = was["state"] == MeetingState.CANCELLED and step[1] == was["state_before"]
        assert step[0] == step[1] or restored or step in meetings, step


def _steps(machine: Machine) -> Iterator[tuple[str, str]]:
    for transition in machine.table.values():
        yield from ((source, transition.target) for source in transition.sources if transition.target)


def _name(row: Row) -> str:
    return f"“{row['title']}” ({row['state']}, {str(row['id'])[:8]})"
