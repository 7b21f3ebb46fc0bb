"""Reads of minutes, notes and decisions."""

from typing import Any

from django.db.models import Q, QuerySet

from meetings.access import Actor, abilities
from meetings.errors import found
from meetings.minutes.models import ACTIONS, TRANSITIONS, Decision, Minutes, MinutesState, Note
from meetings.scheduling.models import Meeting

_MINUTES = Minutes.objects.select_related("meeting__network", "meeting__series", "approved_by")


def visible_minutes(actor: Actor) -> QuerySet[Minutes]:
    """The network's minutes that the actor may read: a draft is the staff's until it circulates."""
    rows = _MINUTES.filter(meeting__network=actor.network_id)
    return rows if actor.is_staff else rows.exclude(state=MinutesState.DRAFT)


def minutes_of(actor: Actor, meeting: Meeting) -> Minutes:
    """The meeting's minutes. Raises NotFound when there are none or they do not circulate yet."""
    return found(visible_minutes(actor).filter(meeting=meeting).first())


def minutes(actor: Actor, minutes_id: Any) -> Minutes:
    """Minutes by their own id. Raises NotFound."""
    return found(visible_minutes(actor).filter(pk=minutes_id).first())


def network_of(model: type[Minutes] | type[Note] | type[Decision], pk: Any) -> Any:
    """The network a row belongs to, to know who is asking. Raises NotFound."""
    path = "meeting" if model is Minutes else "agenda_item__meeting"
    row: Any = found(model._default_manager.filter(pk=pk).select_related(f"{path}__network").first())
    return row.meeting.network if model is Minutes else row.agenda_item.meeting.network


def circulates(meeting: Meeting) -> bool:
    """Whether the meeting's minutes, and so its notes, may be read by all."""
    return Minutes.objects.filter(meeting=meeting).exclude(state=MinutesState.DRAFT).exists()


def visible_notes(actor: Actor) -> QuerySet[Note]:
    """Notes are for staff until the minutes circulate."""
    rows = Note.objects.filter(agenda_item__meeting__network=actor.network_id).select_related("author", "agenda_item__meeting__network")
    circulating = ~Q(agenda_item__meeting__minutes__state=MinutesState.DRAFT) & Q(agenda_item__meeting__minutes__isnull=False)
    return (rows if actor.is_staff else rows.filter(circulating)).order_by("created_at", "id")


def notes_of(actor: Actor, meeting: Meeting) -> QuerySet[Note]:
    return visible_notes(actor).filter(agenda_item__meeting=meeting)


def note(actor: Actor, note_id: Any) -> Note:
    """Raises NotFound."""
    return found(visible_notes(actor).filter(pk=note_id).first())


def decisions_in(network_id: Any) -> QuerySet[Decision]:
    return Decision.objects.filter(network=network_id).select_related("agenda_item__meeting__network").order_by("year", "number")


def decisions_of(meeting: Meeting) -> QuerySet[Decision]:
    return decisions_in(meeting.network_id).filter(agenda_item__meeting=meeting)


def decision(actor: Actor, decision_id: Any) -> Decision:
    """Raises NotFound."""
    return found(decisions_in(actor.network_id).filter(pk=decision_id).first())


def minutes_abilities(actor: Actor, minutes: Minutes) -> list[str]:
    """What the actor may do with the minutes now."""
    return abilities(actor, ACTIONS, TRANSITIONS.possible(minutes.state))


def text_abilities(actor: Actor, meeting: Meeting) -> list[str]:
    """`["edit"]` for a note or a decision while the minutes are not approved."""
    state = Minutes.objects.filter(meeting=meeting).values_list("state", flat=True).first() or MinutesState.DRAFT
    return abilities(actor, ACTIONS, {"edit"} & TRANSITIONS.possible(state))


def minutes_as_object(minutes: Minutes) -> dict[str, Any]:
    names = "state introduction chaired_by recorded_by edition correction_until approved_at content_digest file_digest version"
    return {"id": minutes.pk, "meeting": minutes.meeting_id, **{name: getattr(minutes, name) for name in names.split()}}


def note_as_object(note: Note) -> dict[str, Any]:
    """Needs `author` selected."""
    return {
        "id": note.pk,
        "agenda_item": note.agenda_item_id,
        "text": note.text,
        "author": note.author_id,
        "author_name": note.author.name if note.author else None,
        "version": note.version,
    }


def decision_as_object(decision: Decision) -> dict[str, Any]:
    names = "year number text decided_at version"
    references = {"id": decision.pk, "agenda_item": decision.agenda_item_id, "poll": decision.poll_id}
    return {**references, **{name: getattr(decision, name) for name in names.split()}}
