"""What every write of an agenda item stands on: fresh locked rows, one way of saving, and places in the running order."""

from uuid import UUID

from django.db.models import F, Max
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import WITH_SUCCESSOR, item_as_object, running_order, running_order_as_object
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.models import Audience
from meetings.events.services import lock_stream, record
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState
from meetings.scheduling.selectors import meeting_as_object


def locked(item: AgendaItem) -> AgendaItem:
    """The item as it now is, its meeting locked too until the transaction ends, so that nothing is published meanwhile.

    Raises StaleVersion when it was taken to another meeting.
    """
    scheduling.locked(item.meeting)
    rows = AgendaItem.objects.select_for_update(of=("self",), no_key=True).select_related("meeting__network", "proposer__zone")
    found = rows.prefetch_related("co_proposers", "attachments", WITH_SUCCESSOR).get(pk=item.pk)
    if found.meeting_id != item.meeting_id:
        raise versions.stale(item_as_object(found))  # a draft that was taken to another meeting: that one is not locked
    return found


def lock_meetings(*meetings: Meeting) -> list[Meeting]:
    """Locks several, the network's stream before them, so that two who move items never wait for each other; in the order given."""
    for network_id in {row.network_id for row in meetings[:1]}:
        lock_stream(network_id=network_id)
    fresh = {row.pk: scheduling.locked(row) for row in sorted(meetings, key=lambda row: row.pk)}
    return [fresh[row.pk] for row in meetings]


def audience(item: AgendaItem) -> Audience:
    """Everybody is told of an item once the agenda is published; before, the staff."""
    seen = item.meeting.agenda_published_at is not None and (item.state in ON_THE_AGENDA or item.struck_at is not None)
    return Audience.MEMBERS if seen else Audience.STAFF


def save(actor: Actor, item: AgendaItem, event: type[types.EventType], *fields: str) -> AgendaItem:
    """Saves the fields and the version together, and records the whole item."""
    item.version += 1
    item.save(update_fields=[*fields, "version"])
    tell(actor, item, event)
    return item


def tell(actor: Actor, item: AgendaItem, event: type[types.EventType]) -> None:
    """Records the whole item for whoever may know of it; a draft never handed in is nobody's business."""
    if item.submitted_at is not None:
        record(actor, event(item_as_object(item)), meeting_id=item.meeting_id, audience=audience(item))


def require_unpublished(meeting: Meeting) -> None:
    """What stands on a published agenda is frozen, its files too. Raises Conflict `agenda_published`."""
    if meeting.state != MeetingState.SCHEDULED:
        detail = _("The agenda of this meeting is already published: what stands on it no longer changes.")
        raise Conflict("agenda_published", detail, current=meeting_as_object(meeting))


def require_collecting(meeting: Meeting) -> None:
    """Proposals are taken, if late, until the session opens. Raises Conflict `agenda_closed`."""
    if meeting.state not in ANNOUNCED:
        detail = _("This meeting no longer takes proposals. Propose the item for the next meeting.")
        raise Conflict("agenda_closed", detail, current=meeting_as_object(meeting))


def require_open_for(item: AgendaItem) -> None:
    """Proposals are handled until the session opens, what is on the agenda until it is published. Raises Conflict."""
    if item.state in ON_THE_AGENDA:
        require_unpublished(item.meeting)
    require_collecting(item.meeting)


def write_answer(item: AgendaItem, text: str) -> None:
    """The office's answer in words. Raises Invalid without one."""
    validation.apply(item, {"answer": text})
    if not item.answer:
        raise validation.invalid("answer", _("Answer in writing: the proposer is told why."))


def copy_files(item: AgendaItem, to: AgendaItem) -> list[Attachment]:
    """The item's files on the other one too: rows of its own, the stored file shared."""
    names = ("name", "content_type", "size", "sha256", "file", "uploaded_by", "created_at")
    rows = Attachment.objects.filter(agenda_item=item).select_related("uploaded_by")
    return [Attachment.objects.create(agenda_item=to, **{name: getattr(row, name) for name in names}) for row in rows]


def last_position(meeting_id: UUID) -> int:
    return AgendaItem.objects.filter(meeting=meeting_id).aggregate(last=Max("position"))["last"] or 0


def place_last(item: AgendaItem) -> list[str]:
    """Puts the item at the end of its meeting's order, by an addendum when that is published; there one that was struck has kept its
    number. Returns the fields that changed.
    """
    item.position = item.position if item.struck_at else last_position(item.meeting_id) + 1
    if item.meeting.agenda_published_at is None:
        return ["position"]
    item.addendum, item.added_at, item.struck_at = _next_addendum(item.meeting), clock.now(), None
    return ["position", "addendum", "added_at", "struck_at"]


def take_off(item: AgendaItem) -> list[str]:
    """Takes the item out of its meeting's order; from a published one it is struck, by an addendum that says so, and keeps its number."""
    if item.meeting.agenda_published_at is None:
        item.position = None
        return ["position"]
    item.addendum, item.struck_at = _next_addendum(item.meeting), clock.now()
    return ["addendum", "struck_at"]


def _next_addendum(meeting: Meeting) -> int:
    return (AgendaItem.objects.filter(meeting=meeting).aggregate(last=Max("addendum"))["last"] or 0) + 1


def close_gap(actor: Actor, meeting: Meeting) -> None:
    """Numbers what is left on an agenda that is not published yet from 1, and tells of the new order."""
    if meeting.agenda_published_at is None:
        for position, row in enumerate(running_order(meeting), start=1):
            place_at(actor, row, position)
    grow_order(actor, meeting)


def place_at(actor: Actor, item: AgendaItem, position: int) -> None:
    """A place in the order is not an edit: the item's version stays."""
    if item.position == position:
        return
    item.position = position
    item.save(update_fields=["position"])
    record(actor, types.AgendaItemOrdered(item_as_object(item)), meeting_id=item.meeting_id, audience=audience(item))


def grow_order(actor: Actor, meeting: Meeting) -> None:
    """The order has changed: its version grows, and who knows of the agenda is told."""
    Meeting.objects.filter(pk=meeting.pk).update(running_order_version=F("running_order_version") + 1)
    meeting.refresh_from_db(fields=["running_order_version"])
    tell_order(actor, meeting)


def tell_order(actor: Actor, meeting: Meeting) -> None:
    seen = Audience.MEMBERS if meeting.agenda_published_at else Audience.STAFF
    record(actor, types.RunningOrderChanged(running_order_as_object(meeting)), meeting_id=meeting.pk, audience=seen)


def is_untouched(item: AgendaItem) -> bool:
    """Nobody has done anything with it since it was carried here."""
    return item.version == item.handed_version and item.meeting.state == MeetingState.SCHEDULED and item.state != ItemState.WITHDRAWN
