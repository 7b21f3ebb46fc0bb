"""Items that go on at another meeting. What is put off stays where it was, with a successor at the later meeting, or in the backlog
with none (ADR 12); what brought a successor there can be undone as long as nobody has touched it."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import clock, validation
from meetings.access import Actor, Permission, require
from meetings.agenda import telling
from meetings.agenda.merging import part_all
from meetings.agenda.models import ACTIONS, ON_THE_AGENDA, PUT_OFF, TRANSITIONS, AgendaItem, ItemState
from meetings.agenda.selectors import awaiting_decision, in_backlog, next_collecting, place, running_order
from meetings.agenda.writing import (
    close_gap,
    copy_files,
    grow_order,
    is_untouched,
    lock_meetings,
    locked,
    place_last,
    require_open_for,
    save,
    take_off,
    tell,
    write_answer,
)
from meetings.errors import Conflict
from meetings.events import types
from meetings.network.selectors import system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import following, meeting_as_object

_KEPT = ("proposer", "title", "text", "kind", "duration_minutes", "created_by", "approves_minutes_of")
_ARRIVALS = {ItemState.ACCEPTED: types.AgendaItemCarriedOver, ItemState.PROPOSED: types.AgendaItemProposed}


@transaction.atomic
def defer(*, actor: Actor, item: AgendaItem, to: Meeting | None = None, answer: str = "") -> AgendaItem:
    """Puts an item off with an answer in writing: to the meeting `to`, where it is a proposal again, or to the backlog; and takes one up
    from there.

    Raises Conflict `wrong_state`, `agenda_published`, `takes_no_proposals`; Invalid without an answer.
    """
    _here, to = lock_meetings(item.meeting, to) if to else (None, None)
    item = locked(item)
    require(actor, ACTIONS["defer"], network_id=item.meeting.network_id, place=place(item))
    if to:
        _require_taking(item, to)
    if to and in_backlog(item):
        return _taken_up(actor, item, to, answer)
    target = TRANSITIONS.target("defer", item.state)
    require_open_for(item)
    if item.approves_minutes_of_id:
        raise Conflict("approval_of_minutes", _("The approval of the minutes is carried over by the session alone."))
    write_answer(item, answer)
    return _put_off(actor, item, target, to, ItemState.PROPOSED)


def _require_taking(item: AgendaItem, to: Meeting) -> None:
    if to.network_id != item.meeting.network_id or to.pk == item.meeting_id:
        raise validation.invalid("meeting", _("Choose another meeting of this network."))
    if to.state != MeetingState.SCHEDULED:
        raise Conflict("takes_no_proposals", _("That meeting takes no more proposals. Choose a later one."), current=meeting_as_object(to))


def _put_off(actor: Actor, item: AgendaItem, state: str, to: Meeting | None, arrives_as: ItemState) -> AgendaItem:
    """The item as put off, and its successor. Once it stood in an order that is not published, the others close up."""
    fields = ["state", "answer", "before_cancelling"]
    was_placed, item.state = item.state in ON_THE_AGENDA, state
    if was_placed and state == ItemState.DEFERRED:
        fields += take_off(item)
    if to:
        _succeed(actor, item, to, arrives_as)
    event = types.AgendaItemDeferred if state == ItemState.DEFERRED else types.AgendaItemPostponed
    item = _saved(actor, item, event, *fields)
    if was_placed and state == ItemState.DEFERRED:
        close_gap(actor, item.meeting)
    telling.answered(actor, item)
    return item


def _saved(actor: Actor, item: AgendaItem, event: type[types.EventType], *fields: str) -> AgendaItem:
    """Saves, and records the item with the successor that it has by now."""
    item._prefetched_objects_cache.pop("carried_to", None)  # type: ignore[attr-defined]
    return save(actor, item, event, *fields)


def _taken_up(actor: Actor, item: AgendaItem, to: Meeting, answer: str) -> AgendaItem:
    """From the backlog to a meeting: as a proposal, or accepted when a session had it on its agenda already."""
    validation.apply(item, {"answer": answer or item.answer})
    _succeed(actor, item, to, ItemState.PROPOSED if item.state == ItemState.DEFERRED else ItemState.ACCEPTED)
    event = types.AgendaItemDeferred if item.state == ItemState.DEFERRED else types.AgendaItemPostponed
    item = _saved(actor, item, event, "answer")
    telling.answered(actor, item)
    return item


def carry_over(*, actor: Actor, item: AgendaItem, to: Meeting) -> AgendaItem:
    """Brings an unreached or postponed item to a later meeting, accepted, once, with its attachments and its age."""
    require(actor, Permission.RUN_SESSION, network_id=to.network_id)
    return _succeed(actor, item, to, ItemState.ACCEPTED)


def _succeed(actor: Actor, item: AgendaItem, to: Meeting, state: ItemState) -> AgendaItem:
    """The item's only successor: the one it has, or the one that was taken back from there, or a new one."""
    there = AgendaItem.objects.filter(origin=item, taken_back=False).select_related("meeting").first()
    if there:
        return there
    same = Q(approves_minutes_of=item.approves_minutes_of_id) if item.approves_minutes_of_id else Q(origin=item)
    known = AgendaItem.objects.filter(same, meeting=to).select_related("meeting").first()
    if known and known.state == ItemState.MERGED:  # it is there, in the item that has taken it in
        known.taken_back = False
        known.save(update_fields=["taken_back"])
        return known
    row = known or AgendaItem(meeting=to, origin=item, created_at=clock.now())
    _fill(row, item, state)
    row.meeting, row.origin = to, item
    if state == ItemState.ACCEPTED:
        place_last(row)
    row.version = row.handed_version = row.version + 1 if known else 1
    row.save()
    row.co_proposers.set(item.co_proposers.all())
    row.attachments.all().delete()
    copy_files(item, row)
    if event := _ARRIVALS.get(state):
        tell(actor, row, event)
    if state == ItemState.ACCEPTED:
        grow_order(actor, to)
        if row.addendum:
            telling.added(to)
    return row


def _fill(row: AgendaItem, item: AgendaItem, state: ItemState) -> None:
    for name in _KEPT:
        setattr(row, name, getattr(item, name))
    row.deferrals = item.deferrals + 1
    row.first_proposed_on = item.first_proposed_on or item.meeting.local.date()
    row.state, row.taken_back, row.late, row.motive, row.answer = state, False, False, "", ""
    row.submitted_at = None if state == ItemState.DRAFT else clock.now()


@transaction.atomic
def move(*, actor: Actor, item: AgendaItem, to: Meeting | None = None) -> AgendaItem:
    """A draft's author takes it to a meeting that still collects proposals (the next one of the series when none is named).

    Returns the draft there. Raises Conflict `wrong_state`, `takes_no_proposals`.
    """
    to = to or next_collecting(item.meeting)
    if to is None:
        raise Conflict("takes_no_proposals", _("No later meeting takes proposals yet. Your draft is kept."))
    _here, to = lock_meetings(item.meeting, to)
    item = locked(item)
    require(actor, ACTIONS["move"], network_id=item.meeting.network_id, place=place(item))
    TRANSITIONS.target("move", item.state)
    _require_taking(item, to)
    return _moved(actor, item, to, None)


def _moved(actor: Actor, item: AgendaItem, to: Meeting, moved_from: Meeting | None) -> AgendaItem:
    """A draft that nobody has seen moves itself. One that was returned is part of its meeting's record, and gets a successor."""
    if item.submitted_at is not None:
        _put_off(actor, item, ItemState.DEFERRED, to, ItemState.DRAFT)
        return AgendaItem.objects.select_related("meeting__network").get(origin=item, taken_back=False)
    item.meeting, item.moved_from = to, moved_from
    item.version += 1
    item.save(update_fields=["meeting", "moved_from", "version"])
    return item


@transaction.atomic
def answer_unanswered(*, meeting: Meeting) -> int:
    """What came late and was not decided on before the session is put off by Raccordo itself; how many."""
    actor, to = system_actor(meeting.network_id), next_collecting(meeting)
    rows = [locked(row) for row in awaiting_decision(meeting)]
    if rows and to:
        _here, to = lock_meetings(meeting, to)
    for row in rows:
        with override(meeting.network.language):
            row.answer = _("It came too late to be decided on before the session.")
        _put_off(actor, row, ItemState.DEFERRED, to, ItemState.PROPOSED)
    return len(rows)


# Undoing a session's close


@transaction.atomic
def undo_carry_over(*, actor: Actor, meeting: Meeting) -> None:
    """The session goes on: what it had not reached is on its agenda again, and what was carried over is taken back from where it went.

    A later carry-over takes up the same copies. Raises Conflict `already_begun` when one of them is before its session already.
    """
    meeting = scheduling.locked_with_network(meeting)
    require(actor, Permission.RUN_SESSION, network_id=meeting.network_id)
    carried = AgendaItem.objects.filter(origin__meeting=meeting, origin__state__in=PUT_OFF, taken_back=False)
    approvals = AgendaItem.objects.filter(approves_minutes_of=meeting, origin=None, taken_back=False)
    for row in sorted([*carried.select_related("meeting"), *approvals.select_related("meeting")], key=_by_place):
        _take_back(actor, row)
    for row in AgendaItem.objects.filter(meeting=meeting, state=ItemState.NOT_REACHED).order_by("position"):
        item = locked(row)
        item.state = TRANSITIONS.target("resume", item.state)
        save(actor, item, types.AgendaItemReinstated, "state")


def _by_place(row: AgendaItem) -> tuple[object, ...]:
    return row.meeting.starts_at, row.position or 0, row.pk


def _take_back(actor: Actor, row: AgendaItem) -> None:
    """Withdraws a successor and whatever came of it later. One that was merged stays in the item that has taken it in, and is withdrawn
    when it leaves that.
    """
    for later in row.carried_to.filter(taken_back=False).select_related("meeting"):
        _take_back(actor, later)
    item = locked(row)
    if item.meeting.state in (MeetingState.IN_SESSION, MeetingState.CLOSED):
        detail = _("The next meeting has begun with what was carried over to it.")
        raise Conflict("already_begun", detail, current=meeting_as_object(item.meeting))
    item.taken_back, item.before_cancelling = True, ""  # its meeting is restored without it
    if item.state in (ItemState.WITHDRAWN, ItemState.MERGED):  # by those who had proposed it, or into another
        item.save(update_fields=["taken_back", "before_cancelling"])
        return
    was_placed, item.state = item.state in ON_THE_AGENDA, ItemState.WITHDRAWN
    fields = take_off(item) if was_placed else []
    part_all(actor, item)
    save(actor, item, types.AgendaItemWithdrawn, *fields, "state", "taken_back", "before_cancelling")
    if was_placed:
        close_gap(actor, item.meeting)
        telling.added(item.meeting)
    if item.meeting.state == MeetingState.CANCELLED:  # what was merged into it goes on by itself
        _hand_over_proposals(actor, item.meeting, next_collecting(item.meeting))


# A meeting that is cancelled, and restored


@transaction.atomic
def cancel_meeting(*, actor: Actor, meeting: Meeting, reason: str) -> Meeting:
    """Cancels a meeting and hands what is on its agenda, its open proposals and its drafts over to the following one (items to the
    backlog when there is none). Raises Conflict `wrong_state`, Invalid without a reason.
    """
    meeting = scheduling.cancelled(actor=actor, meeting=scheduling.locked_with_network(meeting), reason=reason)
    hand_over_all(actor, meeting)
    return meeting


def hand_over_all(actor: Actor, meeting: Meeting) -> None:
    """What becomes of the items of a meeting that has just been cancelled."""
    on_agenda, collecting = following(meeting), next_collecting(meeting)
    targets = {row.pk: row for row in (on_agenda, collecting) if row}
    fresh = {row.pk: row for row in lock_meetings(*targets.values())}
    on_agenda, collecting = (fresh[row.pk] if row else None for row in (on_agenda, collecting))
    for row in running_order(meeting).filter(state=ItemState.ACCEPTED):
        _hand_over(actor, row, ItemState.POSTPONED, on_agenda, ItemState.ACCEPTED)
    _hand_over_proposals(actor, meeting, collecting)
    if collecting:
        for row in AgendaItem.objects.filter(meeting=meeting, state=ItemState.DRAFT).order_by("created_at", "id"):
            _hand_over_draft(actor, row, collecting)


def _hand_over_proposals(actor: Actor, meeting: Meeting, to: Meeting | None) -> None:
    for row in awaiting_decision(meeting):
        _hand_over(actor, row, ItemState.DEFERRED, to, ItemState.PROPOSED)


def _hand_over(actor: Actor, row: AgendaItem, state: ItemState, to: Meeting | None, arrives_as: ItemState) -> None:
    item = locked(row)
    item.before_cancelling = item.state
    with override(item.meeting.network.language):
        item.answer = _("The meeting was cancelled: %(reason)s") % {"reason": item.meeting.reason}
    _put_off(actor, item, state, to, arrives_as)


def _hand_over_draft(actor: Actor, row: AgendaItem, to: Meeting) -> None:
    item = locked(row)
    item.before_cancelling = item.state if item.submitted_at else ""
    _moved(actor, item, to, item.meeting)


@transaction.atomic
def restore_meeting(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Takes a cancellation back, and with it whatever nobody has touched since it was handed over. Raises Conflict."""
    meeting = scheduling.restored(actor=actor, meeting=scheduling.locked_with_network(meeting))
    take_back_all(actor, meeting)
    return meeting


def take_back_all(actor: Actor, meeting: Meeting) -> None:
    """What becomes of the items that a meeting had before it was cancelled, once it is restored."""
    for row in AgendaItem.objects.filter(meeting=meeting).exclude(before_cancelling="").order_by("position", "submitted_at", "id"):
        _restore(actor, locked(row))
    drafts = AgendaItem.objects.filter(moved_from=meeting, state=ItemState.DRAFT, submitted_at=None)
    for draft in drafts.select_related("meeting"):
        _moved(actor, locked(draft), meeting, None)
    close_gap(actor, meeting)


def _restore(actor: Actor, item: AgendaItem) -> None:
    """What it was; or, when its successor has gone its own way, put off as if the office had done it."""
    before, item.before_cancelling, successor = item.before_cancelling, "", item.successor
    if successor and not is_untouched(successor):
        fields = take_off(item) if item.state in ON_THE_AGENDA else []
        item.state = ItemState.DEFERRED
        _saved(actor, item, types.AgendaItemDeferred, *fields, "state", "before_cancelling")
        if item.struck_at:
            telling.added(item.meeting)
        return
    if successor:
        _take_back(actor, successor)
    item.state, item.answer = before, ""
    _saved(actor, item, types.AgendaItemReinstated, "state", "answer", "before_cancelling")
