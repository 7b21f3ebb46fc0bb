"""Holding the session: opening, moving through the items, closing."""

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
from meetings.live import presence, speakers
from meetings.live.models import Poll, PollState
from meetings.live.presence import join as join
from meetings.live.presence import leave as leave
from meetings.minutes import services as minutes
from meetings.minutes.selectors import circulates
from meetings.network.selectors import system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import ACTIONS, TRANSITIONS, Meeting
from meetings.scheduling.selectors import following, meeting_as_object

MOST_EXTRA = 240
"""Minutes that can be added to an item."""


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
def move_on(*, actor: Actor, meeting: Meeting, item: AgendaItem | None, confirmed: bool = False) -> Meeting:
    """Goes to an item of the agenda (None: to none). What was under discussion counts as discussed; who speaks there is done, and who
    waits keeps the place for when it is taken up again.

    Raises Conflict `wrong_state`, `poll_open`, `not_on_the_agenda`; `somebody_speaks`, unless that was `confirmed`.
    """
    meeting = _in_session(actor, meeting, "move_on")
    if item and (item.meeting_id != meeting.pk or item.state not in ON_THE_AGENDA):
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    _require_no_open_poll(meeting)
    if not confirmed and (item is None or meeting.current_item_id != item.pk):
        speakers.require_silence(meeting)
    _leave_item(actor, meeting, to=item)
    return _go_to(actor, meeting, item)


@transaction.atomic
def extend_item(*, actor: Actor, meeting: Meeting, minutes: int = 5) -> Meeting:
    """The item under discussion has so many minutes more, this time. Raises Conflict `wrong_state`, `no_current_item`, Invalid."""
    meeting = _in_session(actor, meeting, "move_on")
    if meeting.current_item_id is None:
        raise Conflict("no_current_item", _("No item is under discussion now."), current=meeting_as_object(meeting))
    extra = meeting.current_item_extra_minutes + minutes
    if minutes < 1 or extra > MOST_EXTRA:
        raise validation.invalid("minutes", _("At least 1 and, together, at most %(most)s minutes.") % {"most": MOST_EXTRA})
    meeting.current_item_extra_minutes = extra
    scheduling.touch(meeting, "current_item_extra_minutes")
    record(actor, types.MeetingItemExtended(meeting_as_object(meeting)), meeting_id=meeting.pk)
    return meeting


@transaction.atomic
def postpone(*, actor: Actor, meeting: Meeting, item: AgendaItem, confirmed: bool = False) -> AgendaItem:
    """Puts an item off: it is carried to the next meeting when this one closes.

    Raises Conflict; `somebody_speaks`, when that is on this item and was not `confirmed`.
    """
    meeting = _in_session(actor, meeting, "move_on")
    if item.meeting_id != meeting.pk:
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    if meeting.current_item_id == item.pk:
        _require_no_open_poll(meeting)
        if not confirmed:
            speakers.require_silence(meeting)
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
    presence.end_all(actor=actor, meeting=meeting)
    _carry_over(actor, meeting)
    meeting.state = TRANSITIONS.target("close", meeting.state)
    meeting.closed_at, meeting.current_item, meeting.current_item_since = clock.now(), None, None
    meeting.current_item_extra_minutes = 0
    scheduling.touch(meeting, "state", "closed_at", "current_item", "current_item_since", "current_item_extra_minutes")
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
    meeting.current_item_extra_minutes = 0
    scheduling.touch(meeting, "current_item", "current_item_since", "current_item_extra_minutes")
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
