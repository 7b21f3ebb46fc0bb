"""Writes of agenda items: proposing, triage, the running order, publication. What goes on elsewhere is in carrying.py and merging.py."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.agenda import telling
from meetings.agenda.carrying import (
    answer_unanswered,
    cancel_meeting,
    carry_over,
    defer,
    move,
    restore_meeting,
    undo_carry_over,
)
from meetings.agenda.merging import merge, part_all, separate
from meetings.agenda.models import ACTIONS, TRANSITIONS, AgendaItem, ItemState
from meetings.agenda.selectors import (
    awaiting_decision,
    consent_together,
    item_as_object,
    may_ask_to_discuss,
    place,
    running_order,
    running_order_as_object,
    would_be_late,
)
from meetings.agenda.writing import (
    close_gap,
    grow_order,
    locked,
    place_at,
    place_last,
    require_collecting,
    require_open_for,
    require_unpublished,
    save,
    take_off,
    tell,
    tell_order,
    write_answer,
)
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState

__all__ = [
    "accept",
    "add_minutes_approval",
    "answer_unanswered",
    "cancel_meeting",
    "carry_over",
    "decline",
    "defer",
    "discuss_instead",
    "draft",
    "edit",
    "locked",
    "mark",
    "merge",
    "move",
    "order",
    "publish",
    "restore_meeting",
    "return_",
    "separate",
    "submit",
    "undo_carry_over",
    "withdraw",
]

LONGEST_ITEM = 480


@transaction.atomic
def draft(
    *, actor: Actor, meeting: Meeting, proposer: Municipality | None, values: Mapping[str, Any], co_proposers: Sequence[Municipality] = ()
) -> AgendaItem:
    """A seat's (or with no proposer the office's) private draft; makes no event. Raises Conflict `agenda_closed`, Invalid by field."""
    meeting = scheduling.locked(meeting)
    require(actor, Permission.PROPOSE, network_id=meeting.network_id, place=place_of(proposer))
    require_collecting(meeting)
    _require_of_network(meeting, "proposer", [proposer] if proposer else [])
    _require_of_network(meeting, "co_proposers", co_proposers)
    item = AgendaItem(meeting=meeting, proposer=proposer, created_by_id=actor.user_id, created_at=clock.now())
    _apply(item, values)
    item.save()
    item.co_proposers.set(co_proposers)
    return item


def _require_of_network(meeting: Meeting, field: str, municipalities: Sequence[Municipality]) -> None:
    if any(row.network_id != meeting.network_id for row in municipalities):
        raise validation.invalid(field, _("There is no such municipality."))


def _apply(item: AgendaItem, values: Mapping[str, Any]) -> list[str]:
    changed = validation.apply(item, {"title": item.title, **values})
    if not 1 <= item.duration_minutes <= LONGEST_ITEM:
        raise validation.invalid("duration_minutes", _("An item takes from 1 to %(most)s minutes.") % {"most": LONGEST_ITEM})
    return changed


@transaction.atomic
def edit(
    *,
    actor: Actor,
    item: AgendaItem,
    values: Mapping[str, Any],
    co_proposers: Sequence[Municipality] | None = None,
    expected_version: int | None = None,
) -> AgendaItem:
    """Changes text, kind and minutes: by its seat until it is accepted, by the office until publication.

    Raises Conflict, Invalid by field, StaleVersion with what was saved meanwhile.
    """
    item = locked(item)
    action = "revise" if item.state == ItemState.ACCEPTED else "edit"
    require(actor, ACTIONS[action], network_id=item.meeting.network_id, place=place(item))
    versions.check(item, expected_version, lambda: item_as_object(item))
    TRANSITIONS.target(action, item.state)
    require_open_for(item)
    _require_of_network(item.meeting, "co_proposers", co_proposers or ())
    changed = _apply(item, values)
    if co_proposers is not None:
        item.co_proposers.set(co_proposers)
    item.moved_from = None  # whoever works on a draft has made it this meeting's
    return save(actor, item, types.AgendaItemChanged, *changed, "moved_from")


@transaction.atomic
def submit(*, actor: Actor, item: AgendaItem, motive: str = "") -> AgendaItem:
    """Hands the draft in. At the deadline itself it is on time; after it, and once the agenda is published, it is late and needs a
    motive. One that was on time and returned before publication stays on time.

    Raises Conflict `wrong_state`, `agenda_closed`, `intake_not_open`; Invalid without the motive.
    """
    item = locked(item)
    require(actor, ACTIONS["submit"], network_id=item.meeting.network_id, place=place(item))
    item.state = TRANSITIONS.target("submit", item.state)
    require_collecting(item.meeting)
    now = clock.now()
    if now < item.meeting.intake_opens_at and not actor.is_staff:
        raise Conflict("intake_not_open", _("Proposals for this meeting are not open yet. Your draft is kept."))
    kept = item.submitted_at is not None and item.meeting.state == MeetingState.SCHEDULED
    item.late = item.late if kept else would_be_late(item.meeting)
    changed = validation.apply(item, {"motive": motive or item.motive})
    if item.late and not item.motive:
        raise validation.invalid("motive", _("The deadline has passed: say why this cannot wait for the next meeting."))
    item.submitted_at, item.moved_from = now, None
    save(actor, item, types.AgendaItemProposed, *changed, "state", "late", "submitted_at", "answer", "moved_from")
    telling.received(actor, item)
    return item


@transaction.atomic
def withdraw(*, actor: Actor, item: AgendaItem) -> AgendaItem:
    """Its own seat takes a proposal back, also an accepted one until the agenda is published. Raises Conflict."""
    item = _decided(actor, item, "withdraw")
    was_placed = item.position is not None
    part_all(actor, item)
    fields = take_off(item) if was_placed else []
    save(actor, item, types.AgendaItemWithdrawn, *fields, "state")
    if was_placed:
        close_gap(actor, item.meeting)
    return item


@transaction.atomic
def accept(*, actor: Actor, item: AgendaItem, duration_minutes: int | None = None) -> AgendaItem:
    """Puts a proposal at the end of the running order, with the time box given (or the minutes wanted); of a published one by an
    addendum. Raises Conflict, Invalid.
    """
    item = _decided(actor, item, "accept")
    item.answer = ""  # what was asked for when it went back is between the office and the seat
    if duration_minutes is not None:
        _apply(item, {"duration_minutes": duration_minutes})
    fields = place_last(item)
    save(actor, item, types.AgendaItemAccepted, *fields, "state", "duration_minutes", "answer")
    grow_order(actor, item.meeting)
    telling.answered(actor, item)
    if item.addendum:
        telling.added(item.meeting)
    return item


@transaction.atomic
def return_(*, actor: Actor, item: AgendaItem, reason: str) -> AgendaItem:
    """Gives a proposal back to its seat as a draft, with the reason. Raises Conflict, Invalid without a reason."""
    item = _decided(actor, item, "return")
    write_answer(item, reason)
    save(actor, item, types.AgendaItemReturned, "state", "answer")
    telling.answered(actor, item)
    return item


@transaction.atomic
def decline(*, actor: Actor, item: AgendaItem, answer: str) -> AgendaItem:
    """Declines a proposal with a written answer. Raises Conflict, Invalid without an answer."""
    item = _decided(actor, item, "decline")
    write_answer(item, answer)
    save(actor, item, types.AgendaItemDeclined, "state", "answer")
    telling.answered(actor, item)
    return item


def _decided(actor: Actor, item: AgendaItem, action: str) -> AgendaItem:
    item = locked(item)
    require(actor, ACTIONS[action], network_id=item.meeting.network_id, place=place(item))
    target = TRANSITIONS.target(action, item.state)
    require_open_for(item)
    item.state = target
    return item


@transaction.atomic
def discuss_instead(*, actor: Actor, item: AgendaItem, until_voted: bool = False) -> AgendaItem:
    """A seat asks, before the session, that a consent item be discussed rather than taken as read. Raises NotAllowed, Conflict.

    `until_voted`: also in the session, out of a block vote that is not yet closed.
    """
    item = locked(item)
    if not may_ask_to_discuss(actor):
        require(actor, Permission.RUN_SESSION if until_voted else ACTIONS["discuss_instead"], network_id=item.meeting.network_id)
    TRANSITIONS.target("discuss_instead", item.state)
    possible = (*ANNOUNCED, MeetingState.IN_SESSION) if until_voted else ANNOUNCED
    if item.meeting.state not in possible or item.kind != AgendaItem.Kind.CONSENT:
        raise Conflict("not_a_consent_item", _("Only a consent item can still be asked to be discussed, before the session."))
    item.kind = AgendaItem.Kind.DISCUSSION
    return save(actor, item, types.AgendaItemChanged, "kind")


@transaction.atomic
def order(*, actor: Actor, meeting: Meeting, item_ids: Sequence[UUID], expected_version: int | None = None) -> list[AgendaItem]:
    """Puts the agenda in this order, which must name each of its items once. Raises Conflict, Invalid, StaleVersion."""
    meeting = scheduling.locked(meeting)
    require(actor, Permission.TRIAGE, network_id=meeting.network_id)
    require_unpublished(meeting)
    items = {row.pk: row for row in running_order(meeting)}
    if expected_version is not None and expected_version != meeting.running_order_version:
        raise versions.stale(running_order_as_object(meeting))
    if len(item_ids) != len(items) or set(item_ids) != set(items):
        raise validation.invalid("items", _("Name every item on the agenda exactly once."))
    for position, pk in enumerate(item_ids, start=1):
        place_at(actor, items[pk], position)
    grow_order(actor, meeting)
    return [items[pk] for pk in item_ids]


@transaction.atomic
def publish(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Publishes the agenda, which is frozen from then on but for addenda; its consent items stand together.

    Raises Conflict `wrong_state`, `undecided_proposals` (each must be answered first), `empty_agenda`.
    """
    meeting = scheduling.locked(meeting)
    require(actor, Permission.TRIAGE, network_id=meeting.network_id)
    if undecided := awaiting_decision(meeting).count():
        raise Conflict("undecided_proposals", _undecided(undecided))
    items = consent_together(list(running_order(meeting)))
    if not items:
        raise Conflict("empty_agenda", _("There is nothing on the agenda yet. Accept a proposal or add an item first."))
    for position, item in enumerate(items, start=1):
        place_at(actor, item, position)
    meeting = scheduling.agenda_published(actor=actor, meeting=meeting)
    for item in items:
        record(actor, types.AgendaItemPublished(item_as_object(item)), meeting_id=meeting.pk)
    tell_order(actor, meeting)
    telling.published(meeting)
    return meeting


def _undecided(count: int) -> str:
    text = ngettext(
        "One proposal still waits for an answer. Decide on it first.",
        "%(n)s proposals still wait for an answer. Decide on them first.",
        count,
    )
    return text % {"n": count}


def mark(*, actor: Actor, item: AgendaItem, action: str) -> AgendaItem:
    """What the session made of an item: `discuss`, `pass_over` or `postpone`. Raises Conflict."""
    event = {"discuss": types.AgendaItemDiscussed, "pass_over": types.AgendaItemNotReached, "postpone": types.AgendaItemPostponed}[action]
    item = locked(item)
    require(actor, ACTIONS[action], network_id=item.meeting.network_id)
    item.state = TRANSITIONS.target(action, item.state)
    return save(actor, item, event, "state")


def add_minutes_approval(*, actor: Actor, meeting: Meeting, of: Meeting) -> AgendaItem:
    """The approval of the previous minutes as the first item, put there by the system, once."""
    require(actor, Permission.RUN_SESSION, network_id=meeting.network_id)
    known = AgendaItem.objects.filter(meeting=meeting, approves_minutes_of=of).select_related("meeting__network").first()
    if known and not known.taken_back:
        return known
    before = AgendaItem.objects.filter(meeting=meeting, position__isnull=False)
    if known and known.position:  # struck, with a number that it gives up
        before = before.filter(position__lt=known.position)
    for row in before.select_related("meeting").order_by("-position"):
        place_at(actor, row, (row.position or 0) + 1)
    item = known or AgendaItem(meeting=meeting, approves_minutes_of=of, created_at=clock.now(), version=0)
    item.title, item.kind, item.duration_minutes = _approval_title(of), AgendaItem.Kind.DECISION, 5
    item.state, item.taken_back, item.submitted_at = ItemState.ACCEPTED, False, clock.now()
    item.origin, item.deferrals, item.first_proposed_on = None, 0, None  # also one that had come by way of a cancelled meeting
    place_last(item)
    item.position, item.version = 1, item.version + 1
    item.save()
    tell(actor, item, types.AgendaItemAccepted)
    grow_order(actor, meeting)
    telling.added(meeting)
    return item


def _approval_title(of: Meeting) -> str:
    with override(of.network.language):
        return _("Approval of the minutes of meeting no. %(number)s of %(date)s") % {"number": of.number, "date": f"{of.local:%d/%m/%Y}"}
