"""Participation: what is counted, against a world made by hand and against the same counted in Python."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import clock
from meetings.access import Role
from meetings.errors import Invalid, NotAllowed
from meetings.live import attendance, polls, speakers
from meetings.live import services as live
from meetings.live.attendance_selectors import attendance_rows, present_at, reaches, rows_of_seat, seats
from meetings.live.models import Attendance
from meetings.network import mergers
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.reporting import selectors
from meetings.reporting.figures import Figures, Period, Report
from meetings.scheduling.models import Meeting
from meetings.scheduling.services import respond
from tests import factories
from tests.factories import Side

DAYS = Period(date(2026, 11, 1), date(2026, 12, 31))


def answered(side: Side, meeting: Meeting) -> None:
    """Seats 0 and 1 attend, seat 2 sends a substitute, seats 3 and 8 regrets; the others say nothing."""
    for seat, answer in ((0, "attending"), (1, "attending"), (2, "substitute"), (3, "regrets"), (8, "regrets")):
        who = {"name": "Sub Stitute"} if answer == "substitute" else None
        actor = side.actor(side.representatives[seat])
        respond(actor=actor, meeting=meeting, municipality=side.seats[seat], answer=answer, substitute=who)


def lived(side: Side) -> Meeting:
    """The first meeting, with answers; seats 0 to 7 come, among them seat 3 despite its regrets. Two speak, one of them twice."""
    answered(side, side.meeting)
    meeting = factories.in_session(side)
    for seat in (0, 1, 0):
        asked = speakers.request(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat])
        speakers.end(actor=side.actor("chair"), speaker=speakers.give(actor=side.actor("chair"), speaker=asked))
    poll = factories.open_poll(side, meeting)
    for seat in range(5):
        polls.vote(actor=side.actor(side.representatives[seat]), poll=poll, municipality=side.seats[seat], choice="yes")
    polls.close(actor=side.actor("chair"), poll=poll)
    with clock.at(clock.now() + timedelta(minutes=2)):
        return factories.fresh(live.close_session(actor=side.actor("chair"), meeting=factories.fresh(meeting)))


def of_seat(report: Report, seat: Municipality) -> Figures:
    return next(row.figures for row in report.municipalities if row.municipality == seat)


def test_every_figure_of_a_meeting(side: Side) -> None:
    meeting = lived(side)
    [row] = selectors.participation(side.network, DAYS).meetings
    assert row.meeting == meeting
    assert (row.seats, row.present) == ((10, 55_000), (8, 36_000))
    assert (row.most, row.quorum, row.speakers, row.polls) == (8, True, 2, 1)
    figures = row.figures
    assert (figures.attending, figures.substitute, figures.regrets, figures.silent, figures.answered) == (2, 1, 2, 5, 5)
    assert (figures.present, figures.excused, figures.absent) == (8, 1, 1)
    assert (figures.speeches, figures.votes, figures.proposals) == (3, 5, 3)
    assert row.population_share == selectors.Figures(invited=55, present=36).share


def test_every_figure_of_a_municipality_and_a_zone(side: Side) -> None:
    lived(side)
    report = selectors.participation(side.network, DAYS)
    assert of_seat(report, side.seats[0]) == Figures(invited=1, attending=1, present=1, speeches=2, votes=1, proposals=1)
    assert of_seat(report, side.seats[3]) == Figures(invited=1, regrets=1, present=1, votes=1)
    assert of_seat(report, side.seats[8]) == Figures(invited=1, regrets=1, excused=1)
    assert of_seat(report, side.seats[9]).absent == 1
    zones = {row.zone.number: row for row in report.zones}
    assert [zones[n].seats for n in (1, 2, 3)] == [4, 3, 3]
    assert (zones[3].figures.invited, zones[3].figures.present, zones[3].figures.excused, zones[3].figures.absent) == (3, 1, 1, 1)
    assert report.figures == Figures.total(row.figures for row in report.zones)
    assert report.figures == Figures.total(row.figures for row in report.meetings)
    assert report.with_quorum == 1


def test_a_zone_alone(side: Side) -> None:
    lived(side)
    report = selectors.participation(side.network, DAYS, side.zones[2])
    [row] = report.meetings
    assert (row.seats, row.present, row.figures.votes, row.figures.speeches) == ((3, 27_000), (1, 8_000), 0, 0)
    assert row.quorum, "the meeting had it, whatever the zone did"
    assert [one.municipality for one in report.municipalities] == side.seats[7:]
    assert [one.zone for one in report.zones] == [side.zones[2]]


def test_the_same_counted_in_python(side: Side) -> None:
    """Interval by interval, over meetings that differ."""
    meetings = [lived(side)]
    with clock.at(side.meetings[1].starts_at):
        second = live.open_session(actor=side.actor("chair"), meeting=_published(side, side.meetings[1]))
        for seat in (9, 8, 2):
            live.join(actor=side.actor(side.representatives[seat]), meeting=second, municipality=side.seats[seat])
        for minutes in (5, 10):
            with clock.at(side.meetings[1].starts_at + timedelta(minutes=minutes)):
                who = side.actor(side.representatives[9])
                (live.leave if minutes == 5 else live.join)(actor=who, meeting=second, municipality=side.seats[9])
        with clock.at(side.meetings[1].starts_at + timedelta(minutes=12)):
            meetings.append(factories.fresh(live.close_session(actor=side.actor("chair"), meeting=second)))
    report = selectors.participation(side.network, DAYS)
    assert [row.meeting for row in report.meetings] == meetings
    came: Counter[Municipality] = Counter()
    for row, meeting in zip(report.meetings, meetings, strict=True):
        there = {one.municipality for one in attendance_rows(meeting)}
        came.update(there)
        rows = list(attendance_rows(meeting))
        readings = [present_at(rows, at) for one in rows for at in (one.joined_at, one.left_at) if at]
        assert row.present == (len(there), sum(one.population for one in there))
        assert row.most == max(count.municipalities for count in readings)
        assert row.quorum == any(reaches(count, seats(meeting), meeting.network) for count in readings)
    assert [row.quorum for row in report.meetings] == [True, False]
    assert {row.municipality: row.figures.present for row in report.municipalities if row.figures.present} == dict(came)


def _published(side: Side, meeting: Meeting) -> Meeting:
    Meeting.objects.filter(pk=meeting.pk).update(state="agenda_published", agenda_published_at=clock.now())
    return factories.fresh(meeting)


def test_quorum_is_reached_together_or_not_at_all(side: Side) -> None:
    """Many small ones, and later a large one, are never there at the same time."""
    meeting = _published(side, side.meeting)
    with clock.at(meeting.starts_at):
        live.open_session(actor=side.actor("chair"), meeting=meeting)
    _present(meeting, side.seats[:6], 0, 10)
    _present(meeting, side.seats[6:], 11, 20)
    with clock.at(meeting.starts_at + timedelta(hours=1)):
        live.close_session(actor=side.actor("chair"), meeting=factories.fresh(meeting))
    [row] = selectors.participation(side.network, DAYS).meetings
    assert (row.present.municipalities, row.most) == (10, 6)
    assert row.quorum is True, "the last four have a third of the seats and more than half of the population"
    Attendance.objects.filter(municipality=side.seats[9]).update(struck_at=clock.now())
    [row] = selectors.participation(side.network, DAYS).meetings
    assert (row.present.municipalities, row.quorum) == (9, False)


def test_a_seat_that_is_handed_over_counts_once_and_a_moment_counts(side: Side) -> None:
    """One stay ends where the next begins; others are there for that instant alone."""
    meeting = _published(side, side.meeting)
    with clock.at(meeting.starts_at):
        live.open_session(actor=side.actor("chair"), meeting=meeting)
    for begins, ends in ((0, 10), (10, 20), (20, 20)):
        _present(meeting, side.seats[9:], begins, ends)
    _present(meeting, side.seats[6:8], 10, 10)
    with clock.at(meeting.starts_at + timedelta(hours=1)):
        live.close_session(actor=side.actor("chair"), meeting=factories.fresh(meeting))
    [row] = selectors.participation(side.network, DAYS).meetings
    assert (row.most, row.quorum, row.present.population) == (3, False, 25_000)
    _present(meeting, side.seats[5:6], 10, 10)
    [row] = selectors.participation(side.network, DAYS).meetings
    assert (row.most, row.quorum) == (4, True), "31,000 of 55,000, and 4 of 10"


def _present(meeting: Meeting, towns: list[Municipality], begins: int, ends: int) -> None:
    for town in towns:
        Attendance.objects.create(
            meeting=meeting,
            municipality=town,
            person="Somebody",
            joined_at=meeting.starts_at + timedelta(minutes=begins),
            left_at=meeting.starts_at + timedelta(minutes=ends),
        )


def test_what_the_office_has_struck_does_not_count(side: Side) -> None:
    meeting = lived(side)
    rows = rows_of_seat(meeting.pk, side.seats[0].pk)
    known = [{"from": row.joined_at, "until": row.left_at} for row in rows]
    attendance.correct(actor=side.actor("coordinator"), meeting=meeting, municipality=side.seats[0], intervals=[], known=known)
    report = selectors.participation(side.network, DAYS)
    assert (of_seat(report, side.seats[0]).present, report.meetings[0].present.municipalities) == (0, 7)


def test_only_meetings_that_were_held_within_the_period(side: Side) -> None:
    lived(side)
    assert len(selectors.participation(side.network, Period(date(2026, 11, 26), date(2026, 11, 26))).meetings) == 1
    for days in (Period(date(2026, 11, 27), date(2026, 12, 31)), Period(date(2026, 1, 1), date(2026, 11, 25))):
        report = selectors.participation(side.network, days)
        assert (report.meetings, report.municipalities, report.zones, report.figures) == ([], [], [], Figures())


def test_a_seat_counts_only_in_meetings_in_which_it_existed(side: Side) -> None:
    """Seats 8 and 9 merge after the first meeting; the second one is the successor's."""
    lived(side)
    newcomer = mergers.Newcomer("001777", "Greater Town", side.zones[2])
    office = side.actor("coordinator")
    merger = mergers.merge_municipalities(
        actor=office, network=side.network, sources=side.seats[8:], successor=newcomer, on=date(2026, 12, 1)
    )
    with clock.at(side.meetings[1].starts_at):
        second = live.open_session(actor=side.actor("chair"), meeting=_published(side, side.meetings[1]))
        live.close_session(actor=side.actor("chair"), meeting=second)
    report = selectors.participation(side.network, DAYS)
    assert [row.seats.municipalities for row in report.meetings] == [10, 9]
    assert [row.seats.population for row in report.meetings] == [55_000, 55_000]
    invited = {row.municipality: row.figures.invited for row in report.municipalities}
    assert (invited[side.seats[0]], invited[side.seats[8]], invited[side.seats[9]], invited[merger.successor]) == (2, 1, 1, 1)
    own = selectors.of_municipality(side.actor("auditor"), _with_network(side.seats[8]), DAYS)
    assert [row.meeting.number for row in own.meetings] == [1]


def _with_network(town: Municipality) -> Municipality:
    return Municipality.objects.select_related("network", "zone").get(pk=town.pk)


def test_a_municipalitys_own_line_is_the_one_of_the_report(side: Side) -> None:
    lived(side)
    report = selectors.participation(side.network, DAYS)
    for seat in side.seats:
        own = selectors.of_municipality(side.actor("coordinator"), _with_network(seat), DAYS)
        assert own.figures == of_seat(report, seat)
        assert [row.outcome for row in own.meetings] == [
            "present" if own.figures.present else "excused" if own.figures.excused else "absent"
        ]


def test_who_sees_the_figures_of_which_municipality(side: Side) -> None:
    lived(side)
    shown = {
        role: [row.municipality for row in selectors.participation_for(side.actor(user), side.network, DAYS).municipalities]
        for role, user in {**side.people, "representative": side.representative}.items()
    }
    everybody = list(municipalities(side.network))
    assert shown == {
        Role.COORDINATOR: everybody,
        Role.CHAIR: everybody,
        Role.AUDITOR: everybody,
        Role.SPOKESPERSON: side.seats[:4],
        "representative": side.seats[:1],
        Role.OBSERVER: [],
    }
    whole = selectors.participation_for(side.actor(side.observer), side.network, DAYS)
    assert whole.figures.present == 8 and len(whole.zones) == 3 and len(whole.meetings) == 1
    with pytest.raises(NotAllowed):
        selectors.of_municipality(side.actor(side.other_representative), _with_network(side.seats[0]), DAYS)


def test_the_period_is_a_year_unless_said(side: Side) -> None:
    assert selectors.period(side.network) == Period(date(2025, 11, 20), date(2026, 11, 20))
    assert selectors.period(side.network, since=date(2026, 1, 1)) == Period(date(2026, 1, 1), date(2026, 11, 20))
    assert selectors.period(side.network, until=date(2026, 1, 1)).since == date(2025, 1, 1)
    for since, until in ((date(2026, 2, 1), date(2026, 1, 1)), (date(1990, 1, 1), date(2026, 1, 1))):
        with pytest.raises(Invalid):
            selectors.period(side.network, since, until)


@pytest.mark.parametrize("many", [1, 3])
def test_five_queries_for_any_number(side: Side, many: int) -> None:
    lived(side)
    for meeting in side.meetings[1:many]:
        Meeting.objects.filter(pk=meeting.pk).update(state="closed")
    with CaptureQueriesContext(connection) as asked:
        assert len(selectors.participation(side.network, DAYS).meetings) == many
    assert len(asked) == 5
