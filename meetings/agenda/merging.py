"""Two proposals about the same thing become one, which keeps every proposer; until publication this can be undone."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import validation
from meetings.access import Actor, require
from meetings.agenda import telling
from meetings.agenda.models import ACTIONS, ON_THE_AGENDA, TRANSITIONS, AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import place
from meetings.agenda.writing import close_gap, copy_files, locked, require_unpublished, save, take_off
from meetings.errors import Conflict
from meetings.events import types


@transaction.atomic
def merge(*, actor: Actor, item: AgendaItem, into: AgendaItem) -> AgendaItem:
    """Ends a proposal in another of the same meeting, which takes over its proposers, its files and, as an addition that can be edited,
    its text. Raises Conflict, Invalid when the texts are too long together.
    """
    _require_same_meeting(item, into)
    item, into = locked(item), locked(into)
    require(actor, ACTIONS["merge"], network_id=item.meeting.network_id, place=place(item))
    _require_mergeable(item, into)
    was_on_agenda = item.state in ON_THE_AGENDA
    item.state, item.merged_into = TRANSITIONS.target("merge", item.state), into
    item.brought = _bring(item, into)
    fields = take_off(item) if was_on_agenda else []
    save(actor, item, types.AgendaItemMerged, *fields, "state", "merged_into", "brought")
    save(actor, locked(into), types.AgendaItemChanged)
    if was_on_agenda:
        close_gap(actor, item.meeting)
    telling.answered(actor, item)
    return item


def _require_same_meeting(item: AgendaItem, into: AgendaItem) -> None:
    if into.meeting_id != item.meeting_id or into.pk == item.pk:
        raise validation.invalid("into", _("Choose another item of the same meeting."))


def _require_mergeable(item: AgendaItem, into: AgendaItem) -> None:
    require_unpublished(item.meeting)
    _require_same_meeting(item, into)
    TRANSITIONS.target("merge", into.state)
    if item.approves_minutes_of_id or into.approves_minutes_of_id:
        raise Conflict("approval_of_minutes", _("The approval of the minutes stays an item of its own."))


def _bring(item: AgendaItem, into: AgendaItem) -> dict[str, object]:
    """Adds what is the item's to the other. Returns what was added, so that it can be taken out again."""
    known = {into.proposer_id, *(row.pk for row in into.co_proposers.all())}
    proposers = [row for row in (item.proposer, *item.co_proposers.all()) if row and row.pk not in known]
    into.co_proposers.add(*proposers)
    files = copy_files(item, into)
    added = _quoted(item)
    validation.apply(into, {"text": f"{into.text}\n\n{added}"})
    into.save(update_fields=["text"])
    return {"proposers": [str(row.pk) for row in proposers], "files": [str(row.pk) for row in files], "text": added}


def _quoted(item: AgendaItem) -> str:
    """The item's title and text as they are added to the other, in the network's language."""
    with override(item.meeting.network.language):
        by = item.proposer.name if item.proposer else _("the office")
        head = _("*From “%(title)s”, proposed by %(by)s:*") % {"title": item.title, "by": by}
    return validation.clean_text(f"{head}\n\n{item.text}")


@transaction.atomic
def separate(*, actor: Actor, item: AgendaItem) -> AgendaItem:
    """Undoes a merger: the item is a proposal again, and the other loses what came with it and nobody has changed. Raises Conflict."""
    item = locked(item)
    require(actor, ACTIONS["separate"], network_id=item.meeting.network_id, place=place(item))
    TRANSITIONS.target("separate", item.state)
    require_unpublished(item.meeting)
    return part(actor, item)


def part(actor: Actor, item: AgendaItem) -> AgendaItem:
    """The item goes its own way again, also when the one it was merged into comes to nothing."""
    into = locked(item.merged_into) if item.merged_into else item
    _take_out(item, into)
    save(actor, locked(into), types.AgendaItemChanged)
    goes_back = item.taken_back  # then it goes on where it came from
    item.state = ItemState.WITHDRAWN if goes_back else ItemState.PROPOSED
    item.merged_into, item.brought, item.answer = None, {}, ""
    event: type[types.EventType] = types.AgendaItemWithdrawn if goes_back else types.AgendaItemReinstated
    return save(actor, item, event, "state", "merged_into", "brought", "answer")


def _take_out(item: AgendaItem, into: AgendaItem) -> None:
    others = AgendaItem.objects.filter(merged_into=into).exclude(pk=item.pk)
    shared = {str(pk) for row in others for pk in (row.proposer_id, *(seat.pk for seat in row.co_proposers.all()))}
    into.co_proposers.remove(*[pk for pk in item.brought.get("proposers", ()) if pk not in shared])
    Attachment.objects.filter(pk__in=item.brought.get("files", ()), agenda_item=into).delete()
    into.text = validation.clean_text(into.text.replace(item.brought.get("text") or "\0", "", 1))
    into.save(update_fields=["text"])


def part_all(actor: Actor, into: AgendaItem) -> None:
    """An item that comes to nothing gives back what was merged into it, or the others' proposals would be lost with it."""
    for row in AgendaItem.objects.filter(merged_into=into, state=ItemState.MERGED).order_by("submitted_at", "id"):
        part(actor, locked(row))
