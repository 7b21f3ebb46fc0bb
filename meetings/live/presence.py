"""Presence: who comes in, who goes, who is proved to be there still, and who has lapsed. The office's corrections are in `attendance`.

Presence over the web is a lease: a live socket or a page that reloads itself proves it (`prove`), and without a proof it ends at the last
one (`end_lapsed`), so that a process or a phone that dies leaves no ghost. Who comes back within the grace time was there all along.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor
from meetings.errors import Conflict, NotFound
from meetings.events import types
from meetings.events.services import record
from meetings.live.attendance_selectors import LEASE, attendance_as_object, attendance_rows, in_order, rows_of_seat
from meetings.live.models import Attendance
from meetings.live.taking_part import require_part
from meetings.network.models import Membership, Municipality, valid_on
from meetings.network.selectors import actor_for, system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.seats import FIRST, acting_for
from meetings.scheduling.selectors import meeting_as_object

GRACE = timedelta(minutes=5)
"""Counted from the last proof of presence: who comes back within it was never away."""
ALWAYS = timedelta(0)
JOINED_IN = (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION)
"""Presence counts from before the opening: people gather."""


@transaction.atomic
def join(
    *,
    actor: Actor,
    meeting: Meeting,
    municipality: Municipality,
    source: str = Attendance.Source.WEB,
    take_over: bool = False,
) -> Attendance:
    """A municipality is present from now on; doing it again changes nothing. The office may mark who called by phone.

    `take_over`: the titular, or who goes before the one present, comes in instead of them.
    Raises NotAllowed for another's seat, Conflict outside the session and `seat_taken`, Invalid for no seat on that day and for no such
    source.
    """
    meeting = _joinable(actor, meeting, municipality)
    known = rows_of_seat(meeting.pk, municipality.pk)
    seated = municipality.pk in actor.seats
    there = next((row for row in known if row.left_at is None), None)
    if there and _goes_on(there, GRACE if there.user_id == actor.user_id else LEASE):
        if not seated or there.user_id == actor.user_id:
            return _renewed(there)
        if there.seen_at is not None:
            _require_free(actor, meeting, there, known, take_over=take_over)
    if there:
        _end(actor, known, LEASE)
    return (seated and _continued(actor, known)) or _come_in(actor, meeting, municipality, known, source)


def _renewed(row: Attendance) -> Attendance:
    if row.seen_at is not None:
        row.seen_at = clock.now()
        row.save(update_fields=["seen_at"])
    return row


def _come_in(actor: Actor, meeting: Meeting, municipality: Municipality, known: Sequence[Attendance], source: str) -> Attendance:
    person, office = _who(actor, meeting, municipality)
    now, seated = clock.now(), municipality.pk in actor.seats
    row = Attendance(meeting=meeting, municipality=municipality, person=person, office=office, joined_at=now)
    validation.apply(row, {"source": Attendance.Source.WEB if seated else source})
    if seated:
        row.user_id, row.seen_at = actor.user_id, now
    row.save()
    record(actor, types.AttendanceJoined(attendance_as_object([*known, row])), meeting_id=meeting.pk)
    return row


def _require_free(actor: Actor, meeting: Meeting, there: Attendance, rows: Sequence[Attendance], *, take_over: bool) -> None:
    """Raises Conflict `seat_taken`, which names who is in, unless the actor takes over and goes before them."""
    if take_over and may_take_over(actor, meeting, there):
        return
    detail = _("%(person)s is in for %(municipality)s. A municipality has one presence at a time.")
    detail %= {"person": there.person, "municipality": there.municipality.name}
    raise Conflict("seat_taken", detail, current=attendance_as_object(rows))


def may_take_over(actor: Actor, meeting: Meeting, there: Attendance) -> bool:
    """Whether the actor goes before the one who is in: the titular before all, then whoever acts for the seat at this meeting, then by
    the order of the seat.
    """
    day, seat = meeting.local.date(), there.municipality_id
    held = Membership.objects.filter(valid_on(day), municipality=seat, user__in=[actor.user_id, there.user_id])
    acting = acting_for(meeting, [seat]).get(seat)
    ranks: dict[UUID, tuple[int, int]] = {}
    for row in held:
        titular = row.order == FIRST and not row.by_delegation
        rank = (0 if titular else 1 if acting and acting.user_id == row.user_id else 2, row.order or 0)
        ranks[row.user_id] = min(rank, ranks.get(row.user_id, rank))
    mine, theirs = ranks.get(actor.user_id) if actor.user_id else None, ranks.get(there.user_id) if there.user_id else None
    return mine is not None and (theirs is None or mine < theirs)


@transaction.atomic
def leave(*, actor: Actor, meeting: Meeting, municipality: Municipality) -> None:
    """A municipality is no longer present. Raises NotAllowed for another's seat, Conflict outside the session, and `seat_taken` for who
    would send another one of the seat away.
    """
    meeting = _joinable(actor, meeting, municipality)
    rows = rows_of_seat(meeting.pk, municipality.pk)
    there = next((row for row in rows if row.left_at is None), None)
    another = there is not None and there.seen_at is not None and there.user_id != actor.user_id
    if there and another and municipality.pk in actor.seats:
        _require_free(actor, meeting, there, rows, take_over=False)
    _end(actor, rows, GRACE)


def end_all(*, actor: Actor, meeting: Meeting) -> None:
    """The session is over: nobody is present any longer."""
    for _seat, rows in groupby(attendance_rows(meeting).order_by("municipality_id"), key=lambda row: row.municipality_id):
        _end(actor, in_order(rows), LEASE)


def _end(actor: Actor, rows: Sequence[Attendance], holds: timedelta) -> None:
    """Ends what goes on of one municipality's rows: now, or at the last proof when that is longer ago than `holds`."""
    for row in rows:
        if row.left_at is None:
            row.lapsed = not _goes_on(row, holds)
            row.left_at = max((row.seen_at if row.lapsed else None) or clock.now(), row.joined_at)
            row.save(update_fields=["left_at", "lapsed"])
            record(actor, types.AttendanceLeft(attendance_as_object(rows)), meeting_id=row.meeting_id)


def _goes_on(row: Attendance, holds: timedelta) -> bool:
    """Whether its last proof is no longer ago than that. What the office says needs none."""
    return row.seen_at is None or row.seen_at >= clock.now() - holds


def prove(meeting_id: UUID, user_ids: Collection[UUID], *, every: timedelta = ALWAYS) -> int:
    """These people are at the meeting still: renews their presence, and continues one that lapsed within the grace time as if it had not,
    unless somebody else of the seat has come in. `every`: how old a proof is at least that is renewed. Answers how many it concerned.

    A read when there is nothing to renew. Records an event only for who is continued. To be called outside a transaction.
    """
    now = clock.now()
    rows = Attendance.objects.filter(meeting=meeting_id, user__in=user_ids)
    there = rows.filter(left_at__isnull=True, seen_at__gte=now - GRACE, seen_at__lte=now - every)
    lapsed = rows.filter(lapsed=True, left_at__gte=now - GRACE)
    found = list((there | lapsed).values_list("pk", "lapsed"))
    open_rows = [pk for pk, has_lapsed in found if not has_lapsed]
    renewed = _renew(open_rows, now) if open_rows else 0
    return renewed + sum(_continue(pk) for pk, has_lapsed in found if has_lapsed)


@transaction.atomic
def _renew(ids: Sequence[UUID], now: datetime) -> int:
    """Passes over the rows that somebody else is just changing: two proofs at once never wait for each other."""
    rows = Attendance.objects.filter(pk__in=ids, left_at__isnull=True).select_for_update(skip_locked=True, no_key=True)
    return Attendance.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(seen_at=now)


@transaction.atomic
def _continue(row_id: UUID) -> bool:
    row = Attendance.every.select_related("meeting", "user").get(pk=row_id)
    meeting = scheduling.locked(row.meeting)
    if meeting.state not in JOINED_IN or row.user is None:
        return False
    try:
        actor = actor_for(row.user, meeting.network)
    except NotFound:
        return False
    known = rows_of_seat(meeting.pk, row.municipality_id)
    return row.municipality_id in actor.seats and _continued(actor, known) is not None


def _continued(actor: Actor, rows: Sequence[Attendance]) -> Attendance | None:
    """The actor's interval, when it is the seat's last, lapsed within the grace time, and now goes on."""
    last = rows[-1] if rows else None
    if last is None or not last.lapsed or last.user_id != actor.user_id or not _goes_on(last, GRACE):
        return None
    last.left_at, last.lapsed, last.seen_at = None, False, clock.now()
    last.save(update_fields=["left_at", "lapsed", "seen_at"])
    record(actor, types.AttendanceJoined(attendance_as_object(rows)), meeting_id=last.meeting_id)
    return last


def end_lapsed() -> int:
    """Ends what nobody has proved within the lease, at the last proof; how many."""
    stale = Attendance.objects.filter(left_at__isnull=True, seen_at__lt=clock.now() - LEASE)
    return sum(_end_lapsed_of(meeting_id) for meeting_id in sorted(set(stale.values_list("meeting_id", flat=True))))


@transaction.atomic
def _end_lapsed_of(meeting_id: UUID) -> int:
    meeting = scheduling.locked_alone(Meeting(pk=meeting_id))
    actor, ended = system_actor(meeting.network_id), 0
    locked = Attendance.objects.select_for_update(no_key=True).order_by("pk")
    stale = locked.filter(meeting=meeting_id, left_at__isnull=True, seen_at__lt=clock.now() - LEASE)
    for seat in sorted(set(stale.values_list("municipality_id", flat=True))):
        _end(actor, rows_of_seat(meeting_id, seat), LEASE)
        ended += 1
    return ended


def _joinable(actor: Actor, meeting: Meeting, municipality: Municipality) -> Meeting:
    meeting = scheduling.locked_alone(meeting)
    require_part(actor, meeting, municipality)
    if meeting.state not in JOINED_IN:
        raise Conflict("wrong_state", _("There is no session to join now."), current=meeting_as_object(meeting))
    return meeting


def _who(actor: Actor, meeting: Meeting, municipality: Municipality) -> tuple[str, str]:
    """(name, office) of whoever represents the seat now: the actor, or who acts for it at this meeting for a caller by phone."""
    day = meeting.local.date()
    if municipality.pk not in actor.seats:
        acting = acting_for(meeting, [municipality.pk]).get(municipality.pk)
        return (acting.user.name, acting.office) if acting else (municipality.name, "")
    held = Membership.objects.filter(valid_on(day), user=actor.user_id, municipality=municipality)
    return actor.name, held.values_list("office", flat=True).first() or ""
