"""A feed as iCalendar text: plain values in, bytes out (RFC 5545, RFC 7986).

One VEVENT per meeting and no recurrence, because calendar programs agree on nothing else. The bytes depend on the values
alone, never on the clock, so that equal feeds have equal entity tags.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vDuration, vText

from meetings.calendar_feed.vtimezone import vtimezone
from meetings.typography import mark, pair

PRODUCT = "-//Raccordo//Calendar feed//EN"
REFRESH = timedelta(hours=1)
UPCOMING = ("scheduled", "agenda_published")
END_OF_CALENDAR = b"END:VCALENDAR\r\n"

# Line breaks and controls of every kind: some programs split lines at U+2028 or a vertical tab too.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%~"


@dataclass(frozen=True, kw_only=True)
class FeedMeeting:
    """What a calendar shows of one meeting. ``announced``: somebody was told of it, so its cancellation must show."""

    uid: str
    starts_at: datetime
    """Aware, UTC."""
    local_start: datetime
    """Naive wall time in ``time_zone``: what was agreed, and what is written."""
    time_zone: str
    duration_minutes: int
    title: str
    state: str
    """As in the domain: scheduled, agenda_published, in_session, closed, cancelled."""
    announced: bool
    sequence: int
    last_modified: datetime
    url: str
    join_url: str = ""
    phone: str = ""
    phone_pin: str = ""
    agenda_lines: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.last_modified.tzinfo is None:
            raise ValueError("starts_at and last_modified must be aware")
        if self.local_start.tzinfo is not None:
            raise ValueError("local_start is a wall time without a zone")

    @property
    def is_cancelled(self) -> bool:
        return self.state == "cancelled"


@dataclass(frozen=True, kw_only=True)
class Feed:
    name: str
    description: str
    time_zone: str
    meetings: tuple[FeedMeeting, ...]
    hide_cancelled: bool = False
    alarm_minutes: int | None = None
    language: str = "en"
    color: str = ""
    """A CSS colour name (RFC 7986, section 5.9)."""


def render(feed: Feed) -> bytes:
    """The whole feed, CRLF line ends, UTF-8. Raises ZoneInfoNotFoundError for an unknown zone."""
    shown = [meeting for meeting in feed.meetings if _is_shown(meeting, feed.hide_cancelled)]
    shown.sort(key=lambda meeting: (meeting.starts_at, meeting.uid))
    frame = _calendar(feed, {meeting.time_zone for meeting in shown}).to_ical()
    events = [_event_bytes(meeting, feed.alarm_minutes, feed.language) for meeting in shown]
    return b"".join([frame.removesuffix(END_OF_CALENDAR), *events, END_OF_CALENDAR])


def etag(body: bytes) -> str:
    """A strong entity tag, quotes included (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _is_shown(meeting: FeedMeeting, hide_cancelled: bool) -> bool:
    return not meeting.is_cancelled or (meeting.announced and not hide_cancelled)


def _calendar(feed: Feed, time_zones: set[str]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for properties, text in ((("name", "x-wr-calname"), feed.name), (("description", "x-wr-caldesc"), feed.description)):
        for name in properties:
            calendar.add(name, vText(_one_line(text)))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    if re.fullmatch("[a-z]+", feed.color):
        calendar.add("color", feed.color)
    for time_zone in sorted(time_zones | {feed.time_zone}):
        component = vtimezone(time_zone)
        if component:
            calendar.add_component(component)
    return calendar


# The members of a network see the same meetings, and most do not change between two fetches.
@lru_cache(maxsize=8192)
def _event_bytes(meeting: FeedMeeting, alarm_minutes: int | None, language: str) -> bytes:
    with translation.override(language):
        body: bytes = _event(meeting, alarm_minutes).to_ical()
    return body


def _event(meeting: FeedMeeting, alarm_minutes: int | None) -> Event:
    event = Event()
    event.add("uid", vText(_one_line(meeting.uid)))
    event.add("dtstamp", meeting.last_modified.astimezone(UTC))
    event.add("last-modified", meeting.last_modified.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("summary", vText(_summary(meeting)))
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if meeting.is_cancelled else "OPAQUE")
    _add_times(event, meeting)
    _add_places(event, meeting)
    event.add("description", vText(_description(meeting)))
    if alarm_minutes is not None and meeting.state in UPCOMING:
        event.add_component(_alarm(meeting, alarm_minutes))
    return event


def _add_times(event: Event, meeting: FeedMeeting) -> None:
    zone = ZoneInfo(meeting.time_zone)
    start = meeting.local_start.replace(tzinfo=zone)
    end = (start.astimezone(UTC) + timedelta(minutes=meeting.duration_minutes)).astimezone(zone)
    # A zone without a yearly rule gets no VTIMEZONE, and in a repeated hour TZID means the first one: then UTC.
    event.add("dtstart", start if vtimezone(meeting.time_zone) else start.astimezone(UTC))
    event.add("dtend", end if vtimezone(meeting.time_zone) and not end.fold else end.astimezone(UTC))


def _add_places(event: Event, meeting: FeedMeeting) -> None:
    if _uri(meeting.url):
        event.add("url", _uri(meeting.url))
    if meeting.join_url:
        event.add("location", vText(_uri(meeting.join_url) or _one_line(meeting.join_url)))
    if _uri(meeting.join_url):
        _add_conference(event, _uri(meeting.join_url), ["AUDIO", "VIDEO"], _("Join online"))
    if _telephone(meeting.phone):
        _add_conference(event, f"tel:{_telephone(meeting.phone)}", ["AUDIO", "PHONE"], _("Join by phone"))


def _add_conference(event: Event, uri: str, features: list[str], label: str) -> None:
    parameters: dict[str, Any] = {"VALUE": "URI", "FEATURE": features, "LABEL": label}
    event.add("conference", uri, parameters=parameters)


def _alarm(meeting: FeedMeeting, minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", vText(_summary(meeting)))
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm


def _summary(meeting: FeedMeeting) -> str:
    title = _one_line(meeting.title)
    return _("Cancelled: %(title)s") % {"title": title} if meeting.is_cancelled else title


def _description(meeting: FeedMeeting) -> str:
    labelled = (
        (_("Join online"), _uri(meeting.join_url) or meeting.join_url),
        (_("Phone"), meeting.phone),
        (_("PIN"), meeting.phone_pin),
        (_("Details and agenda"), _uri(meeting.url)),
    )
    access = [pair(label, _one_line(text)) for label, text in labelled if text]
    heading = _("Agenda")
    agenda = ["", f"{heading}{mark(':')}", *map(_one_line, meeting.agenda_lines)] if meeting.agenda_lines else []
    return "\n".join([*access, *agenda])


def _one_line(text: str) -> str:
    """The text without line breaks, controls and what UTF-8 cannot write."""
    return _BREAKS.sub(" ", text).encode("utf-8", "replace").decode("utf-8").strip()


def _uri(text: str) -> str:
    """The web address with everything percent-encoded that an iCalendar URI may not hold; empty for another scheme."""
    if not text.lower().startswith(("https://", "http://")):
        return ""
    return quote(text.encode("utf-8", "replace"), safe=_URI_CHARACTERS)


def _telephone(text: str) -> str:
    number = re.sub(r"[^0-9+]", "", text)
    return number if number.strip("+") else ""
