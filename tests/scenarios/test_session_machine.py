"""The session, whatever is done in it in whatever order: people come, go, lapse and come back, the chair moves on, the floor is asked
for and given, votes of every kind are held, questions asked, and it is closed and taken up again.

After every act both audiences' state before, with the events since, is their state fetched afresh, and `check` holds. A refusal is a legal
answer and changes nothing. `MACHINE_EXAMPLES` asks for a long run.
"""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from meetings import clock
from meetings.errors import DomainError
from meetings.events.hashing import canonical
from meetings.events.models import Audience, Event
from meetings.events.selectors import verify_all
from meetings.live import floor, polls, presence, questions, selectors, services, speakers
from meetings.live.models import Attendance, Ballot, Mark, Poll, PollState, Question, SpeakerRequest, SpeakerState, Support, Vote
from meetings.live.poll_selectors import miscounted
from meetings.live.taking_part import require_not_suspended
from meetings.network.models import User
from meetings.network.selectors import actor_for
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side
from tests.remembered import remembered

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "5"))
STEPS = 30
SEATS = 4
SEAT = st.integers(0, SEATS - 1)
PLACE = st.integers(0, 9)
NOBODY_WAITS = {SpeakerState.SPOKEN, SpeakerState.WITHDRAWN}
OVER = (PollState.CLOSED, PollState.PUBLISHED)
FROZEN = ("question", "choices", "secrecy", "roll_checksum", "tally", "turnout", "outcome", "closed_at")


def few_seats() -> Side:
    """The first seat has a substitute besides its titular."""
    side = factories.make_side("home", seats=SEATS)
    factories.add_member(side.network, "Sara Substitute", "representative", municipality=side.seats[0], order=2)
    factories.agenda_published(side)
    return side


@pytest.fixture
def few(db: None, now: None) -> Side:
    return remembered("few seats", few_seats)


class Session(RuleBasedStateMachine):
    """Every rule tries one act of one person, some time after the one before."""

    side: ClassVar[Side]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = self.side.meeting.starts_at
        self.chair, self.office = self.side.actor(CHAIR), self.side.actor(COORDINATOR)
        substitute = User.objects.get(name="Sara Substitute")
        self.people = [*(self.side.actor(user) for user in self.side.representatives), actor_for(substitute, self.side.network)]
        self.audiences = (self.people[0], self.chair)
        self.items = len(factories.items(self.meeting))
        self.counted: dict[Any, tuple[Any, ...]] = {}
        self.states, self.last = self.look(), self.sequence()

    @property
    def meeting(self) -> Meeting:
        return factories.fresh(self.side.meeting)

    def sequence(self) -> int:
        return int(self.meeting.stream.last_sequence)

    def look(self) -> list[dict[str, dict[str, Any]]]:
        """The room as members and as the staff see it, by collection and id."""
        found = []
        for actor in self.audiences:
            plain = json.loads(canonical(selectors.state(actor, self.meeting)))
            found.append({name: {row["id"]: row for row in rows} for name, rows in plain.items() if rows})
        return found

    def tried(self, act: Callable[[], object], seconds: int = 20) -> None:
        self.now += timedelta(seconds=seconds)
        with clock.at(self.now):
            try:
                with transaction.atomic():
                    act()
            except DomainError:
                assert self.sequence() == self.last, "a refusal is in the log"
            self.replayed()
            self.check()

    def replayed(self) -> None:
        log = list(Event.objects.filter(stream=self.meeting.stream, sequence__gt=self.last).order_by("sequence"))
        told = ({Audience.MEMBERS}, {Audience.MEMBERS, Audience.STAFF})
        fresh = self.look()
        for state, audiences, now in zip(self.states, told, fresh, strict=True):
            for event in log:
                if event.audience in audiences:
                    row = json.loads(event.payload)
                    state.setdefault(event.type.partition(".")[0], {})[row["id"]] = row
            assert state == now
        self.states, self.last = fresh, self.sequence()

    def check(self) -> None:
        meeting = self.meeting
        in_session = meeting.state == MeetingState.IN_SESSION
        assert len(factories.items(meeting)) == self.items, "an item is lost or doubled"
        assert meeting.current_item_id is None or in_session
        self._check_presence(in_session)
        self._check_floor(meeting)
        self._check_polls(in_session)
        own = [(row.question.municipality_id, row.municipality_id) for row in Support.objects.select_related("question")]
        assert all(asked != supports for asked, supports in own)

    def _check_presence(self, in_session: bool) -> None:
        for seat in self.side.seats:
            rows = list(Attendance.objects.filter(municipality=seat).order_by("joined_at", "left_at"))
            assert all(row.left_at is None or row.joined_at <= row.left_at <= self.now for row in rows)
            assert all(one.left_at is not None and one.left_at <= other.joined_at for one, other in pairwise(rows))
        assert in_session or self.meeting.state != MeetingState.CLOSED or not Attendance.objects.filter(left_at=None).exists()

    def _check_floor(self, meeting: Meeting) -> None:
        rows = list(SpeakerRequest.objects.all())
        speaking = [row for row in rows if row.state == SpeakerState.SPEAKING]
        assert len(speaking) <= 1
        assert all(row.agenda_item_id == meeting.current_item_id for row in speaking), "who speaks, speaks on what is under discussion"
        assert meeting.state == MeetingState.IN_SESSION or {row.state for row in rows} <= NOBODY_WAITS

    def _check_polls(self, in_session: bool) -> None:
        rows = list(Poll.objects.all())
        opened = [row for row in rows if row.state == PollState.OPEN]
        assert len(opened) <= 1 and (in_session or not opened)
        for row in rows:
            roll = set(row.roll.values_list("municipality", flat=True))
            assert set(Vote.objects.filter(poll=row).values_list("municipality", flat=True)) <= roll
            assert set(Mark.objects.filter(poll=row).values_list("municipality", flat=True)) <= roll
            assert Ballot.objects.filter(poll=row).count() == Mark.objects.filter(poll=row).count()
            if row.state in OVER:
                frozen = tuple(getattr(row, name) for name in FROZEN)
                assert self.counted.setdefault(row.pk, frozen) == frozen, "a poll that is over has changed"
        assert not list(miscounted())

    # The chair

    @initialize()
    def begin(self) -> None:
        for person, seat in zip(self.people, self.side.seats, strict=False):
            self.tried(partial(presence.join, actor=person, meeting=self.meeting, municipality=seat))
        self.tried(lambda: services.open_session(actor=self.chair, meeting=self.meeting))

    @rule(place=PLACE, confirmed=st.booleans())
    def move_on(self, place: int, confirmed: bool) -> None:
        rows = [*factories.items(self.meeting), None]
        item = rows[place % len(rows)]
        self.tried(lambda: services.move_on(actor=self.chair, meeting=self.meeting, item=item, confirmed=confirmed))

    @rule()
    def extend(self) -> None:
        self.tried(lambda: services.extend_item(actor=self.chair, meeting=self.meeting))

    @rule(place=PLACE)
    def postpone(self, place: int) -> None:
        rows = factories.items(self.meeting)
        self.tried(lambda: services.postpone(actor=self.chair, meeting=self.meeting, item=rows[place % len(rows)]))

    @rule(sure=st.integers(0, 3))
    def close(self, sure: int) -> None:
        """Not so often that nothing else happens; it is taken up again at once, half of the time."""
        if sure == 0:
            self.tried(lambda: services.close_session(actor=self.chair, meeting=self.meeting))
            self.tried(lambda: services.reopen(actor=self.chair, meeting=self.meeting))
            self.tried(lambda: presence.join(actor=self.people[0], meeting=self.meeting, municipality=self.side.seats[0]))

    # Presence

    @rule(person=st.integers(0, SEATS), take_over=st.booleans(), seconds=st.sampled_from([5, 100, 290]))
    def join(self, person: int, take_over: bool, seconds: int) -> None:
        seat = self.side.seats[person % SEATS]
        self.tried(lambda: presence.join(actor=self.people[person], meeting=self.meeting, municipality=seat, take_over=take_over), seconds)

    @rule(person=st.integers(0, SEATS))
    def leave(self, person: int) -> None:
        self.tried(lambda: presence.leave(actor=self.people[person], meeting=self.meeting, municipality=self.side.seats[person % SEATS]))

    @rule(people=st.sets(st.integers(0, SEATS)), seconds=st.sampled_from([30, 200]))
    def prove(self, people: set[int], seconds: int) -> None:
        users = [pk for n in people if (pk := self.people[n].user_id)]
        self.tried(lambda: presence.prove(self.side.meeting.pk, users), seconds)

    @rule(seconds=st.sampled_from([30, 200, 400]))
    def lapse(self, seconds: int) -> None:
        self.tried(presence.end_lapsed, seconds)

    # The floor

    @rule(person=st.integers(0, SEATS), kind=st.sampled_from(SpeakerRequest.Kind.values))
    def ask_for_the_floor(self, person: int, kind: str) -> None:
        seat = self.side.seats[person % SEATS]
        self.tried(lambda: speakers.request(actor=self.people[person], meeting=self.meeting, municipality=seat, kind=kind))

    @rule(place=PLACE, act=st.sampled_from([speakers.give, speakers.give, speakers.end, speakers.withdraw, speakers.undo]))
    def on_the_list(self, place: int, act: Callable[..., object]) -> None:
        rows = selectors.speakers_of(self.meeting)
        if rows:
            self.tried(lambda: act(actor=self.chair, speaker=rows[place % min(4, len(rows))]))

    @rule(
        order_rule=st.sampled_from(["first_come", "fewest_times", "least_time"]),
        protected=st.integers(0, 2),
        limit=st.sampled_from([0, 120]),
    )
    def keep_the_list(self, order_rule: str, protected: int, limit: int) -> None:
        values = {"order_rule": order_rule, "protected_places": protected, "limit_seconds": limit}
        self.tried(lambda: floor.change(actor=self.chair, meeting=self.meeting, values=values))

    # Votes and questions

    @rule(place=PLACE, secrecy=st.sampled_from(Poll.Secrecy.values), roll=st.sampled_from(["present", "all"]))
    def put_to_the_vote(self, place: int, secrecy: str, roll: str) -> None:
        rows = factories.items(self.meeting)

        def put() -> None:
            poll = polls.draft(
                actor=self.chair, item=rows[place % len(rows)], question="Shall we?", secrecy=secrecy, roll_policy=roll, advisory=True
            )
            polls.open_(actor=self.chair, poll=poll)

        self.tried(put)

    @rule(person=st.integers(0, SEATS), choice=PLACE)
    def vote(self, person: int, choice: int) -> None:
        poll, seat = self._open_poll(), self.side.seats[person % SEATS]
        if poll:
            before = Vote.objects.filter(poll=poll).count() + Mark.objects.filter(poll=poll).count()
            chosen = poll.choices[choice % len(poll.choices)]["id"]
            suspended = self._is_suspended(person)
            self.tried(lambda: polls.vote(actor=self.people[person], poll=poll, municipality=seat, choice=chosen))
            after = Vote.objects.filter(poll=poll).count() + Mark.objects.filter(poll=poll).count()
            assert after - before in ((0,) if suspended else (0, 1))

    def _is_suspended(self, person: int) -> bool:
        with clock.at(self.now + timedelta(seconds=20)):
            try:
                require_not_suspended(self.people[person], self.meeting, self.side.seats[person % SEATS])
            except DomainError:
                return True
        return False

    def _open_poll(self) -> Poll | None:
        return Poll.objects.filter(state=PollState.OPEN).first()

    @rule(seconds=st.sampled_from([20, 90]))
    def count(self, seconds: int) -> None:
        poll = self._open_poll()
        if poll:
            self.tried(lambda: polls.close(actor=self.chair, poll=poll), seconds)

    @rule(place=PLACE)
    def publish(self, place: int) -> None:
        rows = list(Poll.objects.filter(state=PollState.CLOSED).order_by("created_at"))
        if rows:
            self.tried(lambda: polls.publish(actor=self.chair, poll=rows[place % len(rows)]))

    @rule(seat=SEAT)
    def ask(self, seat: int) -> None:
        self.tried(
            lambda: questions.ask(actor=self.people[seat], meeting=self.meeting, municipality=self.side.seats[seat], text="Who pays?")
        )

    @rule(seat=SEAT, place=PLACE, wanted=st.booleans(), act=st.sampled_from(["support", "answer", "withdraw", "carry"]))
    def on_a_question(self, seat: int, place: int, wanted: bool, act: str) -> None:
        rows = list(Question.objects.filter(meeting=self.side.meeting).order_by("asked_at"))
        if not rows:
            return
        row, own = rows[place % len(rows)], self.people[seat]
        acts: dict[str, Callable[[], object]] = {
            "support": lambda: questions.support(actor=own, question=row, municipality=self.side.seats[seat], support=wanted),
            "answer": lambda: questions.answer(actor=self.chair, question=row, answer="All of us.", way="live" if wanted else "written"),
            "withdraw": lambda: questions.withdraw(actor=own, question=row),
            "carry": lambda: questions.carry(actor=self.chair, question=row),
        }
        self.tried(acts[act])

    def teardown(self) -> None:
        try:
            if not connection.needs_rollback:
                assert not list(verify_all())
                doubled = Attendance.objects.filter(left_at=None).values("municipality").annotate(n=Count("id")).filter(n__gt=1)
                assert not doubled.exists()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.timeout(max(120, EXAMPLES * 20))
def test_whatever_is_done_in_a_session(few: Side) -> None:
    assert few.meeting.starts_at > NOW
    run_state_machine_as_test(
        type("Session", (Session,), {"side": few}),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="MACHINE_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
