"""Holding the session: opening, presence, moving through the items, closing."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, require
from meetings.agenda import carrying
from meetings.agenda import services as agenda
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem, ItemState
from meetings.agenda.selectors import running_order
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import lock_stream, record
from meetings.live import speakers
from meetings.live.models import Attendance, Poll, PollState
from meetings.live.selectors import attendance_as_object, attendance_rows
from meetings.live.taking_part import require_part
from meetings.minutes import services as minutes
from meetings.minutes.selectors import circulates
from meetings.network.models import Membership, Municipality, valid_on
from meetings.network.selectors import system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import ACTIONS, TRANSITIONS, Meeting, MeetingState
from meetings.scheduling.seats import acting_for
from meetings.scheduling.selectors import following, meeting_as_object

JOINED_IN = (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION)
"""Presence counts from before the opening: people gather."""


@transaction.atomic
def open_session(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Opens the session of a meeting whose agenda is published; late proposals not decided on are put off. Raises Conflict."""
    meeting = scheduling.locked_with_network(meeting)
    require(actor, ACTIONS["open"], network_id=meeting.network_id)
    meeting.state = TRANSITIONS.target("open", meeting.state)
    meeting.opened_at = clock.now()
    scheduling.touch(meeting, "state", "opened_at")
    agenda.answer_unanswered(meeting=meeting)
    record(actor, types.MeetingOpened(meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


@transaction.atomic
def move_on(*, actor: Actor, meeting: Meeting, item: AgendaItem | None) -> Meeting:
    """Goes to an item of the agenda (None: to none). What was under discussion counts as discussed; who speaks there is done.

    Raises Conflict `wrong_state`, `poll_open`, `not_on_the_agenda`.
    """
    meeting = _in_session(actor, meeting, "move_on")
    if item and (item.meeting_id != meeting.pk or item.state not in ON_THE_AGENDA):
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    _leave_item(actor, meeting, to=item)
    return _go_to(actor, meeting, item)


@transaction.atomic
def postpone(*, actor: Actor, meeting: Meeting, item: AgendaItem) -> AgendaItem:
    """Puts an item off: it is carried to the next meeting when this one closes. Raises Conflict."""
    meeting = _in_session(actor, meeting, "move_on")
    if item.meeting_id != meeting.pk:
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    if meeting.current_item_id == item.pk:
        _require_no_open_poll(meeting)
        speakers.end_current(actor=actor, meeting=meeting)
        _go_to(actor, meeting, None)
    return agenda.mark(actor=actor, item=item, action="postpone")


@transaction.atomic
def close_session(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Closes the session: ends presence, carries what was not reached or was postponed to the next meeting of the series, puts the
    approval of these minutes first on its agenda, and drafts the minutes. Raises Conflict `wrong_state`, `poll_open`.
    """
    lock_stream(network_id=meeting.network_id)
    meeting = _in_session(actor, meeting, "close")
    _leave_item(actor, meeting, to=None)
    speakers.withdraw_waiting(actor=actor, meeting=meeting)
    for _seat, rows in groupby(
        attendance_rows(meeting).order_by("municipality_id", "joined_at", "id"), key=lambda row: row.municipality_id
    ):
        _end(actor, list(rows))
    _carry_over(actor, meeting)
    meeting.state = TRANSITIONS.target("close", meeting.state)
    meeting.closed_at, meeting.current_item, meeting.current_item_since = clock.now(), None, None
    scheduling.touch(meeting, "state", "closed_at", "current_item", "current_item_since")
    record(actor, types.MeetingClosed(meeting_as_object(meeting)), meeting_id=meeting.pk)
    minutes.draft_minutes(actor=actor, meeting=meeting)
    return meeting


@transaction.atomic
def reopen(*, actor: Actor, meeting: Meeting) -> Meeting:
    """A session that was closed by mistake goes on, while its minutes are a draft: what was carried over is taken back, people come in
    anew. Raises Conflict `wrong_state`, `minutes_circulate`, `already_begun` once the next session has begun with what was carried over.
    """
    meeting = scheduling.locked_with_network(meeting)
    require(actor, ACTIONS["reopen"], network_id=meeting.network_id)
    state = TRANSITIONS.target("reopen", meeting.state)
    if circulates(meeting):
        detail = _("The minutes circulate already. Write what is missing into them.")
        raise Conflict("minutes_circulate", detail, current=meeting_as_object(meeting))
    carrying.undo_carry_over(actor=actor, meeting=meeting)
    meeting.state, meeting.closed_at = state, None
    scheduling.touch(meeting, "state", "closed_at")
    record(actor, types.MeetingReopened(meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


def _in_session(actor: Actor, meeting: Meeting, action: str) -> Meeting:
    meeting = scheduling.locked(meeting)
    require(actor, ACTIONS[action], network_id=meeting.network_id)
    TRANSITIONS.target(action, meeting.state)
    return meeting


def _require_no_open_poll(meeting: Meeting) -> None:
    if Poll.objects.filter(agenda_item__meeting=meeting, state=PollState.OPEN).exists():
        raise Conflict("poll_open", _("A vote is open. Close it before you go on."), current=meeting_as_object(meeting))


def _leave_item(actor: Actor, meeting: Meeting, *, to: AgendaItem | None) -> None:
    _require_no_open_poll(meeting)
    left = meeting.current_item
    if left is None or (to and left.pk == to.pk):
        return
    speakers.end_current(actor=actor, meeting=meeting)
    if left.state == ItemState.ACCEPTED:
        agenda.mark(actor=actor, item=left, action="discuss")


def _go_to(actor: Actor, meeting: Meeting, item: AgendaItem | None) -> Meeting:
    meeting.current_item, meeting.current_item_since = item, clock.now() if item else None
    scheduling.touch(meeting, "current_item", "current_item_since")
    record(actor, types.MeetingMovedOn(meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


def _carry_over(actor: Actor, meeting: Meeting) -> None:
    to = following(meeting)
    if to:
        to = scheduling.locked(to)
        agenda.add_minutes_approval(actor=system_actor(meeting.network_id), meeting=to, of=meeting)
    for item in running_order(meeting):
        if item.state == ItemState.ACCEPTED:
            item = agenda.mark(actor=actor, item=item, action="pass_over")
        if to and item.state in (ItemState.NOT_REACHED, ItemState.POSTPONED):
            agenda.carry_over(actor=actor, item=item, to=to)


@transaction.atomic
def join(*, actor: Actor, meeting: Meeting, municipality: Municipality, source: str = Attendance.Source.WEB) -> Attendance:
    """A municipality is present from now on; doing it again changes nothing. The office may mark who called by phone.

    Raises NotAllowed for another's seat, Conflict outside the session, Invalid for no seat on that day and for no such source.
    """
    meeting = _joinable(actor, meeting, municipality)
    known = _rows(meeting.pk, municipality.pk)
    if there := [row for row in known if row.left_at is None]:
        return there[0]
    person, office = _who(actor, meeting, municipality)
    row = Attendance(meeting=meeting, municipality=municipality, person=person, office=office, joined_at=clock.now())
    validation.apply(row, {"source": Attendance.Source.WEB if municipality.pk in actor.seats else source})
    row.user_id = actor.user_id if municipality.pk in actor.seats else None
    row.save()
    rows = sorted([*known, row], key=lambda row: (row.joined_at, row.pk))
    record(actor, types.AttendanceJoined(attendance_as_object(rows)), meeting_id=meeting.pk)
    return row


@transaction.atomic
def leave(*, actor: Actor, meeting: Meeting, municipality: Municipality) -> None:
    """A municipality is no longer present. Raises NotAllowed for another's seat, Conflict outside the session."""
    meeting = _joinable(actor, meeting, municipality)
    _end(actor, _rows(meeting.pk, municipality.pk))


def _end(actor: Actor, rows: Sequence[Attendance]) -> None:
    """Ends what goes on of one municipality's rows."""
    for row in rows:
        if row.left_at is None:
            row.left_at = max(clock.now(), row.joined_at)
            row.save(update_fields=["left_at"])
            record(actor, types.AttendanceLeft(attendance_as_object(rows)), meeting_id=row.meeting_id)


def _rows(meeting_id: UUID, municipality_id: UUID) -> list[Attendance]:
    """One municipality's, in order: when it was there."""
    rows = Attendance.objects.filter(meeting=meeting_id, municipality=municipality_id).select_related("municipality")
    return list(rows.order_by("joined_at", "id"))


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
