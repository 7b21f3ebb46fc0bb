"""Notes, decisions and minutes: who writes, who reads, and when it is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from meetings import clock
from meetings.access import Actor
from meetings.errors import Conflict, DomainError, Invalid, NotFound, StaleVersion
from meetings.events.models import Audience, Event
from meetings.live import polls
from meetings.minutes import selectors, services
from meetings.minutes.models import ACTIONS, Decision, Minutes, MinutesState, Note
from meetings.network.models import User
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side

WHO = ("observer", "representative", "spokesperson", "chair", "coordinator", "auditor")


def users(side: Side) -> dict[str, User]:
    return {who: getattr(side, who) for who in WHO}


def record(meeting: Meeting) -> Minutes:
    return Minutes.objects.select_related("meeting__network", "meeting__series", "meeting__stream").get(meeting=meeting)


def at_stage(side: Side, state: str) -> Minutes:
    """Minutes with a note and a decision, in that state; what seals them is shown in test_seal.py."""
    row = record(factories.closed(side))
    Minutes.objects.filter(pk=row.pk).update(state=state)
    return record(row.meeting)


# --- who reads ---


@pytest.mark.parametrize("state", ["none", *MinutesState.values])
def test_notes_and_minutes_are_the_staffs_until_they_circulate(home: Side, away: Side, state: str) -> None:
    meeting = factories.in_session(home) if state == "none" else at_stage(home, state).meeting
    if state == "none":
        services.write_note(actor=home.actor(CHAIR), item=factories.items(meeting)[0], text="Heard")
    readers = set(WHO) if state not in ("none", "draft") else {"chair", "coordinator"}
    note = Note.objects.get()
    for who, user in users(home).items():
        actor = home.actor(user)
        assert list(selectors.notes_of(actor, meeting)) == ([note] if who in readers else []), who
        if state == "none" or who not in readers:
            with pytest.raises(NotFound):
                selectors.minutes_of(actor, meeting)
        else:
            assert selectors.minutes_of(actor, meeting).meeting == meeting
    for read in (selectors.note, selectors.decision):
        with pytest.raises(NotFound):
            read(away.actor(COORDINATOR), note.pk)
    assert not selectors.notes_of(away.actor(COORDINATOR), meeting).exists()


def test_circulating_tells_everybody_what_they_may_now_read(side: Side) -> None:
    row = record(factories.closed(side))
    shown = services.circulate(actor=side.actor(COORDINATOR), minutes=row)
    assert shown.correction_until == factories.NOW + timedelta(days=7)
    last = list(Event.objects.filter(stream__meeting=row.meeting).order_by("-sequence").values_list("type", "audience")[:2])
    assert last == [("note.published", Audience.MEMBERS), ("minutes.circulated", Audience.MEMBERS)]
    services.edit_note(actor=side.actor(CHAIR), note=Note.objects.get(), text="More exactly")
    assert Event.objects.latest("pk").audience == Audience.MEMBERS


# --- who writes, and when ---

WRITES: dict[str, Callable[[Actor, Minutes], Any]] = {
    "note": lambda a, m: services.write_note(actor=a, item=factories.items(m.meeting)[0], text="Heard"),
    "edit_note": lambda a, m: services.edit_note(actor=a, note=Note.objects.get(), text="Heard again"),
    "decision": lambda a, m: services.record_decision(actor=a, item=factories.items(m.meeting)[0], text="So be it"),
    "edit_decision": lambda a, m: services.edit_decision(actor=a, decision=Decision.objects.get(), text="Otherwise"),
    "edit": lambda a, m: services.edit_minutes(actor=a, minutes=m, values={"introduction": "Hello"}),
    "circulate": lambda a, m: services.circulate(actor=a, minutes=m),
    "publish": lambda a, m: services.publish(actor=a, minutes=m),
}
MAY = {name: {"coordinator"} if name in ("circulate", "publish") else {"chair", "coordinator"} for name in WRITES}
STATES = {name: {"draft", "in_correction"} for name in WRITES} | {"circulate": {"draft"}, "publish": {"approved"}}


def outcome(act: Callable[[Actor, Minutes], Any], actor: Actor, row: Minutes) -> str:
    """Nothing of it stays."""
    with transaction.atomic():
        try:
            act(actor, row)
        except DomainError as error:
            return type(error).__name__
        finally:
            transaction.set_rollback(True)
    return "done"


@pytest.mark.parametrize("state", MinutesState.values)
def test_who_writes_in_each_state(home: Side, away: Side, state: str) -> None:
    row = at_stage(home, state)
    for action, act in WRITES.items():
        possible = "done" if state in STATES[action] else "Conflict"
        expected = {who: possible if who in MAY[action] else "NotAllowed" for who in WHO}
        assert {who: outcome(act, home.actor(user), row) for who, user in users(home).items()} == expected, action
        assert outcome(act, away.actor(COORDINATOR), row) == "NotFound"
        if action in ACTIONS:
            able = {who for who, user in users(home).items() if action in selectors.minutes_abilities(home.actor(user), row)}
            assert able == {who for who, found in expected.items() if found == "done"}, action


@pytest.mark.parametrize("state", sorted(set(MeetingState.values) - {"in_session", "closed"}))
def test_nothing_is_recorded_outside_a_session(side: Side, state: str) -> None:
    meeting = factories.in_session(side)
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    with pytest.raises(Conflict):
        services.write_note(actor=side.actor(CHAIR), item=factories.items(meeting)[0], text="Early")


def test_notes_belong_to_items_on_the_agenda_and_say_something(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    with pytest.raises(Conflict):
        services.write_note(actor=chair, item=meeting.agenda_items.get(state="draft"), text="On a private draft")
    item = factories.items(meeting)[0]
    for text in ("", " \n\x00", "x" * 20_001):
        with pytest.raises(Invalid) as refused:
            services.write_note(actor=chair, item=item, text=text)
        assert list(refused.value.errors) == ["text"]


def test_stale_edits_are_told_what_was_saved(side: Side) -> None:
    row, chair = record(factories.closed(side)), side.actor(CHAIR)
    note, decision = Note.objects.get(), Decision.objects.get()
    cases: list[tuple[Callable[[int | None], Any], Any]] = [
        (lambda v: services.edit_note(actor=chair, note=note, text="Theirs", expected_version=v), note.version),
        (lambda v: services.edit_decision(actor=chair, decision=decision, text="Theirs", expected_version=v), decision.version),
        (lambda v: services.edit_minutes(actor=chair, minutes=row, values={"introduction": "Theirs"}, expected_version=v), row.version),
    ]
    for edit, version in cases:
        saved = edit(version)
        assert saved.version == version + 1
        with pytest.raises(StaleVersion) as refused:
            edit(version)
        current = refused.value.current
        assert current is not None and current["version"] == version + 1
        assert "Theirs" in (current.get("text"), current.get("introduction"))


def test_a_decision_names_a_vote_on_its_own_item(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    first, second = factories.items(meeting)[:2]
    poll = polls.draft(actor=chair, item=second, question="Shall we?")
    with pytest.raises(DomainError):
        services.record_decision(actor=chair, item=first, text="So be it", poll=poll)
    assert services.record_decision(actor=chair, item=second, text="So be it", poll=poll).poll_id == poll.pk


# --- numbers ---


def test_decisions_are_numbered_by_network_and_year(home: Side, away: Side) -> None:
    def decide(side: Side, meeting: Meeting) -> str:
        return str(services.record_decision(actor=side.actor(CHAIR), item=factories.items(meeting)[0], text="So be it"))

    here, there = factories.in_session(home), factories.in_session(away)
    assert [decide(home, here), decide(home, here), decide(away, there)] == ["1/2026", "2/2026", "1/2026"]
    # The year is the meeting's on the network's clocks: at 23:30 UTC it is the next one in Rome.
    Meeting.objects.filter(pk=here.pk).update(starts_at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert [decide(home, here), decide(home, here)] == ["1/2027", "2/2027"]


def test_numbers_have_no_gaps_however_many_decide_at_once(transactional_db: None, now: None) -> None:
    side = factories.make_side("home")
    meeting = factories.in_session(side)
    chair, items = side.actor(CHAIR), factories.items(meeting)

    def decide(n: int) -> Decision:
        if n % 4 == 3:  # a refusal in between takes no number
            with pytest.raises(Invalid):
                services.record_decision(actor=chair, item=items[n % 3], text="")
        return services.record_decision(actor=chair, item=items[n % 3], text=f"Decision {n}")

    found = side_by_side([lambda n=n: decide(n) for n in range(16)], threads=8)  # type: ignore[misc]
    assert not [error for error in found if isinstance(error, Exception)]
    assert sorted(Decision.objects.values_list("number", flat=True)) == list(range(1, 17))
    assert Event.objects.filter(type="decision.recorded").count() == 16


def test_minutes_are_drafted_once(side: Side) -> None:
    meeting = factories.closed(side)
    with clock.at(factories.NOW + timedelta(hours=1)):
        again = services.draft_minutes(actor=side.actor(CHAIR), meeting=meeting)
    assert again == Minutes.objects.get()
