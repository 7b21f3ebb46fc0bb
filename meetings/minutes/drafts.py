"""What people are typing: kept while they type so that no lost line or closed page loses it, told to nobody. Saving makes the event."""

from django.db import transaction
from django.db.models import QuerySet

from meetings import clock, validation
from meetings.access import Actor
from meetings.agenda.models import AgendaItem
from meetings.minutes.models import Note, NoteDraft
from meetings.minutes.services import writable
from meetings.network.models import User


@transaction.atomic
def keep(*, actor: Actor, item: AgendaItem, text: str, note: Note | None = None, base: str = "", based_on: int = 0) -> NoteDraft | None:
    """Keeps what the actor has typed, in place of what was kept before; nothing of what is empty or no different from `base`.

    Raises Conflict where no note can be written, Invalid for a text that is too long.
    """
    item = writable(item, actor)
    kept = draft_of(actor, item, note)
    if not validation.clean_text(text) or validation.clean_text(text) == validation.clean_text(base):
        drafts(actor, item, note).delete()
        return None
    row = kept or NoteDraft(agenda_item=item, note=note, author=User(pk=actor.user_id))
    validation.apply(row, {"text": text, "base": base})
    row.based_on, row.saved_at = based_on, clock.now()
    row.save()
    return row


@transaction.atomic
def discard(*, actor: Actor, item: AgendaItem, note: Note | None = None) -> None:
    """Forgets what the actor has typed. Raises Conflict where no note can be written."""
    drafts(actor, writable(item, actor), note).delete()


def drafts(actor: Actor, item: AgendaItem, note: Note | None) -> QuerySet[NoteDraft]:
    return NoteDraft.objects.filter(agenda_item=item, note=note, author=actor.user_id)


def draft_of(actor: Actor, item: AgendaItem, note: Note | None = None) -> NoteDraft | None:
    """What the actor has typed over this note, or for another on the item."""
    return drafts(actor, item, note).first()


def others_typing(actor: Actor, item: AgendaItem) -> QuerySet[NoteDraft]:
    """Drafts of others on the item: that they are there, and whose, may be said; what they hold may not."""
    rows = NoteDraft.objects.filter(agenda_item=item).exclude(author=actor.user_id)
    return rows.select_related("author").defer("text", "base").order_by("saved_at", "id")
