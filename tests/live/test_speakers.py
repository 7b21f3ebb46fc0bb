"""The list of speakers: its order, and one speaker at a time."""

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
