"""Reads of minutes, notes and decisions."""

from typing import Any

from django.db.models import Q, QuerySet

from meetings import clock
from meetings.access import Actor, Permission, abilities, can
from meetings.agenda.models import AgendaItem
from meetings.errors import found
from meetings.minutes.models import (
    ACTIONS,
    CORRECTION_ACTIONS,
    CORRECTION_TRANSITIONS,
    TRANSITIONS,
    Correction,
    CorrectionState,
    Decision,
    Minutes,
    MinutesState,
    Note,
    SealedDocument,
)
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
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


_MEETING_OF = {Minutes: "meeting", Correction: "minutes__meeting", Note: "agenda_item__meeting", Decision: "agenda_item__meeting"}


def minutes_on_agenda(actor: Actor, item: AgendaItem) -> Minutes | None:
    """The minutes that an item puts to approval, when there are any that the actor may read."""
    return visible_minutes(actor).filter(meeting=item.approves_minutes_of_id).first() if item.approves_minutes_of_id else None


def network_of(model: type[Minutes] | type[Correction] | type[Note] | type[Decision], pk: Any) -> Any:
    """The network a row belongs to, to know who is asking. Raises NotFound."""
    path = _MEETING_OF[model]
    row: Any = found(model._default_manager.filter(pk=pk).select_related(f"{path}__network").first())
    for step in path.split("__"):
        row = getattr(row, step)
    return row.network


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
    """What the actor may do with the minutes now; `correct`: ask for a correction."""
    able = abilities(actor, ACTIONS, TRANSITIONS.possible(minutes.state))
    return sorted([*able, "correct"]) if may_correct(actor, minutes) else able


def window_is_open(minutes: Minutes) -> bool:
    """Whether corrections may be asked for now: the instant decides, its end belongs to it."""
    return minutes.state == MinutesState.IN_CORRECTION and minutes.correction_until is not None and clock.now() <= minutes.correction_until


def seats_that_attended(actor: Actor, minutes: Minutes) -> QuerySet[Municipality]:
    """The actor's seats, and those that merged into them, that were present at the meeting."""
    there = Municipality.objects.filter(attendance__meeting=minutes.meeting_id, attendance__struck_at__isnull=True)
    return there.filter(pk__in=actor.open_seats).select_related("zone").distinct()


def may_correct(actor: Actor, minutes: Minutes) -> bool:
    """Chair and coordinators may ask for a correction, and whoever represents a seat that attended, while the window is open."""
    if not window_is_open(minutes):
        return False
    seats = [] if can(actor, Permission.ASK_CORRECTION) else seats_that_attended(actor, minutes)
    return can(actor, Permission.ASK_CORRECTION) or any(can(actor, Permission.ASK_CORRECTION, place_of(seat)) for seat in seats)


_CORRECTIONS = Correction.objects.select_related("minutes__meeting__network", "agenda_item", "municipality", "asked_by", "decided_by")


def corrections_of(minutes: Minutes) -> QuerySet[Correction]:
    """All that was asked for, by time; whoever may read the minutes may read these."""
    return _CORRECTIONS.filter(minutes=minutes).order_by("asked_at", "id")


def open_corrections(minutes: Minutes) -> QuerySet[Correction]:
    return corrections_of(minutes).filter(state=CorrectionState.OPEN)


def correction(actor: Actor, correction_id: Any) -> Correction:
    """Raises NotFound."""
    return found(_CORRECTIONS.filter(pk=correction_id, minutes__in=visible_minutes(actor)).first())


def correction_abilities(actor: Actor, correction: Correction) -> list[str]:
    """What the actor may do with it now: decide on it while the minutes are in correction."""
    possible = CORRECTION_TRANSITIONS.possible(correction.state)
    return abilities(actor, CORRECTION_ACTIONS, possible if correction.minutes.state == MinutesState.IN_CORRECTION else ())


def correction_as_object(correction: Correction) -> dict[str, Any]:
    """Needs `municipality`, `asked_by` and `decided_by` selected."""
    names = "edition text proposed state reason asked_at decided_at version"
    return {
        "id": correction.pk,
        "minutes": correction.minutes_id,
        "agenda_item": correction.agenda_item_id,
        "municipality": correction.municipality_id,
        "municipality_name": correction.municipality.name if correction.municipality else None,
        "asked_by_name": correction.asked_by.name if correction.asked_by else None,
        "decided_by_name": correction.decided_by.name if correction.decided_by else None,
        **{name: getattr(correction, name) for name in names.split()},
    }


def editions_of(minutes: Minutes) -> list[dict[str, Any]]:
    """The editions sealed so far, the first one first; the files stay as they were."""
    rows = SealedDocument.objects.filter(minutes=minutes).order_by("edition").values("edition", "language", "sha256", "sealed_at", "reason")
    return [dict(row) for row in rows]


def text_abilities(actor: Actor, meeting: Meeting) -> list[str]:
    """`["edit"]` for a note or a decision while the minutes are not approved."""
    state = Minutes.objects.filter(meeting=meeting).values_list("state", flat=True).first() or MinutesState.DRAFT
    return abilities(actor, ACTIONS, {"edit"} & TRANSITIONS.possible(state))


def minutes_as_object(minutes: Minutes) -> dict[str, Any]:
    names = (
        "state introduction chaired_by recorded_by edition edition_reason circulated_at correction_until correction_closed_at "
        "approved_at content_digest file_digest version"
    )
    references = {"id": minutes.pk, "meeting": minutes.meeting_id, "approved_in": minutes.approved_in_id}
    return {**references, **{name: getattr(minutes, name) for name in names.split()}}


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
