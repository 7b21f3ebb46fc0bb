"""A series and its agendas, whatever is done to them in whatever order: `holding.check` says what holds after each step.

A refusal is a legal answer, and changes nothing; anything else that is raised is a failure. `MACHINE_EXAMPLES` asks for a long run.
"""

import os
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from meetings import clock
from meetings.access import Actor
from meetings.agenda import attachments, services
from meetings.agenda.models import TRANSITIONS, AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import backlog
from meetings.agenda.series import change_series
from meetings.errors import DomainError
from meetings.events.selectors import verify_all
from meetings.live import services as live
from meetings.scheduling import calendar, intake, schedules, series_changes
from meetings.scheduling.models import TRANSITIONS as OF_MEETINGS
from meetings.scheduling.models import Meeting, MeetingSeries
from meetings.worker import materialise_due
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, SERIES, Side
from tests.remembered import remembered
from tests.scenarios import holding

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "10"))
STEPS = 30
PLACES = st.integers(0, 30)
UNSUITED = 28
"""From this number on, an act may fall on what it does not suit."""
DAYS = st.dates(date(2026, 11, 21), date(2027, 1, 31))
HOURS = st.sampled_from([time(9), time(10), time(15, 30)])
ACTS: dict[str, dict[str, Any]] = {
    "submit": {},
    "accept": {},
    "withdraw": {},
    "return": {"reason": "Please say what it costs."},
    "decline": {"answer": "It is no matter of ours."},
}
WORKER = (materialise_due, intake.open_intakes, intake.close_intakes, intake.tell_of_intakes)


def some_item(action: str) -> Callable[[Any], Any]:
    """The rule is for when there is an item that the action suits."""
    return precondition(lambda weeks: bool(weeks.suited_items(action)))


def some_meeting(*actions: str) -> Callable[[Any], Any]:
    return precondition(lambda weeks: bool(weeks.suited_meetings(*actions)))


@pytest.fixture
def small(db: None, now: None) -> Side:
    return remembered("small", lambda: factories.make_side("home", seats=3, series={**SERIES, "intake_opens_hours": 700}))


class Weeks(RuleBasedStateMachine):
    """Every rule tries one act of one person at an instant; which item or meeting it falls on is drawn among those it may suit."""

    side: ClassVar[Side]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = NOW
        self.office, self.chair = self.side.actor(COORDINATOR), self.side.actor(CHAIR)
        self.before = self.seen = holding.look()

    @initialize()
    def begin(self) -> None:
        with clock.at(self.now):
            for n, meeting in enumerate(self.side.meetings[:3]):
                factories.accepted(self.side, f"Bus line {n}", seat=n, meeting=meeting, kind="consent" if n else "decision")
                factories.proposal(self.side, f"School {n}", seat=None, meeting=meeting)
        self.before = self.seen = holding.look()

    # What the rules are made of

    def tried(self, act: Callable[[], object], after: Callable[[], None] = lambda: None) -> None:
        """Does it; what is refused changes nothing, and what is done keeps every promise."""
        self.now += timedelta(minutes=1)
        self.before = self.seen
        try:
            with clock.at(self.now):
                act()
        except DomainError:
            self.seen = holding.look()
            assert self.seen == self.before, "a refusal has changed something"
        else:
            self.seen = holding.look()
            holding.check(self.before, self.seen)
            after()

    def suited_items(self, action: str) -> list[UUID]:
        return [pk for pk, row in self.seen.items.items() if action in TRANSITIONS.possible(row["state"])]

    def item(self, n: int, action: str) -> AgendaItem:
        """The n-th of those that the action suits; any when it suits none, or the number is high."""
        suited = self.suited_items(action)
        pks = suited if suited and n < UNSUITED else list(self.seen.items)
        return AgendaItem.objects.select_related("meeting__network", "proposer").get(pk=pks[n % len(pks)])

    def near(self) -> list[UUID]:
        """Of the meetings the first six matter, those of the last weeks included."""
        return [pk for pk, row in self.seen.meetings.items() if row["starts_at"] > self.now - timedelta(days=21)][:6]

    def suited_meetings(self, *actions: str) -> list[UUID]:
        return [pk for pk in self.near() if OF_MEETINGS.possible(self.seen.meetings[pk]["state"]) & set(actions)]

    def meeting(self, n: int, *actions: str) -> Meeting:
        """The n-th of those that one of the actions suits; any as for items."""
        suited = self.suited_meetings(*actions)
        pks = suited if suited and n < UNSUITED else self.near() or list(self.seen.meetings)
        return factories.fresh(Meeting(pk=pks[n % len(pks)]))

    def proposer(self, item: AgendaItem, own: bool) -> Actor:
        """The seat itself, or the office."""
        return self.seat(self.side.seats.index(item.proposer)) if own and item.proposer else self.office

    def seat(self, n: int) -> Actor:
        return self.side.actor(self.side.representatives[n])

    # Time

    @rule(hours=st.sampled_from([1, 20, 48, 60, 168]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def work(self) -> None:
        def again() -> None:
            with clock.at(self.now):
                assert not any(step() for step in WORKER), "doing it again does it twice"

        self.tried(lambda: [step() for step in WORKER], again)

    # Items until the session

    @rule(
        n=PLACES,
        seat=st.sampled_from([0, 1, 2, None]),
        kind=st.sampled_from(["consent", "decision"]),
        steps=st.integers(0, 2),
        published=st.booleans(),
    )
    def propose(self, n: int, seat: int | None, kind: str, steps: int, published: bool) -> None:
        """A draft, also handed in, also accepted: by an addendum when the agenda is published."""
        meeting, known = self.meeting(n, "open" if published else "publish_agenda"), set(self.seen.items)
        self.tried(lambda: factories.draft(self.side, f"Item {len(known)}", seat=seat, meeting=meeting, kind=kind))
        for pk in set(self.seen.items) - known:
            item = AgendaItem.objects.select_related("meeting__network", "proposer").get(pk=pk)
            if steps:
                self.tried(lambda: services.submit(actor=self.proposer(item, own=True), item=item, motive="It cannot wait"))  # noqa: B023
            if steps > 1:
                self.tried(lambda: services.accept(actor=self.office, item=item))  # noqa: B023

    @some_item("edit")
    @rule(n=PLACES, kind=st.sampled_from(["consent", "discussion"]), own=st.booleans())
    def edit(self, n: int, kind: str, own: bool) -> None:
        item = self.item(n, "edit")
        self.tried(lambda: services.edit(actor=self.proposer(item, own), item=item, values={"text": "Edited", "kind": kind}))

    @rule(n=PLACES, action=st.sampled_from(list(ACTS)), own=st.booleans(), motive=st.sampled_from(["", "It cannot wait"]))
    def decide(self, n: int, action: str, own: bool, motive: str) -> None:
        item = self.item(n, action)
        more = {"motive": motive} if action == "submit" else ACTS[action]
        actor = self.proposer(item, own and action in ("submit", "withdraw"))
        act = services.return_ if action == "return" else getattr(services, action)
        self.tried(lambda: act(actor=actor, item=item, **more))

    @some_item("defer")
    @rule(n=PLACES, to=st.none() | PLACES)
    def defer(self, n: int, to: int | None) -> None:
        item, meeting = self.item(n, "defer"), None if to is None else self.meeting(to, "publish_agenda")
        self.tried(lambda: services.defer(actor=self.office, item=item, to=meeting, answer="Later."))

    @precondition(lambda self: backlog(self.office).exists())
    @rule(n=PLACES, to=PLACES)
    def take_up(self, n: int, to: int) -> None:
        waiting = list(backlog(self.office))
        item, meeting = waiting[n % len(waiting)], self.meeting(to, "publish_agenda")
        self.tried(lambda: services.defer(actor=self.office, item=item, to=meeting))

    @some_item("move")
    @rule(n=PLACES, to=st.none() | PLACES, own=st.booleans())
    def move_draft(self, n: int, to: int | None, own: bool) -> None:
        item, meeting = self.item(n, "move"), None if to is None else self.meeting(to, "publish_agenda")
        self.tried(lambda: services.move(actor=self.proposer(item, own), item=item, to=meeting))

    @some_item("merge")
    @rule(n=PLACES, into=PLACES)
    def merge(self, n: int, into: int) -> None:
        item = self.item(n, "merge")
        mergeable = (ItemState.PROPOSED, ItemState.ACCEPTED)
        others = [row for row in self.seen.items_of(item.meeting_id) if row["state"] in mergeable and (row["id"] != item.pk or into == 30)]
        target = AgendaItem.objects.get(pk=others[into % len(others)]["id"]) if others else self.item(into, "merge")
        self.tried(lambda: services.merge(actor=self.office, item=item, into=target))

    @some_item("separate")
    @rule(n=PLACES)
    def separate(self, n: int) -> None:
        item = self.item(n, "separate")
        self.tried(lambda: services.separate(actor=self.office, item=item))

    @some_meeting("publish_agenda")
    @rule(n=PLACES, first=st.integers(0, 5), backwards=st.booleans())
    def order(self, n: int, first: int, backwards: bool) -> None:
        meeting = self.meeting(n, "publish_agenda")
        rows = [row.pk for row in factories.items(meeting)]
        wanted = [*rows[first:], *rows[:first]][:: -1 if backwards else 1]
        self.tried(lambda: services.order(actor=self.office, meeting=meeting, item_ids=wanted))

    @some_item("discuss_instead")
    @rule(n=PLACES, seat=st.sampled_from([0, 1]))
    def discuss_instead(self, n: int, seat: int) -> None:
        item = self.item(n, "discuss_instead")
        self.tried(lambda: services.discuss_instead(actor=self.seat(seat), item=item))

    @rule(n=PLACES)
    def attach(self, n: int) -> None:
        item = self.item(n, "edit")
        self.tried(lambda: attachments.attach(actor=self.office, item=item, name="plan.pdf", file=ContentFile(b"%PDF-1.7 a plan")))

    @precondition(lambda self: Attachment.objects.exists())
    @rule(n=PLACES)
    def remove_file(self, n: int) -> None:
        files = list(Attachment.objects.select_related("agenda_item__meeting").order_by("created_at", "agenda_item__title"))
        self.tried(lambda: attachments.remove(actor=self.office, attachment=files[n % len(files)]))

    @some_meeting("publish_agenda")
    @rule(n=PLACES, first=st.sampled_from(["accept", "decline", "nothing"]))
    def publish(self, n: int, first: str) -> None:
        self.publish_it(self.meeting(n, "publish_agenda"), first)

    def publish_it(self, meeting: Meeting, first: str) -> None:
        """Publishes, having answered in one way what still waits."""
        for row in self.seen.items_of(meeting.pk) if first != "nothing" else ():
            if row["state"] == ItemState.PROPOSED:
                item = AgendaItem.objects.select_related("meeting").get(pk=row["id"])
                self.tried(lambda: getattr(services, first)(actor=self.office, item=item, **ACTS[first]))  # noqa: B023
        self.tried(lambda: services.publish(actor=self.office, meeting=meeting), lambda: holding.all_answered(self.seen, meeting.pk))

    # The calendar

    @some_meeting("move")
    @rule(n=PLACES, days=st.integers(-3, 12), start=HOURS)
    def move_meeting(self, n: int, days: int, start: time) -> None:
        meeting = self.meeting(n, "move")
        day = datetime.fromisoformat(meeting.local_start).date() + timedelta(days=days)
        values = {"local_start": schedules.wall(day, start)}
        self.tried(lambda: calendar.move(actor=self.office, meeting=meeting, values=values))

    @some_meeting("cancel")
    @rule(n=PLACES)
    def cancel(self, n: int) -> None:
        meeting = self.meeting(n, "cancel")
        self.tried(lambda: services.cancel_meeting(actor=self.office, meeting=meeting, reason="Snow"))

    @some_meeting("restore")
    @rule(n=PLACES)
    def restore(self, n: int) -> None:
        meeting = self.meeting(n, "restore")
        self.tried(lambda: services.restore_meeting(actor=self.office, meeting=meeting))

    @rule(day=DAYS, start=HOURS, in_series=st.booleans())
    def extra_meeting(self, day: date, start: time, in_series: bool) -> None:
        values = {"local_start": schedules.wall(day, start), "title": "Extra"}
        series = self.side.series if in_series else None
        self.tried(lambda: calendar.extra(actor=self.office, network=self.side.network, series=series, values=values))

    def changed(self, ask: Callable[[MeetingSeries], series_changes.Asked]) -> None:
        self.tried(lambda: change_series(actor=self.office, series=self.side.series, ask=ask, reason="So it is"))

    @rule(n=PLACES, day=st.none() | DAYS)
    def skip(self, n: int, day: date | None) -> None:
        chosen = day or datetime.fromisoformat(self.meeting(n, "cancel").local_start).date()
        self.changed(lambda row: series_changes.asked_skip(actor=self.office, series=row, day=chosen))

    @rule(spans=st.lists(st.tuples(DAYS, st.integers(0, 10)), max_size=2), policy=st.sampled_from(["skip", "shift"]))
    def breaks(self, spans: list[tuple[date, int]], policy: str) -> None:
        rows = [{"from": day.isoformat(), "until": (day + timedelta(days=more)).isoformat()} for day, more in spans]
        self.changed(lambda row: series_changes.asked_breaks(actor=self.office, series=row, breaks=rows, holiday_policy=policy))

    @rule(ends_on=DAYS)
    def extend_or_shorten(self, ends_on: date) -> None:
        self.changed(lambda row: series_changes.asked_end(actor=self.office, series=row, ends_on=ends_on))

    @rule(
        since=DAYS,
        changes=st.fixed_dictionaries(
            {},
            optional={
                "weekday": st.integers(0, 6),
                "local_start": HOURS,
                "interval_weeks": st.integers(1, 2),
                "time_zone": st.sampled_from(["Europe/Rome", "Europe/London"]),
                "duration_minutes": st.sampled_from([60, 120]),
            },
        ),
    )
    def change_from(self, since: date, changes: dict[str, Any]) -> None:
        self.changed(lambda row: series_changes.asked_change(actor=self.office, series=row, since=since, changes=changes))

    # The session

    @some_meeting("open")
    @rule(n=PLACES)
    def open(self, n: int) -> None:
        self.open_it(self.meeting(n, "open"))

    def open_it(self, meeting: Meeting) -> None:
        self.tried(lambda: live.open_session(actor=self.chair, meeting=meeting), lambda: holding.all_answered(self.seen, meeting.pk))

    @some_meeting("move_on")
    @rule(n=PLACES, place=st.none() | st.integers(0, 9), postpone=st.booleans())
    def go_on(self, n: int, place: int | None, postpone: bool) -> None:
        self.go_on_in(self.meeting(n, "move_on"), place, postpone)

    def go_on_in(self, meeting: Meeting, place: int | None, postpone: bool) -> None:
        rows = factories.items(meeting)
        item = None if place is None or not rows else rows[place % len(rows)]
        if postpone and item:
            self.tried(lambda: live.postpone(actor=self.chair, meeting=meeting, item=item))
        else:
            self.tried(lambda: live.move_on(actor=self.chair, meeting=meeting, item=item))

    @some_meeting("close")
    @rule(n=PLACES)
    def close(self, n: int) -> None:
        self.close_it(self.meeting(n, "close"))

    def close_it(self, meeting: Meeting) -> None:
        self.tried(lambda: live.close_session(actor=self.chair, meeting=meeting), lambda: self.carried(meeting.pk))

    @some_meeting("publish_agenda", "open")
    @rule(
        n=PLACES,
        places=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=2),
        mistake=st.sampled_from(["none", "seen at once", "seen later"]),
    )
    def hold(self, n: int, places: list[tuple[int, bool]], mistake: str) -> None:
        """A whole session at once: else the states that it leaves behind would be rare."""
        meeting = self.meeting(n % 3, "publish_agenda", "open")
        self.publish_it(meeting, "accept")
        self.open_it(meeting)
        for place, postpone in places:
            self.go_on_in(meeting, place, postpone)
        self.close_it(meeting)
        if mistake == "seen later":
            self.publish_it(self.meeting(0, "publish_agenda"), "accept")
        if mistake != "none":
            self.tried(lambda: live.reopen(actor=self.chair, meeting=meeting))
            self.close_it(meeting)

    def carried(self, meeting: UUID) -> None:
        """What the session left goes on once, or waits in the backlog when no meeting follows."""
        left = [row["id"] for row in self.seen.items_of(meeting) if row["state"] in (ItemState.NOT_REACHED, ItemState.POSTPONED)]
        goes_on = [pk for pk in left if self.seen.successors()[pk]]
        assert goes_on == left or not goes_on

    @some_meeting("reopen")
    @rule(n=PLACES)
    def reopen(self, n: int) -> None:
        meeting = self.meeting(n, "reopen")
        self.tried(lambda: live.reopen(actor=self.chair, meeting=meeting))

    def teardown(self) -> None:
        try:
            if not connection.needs_rollback:
                assert not list(verify_all())
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.timeout(max(120, EXAMPLES * 20))
def test_whatever_is_done_to_a_series_and_its_agendas(small: Side) -> None:
    machine = type("Weeks", (Weeks,), {"side": small})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="MACHINE_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
