"""Whatever the office and the seats do before publication: no item is lost, none stands in two places, and places have no gaps."""

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
from meetings.errors import Conflict
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
}


def run(side: Side, examples: int, steps: int) -> None:
    class Agenda(RuleBasedStateMachine):
        """Knows what should be: each item's state, and the order of those accepted."""

        def __init__(self) -> None:
            super().__init__()
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            self.states: dict[UUID, str] = {}
            self.places: list[UUID] = []
            self.published = False
            self.office = side.actor(COORDINATOR)

        @initialize()
        def begin(self) -> None:
            for seat in (0, 1, None):
                self.states[factories.proposal(side, "Begun", seat=seat).pk] = "proposed"

        @rule(seat=st.sampled_from([0, 1, 2, None]))
        def draft(self, seat: int | None) -> None:
            with self.refused_if(self.published):
                self.states[factories.draft(side, "Drafted", seat=seat).pk] = "draft"

        @rule(data=st.data(), action=st.sampled_from(["submit", "withdraw", "accept", "accept", "return", "decline"]))
        def act(self, data: st.DataObject, action: str) -> None:
            pk = data.draw(st.sampled_from(sorted(self.states)))
            after = AFTER.get((self.states[pk], action))
            with self.refused_if(after is None or self.published):
                row = AgendaItem.objects.get(pk=pk)
                more: dict[str, Any] = {"return": {"reason": "More"}, "decline": {"answer": "No"}}.get(action, {})
                getattr(services, "return_" if action == "return" else action)(actor=self.office, item=row, **more)
                self.states[pk] = str(after)
                self.places += [pk] if after == "accepted" else []

        @rule(data=st.data())
        def order(self, data: st.DataObject) -> None:
            wanted = data.draw(st.permutations(self.places))
            with self.refused_if(self.published):
                services.order(actor=self.office, meeting=side.meeting, item_ids=wanted)
                self.places = list(wanted)

        @rule(data=st.data())
        def edit(self, data: st.DataObject) -> None:
            pk = data.draw(st.sampled_from(sorted(self.states)))
            with self.refused_if(self.published or self.states[pk] in ("withdrawn", "declined")):
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
            except Conflict:
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
            assert told["agenda_item.accepted"] == len(self.places)

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Agenda, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks)
    )


def test_whatever_is_done_before_publication(side: Side) -> None:
    run(side, examples=10, steps=20)
