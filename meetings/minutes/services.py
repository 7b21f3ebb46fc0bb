"""Writes of notes, decisions and minutes."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.agenda import services as agenda
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.models import Audience
from meetings.events.services import record
from meetings.minutes import telling
from meetings.minutes.models import ACTIONS, TRANSITIONS, Decision, Minutes, MinutesState, Note, NoteDraft, SealedDocument
from meetings.minutes.selectors import (
    circulates,
    correction_as_object,
    decision_as_object,
    minutes_as_object,
    note_as_object,
    notes_of,
    open_corrections,
)
from meetings.network.models import Network
from meetings.network.selectors import system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState

LONGEST_WINDOW = timedelta(days=60)
RECORDED_IN = (MeetingState.IN_SESSION, MeetingState.CLOSED)


def lock_network(network_id: UUID) -> Network:
    """The network's row, locked: decisions and action items take their numbers one after the other."""
    return Network.objects.select_for_update(no_key=True).get(pk=network_id)


def writable(item: AgendaItem, actor: Actor) -> AgendaItem:
    """The item as it now is. Notes and decisions belong to a session that was opened, until its minutes are approved. Raises Conflict."""
    item = agenda.locked(item)
    meeting = item.meeting
    require(actor, Permission.RECORD, network_id=meeting.network_id)
    if meeting.state not in RECORDED_IN or item.state not in ON_THE_AGENDA:
        raise Conflict("wrong_state", _("This can be recorded once the session is open, on an item of its agenda."))
    minutes = Minutes.objects.filter(meeting=meeting).first()
    if minutes:
        TRANSITIONS.target("edit", minutes.state)
    return item


def _note_audience(meeting: Meeting) -> Audience:
    return Audience.MEMBERS if circulates(meeting) else Audience.STAFF


@transaction.atomic
def write_note(*, actor: Actor, item: AgendaItem, text: str) -> Note:
    """A note on an item, for staff until the minutes circulate. Raises Conflict, Invalid by field."""
    item = writable(item, actor)
    note = Note(agenda_item=item, author_id=actor.user_id, created_at=clock.now())
    validation.apply(note, {"text": text})
    note.save()
    NoteDraft.objects.filter(agenda_item=item, note=None, author=actor.user_id).delete()
    return _tell(actor, note)


@transaction.atomic
def edit_note(*, actor: Actor, note: Note, text: str, expected_version: int | None = None) -> Note:
    """Raises Conflict once the minutes are approved, Invalid, StaleVersion with the text saved meanwhile."""
    writable(note.agenda_item, actor)
    note = Note.objects.select_for_update(of=("self",), no_key=True).select_related("author", "agenda_item__meeting").get(pk=note.pk)
    versions.check(note, expected_version, lambda: note_as_object(note))
    validation.apply(note, {"text": text})
    note.version += 1
    note.save()
    NoteDraft.objects.filter(note=note, author=actor.user_id).delete()
    return _tell(actor, note)


def _tell(actor: Actor, note: Note) -> Note:
    meeting = note.agenda_item.meeting
    record(actor, types.NoteWritten(note_as_object(note)), meeting_id=meeting.pk, audience=_note_audience(meeting))
    return note


class OfItem(Protocol):
    """A poll, which this slice does not know: `live` stands above it."""

    pk: UUID

    def is_about(self, item_id: UUID) -> bool: ...


@transaction.atomic
def record_decision(*, actor: Actor, item: AgendaItem, text: str, poll: OfItem | None = None) -> Decision:
    """A decision, numbered within the network and the year. Raises Conflict, Invalid by field."""
    item = writable(item, actor)
    if poll and not poll.is_about(item.pk):
        raise validation.invalid("poll", _("This vote was taken on another item."))
    network = lock_network(item.meeting.network_id)
    year = item.meeting.local.year
    last = Decision.objects.filter(network=network, year=year).aggregate(last=Max("number"))["last"] or 0
    decision = Decision(network=network, year=year, number=last + 1, agenda_item=item, decided_at=clock.now())
    decision.poll_id = poll.pk if poll else None
    validation.apply(decision, {"text": text})
    decision.save()
    record(actor, types.DecisionRecorded(decision_as_object(decision)), meeting_id=item.meeting_id)
    return decision


@transaction.atomic
def edit_decision(*, actor: Actor, decision: Decision, text: str, expected_version: int | None = None) -> Decision:
    """Raises Conflict once the minutes are approved, Invalid, StaleVersion."""
    writable(decision.agenda_item, actor)
    decision = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item").get(pk=decision.pk)
    versions.check(decision, expected_version, lambda: decision_as_object(decision))
    validation.apply(decision, {"text": text})
    decision.version += 1
    decision.save()
    record(actor, types.DecisionChanged(decision_as_object(decision)), meeting_id=decision.agenda_item.meeting_id)
    return decision


def draft_minutes(*, actor: Actor, meeting: Meeting) -> Minutes:
    """The empty record of a closed session, for the office to complete; made once."""
    require(actor, Permission.RUN_SESSION, network_id=meeting.network_id)
    found = Minutes.objects.filter(meeting=meeting).first()
    if found:
        return found
    minutes = Minutes.objects.create(meeting=meeting, chaired_by=actor.name)
    record(actor, types.MinutesDrafted(minutes_as_object(minutes)), meeting_id=meeting.pk)
    return minutes


def locked(minutes: Minutes) -> Minutes:
    """The minutes as they now are, their meeting locked too until the transaction ends."""
    scheduling.locked(minutes.meeting)
    return (
        Minutes.objects.select_for_update(of=("self",), no_key=True)
        .select_related("meeting__network", "meeting__series")
        .get(pk=minutes.pk)
    )


def _moved(actor: Actor, minutes: Minutes, action: str) -> Minutes:
    minutes = locked(minutes)
    require(actor, ACTIONS[action], network_id=minutes.meeting.network_id)
    minutes.state = TRANSITIONS.target(action, minutes.state)
    return minutes


def _save(actor: Actor, minutes: Minutes, event: type[types.EventType], audience: Audience | None = None) -> Minutes:
    minutes.version += 1
    minutes.save()
    record(actor, event(minutes_as_object(minutes)), meeting_id=minutes.meeting_id, audience=audience)
    return minutes


@transaction.atomic
def edit_minutes(*, actor: Actor, minutes: Minutes, values: Mapping[str, Any], expected_version: int | None = None) -> Minutes:
    """Introduction, chair and secretary, until approval. Raises Conflict, Invalid by field, StaleVersion."""
    minutes = locked(minutes)
    require(actor, ACTIONS["edit"], network_id=minutes.meeting.network_id)
    versions.check(minutes, expected_version, lambda: minutes_as_object(minutes))
    TRANSITIONS.target("edit", minutes.state)
    validation.apply(minutes, values)
    return _save(actor, minutes, types.MinutesChanged, _note_audience(minutes.meeting))


@transaction.atomic
def circulate(*, actor: Actor, minutes: Minutes, until: datetime | None = None) -> Minutes:
    """Shows the minutes, and the notes in them, to everybody; who attended may ask for corrections `until` then, or for the network's
    number of days.

    Raises Conflict, also while the session goes on again; Invalid for an instant that is past.
    """
    minutes = _moved(actor, minutes, "circulate")
    if minutes.meeting.state != MeetingState.CLOSED:
        detail = _("The session goes on again. Close it before the minutes circulate.")
        raise Conflict("in_session", detail, current=minutes_as_object(minutes))
    minutes.circulated_at = clock.now()
    minutes = _open_window(actor, minutes, types.MinutesCirculated, until)
    for note in notes_of(actor, minutes.meeting):
        record(actor, types.NotePublished(note_as_object(note)), meeting_id=minutes.meeting_id)
    return minutes


def window_of(network: Network) -> datetime:
    """When a time for corrections that begins now ends, unless somebody says otherwise."""
    return clock.now() + timedelta(days=network.correction_days)


def _open_window(actor: Actor, minutes: Minutes, event: type[types.EventType], until: datetime | None) -> Minutes:
    minutes.correction_until = _in_time(until) if until else window_of(minutes.meeting.network)
    minutes.correction_closed_at = None
    minutes = _save(actor, minutes, event)
    telling.to_correct(actor, minutes)
    return minutes


def _in_time(until: datetime) -> datetime:
    if until <= clock.now() or until > clock.now() + LONGEST_WINDOW:
        raise validation.invalid("until", _("Choose a day within the next two months."))
    return until


@transaction.atomic
def extend(*, actor: Actor, minutes: Minutes, until: datetime) -> Minutes:
    """Gives more time for corrections, also when the time was over already: never less than was promised. Raises Conflict, Invalid."""
    minutes = _moved(actor, minutes, "extend")
    if minutes.correction_until and until < minutes.correction_until:
        raise validation.invalid("until", _("People were told that they have until then: more time can be given, not less."))
    return _open_window(actor, minutes, types.MinutesCorrectionExtended, until)


@transaction.atomic
def amend(*, actor: Actor, minutes: Minutes, reason: str, until: datetime | None = None) -> Minutes:
    """Begins a new edition of approved minutes, in correction again; the sealed editions stay as they are. Raises Conflict, Invalid."""
    minutes = _moved(actor, minutes, "amend")
    validation.apply(minutes, {"edition_reason": reason})
    if not minutes.edition_reason:
        raise validation.invalid("reason", _("Say why there is a new edition."))
    minutes.edition += 1
    minutes.approved_at = minutes.approved_by = minutes.approved_in = None
    minutes.content_digest = minutes.file_digest = ""
    return _open_window(actor, minutes, types.MinutesAmended, until)


def close_windows() -> int:
    """Records, once, that the time for corrections is over, and tells the office what is still open; how many windows. For the worker."""
    over = Minutes.objects.filter(state=MinutesState.IN_CORRECTION, correction_until__lt=clock.now(), correction_closed_at=None)
    return sum(_close_window(row) for row in over.select_related("meeting").order_by("pk"))


@transaction.atomic
def _close_window(minutes: Minutes) -> bool:
    minutes = locked(minutes)
    until = minutes.correction_until
    if minutes.state != MinutesState.IN_CORRECTION or minutes.correction_closed_at or until is None or until >= clock.now():
        return False
    minutes.correction_closed_at = clock.now()
    actor = system_actor(minutes.meeting.network_id)
    _save(actor, minutes, types.MinutesCorrectionClosed)
    telling.window_closed(minutes)
    return True


class Sealed(Protocol):
    """What `documents` renders: the file, and the digest of the content it shows."""

    @property
    def pdf(self) -> bytes: ...
    @property
    def content_digest(self) -> str: ...
    @property
    def language(self) -> str: ...


@transaction.atomic
def approve(*, actor: Actor, minutes: Minutes, render: Callable[[Minutes], Sealed], meeting: Meeting | None = None) -> Minutes:
    """Approves and seals: `render` makes the document, which is stored and never rebuilt; the event holds its digest. `meeting`: the one
    that has approved them.

    Raises Conflict unless the minutes circulate, and `corrections_open` while a correction waits for an answer.
    """
    minutes = _moved(actor, minutes, "approve")
    if waiting := list(open_corrections(minutes)):
        current = {**minutes_as_object(minutes), "corrections": [correction_as_object(row) for row in waiting]}
        raise Conflict("corrections_open", _waiting(len(waiting)), current=current)
    minutes.approved_at, minutes.approved_by_id, minutes.approved_in = clock.now(), actor.user_id, meeting
    minutes.save()
    sealed = render(minutes)
    minutes.content_digest = sealed.content_digest
    minutes.file_digest = hashlib.sha256(sealed.pdf).hexdigest()
    SealedDocument.objects.create(
        minutes=minutes,
        edition=minutes.edition,
        language=sealed.language,
        pdf=sealed.pdf,
        sha256=minutes.file_digest,
        reason=minutes.edition_reason,
        sealed_at=minutes.approved_at,
    )
    minutes = _save(actor, minutes, types.MinutesApproved)
    NoteDraft.objects.filter(agenda_item__meeting=minutes.meeting_id).delete()  # no note can be saved any more
    telling.approved(actor, minutes)
    return minutes


def _waiting(count: int) -> str:
    text = ngettext(
        "One correction still waits for an answer. Accept or reject it first.",
        "%(n)s corrections still wait for an answer. Accept or reject them first.",
        count,
    )
    return text % {"n": count}


@transaction.atomic
def publish(*, actor: Actor, minutes: Minutes) -> Minutes:
    """Publishes approved minutes. Raises Conflict."""
    return _save(actor, _moved(actor, minutes, "publish"), types.MinutesPublished)
