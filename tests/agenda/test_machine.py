"""Whatever the office and the seats do until the session: no item is lost, none stands in two places, and places have no gaps."""

import contextlib
from collections import Counter
from typing import Any
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from meetings.agenda import services
from meetings.agenda.models import AgendaItem
from meetings.agenda.selectors import running_order_as_object
from meetings.errors import Conflict, Invalid
from meetings.events.models import Event
from meetings.events.selectors import verify
from tests import factories
from tests.factories import COORDINATOR, Side

AFTER = {
    ("draft", "submit"): "proposed",
    ("proposed", "withdraw"): "withdrawn",
    ("proposed", "accept"): "accepted",
    ("proposed", "return"): "draft",
    ("proposed", "decline"): "declined",
    ("accepted", "withdraw"): "withdrawn",
    ("proposed", "defer"): "deferred",
    ("accepted", "defer"): "deferred",
}
MORE: dict[str, dict[str, Any]] = {"return": {"reason": "More"}, "decline": {"answer": "No"}, "defer": {"answer": "Later"}}
LATE = {"submit": {"motive": "It cannot wait"}}
HANDLED_LATE = ("draft", "proposed")
"""The states of what is still handled once the agenda is published; the rest is frozen."""


def run(side: Side, examples: int, steps: int) -> None:
    class Agenda(RuleBasedStateMachine):
        """Knows what should be: each item's state, and the order of those accepted."""

        def __init__(self) -> None:
            super().__init__()
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            self.states: dict[UUID, str] = {}
            self.places: list[UUID] = []
            self.merged: dict[UUID, UUID] = {}
            self.accepted = 0
            self.published = False
            self.office = side.actor(COORDINATOR)

        @initialize()
        def begin(self) -> None:
            for seat in (0, 1, None):
                self.states[factories.proposal(side, "Begun", seat=seat).pk] = "proposed"

        @rule(seat=st.sampled_from([0, 1, 2, None]))
        def draft(self, seat: int | None) -> None:
            self.states[factories.draft(side, "Drafted", seat=seat).pk] = "draft"

        @rule(data=st.data(), action=st.sampled_from(["submit", "withdraw", "accept", "accept", "return", "decline", "defer"]))
        def act(self, data: st.DataObject, action: str) -> None:
            pk = data.draw(st.sampled_from(list(self.states)))
            after = AFTER.get((self.states[pk], action))
            with self.refused_if(after is None or self.is_frozen(pk)):
                row = AgendaItem.objects.get(pk=pk)
                more = MORE.get(action, {}) | (LATE.get(action, {}) if self.published else {})
                getattr(services, "return_" if action == "return" else action)(actor=self.office, item=row, **more)
                self.moved_to(pk, str(after), action)

        def is_frozen(self, pk: UUID) -> bool:
            return self.published and self.states[pk] not in HANDLED_LATE

        def moved_to(self, pk: UUID, after: str, action: str) -> None:
            self.states[pk] = after
            self.accepted += after == "accepted"
            self.places = [other for other in self.places if other != pk] + ([pk] if after == "accepted" else [])
            if action == "withdraw":
                self.states |= {other: "proposed" for other in self.merged_into(pk)}

        def merged_into(self, pk: UUID) -> list[UUID]:
            return [item for item, into in self.merged.items() if into == pk and self.states[item] == "merged"]

        @rule(data=st.data())
        def merge(self, data: st.DataObject) -> None:
            pk, into = (data.draw(st.sampled_from(list(self.states))) for _n in range(2))
            live = all(self.states[one] in ("proposed", "accepted") for one in (pk, into))
            with self.refused_if(not live or pk == into or self.published):
                rows = AgendaItem.objects.in_bulk([pk, into])
                services.merge(actor=self.office, item=rows[pk], into=rows[into])
                self.merged[pk] = into
                self.moved_to(pk, "merged", "merge")

        @rule(data=st.data())
        def separate(self, data: st.DataObject) -> None:
            pk = data.draw(st.sampled_from(list(self.states)))
            with self.refused_if(self.states[pk] != "merged" or self.published):
                services.separate(actor=self.office, item=AgendaItem.objects.get(pk=pk))
                self.states[pk] = "proposed"

        @rule(data=st.data())
        def order(self, data: st.DataObject) -> None:
            wanted = data.draw(st.permutations(self.places))
            with self.refused_if(self.published):
                services.order(actor=self.office, meeting=side.meeting, item_ids=wanted)
                self.places = list(wanted)

        @rule(data=st.data())
        def edit(self, data: st.DataObject) -> None:
            pk = data.draw(st.sampled_from(list(self.states)))
            with self.refused_if(self.is_frozen(pk) or self.states[pk] not in ("draft", "proposed", "accepted")):
                services.edit(actor=self.office, item=AgendaItem.objects.get(pk=pk), values={"text": "Edited"})

        @rule(really=st.integers(0, 9))
        def publish(self, really: int) -> None:
            if really:
                return
            with self.refused_if(self.published or not self.places or "proposed" in self.states.values()):
                services.publish(actor=self.office, meeting=side.meeting)
                self.published = True

        @contextlib.contextmanager
        def refused_if(self, refused: bool) -> Any:
            try:
                with transaction.atomic():
                    yield
            except (Conflict, Invalid):
                assert refused
            else:
                assert not refused

        @invariant()
        def nothing_is_lost_or_doubled(self) -> None:
            rows = list(AgendaItem.objects.filter(meeting=side.meeting))
            assert {row.pk: row.state for row in rows} == self.states
            ordered = sorted((row.position, row.pk) for row in rows if row.position is not None)
            assert ordered == list(enumerate(self.places, start=1))
            assert running_order_as_object(factories.fresh(side.meeting))["items"] == [str(pk) for pk in self.places]

        @invariant()
        def the_log_follows(self) -> None:
            assert verify(factories.fresh(side.meeting).stream) is None
            told = Counter(Event.objects.filter(stream__meeting=side.meeting).values_list("type", flat=True))
            assert told["agenda_item.accepted"] == self.accepted

        @invariant()
        def nobody_who_proposed_is_forgotten(self) -> None:
            for row in AgendaItem.objects.filter(meeting=side.meeting, state="merged").select_related("merged_into"):
                known = {row.merged_into.proposer_id, *row.merged_into.co_proposers.values_list("pk", flat=True)}  # type: ignore[union-attr]
                assert row.proposer_id is None or row.proposer_id in known

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Agenda, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    )


def test_whatever_is_done_until_the_session(side: Side) -> None:
    run(side, examples=10, steps=20)
