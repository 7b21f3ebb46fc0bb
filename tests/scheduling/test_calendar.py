"""Moving, cancelling and restoring one meeting, further meetings, and what people are told of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.agenda.services import cancel_meeting, restore_meeting
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.notifications.letters import KINDS
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.scheduling import acts, calendar, series_changes, telling
from meetings.scheduling.models import Meeting
from meetings.scheduling.previews import Preview, preview
from tests import factories
from tests.factories import COORDINATOR, NOW, Side


def move(side: Side, meeting: Meeting, start: str, **more: Any) -> Meeting:
    return calendar.move(actor=side.actor(COORDINATOR), meeting=meeting, values={"local_start": start, **more})


def extra(side: Side, start: str, *, series: bool = True, **more: Any) -> Meeting:
    values = {"local_start": start, **more}
    return calendar.extra(actor=side.actor(COORDINATOR), network=side.network, series=side.series if series else None, values=values)


def waiting(kind: str = "") -> list[OutgoingEmail]:
    rows = OutgoingEmail.objects.filter(kind__in=telling.KINDS, state=MailState.QUEUED)
    return list(rows.filter(kind=kind) if kind else rows)


def sent() -> None:
    """As if the worker had sent what waits."""
    OutgoingEmail.objects.filter(state=MailState.QUEUED).update(state=MailState.SENT)


# --- moving ---


def test_a_moved_meeting_keeps_its_state_and_its_intake_follows(side: Side) -> None:
    moved = factories.fresh(move(side, side.meeting, "2026-11-27T11:30", duration_minutes=60))
    assert (moved.local_start, moved.starts_at, moved.duration_minutes) == (
        "2026-11-27T11:30",
        datetime(2026, 11, 27, 10, 30, tzinfo=UTC),
        60,
    )
    assert (moved.state, moved.calendar_sequence, moved.moved) == ("scheduled", 1, True)
    assert moved.nominal_date == date(2026, 11, 26)
    assert moved.intake_closes_at == moved.starts_at - timedelta(hours=48)
    assert moved.intake_opens_at == side.meeting.intake_opens_at  # it was open, and does not shut again


def test_an_intake_that_has_closed_stays_closed(side: Side) -> None:
    with clock.at(side.meeting.intake_closes_at + timedelta(hours=1)):
        moved = move(side, side.meeting, "2026-12-01T10:00")
    assert moved.intake_closes_at == side.meeting.intake_closes_at


def test_an_intake_never_closes_in_the_past(side: Side) -> None:
    moved = move(side, side.meeting, "2026-11-21T10:00")
    assert moved.intake_closes_at == NOW


def test_a_published_agenda_moves_along(side: Side) -> None:
    meeting = factories.agenda_published(side)
    assert move(side, meeting, "2026-11-27T10:00").state == "agenda_published"


@pytest.mark.parametrize(
    ("start", "field"),
    [
        ("2026-12-10T02:30", "local_start"),
        ("2027-03-28T02:30", "local_start"),
        ("2026-11-19T10:00", "local_start"),
        ("2026-11-20T09:00", "local_start"),  # this very instant
        ("2500-11-20T09:00", "local_start"),
        ("0001-01-01T00:00", "local_start"),
        ("2026-12-10T10:00+01:00", "local_start"),
        ("tomorrow", "local_start"),
        ("2026-12-10", ""),  # midnight, which is a time
    ],
)
def test_times_that_are_none_are_refused(side: Side, start: str, field: str) -> None:
    if not field:
        assert move(side, side.meeting, start).local_start == "2026-12-10T00:00"
        return
    with pytest.raises(Invalid) as refused:
        move(side, side.meeting, start)
    assert list(refused.value.errors) == [field]
    assert factories.fresh(side.meeting).calendar_sequence == 0


@pytest.mark.parametrize("minutes", [0, 1441])
def test_a_length_that_is_none_is_refused(side: Side, minutes: int) -> None:
    with pytest.raises(Invalid) as refused:
        calendar.move(actor=side.actor(COORDINATOR), meeting=side.meeting, values={"duration_minutes": minutes})
    assert list(refused.value.errors) == ["duration_minutes"]


def test_a_move_across_a_change_of_the_clocks_keeps_its_wall_time(side: Side) -> None:
    moved = move(side, side.meetings[1], "2027-03-29T10:00")
    assert moved.starts_at == datetime(2027, 3, 29, 8, tzinfo=UTC)
    back = move(side, moved, "2027-03-27T10:00")
    assert back.starts_at == datetime(2027, 3, 27, 9, tzinfo=UTC)


def test_a_move_to_another_zone_keeps_the_wall_time_there(side: Side) -> None:
    moved = calendar.move(actor=side.actor(COORDINATOR), meeting=side.meeting, values={"time_zone": "Europe/London"})
    assert (moved.local_start, moved.starts_at.hour) == ("2026-11-26T10:00", 10)


def test_half_past_eleven_at_night_lasts_over_midnight(side: Side) -> None:
    moved = move(side, side.meeting, "2027-03-27T23:30", duration_minutes=240)
    assert moved.local.date() == date(2027, 3, 27)
    assert f"{moved.ends_at.astimezone(moved.zone):%Y-%m-%dT%H:%M}" == "2027-03-28T04:30"  # the clocks jump over an hour


def test_a_deadline_within_the_repeated_hour_is_an_instant(side: Side) -> None:
    """48 hours before 26 October 2027, 02:30 comes twice; a deadline of elapsed hours says which of them is meant."""
    found = []
    for start in ("2027-11-02T01:30", "2027-11-02T03:30"):
        moved = calendar.extra(
            actor=side.actor(COORDINATOR), network=side.network, series=None, values={"title": "Night", "local_start": start}
        )
        found.append(moved.intake_closes_at)
    assert found[1] - found[0] == timedelta(hours=2)
    series = side.series
    series.intake_closes_hours = 24
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    closes = [acts.intake(series, instant + timedelta(hours=24))["intake_closes_at"] for instant in (first, second)]
    assert closes == [first, second]
    assert [f"{instant.astimezone(side.network.zone):%H:%M %z}" for instant in closes] == ["02:30 +0200", "02:30 +0100"]


def test_moved_twice_and_back_is_what_it_was_but_for_the_sequence(side: Side) -> None:
    meeting = side.meetings[2]
    for start in ("2026-12-11T10:00", "2026-12-09T15:00", "2026-12-10T10:00"):
        meeting = move(side, meeting, start)
    assert (meeting.moved, meeting.calendar_sequence, meeting.pk) == (False, 3, side.meetings[2].pk)
    was = side.meetings[2]
    assert (meeting.starts_at, meeting.intake_opens_at, meeting.intake_closes_at) == (
        was.starts_at,
        was.intake_opens_at,
        was.intake_closes_at,
    )
    assert not waiting()  # nobody had been told


def test_moving_to_where_it_is_changes_nothing(side: Side) -> None:
    same = move(side, side.meeting, side.meeting.local_start)
    assert (same.version, same.calendar_sequence) == (1, 0)


def test_who_has_not_seen_what_was_saved_cannot_move(side: Side) -> None:
    move(side, side.meeting, "2026-11-27T10:00")
    with pytest.raises(StaleVersion):
        calendar.move(actor=side.actor(COORDINATOR), meeting=side.meeting, values={"local_start": "2026-11-28T10:00"}, expected_version=1)


# --- cancelling and restoring ---


def test_cancelled_and_restored_returns_to_its_state_with_a_growing_sequence(side: Side) -> None:
    for meeting, state in ((factories.agenda_published(side), "agenda_published"), (side.meetings[1], "scheduled")):
        actor = side.actor(COORDINATOR)
        cancelled = cancel_meeting(actor=actor, meeting=meeting, reason="Snow")
        assert (cancelled.state, cancelled.state_before, cancelled.reason, cancelled.calendar_sequence) == ("cancelled", state, "Snow", 1)
        restored = restore_meeting(actor=actor, meeting=meeting)
        assert (restored.state, restored.state_before, restored.reason, restored.calendar_sequence) == (state, "", "", 2)


@pytest.mark.parametrize("reason", ["", "  \n", "\u200b\0"[1:]])
def test_cancelling_needs_a_reason(side: Side, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        cancel_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, reason=reason)
    assert "reason" in refused.value.errors


def test_what_is_not_held_or_has_begun_is_not_moved_cancelled_or_restored(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    with pytest.raises(Conflict):
        restore_meeting(actor=actor, meeting=side.meeting)
    cancel_meeting(actor=actor, meeting=side.meeting, reason="Snow")
    for act in (
        lambda: move(side, side.meeting, "2026-12-01T10:00"),
        lambda: cancel_meeting(actor=actor, meeting=side.meeting, reason="Ice"),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "wrong_state"
    with clock.at(side.meeting.starts_at), pytest.raises(Conflict) as refused:
        restore_meeting(actor=actor, meeting=side.meeting)
    assert refused.value.code == "meeting_past"


def test_a_session_that_has_begun_stays_where_it_is(side: Side) -> None:
    session = factories.in_session(side)
    with pytest.raises(Conflict):
        move(side, session, "2026-12-24T10:00")
    with pytest.raises(Conflict):
        cancel_meeting(actor=side.actor(COORDINATOR), meeting=session, reason="Snow")


# --- further meetings ---


def test_a_further_meeting_goes_on_with_the_numbers_of_its_series(side: Side) -> None:
    made = extra(side, "2026-12-01T15:00", duration_minutes=30)
    assert (made.number, made.title, made.duration_minutes, made.join_url) == (5, "Weekly coordination", 30, side.series.join_url)
    assert (made.nominal_date, made.state, made.calendar_sequence) == (None, "scheduled", 0)
    assert {row.kind for row in waiting()} == {"meeting_scheduled"}
    same_day = extra(side, "2026-11-26T15:00")
    assert same_day.number == 6
    assert side.series.meetings.filter(local_start__startswith="2026-11-26").count() == 2


def test_a_further_meeting_of_no_series_has_numbers_of_its_own(side: Side) -> None:
    first, second = (extra(side, f"2026-12-0{day}T15:00", series=False, title="Assembly") for day in (1, 2))
    assert [(row.number, row.series_id, row.time_zone) for row in (first, second)] == [(1, None, "Europe/Rome"), (2, None, "Europe/Rome")]
    with pytest.raises(Invalid) as refused:
        extra(side, "2026-12-01T15:00", series=False)
    assert "title" in refused.value.errors
    with pytest.raises(Invalid) as refused:
        extra(side, "2027-02-02T02:30", series=False, title="Assembly")
    assert list(refused.value.errors) == ["local_start"]


def test_another_networks_series_is_none(home: Side, away: Side) -> None:
    with pytest.raises(Invalid):
        calendar.extra(actor=home.actor(COORDINATOR), network=home.network, series=away.series, values={"local_start": "2026-12-01T15:00"})


# --- who may ---

ACTS: dict[str, Callable[[Side, Any], Any]] = {
    "move": lambda s, a: calendar.move(actor=a, meeting=s.meeting, values={"local_start": "2026-11-27T10:00"}),
    "look at a move": lambda s, a: calendar.move_plan(actor=a, meeting=s.meeting, values={"local_start": "2026-11-27T10:00"}),
    "cancel": lambda s, a: cancel_meeting(actor=a, meeting=s.meeting, reason="Snow"),
    "look at cancelling": lambda s, a: calendar.cancel_plan(actor=a, meeting=s.meeting),
    "make": lambda s, a: calendar.extra(actor=a, network=s.network, series=None, values={"title": "A", "local_start": "2026-11-27T10:00"}),
    "skip": lambda s, a: series_changes.asked_skip(actor=a, series=s.series, day=date(2026, 12, 3)),
    "breaks": lambda s, a: series_changes.asked_breaks(actor=a, series=s.series, breaks=[]),
    "end": lambda s, a: series_changes.asked_end(actor=a, series=s.series, ends_on=None),
    "change": lambda s, a: series_changes.asked_change(actor=a, series=s.series, since=date(2026, 12, 1), changes={"weekday": 1}),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_coordinators_schedule(home: Side, away: Side, act: str) -> None:
    for who in (home.observer, home.representative, home.spokesperson, home.chair, home.auditor):
        with pytest.raises(NotAllowed):
            ACTS[act](home, home.actor(who))
    with pytest.raises(NotFound):
        ACTS[act](home, away.actor(COORDINATOR))
    ACTS[act](home, home.actor(COORDINATOR))


# --- looking first ---


def looked(side: Side, meeting: Meeting, **values: Any) -> Preview:
    actor = side.actor(COORDINATOR)
    return preview(actor=actor, network=side.network, plan=calendar.move_plan(actor=actor, meeting=meeting, values=values))


def test_a_preview_says_what_the_act_then_does(side: Side) -> None:
    found = looked(side, side.meeting, local_start="2026-12-08T10:00")  # the Immaculate Conception, and past no. 2
    (change,) = found.changes
    assert (change.what, change.before.local_start, change.after.local_start) == ("moved", "2026-11-26T10:00", "2026-12-08T10:00")
    assert [(row.code, row.meeting) for row in found.warnings] == [("holiday", side.meeting.pk), ("passes", side.meeting.pk)]
    assert factories.fresh(side.meeting).local_start == "2026-11-26T10:00"
    moved = move(side, side.meeting, "2026-12-08T10:00")
    assert acts.times_of(moved) == change.after
    assert len(waiting("meeting_moved")) == found.told > 0


@pytest.mark.parametrize(
    ("start", "codes"),
    [
        ("2026-12-03T10:30", ["overlap"]),
        ("2026-12-03T11:30", ["same_day"]),
        ("2026-11-28T10:00", ["weekend"]),
        ("2026-11-20T15:00", ["short_notice"]),
        ("2026-11-27T10:00", []),
    ],
)
def test_a_preview_warns(side: Side, start: str, codes: list[str]) -> None:
    assert [row.code for row in looked(side, side.meeting, local_start=start).warnings] == codes


def test_of_a_meeting_far_away_nobody_is_told(side: Side) -> None:
    far = extra(side, "2027-05-04T15:00")
    assert not waiting()
    assert looked(side, far, local_start="2027-05-05T15:00").told == 0
    far = move(side, far, "2027-05-05T15:00")
    assert not waiting()
    cancel_meeting(actor=side.actor(COORDINATOR), meeting=far, reason="Snow")
    assert not waiting() and factories.fresh(far).announced_at is None


# --- mails ---


def test_a_move_is_told_to_all_but_auditors_and_who_did_it(side: Side) -> None:
    move(side, side.meeting, "2026-11-27T11:00")
    told = {row.user_id for row in waiting("meeting_moved")}
    assert {side.representative.pk, side.chair.pk, side.observer.pk, side.spokesperson.pk} <= told
    assert not {side.auditor.pk, side.coordinator.pk} & told
    letter = KINDS["meeting_moved"].compose(waiting()[0].context)
    facts = dict(letter.facts)
    assert facts["Before"] == "Thursday 26 November 2026, 10:00 (Europe/Rome time), 90 minutes"
    assert facts["Now"] == "Friday 27 November 2026, 11:00 (Europe/Rome time), 90 minutes"


def test_an_editing_session_is_one_mail_with_the_first_before_and_the_last_after(side: Side) -> None:
    for start in ("2026-11-27T11:00", "2026-11-27T12:00"):
        meeting = move(side, side.meeting, start)
    rows = waiting()
    assert len(rows) == len({row.address for row in rows}) and {row.kind for row in rows} == {"meeting_moved"}
    (change,) = rows[0].context["changes"]
    assert (change["before"]["starts_at"], change["after"]["starts_at"]) == ("2026-11-26T09:00:00Z", "2026-11-27T11:00:00Z")
    cancel_meeting(actor=side.actor(COORDINATOR), meeting=meeting, reason="Snow")
    rows = waiting()
    assert len(rows) == len({row.address for row in rows}) and {row.kind for row in rows} == {"meeting_cancelled"}
    letter = KINDS["meeting_cancelled"].compose(rows[0].context)
    assert dict(letter.facts)["It was planned for"].startswith("Thursday 26 November 2026, 10:00") and letter.quote == "Snow"


def test_what_comes_to_nothing_is_not_told(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    move(side, side.meeting, "2026-11-27T11:00")
    move(side, side.meeting, "2026-11-26T10:00")
    assert not waiting()
    cancel_meeting(actor=actor, meeting=side.meeting, reason="Snow")
    restore_meeting(actor=actor, meeting=side.meeting)
    assert not waiting()
    made = extra(side, "2026-12-01T15:00")
    cancel_meeting(actor=actor, meeting=made, reason="A mistake")
    assert not waiting()


def test_who_was_told_already_is_told_that_it_is_undone(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    cancel_meeting(actor=actor, meeting=side.meeting, reason="Snow")
    late = OutgoingEmail.objects.filter(kind="meeting_cancelled").latest("address")
    OutgoingEmail.objects.exclude(pk=late.pk).update(state=MailState.SENT)
    restore_meeting(actor=actor, meeting=side.meeting)
    told = {row.address for row in waiting("meeting_restored")}
    assert told and late.address not in told
    letter = KINDS["meeting_restored"].compose(waiting()[0].context)
    assert dict(letter.facts)["When"].startswith("Thursday 26 November 2026, 10:00")
    cancel_meeting(actor=actor, meeting=side.meeting, reason="Snow again")
    assert {row.address for row in waiting()} == {late.address}


def test_several_meetings_of_a_series_are_one_mail(side: Side) -> None:
    move(side, side.meetings[0], "2026-11-27T11:00")
    move(side, side.meetings[1], "2026-12-04T11:00")
    rows = waiting()
    assert len(rows) == len({row.address for row in rows}) and {row.kind for row in rows} == {"meetings_changed"}
    letter = KINDS["meetings_changed"].compose(rows[0].context)
    assert [label for label, _text in letter.facts] == ["No. 1", "No. 2"]
    move(side, side.meetings[1], "2026-12-03T10:00")
    assert {row.kind for row in waiting()} == {"meeting_moved"}


def test_another_join_link_is_told_once_for_all_meetings(side: Side) -> None:
    from_series = {"join_url": "https://meet.example.org/new"}
    calendar.services.change_series(actor=side.actor(COORDINATOR), series=side.series, values=from_series)
    rows = waiting("join_link_changed")
    assert len(rows) == len({row.address for row in rows}) and len(rows[0].context["changes"]) == 4
    letter = KINDS["join_link_changed"].compose(rows[0].context)
    assert dict(letter.facts)["Join link"] == "https://meet.example.org/new"
    sent()
    calendar.services.change_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, values={"phone_pin": "1"})
    assert len(waiting("join_link_changed")) == len(rows)
    sent()
    calendar.services.change_meeting(actor=side.actor(COORDINATOR), meeting=side.meeting, values={"title": "Renamed"})
    assert not waiting()


@pytest.mark.parametrize("kind", telling.KINDS)
@pytest.mark.parametrize("language", ["en", "it", "fr"])
def test_every_mail_can_be_written(side: Side, kind: str, language: str) -> None:
    shown = telling.shown(side.meeting)
    other = {**shown, "starts_at": "2026-12-01T09:00:00Z", "join_url": ""}
    change = {"meeting": str(side.meeting.pk), "number": 1, "title": "A\nB", "reason": "", "before": shown, "after": other}
    changes = [
        change,
        {**change, "before": None},
        {**change, "after": {**shown, "is_held": False}},
        {**change, "before": {**shown, "is_held": False}},
    ]
    changes += [{**change, "after": {**shown, "phone": "1"}}] * 10
    letter = KINDS[kind].compose({"changes": changes})
    assert letter.subject and letter.paragraphs and letter.facts and letter.button
