"""Taking in the attendance report of a video service: first what it would mean, for the office to review, then the reviewed rows.

What a report says is added to what is known already: a stretch that any presence covers is not written a second time, so a report may be
taken in twice, and after a session that people joined over the web.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Role
from meetings.errors import Invalid
from meetings.live import reports
from meetings.live.attendance import Interval, Span, locked_to_correct, replace, span_of
from meetings.live.attendance_selectors import rows_of_seat
from meetings.live.matching import Found, Matcher
from meetings.live.models import Attendance
from meetings.live.presence import GRACE
from meetings.live.reports import Stay
from meetings.network.models import Membership, Municipality, valid_on
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting

MOST_BYTES = reports.LARGEST + 1
"""What is read of a file at most: enough to know that it is too large."""
Reviewed = Sequence[tuple[int, UUID | None]]
"""The row's number in the preview, and the municipality it stands for (None: none)."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in the call, known by the number of their first line, and the seat that they seem to be there for."""

    row: int
    name: str
    email: str
    stays: Sequence[Stay]
    found: Found


@dataclass(frozen=True, slots=True)
class Taken:
    """What was added: rows by municipality."""

    added: Mapping[Municipality, Sequence[Attendance]]

    @property
    def intervals(self) -> int:
        return sum(map(len, self.added.values()))


@transaction.atomic
def preview(*, actor: Actor, meeting: Meeting, data: bytes) -> list[Participant]:
    """Who the report names, in the order in which they came. Writes nothing.

    Raises NotAllowed, Conflict, and Invalid `invalid_report` that names the lines at fault.
    """
    meeting = locked_to_correct(actor, meeting)
    return _participants(meeting, data)


@transaction.atomic
def take_in(*, actor: Actor, meeting: Meeting, data: bytes, reviewed: Reviewed) -> Taken:
    """Adds what the reviewed rows of the report say, as presence by video. All of it or nothing.

    Raises NotAllowed, Conflict, Invalid `invalid_report`, and Invalid for a row or a municipality that there is none of.
    """
    meeting = locked_to_correct(actor, meeting)
    known = {one.row: one for one in _participants(meeting, data)}
    seats = {seat.pk: seat for seat in municipalities(meeting.network, meeting.local.date())}
    chosen: dict[UUID, list[Participant]] = defaultdict(list)
    for row, seat in reviewed:
        if row not in known:
            raise _invalid(row, _("The report has no such row."))
        if seat is not None and seat not in seats:
            raise _invalid(row, _("It has no seat on that day."))
        if seat is not None:
            chosen[seat].append(known[row])
    added = {seats[pk]: _add(actor, meeting, seats[pk], chosen[pk]) for pk in sorted(chosen, key=lambda pk: seats[pk].name)}
    return Taken({seat: rows for seat, rows in added.items() if rows})


def _invalid(row: int, problem: str) -> Invalid:
    text = _("Row %(row)s: %(problem)s") % {"row": row, "problem": problem}
    return Invalid("invalid", _("Some of what you entered is not right."), {"rows": [text]})


def _participants(meeting: Meeting, data: bytes) -> list[Participant]:
    day, zone = meeting.local.date(), meeting.network.zone
    held_on = meeting.opened_at.astimezone(zone).date() if meeting.opened_at else day
    stays = _within(reports.read(data, zone, held_on), span_of(meeting))
    held = Membership.objects.filter(valid_on(day), network=meeting.network_id, role=Role.REPRESENTATIVE, user__is_active=True)
    matcher = Matcher(municipalities(meeting.network, day), held.select_related("user").order_by("order", "id"))
    grouped: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        grouped[stay.email.casefold() or stay.name.casefold()].append(stay)
    found = []
    for stays in grouped.values():
        joined = reports.merged(stays, GRACE)
        first = min(stays)
        found.append(Participant(first.line, first.name, first.email, joined, matcher.find(first.name, first.email)))
    return sorted(found, key=lambda one: one.row)


def _within(stays: Sequence[Stay], span: Span) -> list[Stay]:
    """Clipped to the meeting: calls are entered early and go on for a while. Raises Invalid with the lines that lie wholly outside."""
    outside = [stay.line for stay in stays if stay.joined > span.ends or (stay.left is not None and stay.left < span.begins)]
    if outside:
        problem = _(
            "this is not within the meeting, from an hour before the start until the close, or now. Is it another meeting’s report?"
        )
        raise reports.refused([(line, problem) for line in outside])
    return [stay._replace(joined=max(stay.joined, span.begins), left=min(stay.left or span.ends, span.ends)) for stay in stays]


def _add(actor: Actor, meeting: Meeting, seat: Municipality, participants: Sequence[Participant]) -> list[Attendance]:
    rows = rows_of_seat(meeting.pk, seat.pk)
    by_line = {stay.line: one for one in participants for stay in one.stays}
    wanted = [(row.joined_at, row.left_at or clock.now()) for row in rows]
    more: list[Interval] = []
    users: dict[str, UUID] = {}
    for stay in reports.merged((stay for one in participants for stay in one.stays), GRACE):
        one = by_line[stay.line]
        member = one.found.person if one.found.match and one.found.match.municipality == seat.pk else None
        person, office = (member.user.name, member.office) if member else (one.name or seat.name, "")
        if member:
            users[person] = member.user_id
        for begins, ends in _uncovered(stay, wanted):
            more.append(Interval(begins, ends, person, office, Attendance.Source.VIDEO))
    standing = [Interval(row.joined_at, row.left_at, row.person, row.office, row.source) for row in rows]
    added = replace(actor, meeting, seat, rows, [*standing, *more]) if more else []
    for row in added:
        if row.person in users:
            row.user_id = users[row.person]
    Attendance.objects.bulk_update(added, ["user"])
    return added


def _uncovered(stay: Stay, covered: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The stretches of a stay at which nobody was known to be there."""
    found, begins, ends = [], stay.joined, stay.left or stay.joined
    for other_begins, other_ends in sorted(covered):
        if other_begins > begins:
            found.append((begins, min(other_begins, ends)))
        begins = max(begins, other_ends)
        if begins >= ends:
            break
    if begins < ends:
        found.append((begins, ends))
    return [(a, b) for a, b in found if a < b]
