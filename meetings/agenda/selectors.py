"""Reads of agenda items: what each reader may know of."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from meetings.access import Actor, Permission, Place, abilities, can
from meetings.agenda.models import ACTIONS, ON_THE_AGENDA, TRANSITIONS, AgendaItem, Attachment, ItemState
from meetings.errors import found, nothing_here
from meetings.network.models import Network
from meetings.network.selectors import place_of
from meetings.scheduling.models import Meeting, MeetingState

_ITEMS = AgendaItem.objects.select_related("meeting__network", "proposer__zone").prefetch_related("co_proposers", "attachments")
_BEFORE_PUBLICATION = ("edit", "revise", "submit", "withdraw", "accept", "return", "decline")


def visible_items(actor: Actor) -> QuerySet[AgendaItem]:
    """The items of the actor's network that they may know of.

    Everybody: what stands on a published agenda. A seat: all its own. Who may see proposals (in a zone, or everywhere): what was
    submitted. Drafts never submitted are their seat's and, while they may still propose for it, their author's; the office's drafts the
    staff's.
    """
    published = Q(state__in=ON_THE_AGENDA, meeting__agenda_published_at__isnull=False)
    own = Q(proposer__in=actor.seats) | Q(co_proposers__in=actor.seats, submitted_at__isnull=False)
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


def items_of(actor: Actor, meeting: Meeting) -> list[AgendaItem]:
    """The meeting's items that the actor may know of: the running order first, then proposals by age."""
    rows = list(visible_items(actor).filter(meeting=meeting))
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
    """What the actor may do with the item now. Needs `meeting` and `proposer` selected."""
    possible = TRANSITIONS.possible(item.state)
    if item.meeting.state != MeetingState.SCHEDULED:
        possible -= set(_BEFORE_PUBLICATION)
    if item.meeting.state != MeetingState.IN_SESSION:
        possible -= {"discuss", "pass_over", "postpone"}
    return abilities(actor, ACTIONS, possible - {"discuss", "pass_over"}, place(item))


def starts(meeting: Meeting, items: list[AgendaItem]) -> dict[Any, datetime]:
    """When each item begins by the time boxes, by item id (aware, in the meeting's zone)."""
    at, begins = meeting.local, {}
    for row in items:
        begins[row.pk] = at
        at += timedelta(minutes=row.duration_minutes)
    return begins


def minutes_planned(items: list[AgendaItem]) -> int:
    """The sum of the time boxes, in minutes."""
    return sum(row.duration_minutes for row in items if row.state in ON_THE_AGENDA)


def awaiting_decision(meeting: Meeting) -> QuerySet[AgendaItem]:
    """Proposals that nobody has answered yet."""
    return _ITEMS.filter(meeting=meeting, state=ItemState.PROPOSED).order_by("submitted_at", "id")


def attachment_as_object(attachment: Attachment) -> dict[str, Any]:
    names = ("name", "content_type", "size", "sha256", "created_at")
    return {"id": attachment.pk, **{name: getattr(attachment, name) for name in names}}


def item_as_object(item: AgendaItem) -> dict[str, Any]:
    """Needs `proposer`, `co_proposers` and `attachments` at hand."""
    names = "title text kind duration_minutes state position late motive answer deferrals version submitted_at"
    plain = {name: getattr(item, name) for name in names.split()}
    return {
        "id": item.pk,
        "meeting": item.meeting_id,
        "number": item.position,
        "proposer": item.proposer_id,
        "proposer_name": item.proposer.name if item.proposer else None,
        "co_proposers": sorted(str(row.pk) for row in item.co_proposers.all()),
        "origin": item.origin_id,
        "approves_minutes_of": item.approves_minutes_of_id,
        "attachments": [attachment_as_object(row) for row in item.attachments.all()],
        **plain,
    }
