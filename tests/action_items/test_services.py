"""Action items: numbers, progress, and when they are overdue."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor
from meetings.action_items import selectors, services
from meetings.action_items.models import ActionItem, ActionState, ProgressUpdate
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Event
from meetings.minutes.models import Decision
from meetings.network.models import Network
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side


def task(side: Side, meeting: Meeting, *, owner: int | None = 0, **values: Any) -> ActionItem:
    seat = None if owner is None else side.seats[owner]
    return services.create(actor=side.actor(CHAIR), meeting=meeting, values={"title": "Write", **values}, owner=seat)


POSSIBLE = {
    "start": dict.fromkeys(("open", "in_progress"), "in_progress"),
    "finish": dict.fromkeys(("open", "in_progress"), "done"),
    "drop": dict.fromkeys(("open", "in_progress"), "dropped"),
    "reopen": dict.fromkeys(("done", "dropped"), "open"),
}
STAFF = {"chair", "coordinator"}
MAY = {"start": STAFF | {"representative"}, "finish": STAFF | {"representative"}, "reopen": STAFF | {"representative"}, "drop": STAFF}
WHO = ("observer", "representative", "other_representative", "spokesperson", "chair", "coordinator", "auditor")


@pytest.mark.parametrize("state", ActionState.values)
def test_who_reports_what_in_each_state(side: Side, state: str) -> None:
    row = task(side, factories.in_session(side))
    for action, leads in POSSIBLE.items():
        for who in WHO:
            ActionItem.objects.filter(pk=row.pk).update(state=state)
            actor = side.actor(getattr(side, who))
            able = action in selectors.abilities_of(actor, selectors.action_item(actor, row.pk))
            try:
                found = services.progress(actor=actor, action_item=row, action=action, text="Because").state
            except DomainError as error:
                found = type(error).__name__
            expected = "NotAllowed" if who not in MAY[action] else leads.get(state, "Conflict")
            assert found == expected, (action, who)
            assert able is (found not in ("NotAllowed", "Conflict")), (action, who)
    done = sum(state in leads for action, leads in POSSIBLE.items() for _who in MAY[action])
    assert ProgressUpdate.objects.count() == done == Event.objects.filter(type="action_item.progressed").count()


def test_each_report_is_a_line_that_stays(side: Side) -> None:
    row = task(side, factories.in_session(side))
    actor = side.actor(side.representative)
    for n, (action, text) in enumerate([("start", "Begun"), ("start", "Half way"), ("finish", ""), ("reopen", "Not quite")]):
        with clock.at(factories.NOW + timedelta(hours=n)):
            row = services.progress(actor=actor, action_item=row, action=action, text=text)
    shown = selectors.as_object(row)
    assert [(line["text"], line["state"]) for line in shown["updates"]] == [
        ("Begun", "in_progress"),
        ("Half way", "in_progress"),
        ("", "done"),
        ("Not quite", "open"),
    ]
    assert shown["version"] == 5
    assert {line["by"] for line in shown["updates"]} == {side.representative.name}


@pytest.mark.parametrize(
    ("action", "text", "field"), [("drop", "", "text"), ("drop", " \x00", "text"), ("edit", "x", "action"), ("", "x", "action")]
)
def test_dropping_needs_a_reason_and_actions_are_known(side: Side, action: str, text: str, field: str) -> None:
    row = task(side, factories.in_session(side))
    with pytest.raises(Invalid) as refused:
        services.progress(actor=side.actor(CHAIR), action_item=row, action=action, text=text)
    assert list(refused.value.errors) == [field]
    assert (ActionItem.objects.get().state, ProgressUpdate.objects.count()) == ("open", 0)


def test_overdue_is_by_the_networks_clock(side: Side) -> None:
    meeting = factories.in_session(side)
    row = task(side, meeting, due_on=date(2026, 12, 10))
    undated = task(side, meeting, due_on=None)
    finished = services.progress(actor=side.actor(CHAIR), action_item=task(side, meeting, due_on=date(2026, 12, 1)), action="finish")
    actor = side.actor(side.observer)
    midnight = datetime(2026, 12, 10, 23, 0, tzinfo=UTC)  # in Rome

    def overdue(network: Network) -> tuple[bool, list[ActionItem]]:
        fresh = selectors.action_item(actor, row.pk)
        return bool(selectors.with_overdue(fresh)["overdue"]), list(selectors.action_items(actor, network, overdue=True))

    with clock.at(midnight - timedelta(microseconds=1)):
        assert overdue(side.network) == (False, [])
    with clock.at(midnight):
        assert overdue(side.network) == (True, [row])
        Network.objects.update(time_zone="America/New_York")
        assert overdue(Network.objects.get()) == (False, [])
    assert {undated.state, finished.state} == {"open", "done"}


@pytest.mark.parametrize(
    ("values", "field"),
    [({"title": ""}, "title"), ({"title": "x" * 151}, "title"), ({"due_on": "tomorrow"}, "due_on"), ({"person": "x" * 151}, "person")],
)
def test_they_keep_within_bounds(side: Side, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        task(side, factories.in_session(side), **values)
    assert list(refused.value.errors) == [field]


def test_a_due_date_may_be_given_taken_and_left_out(side: Side) -> None:
    row, actor = task(side, factories.in_session(side), due_on=None), side.actor(CHAIR)
    assert row.due_on is None
    row = services.edit(actor=actor, action_item=row, values={"due_on": date(2026, 12, 1)}, expected_version=1)
    row = services.edit(actor=actor, action_item=row, values={"due_on": None}, owner=side.seats[1], expected_version=2)
    assert (row.due_on, row.owner, row.version) == (None, side.seats[1], 3)
    with pytest.raises(StaleVersion):
        services.edit(actor=actor, action_item=row, values={"title": "Mine"}, expected_version=2)
    services.progress(actor=actor, action_item=row, action="finish")
    with pytest.raises(Conflict):
        services.edit(actor=actor, action_item=row, values={"title": "Too late"})


def test_they_come_out_of_their_own_meeting(home: Side, away: Side) -> None:
    here, there = factories.closed(home), factories.closed(away)
    actor = home.actor(CHAIR)
    foreign: list[dict[str, Any]] = [
        {"owner": away.seats[0]},
        {"owner": None, "agenda_item": factories.items(there)[0]},
        {"owner": None, "decision": Decision.objects.get(network=away.network)},
    ]
    for more in foreign:
        with pytest.raises(Invalid):
            services.create(actor=actor, meeting=here, values={"title": "Borrowed"}, **more)
    row = selectors.action_items(actor, home.network).get()
    with pytest.raises(Invalid):
        services.edit(actor=actor, action_item=row, values={}, owner=away.seats[0])
    refusals: list[Callable[[Actor], Any]] = [
        lambda a: services.create(actor=a, meeting=here, values={"title": "Mine"}, owner=None),
        lambda a: services.edit(actor=a, action_item=row, values={"title": "Mine"}),
    ]
    for act in refusals:
        for who in ("observer", "representative", "spokesperson", "auditor"):
            with pytest.raises(NotAllowed):
                act(home.actor(getattr(home, who)))
        with pytest.raises(NotFound):
            act(away.actor(COORDINATOR))
    with pytest.raises(NotFound):
        selectors.action_item(away.actor(COORDINATOR), row.pk)


@pytest.mark.parametrize("state", sorted(set(MeetingState.values) - {"in_session", "closed"}))
def test_nothing_is_promised_outside_a_session(side: Side, state: str) -> None:
    Meeting.objects.filter(pk=side.meeting.pk).update(state=state)
    with pytest.raises(Conflict):
        task(side, side.meeting)


def test_numbers_have_no_gaps_however_many_are_made_at_once(transactional_db: None, now: None) -> None:
    side = factories.make_side("home")
    meeting = factories.in_session(side)

    def make(n: int) -> ActionItem:
        if n % 4 == 3:  # a refusal in between takes no number
            with pytest.raises(Invalid):
                task(side, meeting, title="")
        return task(side, meeting, title=f"Task {n}", owner=n % 10)

    found = side_by_side([lambda n=n: make(n) for n in range(16)], threads=8)  # type: ignore[misc]
    assert not [error for error in found if isinstance(error, Exception)]
    assert sorted(ActionItem.objects.values_list("number", flat=True)) == list(range(1, 17))


def test_the_list_is_read_in_constant_queries(side: Side, django_assert_num_queries: Any) -> None:
    meeting, actor = factories.in_session(side), side.actor(side.observer)
    for n in (1, 2):
        for owner in range(3):
            row = task(side, meeting, owner=owner, due_on=date(2026, 12, n))
            services.progress(actor=side.actor(CHAIR), action_item=row, action="start", text="Begun")
        with django_assert_num_queries(3):
            shown = [selectors.with_overdue(row) for row in selectors.action_items(actor, side.network)]
        assert len(shown) == 3 * n
    assert [row["number"] for row in shown] == [1, 2, 3, 4, 5, 6]
    assert selectors.mine(side.actor(side.representative), side.network).count() == 2
    assert selectors.action_items(actor, side.network, owner=side.seats[1], state="in_progress").count() == 2
