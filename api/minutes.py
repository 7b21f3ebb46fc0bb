"""`minutes/`, `notes/`, `decisions/`: the record of a meeting."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.agenda_items import item_and_actor
from api.base import Rest, able
from api.fields import Thing, count, one_of, optional_text, reference, text
from api.meetings import meeting_and_actor
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.documents import services as documents
from meetings.live import selectors as live
from meetings.minutes import selectors, services
from meetings.minutes.models import Decision, Minutes, MinutesState, Note


class MinutesObject(Thing):
    id = reference()
    meeting = reference()
    state = one_of(MinutesState.values)
    introduction = serializers.CharField(allow_blank=True)
    chaired_by = serializers.CharField(allow_blank=True)
    recorded_by = serializers.CharField(allow_blank=True)
    edition = count()
    correction_until = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    content_digest = serializers.CharField(allow_blank=True)
    file_digest = serializers.CharField(allow_blank=True)
    version = count()


class MinutesChange(serializers.Serializer[Any]):
    introduction = optional_text()
    chaired_by = optional_text()
    recorded_by = optional_text()


class NoteObject(Thing):
    id = reference()
    agenda_item = reference()
    text = text()
    author = reference(allow_null=True)
    author_name = serializers.CharField(allow_null=True)
    version = count()


class DecisionObject(Thing):
    id = reference()
    agenda_item = reference()
    poll = reference(allow_null=True)
    year = count()
    number = count()
    text = text()
    decided_at = serializers.DateTimeField()
    version = count()


class TextBody(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)


class DecisionBody(TextBody):
    poll = reference(required=False, allow_null=True)


def minutes_answer(actor: Actor, minutes: Minutes) -> dict[str, Any]:
    return able(selectors.minutes_as_object(minutes), selectors.minutes_abilities(actor, minutes))


class MinutesOfMeeting(Rest):
    @reads(MinutesObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        return self.read(minutes_answer(actor, selectors.minutes_of(actor, meeting)))

    @writes(MinutesObject, takes=MinutesChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        minutes, version, values = selectors.minutes_of(actor, meeting), self.expected_version, self.sent(MinutesChange, partial=True)
        return self.write(
            lambda: minutes_answer(actor, services.edit_minutes(actor=actor, minutes=minutes, values=values, expected_version=version))
        )

    @writes(MinutesObject)
    def circulate(self, request: Request, id: UUID) -> Response:
        """Shows them, and the notes, to everybody for correction."""
        return self._act(id, services.circulate)

    @writes(MinutesObject)
    def approve(self, request: Request, id: UUID) -> Response:
        """Seals them: the file is stored and never rebuilt."""
        return self._act(id, lambda actor, minutes: documents.approve_minutes(actor=actor, minutes_record=minutes))

    @writes(MinutesObject)
    def publish(self, request: Request, id: UUID) -> Response:
        return self._act(id, services.publish)

    def _act(self, id: UUID, service: Callable[..., Minutes]) -> Response:
        actor = self.actor(selectors.network_of(Minutes, id))
        minutes = selectors.minutes(actor, id)
        return self.write(lambda: minutes_answer(actor, service(actor=actor, minutes=minutes)))


class Notes(Rest):
    """For staff until the minutes circulate."""

    @lists(NoteObject)
    def list(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        able_to = selectors.text_abilities(actor, item.meeting)
        rows = selectors.notes_of(actor, item.meeting).filter(agenda_item=item)
        return self.short_list(rows, lambda row: able(selectors.note_as_object(row), able_to))

    @writes(NoteObject, takes=TextBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        text = self.sent(TextBody)["text"]
        return self.write(lambda: _note_answer(actor, services.write_note(actor=actor, item=item, text=text)), status=201)

    @writes(NoteObject, takes=TextBody, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        actor = self.actor(selectors.network_of(Note, id))
        note, version, text = selectors.note(actor, id), self.expected_version, self.sent(TextBody)["text"]
        return self.write(lambda: _note_answer(actor, services.edit_note(actor=actor, note=note, text=text, expected_version=version)))


class Decisions(Rest):
    @lists(DecisionObject)
    def list(self, request: Request, id: UUID) -> Response:
        item, actor = item_and_actor(self, id)
        able_to = selectors.text_abilities(actor, item.meeting)
        rows = selectors.decisions_of(item.meeting).filter(agenda_item=item)
        return self.short_list(rows, lambda row: able(selectors.decision_as_object(row), able_to))

    @writes(DecisionObject, takes=DecisionBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """Numbered within the network and the year."""
        item, actor = item_and_actor(self, id)
        sent = self.sent(DecisionBody)
        poll = live.poll(actor, sent["poll"]) if sent.get("poll") else None
        return self.write(
            lambda: _decision_answer(actor, services.record_decision(actor=actor, item=item, text=sent["text"], poll=poll)), status=201
        )

    @writes(DecisionObject, takes=TextBody, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        actor = self.actor(selectors.network_of(Decision, id))
        decision, version, text = selectors.decision(actor, id), self.expected_version, self.sent(TextBody)["text"]
        return self.write(
            lambda: _decision_answer(actor, services.edit_decision(actor=actor, decision=decision, text=text, expected_version=version))
        )


def _note_answer(actor: Actor, note: Note) -> dict[str, Any]:
    return able(selectors.note_as_object(note), selectors.text_abilities(actor, note.agenda_item.meeting))


def _decision_answer(actor: Actor, decision: Decision) -> dict[str, Any]:
    return able(selectors.decision_as_object(decision), selectors.text_abilities(actor, decision.agenda_item.meeting))
