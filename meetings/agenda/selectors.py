"""Reads of agenda items: what each reader may know of."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from meetings import clock
from meetings.access import Actor, Permission, Place, abilities, can
from meetings.agenda.models import ACTIONS, ON_THE_AGENDA, PUT_OFF, TRANSITIONS, AgendaItem, Attachment, ItemState
from meetings.errors import found, nothing_here
from meetings.network.models import Network
from meetings.network.selectors import place_of
from meetings.scheduling.models import Meeting, MeetingState

WITH_SUCCESSOR = Prefetch("carried_to", AgendaItem.objects.filter(taken_back=False).select_related("meeting"))
_ITEMS = AgendaItem.objects.select_related("meeting__network", "proposer__zone").prefetch_related(
    "co_proposers", "attachments", WITH_SUCCESSOR
)
_PROPOSAL = {"edit", "submit", "withdraw", "accept", "return", "decline", "defer", "move"}
_UNPUBLISHED = _PROPOSAL | {"revise", "merge", "separate", "discuss_instead"}
_OVER = (MeetingState.CLOSED, MeetingState.CANCELLED)


def visible_items(actor: Actor) -> QuerySet[AgendaItem]:
    """The items of the actor's network that they may know of.

    Everybody: what stands on a published agenda or was struck from it. A seat: all its own. Who may see proposals (in a zone, or
    everywhere): what was submitted. Drafts never submitted are their seat's and, while they may still propose for it, their author's;
    the office's drafts the staff's.
    """
    published = Q(state__in=ON_THE_AGENDA, meeting__agenda_published_at__isnull=False) | Q(struck_at__isnull=False)
    own = Q(proposer__in=actor.open_seats) | Q(co_proposers__in=actor.open_seats, submitted_at__isnull=False)
    submitted = Q(submitted_at__isnull=False)
    seen = published | own | (submitted & Q(proposer__zone__in=actor.zones))
    if can(actor, Permission.SEE_PROPOSALS):
        seen |= submitted
    if actor.is_staff:
        seen |= Q(proposer__isnull=True)
    if actor.user_id:
        reach = Q() if can(actor, Permission.PROPOSE) else Q(proposer__zone__in=actor.zones)
        seen |= Q(created_by=actor.user_id) & reach
    return _ITEMS.filter(seen, meeting__network=actor.network_id).distinct()


def items_of(actor: Actor, meeting: Meeting, *, successors: bool = True) -> list[AgendaItem]:
    """The meeting's items that the actor may know of: the running order first, then proposals by age; `successors`: each with its own."""
    found_here = visible_items(actor).filter(meeting=meeting)
    rows = list(found_here if successors else found_here.prefetch_related(None).prefetch_related("co_proposers", "attachments"))
    return sorted(rows, key=lambda item: (item.position is None, item.position or 0, item.created_at))


def running_order(meeting: Meeting) -> QuerySet[AgendaItem]:
    """The items on the agenda, in their order."""
    return _ITEMS.filter(meeting=meeting, state__in=ON_THE_AGENDA).order_by("position", "created_at")


def running_order_as_object(meeting: Meeting) -> dict[str, Any]:
    """The order itself, with a version of its own: a place in it is no edit of an item."""
    places = AgendaItem.objects.filter(meeting=meeting, state__in=ON_THE_AGENDA).order_by("position", "created_at")
    return {"id": meeting.pk, "items": [str(pk) for pk in places.values_list("pk", flat=True)], "version": meeting.running_order_version}


def item(actor: Actor, item_id: Any) -> AgendaItem:
    """An item the actor may know of. Raises NotFound."""
    return found(visible_items(actor).filter(pk=item_id).first())


def item_alone(actor: Actor, item_id: Any) -> AgendaItem:
    """The same without what hangs on it, in one query."""
    return found(visible_items(actor).prefetch_related(None).filter(pk=item_id).first())


def item_network(item_id: Any) -> Network:
    """The network an item belongs to, to know who is asking. Raises NotFound."""
    return found(AgendaItem.objects.filter(pk=item_id).select_related("meeting__network").first()).meeting.network


def attachment(actor: Actor, attachment_id: Any) -> Attachment:
    """An attachment of an item the actor may know of. Raises NotFound."""
    row = found(Attachment.objects.filter(pk=attachment_id).select_related("agenda_item").first())
    if not visible_items(actor).filter(pk=row.agenda_item_id).exists():
        raise nothing_here()
    return row


def attachment_network(attachment_id: Any) -> Network:
    """The network an attachment belongs to. Raises NotFound."""
    return item_network(Attachment.objects.filter(pk=attachment_id).values_list("agenda_item", flat=True).first())


def place(item: AgendaItem) -> Place:
    """Where an item belongs: its proposer's seat."""
    return place_of(item.proposer)


def item_abilities(actor: Actor, item: AgendaItem) -> list[str]:
    """What the actor may do with the item now. Needs `meeting`, `proposer` and its successor at hand."""
    possible = TRANSITIONS.possible(item.state) & _possible_in(item)
    if in_backlog(item):
        possible.add("defer")
    able = set(abilities(actor, ACTIONS, possible, place(item)))
    if "discuss_instead" in possible and may_ask_to_discuss(actor):
        able.add("discuss_instead")
    return sorted(able - (set() if item.kind == AgendaItem.Kind.CONSENT else {"discuss_instead"}))


def _possible_in(item: AgendaItem) -> set[str]:
    """What the state of the item's meeting leaves open: on a published agenda only what is not on it yet can still be handled."""
    match item.meeting.state:
        case MeetingState.SCHEDULED:
            return set(_UNPUBLISHED)
        case MeetingState.AGENDA_PUBLISHED:
            return {"discuss_instead"} if item.state in ON_THE_AGENDA else set(_PROPOSAL)
        case MeetingState.IN_SESSION:
            return {"postpone", "move"}
        case _:
            return {"move"}


def may_ask_to_discuss(actor: Actor) -> bool:
    """Any seat may ask that an item be discussed rather than taken as read; so may the office for one."""
    return bool(actor.seats) or can(actor, Permission.TRIAGE)


def in_backlog(item: AgendaItem) -> bool:
    """Whether it was put off and goes on nowhere yet. Needs `meeting` and its successor at hand."""
    put_off = item.state == ItemState.DEFERRED or (item.state in PUT_OFF and item.meeting.state in _OVER)
    return put_off and item.successor is None


def backlog(actor: Actor) -> QuerySet[AgendaItem]:
    """What was put off and goes on nowhere yet, as far as the actor may know of it, the oldest first."""
    put_off = Q(state=ItemState.DEFERRED) | Q(state__in=PUT_OFF, meeting__state__in=_OVER)
    goes_on = AgendaItem.objects.filter(origin=OuterRef("pk"), taken_back=False)
    rows = visible_items(actor).filter(put_off, ~Exists(goes_on)).annotate(since=F("meeting__starts_at"))
    return rows.order_by("since", "submitted_at", "id")


def collecting(network: Network) -> QuerySet[Meeting]:
    """The meetings that an item may be put off to: still to come, their agenda not published."""
    rows = Meeting.objects.filter(network=network, state=MeetingState.SCHEDULED, starts_at__gt=clock.now())
    return rows.select_related("network", "series").order_by("starts_at", "id")


def would_be_late(meeting: Meeting) -> bool:
    """Whether a proposal handed in now is late: past the deadline, or once the agenda is published."""
    return meeting.state != MeetingState.SCHEDULED or clock.now() > meeting.intake_closes_at


def starts(meeting: Meeting, items: list[AgendaItem]) -> dict[Any, datetime]:
    """When each item begins by the time boxes, by item id (aware, in the meeting's zone)."""
    at, begins = meeting.local, {}
    for row in items:
        begins[row.pk] = at
        at += timedelta(minutes=row.duration_minutes if row.state in ON_THE_AGENDA else 0)
    return begins


def consent_together(items: list[AgendaItem]) -> list[AgendaItem]:
    """The order with the consent items in one block, where the first of them stands."""
    block = [row for row in items if row.kind == AgendaItem.Kind.CONSENT]
    first = items.index(block[0]) if block else 0
    rest = [row for row in items[first:] if row.kind != AgendaItem.Kind.CONSENT]
    return [*items[:first], *block, *rest]


def minutes_planned(items: list[AgendaItem]) -> int:
    """The sum of the time boxes, in minutes."""
    return sum(row.duration_minutes for row in items if row.state in ON_THE_AGENDA)


def awaiting_decision(meeting: Meeting) -> QuerySet[AgendaItem]:
    """Proposals that nobody has answered yet."""
    return _ITEMS.filter(meeting=meeting, state=ItemState.PROPOSED).order_by("submitted_at", "id")


def next_collecting(after: Meeting) -> Meeting | None:
    """The next meeting of the series that still collects proposals; for one without a series the network's next."""
    later = Meeting.objects.filter(network=after.network_id, state=MeetingState.SCHEDULED, starts_at__gt=max(after.starts_at, clock.now()))
    of_series = Q(series=after.series_id) if after.series_id else Q()
    return later.filter(of_series).exclude(pk=after.pk).order_by("starts_at", "id").first()


def addenda(meeting: Meeting) -> QuerySet[AgendaItem]:
    """What was added to the published agenda or struck from it, in the order in which that was done."""
    return _ITEMS.filter(meeting=meeting, addendum__isnull=False).order_by("addendum", "id")


def attachment_as_object(attachment: Attachment) -> dict[str, Any]:
    names = ("name", "content_type", "size", "sha256", "created_at")
    return {"id": attachment.pk, **{name: getattr(attachment, name) for name in names}}


def item_as_object(item: AgendaItem) -> dict[str, Any]:
    """Needs `proposer`, `co_proposers`, `attachments` and, of a deferred one, its successor at hand."""
    names = (
        "title text kind duration_minutes state position late motive answer deferrals first_proposed_on "
        "addendum added_at struck_at version submitted_at"
    )
    plain = {name: getattr(item, name) for name in names.split()}
    successor = item.successor if item.state == ItemState.DEFERRED else None
    return {
        "id": item.pk,
        "meeting": item.meeting_id,
        "number": item.position,
        "proposer": item.proposer_id,
        "proposer_name": item.proposer.name if item.proposer else None,
        "co_proposers": sorted(str(row.pk) for row in item.co_proposers.all()),
        "origin": item.origin_id,
        "approves_minutes_of": item.approves_minutes_of_id,
        "merged_into": item.merged_into_id,
        "deferred_to": successor.meeting_id if successor else None,
        "flagged": item.is_flagged,
        "attachments": [attachment_as_object(row) for row in item.attachments.all()],
        **plain,
    }
