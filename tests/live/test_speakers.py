"""The list of speakers: its order, and one speaker at a time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.live import selectors, services, speakers
from meetings.live.models import SpeakerRequest, SpeakerState
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side
from tests.parallel import side_by_side

SECOND = timedelta(seconds=1)


def ask(side: Side, meeting: Meeting, seat: int = 0, **more: Any) -> SpeakerRequest:
    return speakers.request(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat], **more)


def test_points_of_order_come_first_then_who_asked_first(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    asked = [(0, "new_point"), (1, "reply"), (2, "point_of_order"), (3, "clarification"), (4, "point_of_order")]
    rows = {}
    for n, (seat, kind) in enumerate(asked):
        with clock.at(factories.NOW + n * SECOND):
            rows[seat] = ask(side, meeting, seat, kind=kind)
    assert [row.municipality for row in selectors.speakers_of(meeting)] == [side.seats[n] for n in (2, 4, 0, 1, 3)]
    speakers.give(actor=chair, speaker=rows[3])
    speakers.give(actor=chair, speaker=rows[1])  # ends who was speaking
    speakers.withdraw(actor=chair, speaker=rows[0])
    shown = [(row.municipality, row.state) for row in selectors.speakers_of(meeting)]
    states = {1: "speaking", 2: "waiting", 4: "waiting", 3: "spoken", 0: "withdrawn"}
    assert shown == [(side.seats[n], state) for n, state in states.items()]


def test_asking_twice_gives_the_same_place(side: Side) -> None:
    meeting = factories.in_session(side)
    first = ask(side, meeting)
    assert ask(side, meeting) == first
    assert ask(side, meeting, kind="point_of_order") != first
    assert Event.objects.filter(type="speaker_request.requested").count() == 2


def test_who_may_ask_give_end_and_withdraw(home: Side, away: Side) -> None:
    meeting = factories.in_session(home)
    for who in (home.observer, home.other_representative, home.spokesperson, home.chair, home.auditor):
        with pytest.raises(NotAllowed):
            speakers.request(actor=home.actor(who), meeting=meeting, municipality=home.seats[0])
    by_phone = speakers.request(actor=home.actor(COORDINATOR), meeting=meeting, municipality=home.seats[1], person="Piero Phone")
    assert by_phone.person == "Piero Phone"
    row = ask(home, meeting)
    assert row.person == home.representative.name
    for act in (speakers.give, speakers.end, speakers.withdraw):
        for who in (home.observer, home.other_representative, home.spokesperson, home.auditor):
            with pytest.raises(NotAllowed):
                act(actor=home.actor(who), speaker=row)
        with pytest.raises(NotFound):
            act(actor=away.actor(COORDINATOR), speaker=row)
    with pytest.raises(NotAllowed):
        speakers.give(actor=home.actor(home.representative), speaker=row)
    assert speakers.withdraw(actor=home.actor(home.representative), speaker=row).state == SpeakerState.WITHDRAWN


POSSIBLE = {"give": {"waiting": "speaking"}, "end": {"speaking": "spoken"}, "withdraw": {"waiting": "withdrawn"}}


@pytest.mark.parametrize("action", POSSIBLE)
def test_each_step_has_its_time(side: Side, action: str) -> None:
    row, chair = ask(side, factories.in_session(side)), side.actor(CHAIR)
    act = {"give": speakers.give, "end": speakers.end, "withdraw": speakers.withdraw}[action]
    for state in SpeakerState.values:
        SpeakerRequest.objects.filter(pk=row.pk).update(state=state)
        if state in POSSIBLE[action]:
            assert act(actor=chair, speaker=row).state == POSSIBLE[action][state]
        else:
            with pytest.raises(Conflict):
                act(actor=chair, speaker=row)


def test_the_floor_is_asked_for_on_an_item(side: Side) -> None:
    meeting = factories.in_session(side)
    with pytest.raises(Invalid):
        ask(side, meeting, kind="heckling")
    meeting = services.move_on(actor=side.actor(CHAIR), meeting=meeting, item=None)
    with pytest.raises(Conflict) as refused:
        ask(side, meeting)
    assert refused.value.code == "no_current_item"
    with pytest.raises(Conflict):
        ask(side, factories.agenda_published(side, side.meetings[1]))


def test_one_speaks_at_a_time_however_many_are_given_the_floor_at_once(transactional_db: None, now: None) -> None:
    side = factories.make_side("home")
    meeting = factories.in_session(side)
    rows = [ask(side, meeting, seat) for seat in range(8)]
    actors = [side.actor(CHAIR), side.actor(COORDINATOR)] * 4
    pairs = zip(actors, rows, strict=True)
    found = side_by_side([lambda a=actor, r=row: speakers.give(actor=a, speaker=r) for actor, row in pairs], threads=8)  # type: ignore[misc]
    assert not [error for error in found if isinstance(error, Exception)]
    states = sorted(SpeakerRequest.objects.values_list("state", flat=True))
    assert states == ["speaking"] + ["spoken"] * 7
    told = Event.objects.filter(stream__meeting=meeting, type__startswith="speaker_request.").order_by("sequence")
    assert [row.type.partition(".")[2] for row in told[8:]] == ["given"] + ["ended", "given"] * 7


# --- taking back the last act ---


def state_of(meeting: Meeting) -> list[dict[str, Any]]:
    return [selectors.speaker_as_object(row) for row in selectors.speakers_of(factories.fresh(meeting))]


ACTS = ("give", "end", "withdraw", "give the next")


@pytest.mark.parametrize("act", ACTS)
def test_undoing_the_last_act_gives_the_list_as_it_was(side: Side, act: str) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    rows = []
    for n in range(3):
        with clock.at(factories.NOW + n * SECOND):
            rows.append(ask(side, meeting, n))
    if act in ("end", "give the next"):
        speakers.give(actor=chair, speaker=rows[0])
    before = state_of(meeting)
    done = {"give": (speakers.give, 1), "end": (speakers.end, 0), "withdraw": (speakers.withdraw, 1), "give the next": (speakers.give, 2)}
    service, which = done[act]
    with clock.at(factories.NOW + 9 * SECOND):
        row = service(actor=chair, speaker=rows[which])
    assert state_of(meeting) != before and "undo" in selectors.speaker_abilities(chair, row)
    with clock.at(factories.NOW + 12 * SECOND):
        undone = speakers.undo(actor=chair, speaker=row)
    assert state_of(meeting) == before
    assert "undo" not in selectors.speaker_abilities(chair, undone)
    told = Event.objects.filter(stream__meeting=meeting, type="speaker_request.undone").count()
    assert told == (2 if act == "give the next" else 1)


def test_only_the_last_act_is_undone_and_once(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    first, second = ask(side, meeting), ask(side, meeting, 1)
    speakers.give(actor=chair, speaker=first)
    speakers.end(actor=chair, speaker=first)
    speakers.give(actor=chair, speaker=second)  # at the same instant, and yet it took the floor from nobody
    for row in (first, ask(side, meeting, 2)):
        with pytest.raises(Conflict) as refused:
            speakers.undo(actor=chair, speaker=row)
        assert refused.value.code == "not_the_last"
    assert speakers.undo(actor=chair, speaker=second).state == SpeakerState.WAITING
    first.refresh_from_db()
    assert first.state == SpeakerState.SPOKEN
    for row in (first, second):
        with pytest.raises(Conflict):
            speakers.undo(actor=chair, speaker=row)


def test_who_lost_the_floor_cannot_have_it_back_alone(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    first, second = ask(side, meeting), ask(side, meeting, 1)
    speakers.give(actor=chair, speaker=first)
    speakers.give(actor=chair, speaker=second)
    with pytest.raises(Conflict):
        speakers.undo(actor=chair, speaker=first)


def test_nothing_is_undone_on_an_item_that_was_left(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    row = speakers.give(actor=chair, speaker=ask(side, meeting))
    services.move_on(actor=chair, meeting=meeting, item=factories.items(meeting)[1], confirmed=True)
    with pytest.raises(Conflict) as refused:
        speakers.undo(actor=chair, speaker=row)
    assert refused.value.code == "not_the_last"
    other = SpeakerRequest.objects.create(
        meeting=meeting, agenda_item=row.agenda_item, municipality=side.seats[5], person="P", requested_at=clock.now()
    )
    with pytest.raises(Conflict) as refused:
        speakers.give(actor=chair, speaker=other)
    assert refused.value.code == "not_under_discussion"


def test_undoing_does_not_make_anybody_wait_twice(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    row = speakers.give(actor=chair, speaker=ask(side, meeting))
    ask(side, meeting)
    with pytest.raises(Conflict) as refused:
        speakers.undo(actor=chair, speaker=row)
    assert refused.value.code == "waits_again"


def test_who_may_undo(home: Side, away: Side) -> None:
    meeting = factories.in_session(home)
    row = speakers.withdraw(actor=home.actor(home.representative), speaker=ask(home, meeting))
    for who in (home.observer, home.representative, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            speakers.undo(actor=home.actor(who), speaker=row)
    with pytest.raises(NotFound):
        speakers.undo(actor=away.actor(COORDINATOR), speaker=row)
    assert speakers.undo(actor=home.actor(COORDINATOR), speaker=row).state == SpeakerState.WAITING


def test_a_caller_by_phone_is_marked_as_one(side: Side) -> None:
    meeting = factories.in_session(side)
    called = speakers.request(actor=side.actor(COORDINATOR), meeting=meeting, municipality=side.seats[1], person="Piero Phone")
    assert called.by_phone and not ask(side, meeting).by_phone
    assert selectors.speaker_as_object(called)["by_phone"] is True


# --- leaving an item ---


@pytest.mark.parametrize("speaks", [True, False])
def test_leaving_an_item_while_somebody_speaks_or_waits_is_asked_about(side: Side, speaks: bool) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    row, (first, second, _third) = ask(side, meeting), factories.items(meeting)
    if speaks:
        speakers.give(actor=chair, speaker=row)
    leave: list[Callable[..., Any]] = [
        lambda **how: services.move_on(actor=chair, meeting=meeting, item=None, **how),
        lambda **how: services.postpone(actor=chair, meeting=meeting, item=first, **how),
        lambda **how: services.move_on(actor=chair, meeting=meeting, item=second, **how),
    ]
    for act in leave:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "somebody_speaks" and side.seats[0].name in refused.value.detail
    services.move_on(actor=chair, meeting=meeting, item=first)  # stays where it is
    services.postpone(actor=chair, meeting=meeting, item=second)  # nobody speaks on that one
    services.move_on(actor=chair, meeting=meeting, item=factories.items(meeting)[2], confirmed=True)
    row.refresh_from_db()
    assert row.state == ("spoken" if speaks else "waiting")
    services.move_on(actor=chair, meeting=meeting, item=first)
    assert [place.state for place in selectors.speakers_of(factories.fresh(meeting))] == [row.state]
