"""Attendance reports of video services: read, matched to seats, taken in once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings import clock
from meetings.access import Role
from meetings.errors import Conflict, Invalid, NotAllowed
from meetings.events.models import Event
from meetings.live import attendance_import, presence, reports
from meetings.live.attendance_import import Participant
from meetings.live.attendance_selectors import rows_of_seat
from meetings.live.matching import Matcher, words
from meetings.live.reports import Stay, merged
from meetings.network.models import Membership, Municipality, User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side

ROME, DAY = ZoneInfo("Europe/Rome"), date(2026, 11, 19)
MINUTE = timedelta(minutes=1)

ZOOM = """Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,In waiting room
"Comune di Susa - Sindaco (Rossi)",sindaco@comune.susa.example,2026-11-19 09:54:11 AM,2026-11-19 11:31:02 AM,97,Yes,No
"Pinerolo, vicesindaca",,2026-11-19 10:02:40 AM,2026-11-19 10:20:05 AM,18,Yes,No
Chi aspetta,,2026-11-19 09:50:00 AM,2026-11-19 09:54:00 AM,4,Yes,Yes
"""
TEAMS = """1. Summary
Meeting title\tWeekly
Start time\t11/19/26, 9:50:03 AM

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Chieri - Assessore\t11/19/26, 10:03:02 AM\t11/19/26, 1:31:00 PM\t1h\tassessore@comune.chieri.example\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Chieri - Assessore\t11/19/26, 10:03:02 AM\t11/19/26, 12:50:00 PM\t46m\tassessore@comune.chieri.example\tAttendee
Chieri - Assessore\t11/19/26, 12:57:56 PM\t11/19/26, 1:31:00 PM\t33m\tassessore@comune.chieri.example\tAttendee
"""
TEAMS_IT = """2. Partecipanti
Nome\tPrimo accesso\tUltima uscita\tDurata\tE-mail\tID partecipante (UPN)\tRuolo
Ivrea\t5/11/26, 9:58:21\t5/11/26, 11:30:40\t1h\t\tsindaco@ivrea.example\tRelatore

3. Attività durante la riunione
Nome\tOra accesso\tOra uscita\tDurata\tE-mail\tRuolo
Ivrea\t5/11/26, 9:58:21\t5/11/26, 11:30:40\t1h\tsindaco@comune.ivrea.example\tRelatore
"""
FRENCH = (
    "Rôle;Heure de départ;Nom complet;Heure d’arrivée;Adresse e-mail\nInvité;19/11/2026 11:30;Mairie de Suse;19/11/2026 à 9h;\n".replace(
        "à 9h", "à 09:00"
    )
)


def read(text: str, encoding: str = "utf-8", near: date = DAY) -> list[Stay]:
    return reports.read(text.encode(encoding), ROME, near)


def at(hour: int, minute: int, second: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ROME).astimezone(UTC)


# --- reading ---


def test_zoom() -> None:
    assert read(ZOOM) == [
        Stay(2, "Comune di Susa - Sindaco (Rossi)", "sindaco@comune.susa.example", at(9, 54, 11), at(11, 31, 2)),
        Stay(3, "Pinerolo, vicesindaca", "", at(10, 2, 40), at(10, 20, 5)),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_teams_by_its_third_section_in_any_encoding(encoding: str) -> None:
    stays = read(TEAMS, encoding)
    assert [(stay.line, stay.joined, stay.left) for stay in stays] == [
        (11, at(10, 3, 2), at(12, 50)),
        (12, at(12, 57, 56), at(13, 31)),
    ]


def test_the_language_of_the_header_says_how_dates_are_written() -> None:
    [stay] = read(TEAMS_IT, near=date(2026, 11, 5))
    assert (stay.joined, stay.email) == (at(9, 58, 21, date(2026, 11, 5)), "sindaco@comune.ivrea.example")
    [stay] = read(TEAMS_IT.partition("3. ")[0], near=date(2026, 11, 5))
    assert stay.joined == at(9, 58, 21, date(2026, 11, 5)), "first and last times when there is nothing better"
    british = "Name,Join time,Leave time\nSusa,05/11/2026 10:00,05/11/2026 11:00\n"
    assert read(british, near=date(2026, 11, 5))[0].joined == at(10, 0, day=date(2026, 11, 5))
    assert read(british, near=date(2026, 5, 11))[0].joined == at(10, 0, day=date(2026, 5, 11))


def test_columns_in_any_order_in_french_with_semicolons() -> None:
    assert read(FRENCH) == [Stay(2, "Mairie de Suse", "", at(9, 0), at(11, 30))]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-19 12:05 AM", (0, 5)),
        ("2026-11-19 12:05 PM", (12, 5)),
        ("2026-11-19T08:05:00Z", (9, 5)),
        ("2026-11-19 08:05:00+00:00", (9, 5)),
        ("19/11/2026 21.05", (21, 5)),
        ("19-11-26, 9:05:00\u202fPM", (21, 5)),
        ("19/11/2026 alle 09:05", (9, 5)),
        ("19.11.2026 9:05 p.m.", (21, 5)),
    ],
)
def test_times_as_people_and_programs_write_them(text: str, hour: tuple[int, int]) -> None:
    assert reports.moment(text, ROME, month_first=False) == at(*hour)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.sampled_from(["12 h", "24 h"]), st.booleans())  # noqa: DTZ001
def test_a_time_written_is_the_time_read(wall: datetime, hours: str, month_first: bool) -> None:
    wall = wall.replace(microsecond=0)
    day = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    text = wall.strftime(f"{day}, %I:%M:%S %p" if hours == "12 h" else f"{day} %H:%M:%S")
    assert reports.moment(text, ROME, month_first) == wall.replace(tzinfo=ROME).astimezone(UTC)


def test_the_hour_that_clocks_have_twice() -> None:
    [stay] = read("Name,Join time,Leave time\nSusa,2026-10-25 02:50,2026-10-25 02:10\n", near=date(2026, 10, 25))
    assert stay.left is not None and stay.left - stay.joined == 20 * MINUTE


GOOD = "Name,Join time,Leave time\n"
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200), "no CSV"),
    "a web page": (b"<html><body>Hello</body></html>", "no table"),
    "too large": (b"x" * 10_000_000, "larger than 1 MB"),
    "other columns": (b"Name,Email\nSusa,a@b.example\n", "no table"),
    "a header alone": (GOOD.encode(), "Line 1: "),
    "no time": ((GOOD + "Susa,2026-11-19 10:00,2026-11-19 11:00\nIvrea,soon,later\n").encode(), "Line 3: “soon”"),
    "31 February": ((GOOD + "Susa,2026-02-31 10:00,2026-02-31 11:00\n").encode(), "Line 2: "),
    "too short": ((GOOD + "Susa,2026-11-19 10:00\n").encode(), "Line 2: 2 cells"),
    "backwards": ((GOOD + "Susa,2026-11-19 10:00,2026-11-19 09:00\n").encode(), "Line 2: It ends before"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_refused_with_the_line(name: str) -> None:
    data, told = BAD[name]
    with pytest.raises(Invalid) as refused:
        reports.read(data, ROME, DAY)
    assert refused.value.code == "invalid_report" and told in " ".join(refused.value.errors["file"])


@given(st.binary(max_size=300))
def test_no_file_breaks_it(data: bytes) -> None:
    for sent in (data, GOOD.encode() + data, (GOOD.encode("utf-16") + data)):
        try:
            assert isinstance(reports.read(sent, ROME, DAY), list)
        except Invalid as refused:
            assert refused.errors["file"]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 60)), max_size=8))
def test_merged_stays_cover_the_same_and_lie_apart(spans: list[tuple[int, int]]) -> None:
    stays = [Stay(n, "S", "", NOW + begins * MINUTE, NOW + (begins + lasts) * MINUTE) for n, (begins, lasts) in enumerate(spans)]
    found = merged(stays, 5 * MINUTE)
    for one, other in pairwise(found):
        assert one.left is not None and other.joined - one.left > 5 * MINUTE
    assert all(any(one.joined <= stay.joined and one.left >= stay.left for one in found) for stay in stays)  # type: ignore[operator]


# --- whose it is ---


def town(name: str) -> Municipality:
    return Municipality(name=name)


def member(name: str, email: str, seat: Municipality) -> Membership:
    return Membership(user=User(name=name, email=email), municipality=seat, role=Role.REPRESENTATIVE)


TOWNS = {
    name: town(name)
    for name in (
        *("Susa", "Torino", "San Mauro Torinese", "Ivrea", "Banchette", "Agliè", "Villar Perosa", "Villar Dora", "Rivalta di Torino"),
        *("Sant'Antonino di Susa", "Castagneto Po"),
    )
}
MEMBERS = [
    member("Anna Rossi", "anna.rossi@mail.example", TOWNS["Ivrea"]),
    member("Bruno Bianchi", "bruno@mail.example", TOWNS["Susa"]),
    member("Bruno Bianchi", "bruno@mail.example", TOWNS["Agliè"]),
]
MATCHES = [
    ("Whoever", "anna.rossi@MAIL.example", "Ivrea", 1.0),
    ("Comune di Susa - Sindaco (Rossi)", "", "Susa", 0.9),
    ("SUSA", "", "Susa", 0.9),
    ("Comune di Aglie", "", "Agliè", 0.9),
    ("San Mauro Torinese, vicesindaca", "", "San Mauro Torinese", 0.9),
    ("Rivalta di Torino", "", "Rivalta di Torino", 0.9),
    ("sant’antonino di susa", "", "Sant'Antonino di Susa", 0.9),
    ("Vicesindaca", "vicesindaca@comune.san-mauro-torinese.to.it", "San Mauro Torinese", 0.95),
    ("Anna Rossi", "", "Ivrea", 0.85),
    ("iPad del Comune di Ivrea", "", "Ivrea", 0.9),
    ("Bruno Bianchi", "bruno@mail.example", None, 0),  # two seats: somebody must choose
    ("Susa e Ivrea", "", None, 0),
    ("Villar", "", None, 0),
    ("Ѕusa", "", None, 0),  # with a Cyrillic letter
    ("+39011*****00", "", None, 0),
    ("iPhone di Anna", "", None, 0),
    ("Ospite", "", None, 0),
    ("", "", None, 0),
]


@pytest.mark.parametrize(("name", "email", "expected", "confidence"), MATCHES)
def test_who_somebody_was_there_for(name: str, email: str, expected: str | None, confidence: float) -> None:
    found = Matcher(TOWNS.values(), MEMBERS).find(name, email)
    assert (found.match and found.match.name, found.match.confidence if found.match else 0) == (expected, confidence)


def test_the_likeliest_come_first_for_who_must_choose() -> None:
    matcher = Matcher(TOWNS.values(), MEMBERS)
    assert [guess.name for guess in matcher.find("Susa e Ivrea", "").suggestions] == ["Ivrea", "Susa"]
    assert {guess.name for guess in matcher.find("Villar", "").suggestions[:2]} == {"Villar Perosa", "Villar Dora"}
    assert matcher.find("Comune di Castagnetto Pò", "").suggestions[0].name == "Castagneto Po"
    assert not matcher.find("iPhone di Anna", "").suggestions
    assert words("Città di Chieri") == ("citta", "chieri")


# --- taking in ---


@pytest.fixture
def meeting(side: Side) -> Meeting:
    """In session since NOW, 9 in Rome; of the two last seats nobody came over the web."""
    return factories.in_session(side)


def report(side: Side, *lines: tuple[int | str, str, str]) -> bytes:
    """Of the first session: whose seat (or which name), and from when until when on the clock."""
    text = "Name,Email,Join time,Leave time\n"
    for who, begins, ends in lines:
        name = who if isinstance(who, str) else side.seats[who].name
        text += f"{name},,2026-11-20 {begins},2026-11-20 {ends}\n"
    return text.encode()


def look(side: Side, meeting: Meeting, data: bytes, who: str = COORDINATOR) -> list[Participant]:
    with clock.at(NOW + 120 * MINUTE):
        return attendance_import.preview(actor=side.actor(who), meeting=meeting, data=data)


def take(side: Side, meeting: Meeting, data: bytes, reviewed: Any = None) -> int:
    if reviewed is None:
        reviewed = [(one.row, one.found.match and one.found.match.municipality) for one in look(side, meeting, data)]
    with clock.at(NOW + 120 * MINUTE):
        return attendance_import.take_in(actor=side.actor(COORDINATOR), meeting=meeting, data=data, reviewed=reviewed).intervals


def spans(meeting: Meeting, side: Side, seat: int) -> list[tuple[int, int | None, str]]:
    rows = rows_of_seat(meeting.pk, side.seats[seat].pk)
    return [((r.joined_at - NOW) // MINUTE, None if r.left_at is None else (r.left_at - NOW) // MINUTE, r.source) for r in rows]


def test_a_report_is_added_as_presence_by_video_once(side: Side, meeting: Meeting) -> None:
    data = report(side, (8, "09:10", "09:20"), (8, "09:23", "09:40"), (8, "09:50", "10:00"), ("Ospite", "09:00", "10:00"))
    assert [(one.row, len(one.stays)) for one in look(side, meeting, data)] == [(2, 2), (5, 1)]
    assert take(side, meeting, data) == 2
    assert spans(meeting, side, 8) == [(10, 40, "video"), (50, 60, "video")]
    count = Event.objects.count()
    assert take(side, meeting, data) == 0
    assert (Event.objects.count(), spans(meeting, side, 8)) == (count, [(10, 40, "video"), (50, 60, "video")])


def test_what_was_known_already_is_not_doubled(side: Side, meeting: Meeting) -> None:
    with clock.at(NOW + 30 * MINUTE):
        presence.join(actor=side.actor(side.representatives[8]), meeting=meeting, municipality=side.seats[8])
    with clock.at(NOW + 32 * MINUTE):
        presence.leave(actor=side.actor(side.representatives[8]), meeting=meeting, municipality=side.seats[8])
    assert take(side, meeting, report(side, (8, "09:10", "09:50"), (0, "09:10", "09:50"))) == 2
    assert spans(meeting, side, 8) == [(10, 30, "video"), (30, 32, "web"), (32, 50, "video")]
    assert spans(meeting, side, 0) == [(0, None, "web")]


def test_two_people_of_one_seat_are_one_presence(side: Side, meeting: Meeting) -> None:
    data = report(side, ("Il sindaco", "09:10", "09:30"), ("La vicesindaca", "09:20", "09:50"))
    assert take(side, meeting, data, [(2, side.seats[9].pk), (3, side.seats[9].pk)]) == 1
    assert spans(meeting, side, 9) == [(10, 50, "video")]


def test_a_member_s_address_tells_whose_it_is(side: Side, meeting: Meeting) -> None:
    data = f"Name,Email,Join time,Leave time\nX,{side.representatives[9].email},2026-11-20 09:10,2026-11-20 09:20\n".encode()
    assert take(side, meeting, data) == 1
    [row] = rows_of_seat(meeting.pk, side.seats[9].pk)
    assert (row.person, row.office, row.user_id) == (side.representatives[9].name, "mayor", side.representatives[9].pk)


def test_calls_that_begin_early_or_go_on_are_clipped_to_the_meeting(side: Side, meeting: Meeting) -> None:
    assert take(side, meeting, report(side, (8, "07:00", "13:00"))) == 1
    assert spans(meeting, side, 8) == [(-60, 120, "video")]


def test_another_meeting_s_report_is_refused_whole_with_its_lines(side: Side, meeting: Meeting) -> None:
    data = report(side, (8, "09:10", "09:50"), (9, "15:00", "16:00"))
    for act in (look, take):
        with pytest.raises(Invalid) as refused:
            act(side, meeting, data)
        assert "Line 3: " in refused.value.errors["file"][0]
    assert spans(meeting, side, 8) == []


def wrong_row(side: Side) -> Any:
    return [(2, side.seats[8].pk), (77, side.seats[9].pk)]


def wrong_seat(side: Side) -> Any:
    return [(2, side.seats[8].pk), (3, side.network.pk)]


@pytest.mark.parametrize("reviewed", [wrong_row, wrong_seat])
def test_a_review_that_makes_no_sense_does_nothing(side: Side, meeting: Meeting, reviewed: Callable[[Side], Any]) -> None:
    data = report(side, (8, "09:10", "09:50"), ("Ospite", "09:00", "09:30"))
    with pytest.raises(Invalid) as refused:
        take(side, meeting, data, reviewed(side))
    assert list(refused.value.errors) == ["rows"]
    assert spans(meeting, side, 8) == []


def test_only_the_coordinator_and_only_until_the_minutes_are_approved(side: Side) -> None:
    row = factories.circulated(side)
    data = report(side, (8, "08:30", "09:00"))
    for who in (CHAIR, "observer"):
        with pytest.raises(NotAllowed):
            look(side, row.meeting, data, who)
    assert take(side, row.meeting, data) == 1
    row.__class__.objects.filter(pk=row.pk).update(state="approved")
    with pytest.raises(Conflict):
        look(side, row.meeting, data)
