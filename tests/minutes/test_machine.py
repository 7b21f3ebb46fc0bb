"""Whatever is done with a session and its minutes, in any order: one seal an edition that never changes, nothing carried over twice,
nothing approved while a correction waits."""

import contextlib
import hashlib
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from meetings.agenda.models import AgendaItem
from meetings.errors import Conflict
from meetings.events.selectors import verify
from meetings.live import services as live
from meetings.minutes import corrections, services
from meetings.minutes.models import Correction, CorrectionState, Minutes, MinutesState, SealedDocument
from meetings.minutes.seals import broken_seals
from meetings.scheduling.models import MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

SEALED = (MinutesState.APPROVED, MinutesState.PUBLISHED)


class Sealed(NamedTuple):
    pdf: bytes
    content_digest: str
    language: str


def seal(row: Minutes) -> Sealed:
    return Sealed(f"%PDF {row.edition} {row.version}".encode(), hashlib.sha256(b"content").hexdigest(), "it")


def run(side: Side, examples: int, steps: int) -> None:
    class Record(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            self.chair, self.office = side.actor(CHAIR), side.actor(COORDINATOR)
            self.meeting = factories.in_session(side)
            live.postpone(actor=self.chair, meeting=self.meeting, item=factories.items(self.meeting)[1])
            self.seals: dict[int, bytes] = {}

        @property
        def row(self) -> Minutes | None:
            return Minutes.objects.select_related("meeting__network", "meeting__series").filter(meeting=self.meeting).first()

        @property
        def state(self) -> str:
            return self.row.state if self.row else ""

        @property
        def waiting(self) -> list[Correction]:
            rows = Correction.objects.filter(minutes__meeting=self.meeting, state=CorrectionState.OPEN)
            return list(rows.select_related("minutes__meeting").order_by("asked_at", "pk"))

        @property
        def is_open(self) -> bool:
            return factories.fresh(self.meeting).state == MeetingState.IN_SESSION

        @rule()
        def close(self) -> None:
            with self.refused_unless(self.is_open):
                live.close_session(actor=self.chair, meeting=self.meeting)

        @rule()
        def reopen(self) -> None:
            with self.refused_unless(not self.is_open and self.state == MinutesState.DRAFT):
                live.reopen(actor=self.office, meeting=self.meeting)

        @rule()
        def circulate(self) -> None:
            if row := self.row:
                with self.refused_unless(not self.is_open and row.state == MinutesState.DRAFT):
                    services.circulate(actor=self.office, minutes=row)

        @rule(seat=st.integers(0, 7))
        def ask(self, seat: int) -> None:
            if row := self.row:
                with self.refused_unless(row.state == MinutesState.IN_CORRECTION):
                    factories.asked(side, row, seat=seat)

        @rule(accepts=st.booleans(), data=st.data())
        def answer(self, accepts: bool, data: st.DataObject) -> None:
            known = list(Correction.objects.filter(minutes__meeting=self.meeting).select_related("minutes__meeting").order_by("pk"))
            if not known:
                return
            one = data.draw(st.sampled_from(known))
            with self.refused_unless(one.state == CorrectionState.OPEN):
                if accepts:
                    corrections.accept(actor=self.chair, correction=one)
                else:
                    corrections.reject(actor=self.chair, correction=one, reason="It was said so.")

        @rule()
        def approve(self) -> None:
            if row := self.row:
                with self.refused_unless(row.state == MinutesState.IN_CORRECTION and not self.waiting):
                    services.approve(actor=self.chair, minutes=row, render=seal)
                    self.seals[row.edition] = bytes(SealedDocument.objects.get(minutes=row, edition=row.edition).pdf)

        @rule()
        def publish(self) -> None:
            if row := self.row:
                with self.refused_unless(row.state == MinutesState.APPROVED):
                    services.publish(actor=self.office, minutes=row)

        @rule()
        def amend(self) -> None:
            if row := self.row:
                with self.refused_unless(row.state in SEALED):
                    services.amend(actor=self.chair, minutes=row, reason="A name is wrong.")

        @rule()
        def edit(self) -> None:
            if row := self.row:
                with self.refused_unless(row.state not in SEALED):
                    services.edit_minutes(actor=self.chair, minutes=row, values={"introduction": f"Version {row.version}"})

        @contextlib.contextmanager
        def refused_unless(self, possible: bool) -> Any:
            try:
                with transaction.atomic():
                    yield
            except Conflict:
                assert not possible
            else:
                assert possible

        @invariant()
        def an_edition_is_sealed_once_and_for_all(self) -> None:
            rows = SealedDocument.objects.filter(minutes__meeting=self.meeting)
            assert {one.edition: bytes(one.pdf) for one in rows} == self.seals
            assert list(broken_seals()) == []

        @invariant()
        def nothing_waits_in_approved_minutes(self) -> None:
            assert not (self.state in SEALED and self.waiting)

        @invariant()
        def what_was_left_is_carried_over_once_while_the_session_is_closed(self) -> None:
            carried = AgendaItem.objects.filter(origin__meeting=self.meeting, taken_back=False)
            approvals = AgendaItem.objects.filter(approves_minutes_of=self.meeting, taken_back=False)
            left = 0 if self.is_open else sum(item.state in ("postponed", "not_reached") for item in factories.items(self.meeting))
            assert (carried.count(), approvals.count()) == (left, 0 if self.is_open else 1)
            assert AgendaItem.objects.filter(origin__meeting=self.meeting).count() <= 3

        @invariant()
        def the_log_follows(self) -> None:
            assert verify(factories.fresh(self.meeting).stream) is None

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Record, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    )


@pytest.mark.one_database
def test_whatever_is_done_with_a_session_and_its_minutes(side: Side) -> None:
    run(side, examples=10, steps=25)
