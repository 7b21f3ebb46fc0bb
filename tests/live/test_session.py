"""Opening, presence, moving through the items, closing."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.access import Actor
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.live import polls, selectors, services, speakers
from meetings.live.models import Attendance, SpeakerRequest, SpeakerState
from meetings.live.selectors import TwoKey
from meetings.minutes.models import Minutes, MinutesState
from meetings.network import services as network_services
from meetings.network.models import Membership
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

MINUTE = timedelta(minutes=1)


def join(side: Side, meeting: Meeting, seat: int = 0) -> Attendance:
    return services.join(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat])


def leave(side: Side, meeting: Meeting, seat: int = 0) -> None:
    services.leave(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat])


def intervals(meeting: Meeting, municipality: Any) -> list[tuple[Any, Any]]:
    rows = Attendance.objects.filter(meeting=meeting, municipality=municipality).order_by("joined_at", "id")
    return [(row.joined_at, row.left_at) for row in rows]


# --- who may run it, and when ---

RUN: dict[str, Callable[[Actor, Meeting], Any]] = {
    "open": lambda a, m: services.open_session(actor=a, meeting=m),
    "move_on": lambda a, m: services.move_on(actor=a, meeting=m, item=factories.items(m)[1]),
    "postpone": lambda a, m: services.postpone(actor=a, meeting=m, item=factories.items(m)[2]),
    "close": lambda a, m: services.close_session(actor=a, meeting=m),
}
WRONG_STATES = {
    "open": set(MeetingState.values) - {"agenda_published"},
    **dict.fromkeys(("move_on", "postpone", "close"), set(MeetingState.values) - {"in_session"}),
}


@pytest.mark.parametrize("action", RUN)
def test_chair_and_coordinator_run_the_session_nobody_else(home: Side, away: Side, action: str) -> None:
    meeting = (factories.agenda_published if action == "open" else factories.in_session)(home)
    for who in (home.observer, home.representative, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            RUN[action](home.actor(who), meeting)
    with pytest.raises(NotFound):
        RUN[action](away.actor(COORDINATOR), meeting)
    RUN[action](home.actor(COORDINATOR), meeting)


@pytest.mark.parametrize("action", RUN)
def test_each_step_has_its_time(side: Side, action: str) -> None:
    meeting = factories.in_session(side)
    for state in WRONG_STATES[action]:
        Meeting.objects.filter(pk=meeting.pk).update(state=state)
        with pytest.raises(Conflict):
            RUN[action](side.actor(CHAIR), meeting)
        assert Meeting.objects.get(pk=meeting.pk).state == state


# --- presence ---


def test_presence_is_a_list_of_intervals(side: Side) -> None:
    meeting, begun = factories.agenda_published(side), factories.NOW
    times = [begun + n * MINUTE for n in range(6)]
    for instant, act in zip(times, (join, join, leave, leave, join, leave), strict=True):
        with clock.at(instant):
            act(side, meeting)
    assert intervals(meeting, side.seats[0]) == [(times[0], times[2]), (times[4], times[5])]
    assert Event.objects.filter(type__startswith="attendance.").count() == 4
    shown = selectors.attendance_of(meeting)
    assert [(row["present"], len(row["intervals"]), row["office"]) for row in shown] == [(False, 2, "mayor")]


def test_quorum_over_time_is_the_sum_of_who_was_there(side: Side) -> None:
    meeting, begun = factories.agenda_published(side), factories.NOW
    for n, (act, seat) in enumerate([(join, 0), (join, 9), (leave, 0), (join, 1)]):
        with clock.at(begun + n * MINUTE):
            act(side, meeting, seat)
    counts = [TwoKey(1, 1000), TwoKey(2, 11_000), TwoKey(1, 10_000), TwoKey(2, 12_000)]
    readings = selectors.quorum_over_time(selectors.attendance_rows(meeting))
    assert readings == [(begun + n * MINUTE, count) for n, count in enumerate(counts)]
    assert selectors.present(meeting) == counts[-1]


@pytest.mark.parametrize("state", sorted(set(MeetingState.values) - {"agenda_published", "in_session"}))
def test_nobody_joins_or_leaves_outside_the_session(side: Side, state: str) -> None:
    meeting = factories.in_session(side)
    Meeting.objects.filter(pk=meeting.pk).update(state=state)
    for act in (join, leave):
        with pytest.raises(Conflict):
            act(side, meeting)


def test_a_seat_is_present_by_its_own_people_or_by_the_offices_word(home: Side, away: Side) -> None:
    meeting, seat = factories.agenda_published(home), home.seats[0]
    for who in (home.observer, home.other_representative, home.spokesperson, home.chair, home.auditor):
        with pytest.raises(NotAllowed):
            services.join(actor=home.actor(who), meeting=meeting, municipality=seat)
    with pytest.raises(NotFound):
        services.join(actor=away.actor(away.representative), meeting=meeting, municipality=seat)
    with pytest.raises(DomainError):
        services.join(actor=home.actor(COORDINATOR), meeting=meeting, municipality=away.seats[0])
    by_phone = services.join(actor=home.actor(COORDINATOR), meeting=meeting, municipality=seat, source="phone")
    assert (by_phone.person, by_phone.office, by_phone.source, by_phone.user_id) == (home.representative.name, "mayor", "phone", None)
    with pytest.raises(Invalid):
        services.join(actor=home.actor(COORDINATOR), meeting=meeting, municipality=home.seats[1], source="carrier pigeon")


def test_a_municipality_without_a_seat_that_day_is_not_present(side: Side) -> None:
    meeting = factories.agenda_published(side)
    values = {"valid_until": date(2026, 11, 25)}
    seat = network_services.change_municipality(actor=side.actor(COORDINATOR), municipality=side.seats[0], values=values)
    for who in (side.representative, side.coordinator):
        with pytest.raises(Invalid) as refused:
            services.join(actor=side.actor(who), meeting=meeting, municipality=seat)
        assert refused.value.code == "no_seat"
    assert selectors.present(meeting) == (0, 0)


def test_the_office_held_is_told_whatever_end_it_has(side: Side) -> None:
    Membership.objects.filter(user=side.representative).update(valid_until=date(2027, 6, 30))
    assert join(side, factories.agenda_published(side)).office == "mayor"


# --- moving on ---


def test_moving_on_marks_what_was_discussed_and_ends_who_speaks(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    speaking = speakers.give(actor=chair, speaker=_ask(side, meeting))
    first, second, third = factories.items(meeting)
    with clock.at(factories.NOW + MINUTE):
        meeting = services.move_on(actor=chair, meeting=meeting, item=third, confirmed=True)
    assert (meeting.current_item, meeting.current_item_since) == (third, factories.NOW + MINUTE)
    assert [row.state for row in factories.items(meeting)] == ["discussed", "accepted", "accepted"]
    assert SpeakerRequest.objects.get(pk=speaking.pk).state == SpeakerState.SPOKEN
    meeting = services.move_on(actor=chair, meeting=meeting, item=first)  # back to it: discussed it stays
    assert [row.state for row in factories.items(meeting)] == ["discussed", "accepted", "discussed"]
    meeting = services.move_on(actor=chair, meeting=meeting, item=None)
    assert meeting.current_item is None and second.state == "accepted"


def test_only_items_of_this_agenda_are_moved_to(side: Side) -> None:
    other = factories.accepted(side, seat=None, meeting=side.meetings[1])
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    for row in (other, meeting.agenda_items.get(state="draft")):
        with pytest.raises(Conflict) as refused:
            services.move_on(actor=chair, meeting=meeting, item=row)
        assert refused.value.code == "not_on_the_agenda"
    with pytest.raises(Conflict):
        services.postpone(actor=chair, meeting=meeting, item=other)


def test_an_open_vote_holds_everything_where_it_is(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    poll = factories.open_poll(side, meeting)
    current, other = factories.items(meeting)[:2]
    for act in (
        lambda: services.move_on(actor=chair, meeting=meeting, item=other),
        lambda: services.move_on(actor=chair, meeting=meeting, item=None),
        lambda: services.postpone(actor=chair, meeting=meeting, item=current),
        lambda: services.close_session(actor=chair, meeting=meeting),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "poll_open"
    polls.close(actor=chair, poll=poll)
    services.close_session(actor=chair, meeting=meeting)


def _ask(side: Side, meeting: Meeting, seat: int = 0, **more: Any) -> SpeakerRequest:
    return speakers.request(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat], **more)


# --- closing ---


def test_closing_leaves_nothing_open_and_nothing_behind(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    speakers.give(actor=chair, speaker=_ask(side, meeting))
    _ask(side, meeting, 1)
    first, second, third = factories.items(meeting)
    services.postpone(actor=chair, meeting=meeting, item=second)
    with clock.at(factories.NOW + MINUTE):
        closed = services.close_session(actor=chair, meeting=meeting)
    assert (closed.state, closed.closed_at, closed.current_item) == ("closed", factories.NOW + MINUTE, None)
    assert [AgendaItem.objects.get(pk=row.pk).state for row in (first, second, third)] == ["discussed", "postponed", "not_reached"]
    assert not Attendance.objects.filter(meeting=meeting, left_at=None).exists()
    assert set(SpeakerRequest.objects.values_list("state", flat=True)) == {"spoken", "withdrawn"}
    record = Minutes.objects.get(meeting=meeting)
    assert (record.state, record.chaired_by) == (MinutesState.DRAFT, side.chair.name)
    following = side.meetings[1]
    shown = [(row.position, row.approves_minutes_of_id, row.origin_id, row.state, row.deferrals) for row in factories.items(following)]
    assert shown == [
        (1, meeting.pk, None, "accepted", 0),
        (2, None, second.pk, "accepted", 1),
        (3, None, third.pk, "accepted", 1),
    ]
    with pytest.raises(Conflict):
        services.close_session(actor=chair, meeting=meeting)


def test_the_third_deferral_is_counted_and_approvals_come_first(side: Side) -> None:
    factories.accepted(side, "Never reached", seat=None)
    for meeting in side.meetings[:3]:
        with clock.at(meeting.starts_at):
            published = _publish(side, meeting)
            services.open_session(actor=side.actor(CHAIR), meeting=published)
            services.close_session(actor=side.actor(CHAIR), meeting=published)
    last = factories.items(side.meetings[3])
    assert [(row.title, row.deferrals) for row in last if not row.approves_minutes_of_id] == [("Never reached", 3)]
    assert last[0].approves_minutes_of_id == side.meetings[2].pk
    assert [row.position for row in last] == [1, 2, 3, 4]
    assert {row.deferrals for row in last if row.approves_minutes_of_id} == {0, 1, 2}
    assert json.loads(Event.objects.filter(type="agenda_item.carried_over").latest("pk").payload)["origin"] is not None


def _publish(side: Side, meeting: Meeting) -> Meeting:
    return factories.agenda.publish(actor=side.actor(COORDINATOR), meeting=meeting)


def test_the_last_meeting_of_a_series_keeps_what_it_did_not_reach(side: Side) -> None:
    last = side.meetings[-1]
    with clock.at(last.intake_opens_at):
        meeting = factories.in_session(side, last)
        services.close_session(actor=side.actor(CHAIR), meeting=meeting)
    assert sorted(row.state for row in factories.items(meeting)) == [ItemState.DISCUSSED, ItemState.NOT_REACHED, ItemState.NOT_REACHED]
    assert not AgendaItem.objects.exclude(origin=None).exists()


def test_the_room_is_read_in_constant_queries(side: Side, django_assert_max_num_queries: Any) -> None:
    meeting, actor = factories.in_session(side), side.actor(COORDINATOR)
    counts = []
    for seat in (1, 2, 3):
        _ask(side, meeting, seat)
        with django_assert_max_num_queries(20) as captured:
            selectors.state(actor, meeting)
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]
