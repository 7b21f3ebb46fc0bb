"""Writes of notes, decisions and minutes."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, require
from meetings.agenda import services as agenda
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.models import Audience
from meetings.events.services import record
from meetings.minutes.models import ACTIONS, TRANSITIONS, Decision, Minutes, Note, SealedDocument
from meetings.minutes.selectors import circulates, decision_as_object, minutes_as_object, note_as_object, notes_of
from meetings.network.models import Network
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingState

CORRECTION_WINDOW = timedelta(days=7)
RECORDED_IN = (MeetingState.IN_SESSION, MeetingState.CLOSED)


def lock_network(network_id: UUID) -> Network:
    """The network's row, locked: decisions and action items take their numbers one after the other."""
    return Network.objects.select_for_update(no_key=True).get(pk=network_id)


def _writable(item: AgendaItem, actor: Actor) -> AgendaItem:
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
    item = _writable(item, actor)
    note = Note(agenda_item=item, author_id=actor.user_id, created_at=clock.now())
    validation.apply(note, {"text": text})
    note.save()
    return _tell(actor, note)


@transaction.atomic
def edit_note(*, actor: Actor, note: Note, text: str, expected_version: int | None = None) -> Note:
    """Raises Conflict once the minutes are approved, Invalid, StaleVersion with the text saved meanwhile."""
    _writable(note.agenda_item, actor)
    note = Note.objects.select_for_update(of=("self",), no_key=True).select_related("author", "agenda_item__meeting").get(pk=note.pk)
    versions.check(note, expected_version, lambda: note_as_object(note))
    validation.apply(note, {"text": text})
    note.version += 1
    note.save()
    return _tell(actor, note)


def _tell(actor: Actor, note: Note) -> Note:
    meeting = note.agenda_item.meeting
    record(actor, types.NoteWritten(note_as_object(note)), meeting_id=meeting.pk, audience=_note_audience(meeting))
    return note


class OfItem(Protocol):
    """A poll, which this slice does not know: `live` stands above it."""

    pk: UUID
    agenda_item_id: UUID


@transaction.atomic
def record_decision(*, actor: Actor, item: AgendaItem, text: str, poll: OfItem | None = None) -> Decision:
    """A decision, numbered within the network and the year. Raises Conflict, Invalid by field."""
    item = _writable(item, actor)
    if poll and poll.agenda_item_id != item.pk:
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
    _writable(decision.agenda_item, actor)
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


def _locked(minutes: Minutes) -> Minutes:
    scheduling.locked(minutes.meeting)
    return (
        Minutes.objects.select_for_update(of=("self",), no_key=True)
        .select_related("meeting__network", "meeting__series")
        .get(pk=minutes.pk)
    )


def _moved(actor: Actor, minutes: Minutes, action: str) -> Minutes:
    minutes = _locked(minutes)
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
    minutes = _locked(minutes)
    require(actor, ACTIONS["edit"], network_id=minutes.meeting.network_id)
    versions.check(minutes, expected_version, lambda: minutes_as_object(minutes))
    TRANSITIONS.target("edit", minutes.state)
    validation.apply(minutes, values)
    return _save(actor, minutes, types.MinutesChanged, _note_audience(minutes.meeting))


@transaction.atomic
def circulate(*, actor: Actor, minutes: Minutes) -> Minutes:
    """Shows the minutes, and the notes in them, to everybody for correction. Raises Conflict."""
    minutes = _moved(actor, minutes, "circulate")
    minutes.correction_until = clock.now() + CORRECTION_WINDOW
    minutes = _save(actor, minutes, types.MinutesCirculated)
    for note in notes_of(actor, minutes.meeting):
        record(actor, types.NotePublished(note_as_object(note)), meeting_id=minutes.meeting_id)
    return minutes


class Sealed(Protocol):
    """What `documents` renders: the file, and the digest of the content it shows."""

    @property
    def pdf(self) -> bytes: ...
    @property
    def content_digest(self) -> str: ...
    @property
    def language(self) -> str: ...


@transaction.atomic
def approve(*, actor: Actor, minutes: Minutes, render: Callable[[Minutes], Sealed]) -> Minutes:
    """Approves and seals: `render` makes the document, which is stored and never rebuilt; the event holds its digest.

    Raises Conflict unless the minutes circulate.
    """
    minutes = _moved(actor, minutes, "approve")
    minutes.approved_at, minutes.approved_by_id = clock.now(), actor.user_id
    minutes.save()
    sealed = render(minutes)
    minutes.content_digest = sealed.content_digest
    minutes.file_digest = hashlib.sha256(sealed.pdf).hexdigest()
    SealedDocument.objects.create(
        minutes=minutes, edition=minutes.edition, language=sealed.language, pdf=sealed.pdf, sha256=minutes.file_digest
    )
    return _save(actor, minutes, types.MinutesApproved)


@transaction.atomic
def publish(*, actor: Actor, minutes: Minutes) -> Minutes:
    """Publishes approved minutes. Raises Conflict."""
    return _save(actor, _moved(actor, minutes, "publish"), types.MinutesPublished)
