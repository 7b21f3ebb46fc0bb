"""Only the silent are reminded, at the series' hours or by hand, and nobody twice in a day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.network.models import Membership, User
from meetings.network.selectors import system_actor
from meetings.network.services import add_membership, end_membership
from meetings.notifications.letters import KINDS
from meetings.notifications.models import OutgoingEmail
from meetings.scheduling import reminders, services
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.readiness import coming_up, last_asked
from meetings.scheduling.selectors import answers_by_zone
from tests import factories
from tests.factories import COORDINATOR, SPOKESPERSON, Side
from tests.parallel import side_by_side

SUNDAY = datetime(2026, 11, 22, 9, tzinfo=UTC)
"""96 hours before the meeting of Thursday 26 November, 10:00 in Rome."""
WEDNESDAY = SUNDAY + timedelta(days=3)


def asked() -> list[str]:
    """The addresses of all reminders so far."""
    return sorted(OutgoingEmail.objects.filter(kind="reminder").values_list("address", flat=True))


def of(*users: User) -> list[str]:
    return sorted(user.email for user in users)


def answer(side: Side, *seats: int, answer: str = "attending") -> None:
    for n in seats:
        services.respond(actor=side.actor(side.representatives[n]), meeting=side.meeting, municipality=side.seats[n], answer=answer)


def tick(at: datetime) -> int:
    with clock.at(at):
        return reminders.remind_the_silent()


def test_the_silent_are_asked_at_each_hour_and_nobody_else(side: Side) -> None:
    answer(side, 0, 1)
    answer(side, 2, answer="regrets")
    assert tick(SUNDAY - timedelta(microseconds=1)) == 0
    assert tick(SUNDAY) == 7 and asked() == of(*side.representatives[3:])
    assert tick(SUNDAY + timedelta(minutes=1)) == 0
    answer(side, 3)
    assert tick(WEDNESDAY) == 6
    assert sorted(asked()) == sorted([*of(*side.representatives[3:]), *of(*side.representatives[4:])])
    assert list(Event.objects.filter(type="meeting.reminded").values_list("stream__meeting", flat=True)) == [side.meeting.pk] * 2


def test_after_a_pause_only_the_latest_hour_counts(side: Side) -> None:
    assert tick(WEDNESDAY + timedelta(hours=3)) == 10
    assert tick(WEDNESDAY + timedelta(hours=16)) == 0
    assert len(asked()) == 10


def test_never_once_the_meeting_begins_nor_for_a_cancelled_one(side: Side) -> None:
    assert tick(side.meeting.starts_at) == 0
    Meeting.objects.filter(pk=side.meeting.pk).update(state=MeetingState.CANCELLED)
    assert tick(SUNDAY) == 0
    Meeting.objects.filter(pk=side.meeting.pk).update(state=MeetingState.SCHEDULED)
    assert tick(SUNDAY) == 10


def test_one_mail_for_several_seats_with_the_answers_of_each(side: Side) -> None:
    first = side.representative
    end_membership(actor=system_actor(side.network.pk), membership=Membership.objects.get(user=side.other_representative))
    add_membership(actor=system_actor(side.network.pk), network=side.network, user=first, role="representative", municipality=side.seats[1])
    assert tick(SUNDAY) == 9
    mail = OutgoingEmail.objects.get(kind="reminder", user=first)
    letter = KINDS["reminder"].compose({**mail.context, "name": first.name, "network": "home", "network_name": "Home"})
    links = [letter.button, *letter.links]
    assert len({path.partition("?")[0] for _label, path in links if path}) == 2  # type: ignore[misc]
    assert [path.partition("?")[2] for _label, path in links] == ["answer=attending", "answer=regrets", "answer=substitute"] * 2  # type: ignore[misc]
    assert all(path.startswith("/reply/") for _label, path in links)  # type: ignore[misc]
    assert side.seats[0].name in letter.subject and side.seats[1].name in letter.subject


def test_by_hand_and_by_the_worker_nobody_is_asked_twice_in_a_day(side: Side) -> None:
    coordinator = side.actor(COORDINATOR)
    with clock.at(SUNDAY - timedelta(hours=2)):
        assert reminders.remind(actor=side.actor(SPOKESPERSON), meeting=side.meeting, zone=side.zones[0]) == (4, 0)
        assert reminders.remind(actor=coordinator, meeting=side.meeting) == (6, 4)
        assert reminders.remind(actor=coordinator, meeting=side.meeting) == (0, 10)
    assert tick(SUNDAY) == 0
    midnight = datetime(2026, 11, 22, 23, tzinfo=UTC)  # in Rome
    with clock.at(midnight - timedelta(seconds=1)):
        assert reminders.remind(actor=coordinator, meeting=side.meeting) == (0, 10)
    with clock.at(midnight):
        assert reminders.remind(actor=coordinator, meeting=side.meeting) == (10, 0)


def test_a_spokesperson_asks_their_own_zone_alone(side: Side) -> None:
    spokesperson = side.actor(SPOKESPERSON)
    for zone in (None, side.zones[1]):
        with pytest.raises(NotAllowed):
            reminders.remind(actor=spokesperson, meeting=side.meeting, zone=zone)
    for who in ("observer", "representative", "auditor"):
        with pytest.raises(NotAllowed):
            reminders.remind(actor=side.actor(getattr(side, who)), meeting=side.meeting)
    assert asked() == []


def test_not_in_another_network_and_not_too_late(home: Side, away: Side) -> None:
    with pytest.raises(NotFound):
        reminders.remind(actor=away.actor(COORDINATOR), meeting=home.meeting)
    with clock.at(home.meeting.starts_at), pytest.raises(Conflict):
        reminders.remind(actor=home.actor(COORDINATOR), meeting=home.meeting)
    Meeting.objects.filter(pk=home.meeting.pk).update(state=MeetingState.CANCELLED)
    with pytest.raises(Conflict):
        reminders.remind(actor=home.actor(COORDINATOR), meeting=home.meeting)
    assert asked() == []


def test_a_seat_that_has_gone_is_not_silent(side: Side) -> None:
    side.seats[9].valid_until = side.meeting.local.date() - timedelta(days=1)
    side.seats[9].save()
    assert tick(SUNDAY) == 9
    assert [zone["total"] for zone in answers_by_zone(side.meeting)] == [4, 3, 2]


def test_answers_of_a_seat_that_has_gone_are_not_counted(side: Side) -> None:
    answer(side, 0, 4)
    side.seats[4].valid_until = side.meeting.local.date() - timedelta(days=1)
    side.seats[4].save()
    assert [(zone["attending"], zone["silent"]) for zone in answers_by_zone(side.meeting)] == [(1, 3), (0, 2), (0, 3)]


@pytest.mark.parametrize("hours", [[0], [337], [24, -1], ["24"], [1.5], [True], "24", None, {}, [1, 2, 3, 4, 5, 6]])
def test_hours_that_make_no_sense_are_refused(side: Side, hours: Any) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_series(actor=side.actor(COORDINATOR), series=side.series, values={"reminder_hours": hours})
    assert list(refused.value.errors) == ["reminder_hours"]


def test_a_series_says_when(side: Side) -> None:
    series = services.change_series(actor=side.actor(COORDINATOR), series=side.series, values={"reminder_hours": [12, 72, 12]})
    assert series.reminder_hours == [72, 12]
    assert [tick(SUNDAY), tick(SUNDAY + timedelta(days=1))] == [0, 10]
    services.change_series(actor=side.actor(COORDINATOR), series=side.series, values={"reminder_hours": []})
    assert tick(side.meeting.starts_at - timedelta(hours=1)) == 0


def test_what_is_to_come_and_who_was_asked(side: Side) -> None:
    meeting = services.locked(side.meeting)
    assert [row.what for row in coming_up(meeting)] == ["reminder", "intake_closes", "reminder"]
    assert last_asked(meeting) is None
    tick(SUNDAY)
    with clock.at(SUNDAY):
        assert [row.what for row in coming_up(meeting)] == ["intake_closes", "reminder"]
    assert last_asked(meeting) == (SUNDAY, 10)


def test_six_workers_ask_once(transactional_db: None, now: None) -> None:
    side = factories.make_side("home")
    with clock.at(SUNDAY):
        found = side_by_side([reminders.remind_the_silent] * 6, threads=6)
    assert sorted(found, key=str) == [0] * 5 + [10], found  # type: ignore[comparison-overlap]
    assert asked() == of(*side.representatives)
