"""The readiness cockpit of the office: who has answered, by zone and against the quorum, and what waits to be done, each with its link."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontend.views.base import Here
from frontend.views.poll_parts import needed
from meetings import clock
from meetings.live.attendance_selectors import TwoKey
from meetings.scheduling import forecast, readiness
from meetings.scheduling.forecast import ZoneForecast
from meetings.scheduling.models import ANNOUNCED, Meeting

WIDTH = 384
"""Of a zone's bar, in its own units."""


class Part(NamedTuple):
    """A piece of a zone's bar, with the address of the list of those it stands for."""

    kind: str
    seats: int
    x: float
    width: float
    url: str


class ZoneBar(NamedTuple):
    zone: ZoneForecast
    parts: list[Part]
    remind_url: str


class Key(NamedTuple):
    """One of the two keys of the quorum: how many will be there, of how many, and how many it needs. `share` and `line` are percentages."""

    title: str
    coming: int
    of: int
    needs: int

    @property
    def share(self) -> float:
        return _share(self.coming, self.of)

    @property
    def line(self) -> float:
        return _share(self.needs, self.of)

    @property
    def is_reached(self) -> bool:
        return self.coming >= self.needs


class Chore(NamedTuple):
    """Something that waits for the office, in words, and where it is done."""

    words: str
    url: str
    icon: str
    urgent: bool = False


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def readiness_of(here: Here, meeting: Meeting) -> dict[str, Any]:
    """What the dashboard shows of the next meeting: two queries."""
    zones = forecast.by_zone(meeting)
    return {
        "zones": [_bar(here, meeting, zone) for zone in zones],
        "totals": {kind: sum(zone.seats.get(kind, 0) for zone in zones) for kind in forecast.KINDS},
        "seats_total": forecast.invited(zones)[0],
        "keys": _keys(here, zones),
        "coming": readiness.coming_up(meeting),
        "asked": readiness.last_asked(meeting),
        "may_remind": meeting.state in ANNOUNCED and clock.now() < meeting.starts_at,
    }


def _bar(here: Here, meeting: Meeting, zone: ZoneForecast) -> ZoneBar:
    return ZoneBar(zone, list(_parts(here, meeting, zone)), f"{here.url('remind', meeting.pk)}?{urlencode({'zone': zone.id})}")


def _parts(here: Here, meeting: Meeting, zone: ZoneForecast) -> Iterator[Part]:
    x, base = 0.0, here.url("responses", meeting.pk)
    for kind in forecast.KINDS:
        count = zone.seats.get(kind, 0)
        width = round(WIDTH * count / zone.total, 2)
        yield Part(kind, count, x, width, f"{base}?{urlencode({'zone': zone.id, 'answer': kind})}")
        x += width


def _keys(here: Here, zones: list[ZoneForecast]) -> list[Key]:
    (seats, people), (all_seats, all_people) = forecast.coming(zones), forecast.invited(zones)
    least = needed(TwoKey(all_seats, all_people), here.network)
    return [
        Key(_("Municipalities that will be there"), seats, all_seats, least.municipalities),
        Key(_("Population that they stand for"), people, all_people, least.population),
    ]


def chores(here: Here, found: dict[str, Any]) -> list[Chore]:
    """What waits for the office, the most urgent first. `found`: what the dashboard has read already."""
    return [chore for chore in _chores(here, found) if chore]


def _chores(here: Here, found: dict[str, Any]) -> Iterator[Chore | None]:
    yield _mails(here, found["unsettled_mail"])
    yield _delegates(here, found["to_confirm"])
    yield from _triage(here, found["to_triage"])
    yield _overdue(here, found["overdue"])
    yield from (_minutes(here, row) for row in found["minutes_to_do"])


def _mails(here: Here, n: int) -> Chore | None:
    words = ngettext("One mail has not arrived, or may not have", "%(n)s mails have not arrived, or may not have", n) % {"n": n}
    return Chore(words, here.url("mail"), "mail", urgent=True) if n else None


def _delegates(here: Here, n: int) -> Chore | None:
    words = ngettext("One delegate waits to be confirmed", "%(n)s delegates wait to be confirmed", n) % {"n": n}
    return Chore(words, here.url("delegations"), "user", urgent=True) if n else None


def _triage(here: Here, waiting: Sequence[Any]) -> Iterator[Chore]:
    """One line for each meeting that has proposals to decide on; it leads to the oldest of them."""
    by_meeting: dict[Any, list[Any]] = {}
    for item in waiting:
        by_meeting.setdefault(item.meeting_id, []).insert(0, item)
    for meeting_id, items in by_meeting.items():
        n = len(items)
        words = ngettext("One proposal to decide on", "%(n)s proposals to decide on", n) % {"n": n}
        yield Chore(words, f"{here.url('agenda', meeting_id)}#waiting-{items[0].pk}", "inbox")


def _overdue(here: Here, rows: Sequence[Any]) -> Chore | None:
    n = len(rows)
    words = ngettext("One action item is overdue", "%(n)s action items are overdue", n) % {"n": n}
    return Chore(words, f"{here.url('actions')}?overdue=on&state=unfinished", "clock", urgent=True) if n else None


def _minutes(here: Here, row: Any) -> Chore:
    words = {
        "draft": _("Minutes no. %(number)s are a draft: circulate them"),
        "in_correction": _("Minutes no. %(number)s circulate: approve them when the time for corrections is over"),
        "approved": _("Minutes no. %(number)s are approved: publish them"),
    }
    return Chore(words[row.state] % {"number": row.meeting.number}, here.url("minutes", row.meeting_id), "files")
