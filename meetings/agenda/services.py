"""Writes of agenda items: proposing, triage, the running order, publication, carrying over."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.agenda.models import ACTIONS, ON_THE_AGENDA, TRANSITIONS, AgendaItem, ItemState
from meetings.agenda.selectors import awaiting_decision, item_as_object, place, running_order, running_order_as_object
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.models import Audience
from meetings.events.services import record
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import meeting_as_object

LONGEST_ITEM = 480


def locked(item: AgendaItem) -> AgendaItem:
    """The item as it now is, its meeting locked too until the transaction ends, so that nothing is published meanwhile."""
    scheduling.locked(item.meeting)
    rows = AgendaItem.objects.select_for_update(of=("self",), no_key=True).select_related("meeting__network", "proposer__zone")
    return rows.prefetch_related("co_proposers", "attachments").get(pk=item.pk)


def audience(item: AgendaItem) -> Audience:
    """Everybody is told of an item once the agenda is published; before, the staff."""
    seen = item.meeting.agenda_published_at is not None and item.state in ON_THE_AGENDA
    return Audience.MEMBERS if seen else Audience.STAFF


def save(actor: Actor, item: AgendaItem, event: type[types.EventType], *fields: str) -> AgendaItem:
    """Saves the fields and the version together, and records the whole item."""
    item.version += 1
    item.save(update_fields=[*fields, "version"])
    record(actor, event(item_as_object(item)), meeting_id=item.meeting_id, audience=audience(item))
    return item


def require_unpublished(meeting: Meeting) -> None:
    """A published agenda is frozen, its files too. Raises Conflict `agenda_published`."""
    if meeting.state != MeetingState.SCHEDULED:
        detail = _("The agenda of this meeting is already published. Propose the item for the next meeting.")
        raise Conflict("agenda_published", detail, current=meeting_as_object(meeting))


@transaction.atomic
def draft(
    *, actor: Actor, meeting: Meeting, proposer: Municipality | None, values: Mapping[str, Any], co_proposers: Sequence[Municipality] = ()
) -> AgendaItem:
    """A seat's (or with no proposer the office's) private draft; makes no event. Raises Conflict `agenda_published`, Invalid by field."""
    meeting = scheduling.locked(meeting)
    require(actor, Permission.PROPOSE, network_id=meeting.network_id, place=place_of(proposer))
    require_unpublished(meeting)
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
    require_unpublished(item.meeting)
    _require_of_network(item.meeting, "co_proposers", co_proposers or ())
    changed = _apply(item, values)
    if co_proposers is not None:
        item.co_proposers.set(co_proposers)
    if item.submitted_at is None:
        item.version += 1
        item.save(update_fields=[*changed, "version"])
        return item
    return save(actor, item, types.AgendaItemChanged, *changed)


@transaction.atomic
def submit(*, actor: Actor, item: AgendaItem, motive: str = "") -> AgendaItem:
    """Hands the draft in. At the deadline itself it is on time; after it, it is late and needs a motive. One that was on time and
    returned stays on time.

    Raises Conflict `wrong_state`, `agenda_published`, `intake_not_open`; Invalid `motive_missing`.
    """
    item = locked(item)
    require(actor, ACTIONS["submit"], network_id=item.meeting.network_id, place=place(item))
    item.state = TRANSITIONS.target("submit", item.state)
    require_unpublished(item.meeting)
    now = clock.now()
    if now < item.meeting.intake_opens_at and not actor.is_staff:
        raise Conflict("intake_not_open", _("Proposals for this meeting are not open yet. Your draft is kept."))
    item.late = item.late if item.submitted_at else now > item.meeting.intake_closes_at
    changed = validation.apply(item, {"motive": motive or item.motive})
    if item.late and not item.motive:
        raise validation.invalid("motive", _("The deadline has passed: say why this cannot wait for the next meeting."))
    item.submitted_at = now
    return save(actor, item, types.AgendaItemProposed, *changed, "state", "late", "submitted_at", "answer")


@transaction.atomic
def withdraw(*, actor: Actor, item: AgendaItem) -> AgendaItem:
    """Its own seat takes a proposal back before it is decided on. Raises Conflict."""
    item = _decided(actor, item, "withdraw")
    return save(actor, item, types.AgendaItemWithdrawn, "state")


@transaction.atomic
def accept(*, actor: Actor, item: AgendaItem, duration_minutes: int | None = None) -> AgendaItem:
    """Puts a proposal at the end of the running order, with the time box given (or the minutes wanted). Raises Conflict, Invalid."""
    item = _decided(actor, item, "accept")
    item.answer = ""  # what was asked for when it went back is between the office and the seat
    if duration_minutes is not None:
        _apply(item, {"duration_minutes": duration_minutes})
    item.position = _last_position(item.meeting_id) + 1
    item = save(actor, item, types.AgendaItemAccepted, "state", "duration_minutes", "position", "answer")
    _grow_order(actor, item.meeting)
    return item


@transaction.atomic
def return_(*, actor: Actor, item: AgendaItem, reason: str) -> AgendaItem:
    """Gives a proposal back to its seat as a draft, with the reason. Raises Conflict, Invalid without a reason."""
    item = _decided(actor, item, "return")
    _answer(item, reason)
    return save(actor, item, types.AgendaItemReturned, "state", "answer")


@transaction.atomic
def decline(*, actor: Actor, item: AgendaItem, answer: str) -> AgendaItem:
    """Declines a proposal with a written answer. Raises Conflict, Invalid without an answer."""
    item = _decided(actor, item, "decline")
    _answer(item, answer)
    return save(actor, item, types.AgendaItemDeclined, "state", "answer")


def _decided(actor: Actor, item: AgendaItem, action: str) -> AgendaItem:
    item = locked(item)
    require(actor, ACTIONS[action], network_id=item.meeting.network_id, place=place(item))
    item.state = TRANSITIONS.target(action, item.state)
    require_unpublished(item.meeting)
    return item


def _answer(item: AgendaItem, text: str) -> None:
    validation.apply(item, {"answer": text})
    if not item.answer:
        raise validation.invalid("answer", _("Answer in writing: the proposer is told why."))


def _last_position(meeting_id: UUID) -> int:
    return AgendaItem.objects.filter(meeting=meeting_id).aggregate(last=Max("position"))["last"] or 0


def _grow_order(actor: Actor, meeting: Meeting) -> None:
    """The order has changed: its version grows, and who knows of the agenda is told."""
    Meeting.objects.filter(pk=meeting.pk).update(running_order_version=F("running_order_version") + 1)
    meeting.refresh_from_db(fields=["running_order_version"])
    _tell_order(actor, meeting)


def _tell_order(actor: Actor, meeting: Meeting) -> None:
    seen = Audience.MEMBERS if meeting.agenda_published_at else Audience.STAFF
    record(actor, types.RunningOrderChanged(running_order_as_object(meeting)), meeting_id=meeting.pk, audience=seen)


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
        _place(actor, items[pk], position)
    _grow_order(actor, meeting)
    return [items[pk] for pk in item_ids]


def _place(actor: Actor, item: AgendaItem, position: int) -> None:
    """A place in the order is not an edit: the item's version stays."""
    if item.position == position:
        return
    item.position = position
    item.save(update_fields=["position"])
    record(actor, types.AgendaItemOrdered(item_as_object(item)), meeting_id=item.meeting_id, audience=audience(item))


@transaction.atomic
def publish(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Publishes the agenda, which is frozen from then on.

    Raises Conflict `wrong_state`, `undecided_proposals` (each must be accepted, returned or declined first), `empty_agenda`.
    """
    meeting = scheduling.locked(meeting)
    require(actor, Permission.TRIAGE, network_id=meeting.network_id)
    if undecided := awaiting_decision(meeting).count():
        raise Conflict("undecided_proposals", _undecided(undecided))
    items = list(running_order(meeting))
    if not items:
        raise Conflict("empty_agenda", _("There is nothing on the agenda yet. Accept a proposal or add an item first."))
    meeting = scheduling.agenda_published(actor=actor, meeting=meeting)
    for item in items:
        record(actor, types.AgendaItemPublished(item_as_object(item)), meeting_id=meeting.pk)
    _tell_order(actor, meeting)
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


def carry_over(*, actor: Actor, item: AgendaItem, to: Meeting) -> AgendaItem:
    """Brings an unreached or postponed item to a later meeting, accepted, once, with its attachments and its age."""
    require(actor, Permission.RUN_SESSION, network_id=to.network_id)
    carried = AgendaItem.objects.filter(origin=item, meeting=to).first()
    return carried or _copy(actor, item, to)


def _copy(actor: Actor, item: AgendaItem, to: Meeting) -> AgendaItem:
    kept = {
        name: getattr(item, name) for name in ("proposer", "title", "text", "kind", "duration_minutes", "created_by", "approves_minutes_of")
    }
    copy = AgendaItem.objects.create(
        **kept,
        meeting=to,
        origin=item,
        deferrals=item.deferrals + 1,
        state=ItemState.ACCEPTED,
        position=_last_position(to.pk) + 1,
        created_at=clock.now(),
        submitted_at=clock.now(),
    )
    copy.co_proposers.set(item.co_proposers.all())
    for attachment in item.attachments.all():
        attachment.pk, attachment.agenda_item, attachment._state.adding = None, copy, True
        attachment.save(force_insert=True)
    record(actor, types.AgendaItemCarriedOver(item_as_object(copy)), meeting_id=to.pk, audience=audience(copy))
    _grow_order(actor, to)
    return copy


def add_minutes_approval(*, actor: Actor, meeting: Meeting, of: Meeting) -> AgendaItem:
    """The approval of the previous minutes as the first item, put there by the system, once."""
    require(actor, Permission.RUN_SESSION, network_id=meeting.network_id)
    found = AgendaItem.objects.filter(meeting=meeting, approves_minutes_of=of).first()
    if found:
        return found
    for row in reversed(running_order(meeting)):
        _place(actor, row, (row.position or 0) + 1)
    item = AgendaItem.objects.create(
        meeting=meeting,
        title=_approval_title(of),
        kind=AgendaItem.Kind.DECISION,
        duration_minutes=5,
        state=ItemState.ACCEPTED,
        position=1,
        approves_minutes_of=of,
        created_at=clock.now(),
        submitted_at=clock.now(),
    )
    record(actor, types.AgendaItemAccepted(item_as_object(item)), meeting_id=meeting.pk, audience=audience(item))
    _grow_order(actor, meeting)
    return item


def _approval_title(of: Meeting) -> str:
    with override(of.network.language):
        return _("Approval of the minutes of meeting no. %(number)s of %(date)s") % {"number": of.number, "date": f"{of.local:%d/%m/%Y}"}
