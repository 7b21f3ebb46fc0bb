"""When proposals open and close is said once, however late the worker comes; whether one is on time is not its business."""

from datetime import datetime, timedelta

import pytest

from meetings import clock
from meetings.agenda import services as agenda
from meetings.events.models import Event
from meetings.notifications.models import OutgoingEmail, Unsubscription
from meetings.scheduling import intake
from meetings.scheduling.models import Meeting, MeetingState
from tests import factories
from tests.factories import Side
from tests.parallel import side_by_side

INSTANT = timedelta(microseconds=1)


def said(meeting: Meeting) -> list[str]:
    rows = Event.objects.filter(stream__meeting=meeting, type__startswith="meeting.intake").order_by("sequence")
    return list(rows.values_list("type", flat=True))


def mails() -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(kind="intake_open").order_by("address"))


def at(instant: datetime) -> list[int]:
    with clock.at(instant):
        return [intake.open_intakes(), intake.close_intakes(), intake.tell_of_intakes()]


def test_opening_is_said_at_its_instant_and_closing_once_it_has_passed(side: Side) -> None:
    meeting = side.meeting
    opens, closes = meeting.intake_opens_at, meeting.intake_closes_at
    assert at(opens - INSTANT) == [0, 0, 0]
    assert at(opens)[:2] == [1, 0]
    assert at(closes) == [0, 0, 0]
    assert at(closes + INSTANT)[:2] == [0, 1]
    assert at(closes + timedelta(hours=1))[:2] == [0, 0]
    assert said(meeting) == ["meeting.intake_opened", "meeting.intake_closed"]
    meeting.refresh_from_db()
    assert (meeting.intake_opened_at, meeting.intake_closed_at, meeting.version) == (opens, closes + INSTANT, 1)


def test_who_may_propose_is_told_once_and_may_refuse(side: Side) -> None:
    refusing = side.other_representative
    Unsubscription.objects.create(user=refusing, kind="intake_open", at=factories.NOW)
    assert at(factories.NOW)[2] == 10
    assert at(factories.NOW + timedelta(hours=1))[2] == 0
    told = {mail.address for mail in mails()}
    assert told == {user.email for user in [*side.representatives, side.spokesperson]} - {refusing.email}
    assert {mail.context["meeting"] for mail in mails()} == {str(side.meeting.pk)}


def test_on_time_is_by_the_instant_alone(side: Side) -> None:
    """The worker has said nothing yet, or has said it long ago: the proposal does not care."""
    early, late = factories.draft(side, "Early"), factories.draft(side, "Late", seat=1)
    actor = side.actor(side.representative)
    with clock.at(side.meeting.intake_closes_at):
        assert agenda.submit(actor=actor, item=early).late is False
    with clock.at(side.meeting.intake_closes_at + timedelta(milliseconds=1)):
        intake.close_intakes()
        assert agenda.submit(actor=side.actor(side.other_representative), item=late, motive="It is of tonight").late is True


def test_after_a_pause_the_log_is_complete_and_only_the_next_meeting_is_mailed(side: Side) -> None:
    """Three intakes opened while the worker was off; two of them have closed."""
    first, second, third = side.meetings[:3]
    with clock.at(third.intake_opens_at + timedelta(hours=1)):
        assert [intake.open_intakes(), intake.close_intakes()] == [3, 2]
        assert intake.tell_of_intakes() == len(mails()) == 11
    assert {mail.context["meeting"] for mail in mails()} == {str(third.pk)}
    assert [said(row) for row in (first, second, third)] == [
        ["meeting.intake_opened", "meeting.intake_closed"],
        ["meeting.intake_opened", "meeting.intake_closed"],
        ["meeting.intake_opened"],
    ]


def test_of_two_meetings_that_take_proposals_the_nearer_is_told_of_first(side: Side) -> None:
    first, second = side.meetings[:2]
    Meeting.objects.filter(pk=second.pk).update(intake_opens_at=first.intake_opens_at)
    at(factories.NOW)
    assert {mail.context["meeting"] for mail in mails()} == {str(first.pk)}
    at(first.intake_closes_at + INSTANT)
    assert {mail.context["meeting"] for mail in mails()} == {str(first.pk), str(second.pk)}


def test_what_has_closed_meanwhile_is_not_mailed(side: Side) -> None:
    side.series.meetings.exclude(pk=side.meeting.pk).update(state=MeetingState.CANCELLED)
    at(side.meeting.intake_closes_at + INSTANT)
    assert mails() == [] and len(said(side.meeting)) == 2


def test_a_cancelled_meeting_takes_no_proposals(side: Side) -> None:
    Meeting.objects.filter(pk=side.meeting.pk).update(state=MeetingState.CANCELLED)
    assert at(factories.NOW) == [0, 0, 0]
    Meeting.objects.filter(pk=side.meeting.pk).update(state=MeetingState.SCHEDULED)
    assert at(factories.NOW) == [1, 0, 11]


def test_a_deadline_that_was_moved_passes_anew(side: Side) -> None:
    meeting = side.meeting
    at(meeting.intake_closes_at + INSTANT)
    later = meeting.intake_closes_at + timedelta(days=2)
    Meeting.objects.filter(pk=meeting.pk).update(intake_closes_at=later)
    assert at(later)[1] == 0
    assert at(later + INSTANT)[1] == 1
    assert said(meeting) == ["meeting.intake_opened", "meeting.intake_closed", "meeting.intake_closed"]


def test_what_is_long_past_stays_unsaid(side: Side) -> None:
    """An installation that is upgraded does not rewrite its history."""
    with clock.at(side.meeting.starts_at + intake.PAST):
        intake.open_intakes()
    assert said(side.meeting) == []


@pytest.mark.parametrize("step", ["open_intakes", "close_intakes", "tell_of_intakes"])
def test_any_number_of_workers_say_it_once(transactional_db: None, now: None, step: str) -> None:
    side = factories.make_side("home")
    with clock.at(side.meeting.intake_closes_at + INSTANT if step == "close_intakes" else factories.NOW):
        found = side_by_side([getattr(intake, step)] * 6, threads=6)
    assert sorted(found, key=str)[:5] == [0] * 5, found  # type: ignore[comparison-overlap]
    assert len(said(side.meeting)) + len(mails()) == {"open_intakes": 1, "close_intakes": 1, "tell_of_intakes": 11}[step]
