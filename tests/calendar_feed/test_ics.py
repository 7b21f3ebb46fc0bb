import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from meetings.calendar_feed.ics import Feed, FeedMeeting, etag, render
from meetings.scheduling.recurrence import to_utc
from tests.hostile import FEEDS

ROME = "Europe/Rome"
CHANGED = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)


def a_meeting(day: date = date(2026, 11, 26), start: time = time(10), **changes: Any) -> FeedMeeting:
    time_zone = changes.get("time_zone", ROME)
    values: dict[str, Any] = {
        "uid": f"1c0f4b52-0000-4000-8000-{day:%Y%m%d}{start:%H%M}",
        "starts_at": to_utc(day, start, time_zone),
        "local_start": datetime.combine(day, start),
        "time_zone": time_zone,
        "duration_minutes": 90,
        "title": "Weekly coordination",
        "state": "scheduled",
        "announced": True,
        "sequence": 0,
        "last_modified": CHANGED,
        "url": "https://raccordo.example/go/meetings/1",
        "join_url": "https://meet.example/j/99?pwd=a,b;c",
        "phone": "+39 011 555 0100",
        "phone_pin": "4711#",
        "agenda_lines": ("1. Minutes of the last meeting", "2. Civil protection"),
    }
    return FeedMeeting(**{**values, **changes})


def a_feed(*meetings: FeedMeeting, **changes: Any) -> Feed:
    values: dict[str, Any] = {"name": "Turin", "description": "Weekly meetings", "time_zone": ROME, "meetings": meetings, "color": "navy"}
    return Feed(**{**values, **changes})


def unfolded(body: bytes) -> list[str]:
    """The content lines (RFC 5545, section 3.1), with every line break some program may see counted as one."""
    return body.replace(b"\r\n ", b"").decode().removesuffix("\r\n").splitlines()


def events(body: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(body).walk("VEVENT"))


def only_event(*meetings: FeedMeeting, **changes: Any) -> Any:
    (event,) = events(render(a_feed(*meetings, **changes)))
    return event


# Times, as three programs read them

Times = dict[str, tuple[datetime, datetime]]


def read_by_icalendar(body: bytes) -> Times:
    return {str(e["uid"]): (e.start.astimezone(UTC), e.end.astimezone(UTC)) for e in events(body)}


def read_by_home_assistant(body: bytes) -> Times:
    found = IcsCalendarStream.calendar_from_ics(body.decode()).events
    return {str(e.uid): (e.start_datetime.astimezone(UTC), e.end_datetime.astimezone(UTC)) for e in found}


def read_by_vobject(body: bytes) -> Times:
    found = vobject.readOne(body.decode()).vevent_list
    return {e.uid.value: (e.dtstart.value.astimezone(UTC), e.dtend.value.astimezone(UTC)) for e in found}


THURSDAYS = [date(2026, 3, 26) + timedelta(weeks=n) for n in range(75)]  # over three changes of the clocks


@pytest.mark.parametrize("read", [read_by_icalendar, read_by_home_assistant, read_by_vobject])
@pytest.mark.parametrize(
    "time_zone", [ROME, "Europe/Athens", "Europe/Lisbon", "Europe/Dublin", "America/New_York", "UTC", "Africa/Casablanca"]
)
def test_every_program_reads_the_same_instants_over_changes_of_the_clocks(read: Callable[[bytes], Times], time_zone: str) -> None:
    weekly = [a_meeting(day, time_zone=time_zone) for day in THURSDAYS]
    over_night = [a_meeting(day, time(23, 30), time_zone=time_zone) for day in (date(2026, 3, 28), date(2026, 10, 24), date(2026, 12, 31))]
    leap_day = a_meeting(date(2028, 2, 29), time_zone=time_zone)
    meetings = [*weekly, *over_night, leap_day]
    expected = {m.uid: (m.starts_at, m.starts_at + timedelta(minutes=m.duration_minutes)) for m in meetings}
    assert read(render(a_feed(*meetings, time_zone=time_zone))) == expected


@pytest.mark.parametrize("read", [read_by_icalendar, read_by_home_assistant, read_by_vobject])
@pytest.mark.parametrize("minutes", [60, 179, 180, 210, 239, 240, 300])
def test_the_end_is_right_after_a_night_in_which_an_hour_repeats(read: Callable[[bytes], Times], minutes: int) -> None:
    meeting = a_meeting(date(2026, 10, 24), time(23, 30), duration_minutes=minutes)
    expected = (meeting.starts_at, meeting.starts_at + timedelta(minutes=minutes))
    assert read(render(a_feed(meeting))) == {meeting.uid: expected}


@pytest.mark.parametrize("read", [read_by_icalendar, read_by_home_assistant, read_by_vobject])
def test_two_on_one_day_and_one_moved_past_its_neighbour_stay_themselves(read: Callable[[bytes], Times]) -> None:
    first, second = a_meeting(date(2026, 3, 26)), a_meeting(date(2026, 3, 26), time(15))
    moved = replace(a_meeting(date(2026, 4, 2)), uid=first.uid, sequence=1)  # over the change of the clocks too
    assert read(render(a_feed(first, second))) == {m.uid: (m.starts_at, m.starts_at + timedelta(minutes=90)) for m in (first, second)}
    assert read(render(a_feed(moved, second))) == {m.uid: (m.starts_at, m.starts_at + timedelta(minutes=90)) for m in (moved, second)}


def test_the_wall_time_agreed_on_is_what_is_written() -> None:
    lines = unfolded(render(a_feed(a_meeting(date(2026, 12, 31)))))
    assert "DTSTART;TZID=Europe/Rome:20261231T100000" in lines
    assert "DTEND;TZID=Europe/Rome:20261231T113000" in lines


def test_a_zone_without_a_yearly_rule_is_written_in_utc() -> None:
    body = render(a_feed(a_meeting(time_zone="Africa/Casablanca"), time_zone="Africa/Casablanca"))
    assert b"VTIMEZONE" not in body
    assert b"TZID" not in body
    assert b"DTSTART:20261126T090000Z" in body


def test_rome_has_the_rule_of_the_european_union() -> None:
    lines = unfolded(render(a_feed()))
    assert lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE") + 1] == [
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Rome",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]


def test_each_zone_in_use_is_defined_once() -> None:
    london = a_meeting(date(2026, 12, 3), time_zone="Europe/London")
    lines = unfolded(render(a_feed(a_meeting(), a_meeting(date(2026, 12, 10)), london)))
    assert [line for line in lines if line.startswith("TZID:")] == ["TZID:Europe/London", "TZID:Europe/Rome"]


# What a calendar shows


def test_a_meeting_carries_its_links_and_agenda() -> None:
    event = only_event(a_meeting())
    assert event["summary"] == "Weekly coordination"
    assert event["url"] == "https://raccordo.example/go/meetings/1"
    assert event["location"] == "https://meet.example/j/99?pwd=a,b;c"
    assert event["description"].split("\n") == [
        "Join online: https://meet.example/j/99?pwd=a,b;c",
        "Phone: +39 011 555 0100",
        "PIN: 4711#",
        "Details and agenda: https://raccordo.example/go/meetings/1",
        "",
        "Agenda:",
        "1. Minutes of the last meeting",
        "2. Civil protection",
    ]
    video, phone = event["conference"]
    assert (str(video), video.params["VALUE"], video.params["FEATURE"]) == (
        "https://meet.example/j/99?pwd=a,b;c",
        "URI",
        ["AUDIO", "VIDEO"],
    )
    assert (str(phone), phone.params["FEATURE"]) == ("tel:+390115550100", ["AUDIO", "PHONE"])
    assert (event["status"], event["transp"], event["sequence"]) == ("CONFIRMED", "OPAQUE", 0)


def test_what_is_not_known_is_left_out() -> None:
    event = only_event(a_meeting(join_url="", phone="", phone_pin="", agenda_lines=()))
    assert "location" not in event
    assert "conference" not in event
    assert event["description"] == "Details and agenda: https://raccordo.example/go/meetings/1"


def test_the_place_of_a_meeting_in_presence_is_no_link() -> None:
    event = only_event(a_meeting(join_url="Council chamber, Piazza Castello", phone=""))
    assert event["location"] == "Council chamber, Piazza Castello"
    assert "conference" not in event


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    event = only_event(a_meeting(url=url, join_url=url, phone=""))
    assert "url" not in event
    assert "conference" not in event


def test_stamps_come_from_the_row_and_never_from_the_clock() -> None:
    event = only_event(a_meeting())
    assert event["dtstamp"].dt == event["last-modified"].dt == CHANGED


def test_the_calendar_says_its_name_and_how_often_to_ask() -> None:
    lines = unfolded(render(a_feed(name="Città metropolitana di Torino", description="Riunioni")))
    assert lines[: lines.index("BEGIN:VTIMEZONE")] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Raccordo//Calendar feed//EN",
        "CALSCALE:GREGORIAN",
        "DESCRIPTION:Riunioni",
        "X-WR-CALDESC:Riunioni",
        "NAME:Città metropolitana di Torino",
        "X-WR-CALNAME:Città metropolitana di Torino",
        "COLOR:navy",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]


def test_a_feed_without_meetings_is_still_a_calendar() -> None:
    assert [part.name for part in icalendar.Calendar.from_ical(render(a_feed())).subcomponents] == ["VTIMEZONE"]
    assert IcsCalendarStream.calendar_from_ics(render(a_feed()).decode()).events == []


def test_meetings_are_in_order_of_time_whatever_the_order_given() -> None:
    meetings = [a_meeting(day) for day in THURSDAYS[:10]]
    assert render(a_feed(*reversed(meetings))) == render(a_feed(*meetings))


# Cancelled


def test_a_cancelled_meeting_stays_and_says_so() -> None:
    event = only_event(a_meeting(state="cancelled", sequence=1), alarm_minutes=15)
    assert event["summary"] == "Cancelled: Weekly coordination"
    assert (event["status"], event["transp"], event["sequence"]) == ("CANCELLED", "TRANSPARENT", 1)
    assert event.alarms.times == []


def test_cancelled_then_restored_keeps_its_uid_with_growing_sequences() -> None:
    history = [a_meeting(), a_meeting(state="cancelled", sequence=1), a_meeting(sequence=2)]
    shown = [only_event(meeting) for meeting in history]
    assert len({str(event["uid"]) for event in shown}) == 1
    assert [(event["sequence"], event["status"]) for event in shown] == [(0, "CONFIRMED"), (1, "CANCELLED"), (2, "CONFIRMED")]


def test_a_cancelled_meeting_nobody_was_told_of_is_left_out() -> None:
    assert events(render(a_feed(a_meeting(state="cancelled", announced=False)))) == []


def test_a_feed_may_hide_cancelled_meetings() -> None:
    meetings = [a_meeting(state="cancelled"), a_meeting(date(2026, 12, 3))]
    assert len(events(render(a_feed(*meetings, hide_cancelled=True)))) == 1
    assert len(events(render(a_feed(*meetings)))) == 2


# Alarms


def test_an_alarm_is_off_unless_asked_for() -> None:
    assert b"VALARM" not in render(a_feed(a_meeting()))
    (alarm,) = only_event(a_meeting(), alarm_minutes=15).walk("VALARM")
    assert alarm["trigger"].dt == timedelta(minutes=-15)
    assert (alarm["action"], alarm["description"]) == ("DISPLAY", "Weekly coordination")


def test_a_closed_meeting_rings_no_more() -> None:
    assert b"VALARM" not in render(a_feed(a_meeting(state="closed"), alarm_minutes=15))


# Hostile text

TEXT_FIELDS = ["title", "join_url", "phone", "phone_pin", "url", "uid"]
any_text = st.text(st.characters(codec=None)) | st.sampled_from(FEEDS)
link = any_text.map(lambda text: "https://x.example/" + text)


def line_count(meeting: FeedMeeting, **changes: Any) -> int:
    return len(unfolded(render(a_feed(meeting, alarm_minutes=15, **changes))))


@given(title=any_text, pin=any_text, place=any_text, agenda=st.lists(any_text, max_size=3), name=any_text, description=any_text)
def test_the_number_of_content_lines_never_changes_with_the_text(
    title: str, pin: str, place: str, agenda: list[str], name: str, description: str
) -> None:
    hostile = a_meeting(title=title, phone_pin=pin, phone="x" + pin, join_url="x" + place, agenda_lines=tuple(agenda), uid="x" + pin)
    plain = a_meeting(title="x", phone="x", join_url="x", agenda_lines=("x",), uid="x")
    hostile = replace(hostile, phone=re.sub("[0-9]", "", hostile.phone))  # a number adds a CONFERENCE line, as it should
    assert line_count(hostile, name=name, description=description) == line_count(plain)


@given(page=link, join=link)
def test_the_number_of_content_lines_never_changes_with_the_addresses(page: str, join: str) -> None:
    assert line_count(a_meeting(url=page, join_url=join)) == line_count(a_meeting())


@pytest.mark.parametrize("text", FEEDS)
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_hostile_text_stays_inside_its_own_event(field: str, text: str) -> None:
    body = render(a_feed(a_meeting(**{field: text})))
    assert len(read_by_icalendar(body)) == len(read_by_vobject(body)) == len(events(body)) == 1
    assert not [line for line in unfolded(body) if line.startswith(("X-EVIL", "ATTENDEE", "SUMMARY:evil"))]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])).map(str.strip).filter(bool))
def test_text_comes_back_as_it_was(title: str) -> None:
    body = render(a_feed(a_meeting(title=title)))
    assert str(events(body)[0]["summary"]) == title
    assert vobject.readOne(body.decode()).vevent.summary.value == title


@given(st.integers(0, 80), st.sampled_from(["é", "漢", "😀", "👩‍👩‍👧"]))
def test_folds_fall_between_characters_and_within_75_octets(offset: int, character: str) -> None:
    title = "a" * offset + character * 60
    body = render(a_feed(a_meeting(title=title)))
    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        assert line.decode("utf-8") is not None
    assert str(events(body)[0]["summary"]) == title


def test_every_line_ends_in_crlf() -> None:
    body = render(a_feed(*[a_meeting(day) for day in THURSDAYS], alarm_minutes=5))
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n")
    assert b"\r\n\r\n" not in body


@pytest.mark.parametrize("color", ["", "Navy", "navy;X=1", "navy\r\nX:1", "#123456"])
def test_only_a_css_colour_name_is_a_colour(color: str) -> None:
    assert b"COLOR" not in render(a_feed(color=color))


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": datetime(2026, 11, 26, 9)},  # noqa: DTZ001
        {"last_modified": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"local_start": datetime(2026, 11, 26, 10, tzinfo=ZoneInfo(ROME))},
    ],
)
def test_a_time_of_the_wrong_kind_is_refused_before_it_floats(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"aware|wall time"):
        a_meeting(**changes)


# Bytes


def test_another_title_changes_the_tag_but_not_the_sequence() -> None:
    before, after = render(a_feed(a_meeting())), render(a_feed(a_meeting(title="Extraordinary meeting")))
    assert etag(before) != etag(after)
    assert events(before)[0]["sequence"] == events(after)[0]["sequence"]
    assert events(before)[0]["uid"] == events(after)[0]["uid"]


def test_the_tag_is_strong_and_quoted() -> None:
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag(render(a_feed())))


SCRIPT = """
import django, sys
from django.conf import settings
settings.configure(USE_I18N=False)
django.setup()
from tests.calendar_feed.test_ics import THURSDAYS, a_feed, a_meeting, render
meetings = [a_meeting(day, state="cancelled" if day.day % 2 else "scheduled") for day in THURSDAYS]
london = a_meeting(THURSDAYS[3].replace(day=1), time_zone="Europe/London")
sys.stdout.buffer.write(render(a_feed(*meetings, london, alarm_minutes=10)))
"""


def test_bytes_are_the_same_in_every_process_and_for_every_hash_seed() -> None:
    def rendered(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "2" else "UTC"}
        return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, check=True).stdout

    first = rendered("1")
    assert len(first) > 10_000
    assert rendered("2") == first
