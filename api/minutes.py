"""`minutes/`, `notes/`, `decisions/`: the record of a meeting."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.agenda_items import item_and_actor
from api.base import Rest, able
from api.corrections import CorrectionObject, correction_answer
from api.fields import Thing, count, one_of, optional_text, reference, text
from api.meetings import meeting_and_actor
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.documents import services as documents
from meetings.live import selectors as live
from meetings.minutes import history, selectors, services
from meetings.minutes.models import Decision, Minutes, MinutesState, Note


class MinutesObject(Thing):
    id = reference()
    meeting = reference()
    state = one_of(MinutesState.values)
    introduction = serializers.CharField(allow_blank=True)
    chaired_by = serializers.CharField(allow_blank=True)
    recorded_by = serializers.CharField(allow_blank=True)
    edition = count()
    edition_reason = serializers.CharField(allow_blank=True)
    circulated_at = serializers.DateTimeField(allow_null=True)
    correction_until = serializers.DateTimeField(allow_null=True)
    correction_closed_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    approved_in = reference(allow_null=True, help_text="the meeting that approved them, when it was done on its agenda")
    content_digest = serializers.CharField(allow_blank=True)
    file_digest = serializers.CharField(allow_blank=True)
    version = count()


class EditionObject(serializers.Serializer[Any]):
    edition = count()
    language = serializers.CharField()
    sha256 = serializers.CharField()
    sealed_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class MinutesWhole(MinutesObject):
    """The minutes with what was asked to be corrected, and the editions sealed so far."""

    corrections = CorrectionObject(many=True)
    editions = EditionObject(many=True)


class WindowBody(serializers.Serializer[Any]):
    until = serializers.DateTimeField(required=False, help_text="the end of the time for corrections; left out: the network's usual days")


class ExtendBody(serializers.Serializer[Any]):
    until = serializers.DateTimeField()


class AmendBody(WindowBody):
    reason = text()


class MomentObject(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="as `compare` takes it")
    label = serializers.CharField()  # type: ignore[assignment]
    sequence = count()
    at = serializers.DateTimeField(allow_null=True)


class PieceObject(serializers.Serializer[Any]):
    kind = one_of(("same", "removed", "added"))
    text = serializers.CharField(trim_whitespace=False)


class DifferenceObject(serializers.Serializer[Any]):
    id = reference(help_text="of the note or decision, or of the minutes themselves")
    agenda_item = reference(allow_null=True)
    kind = one_of(("introduction", "chaired_by", "recorded_by", "note", "decision"))
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)
    pieces = PieceObject(many=True)


class Comparison(serializers.Serializer[Any]):
    old = MomentObject()
    new = MomentObject()
    removed = serializers.IntegerField(help_text="texts of that time that were removed from the log and are not compared")
    differences = DifferenceObject(many=True)


class CompareQuery(serializers.Serializer[Any]):
    old = serializers.CharField(required=False, help_text="left out: the latest stage before now")
    new = serializers.CharField(default=history.NOW)


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
    rows = [correction_answer(actor, row) for row in selectors.corrections_of(minutes)]
    whole = {**selectors.minutes_as_object(minutes), "corrections": rows, "editions": selectors.editions_of(minutes)}
    return able(whole, selectors.minutes_abilities(actor, minutes))


class MinutesOfMeeting(Rest):
    @reads(MinutesWhole)
    def retrieve(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        return self.read(minutes_answer(actor, selectors.minutes_of(actor, meeting)))

    @writes(MinutesWhole, takes=MinutesChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        minutes, version, values = selectors.minutes_of(actor, meeting), self.expected_version, self.sent(MinutesChange, partial=True)
        return self.write(
            lambda: minutes_answer(actor, services.edit_minutes(actor=actor, minutes=minutes, values=values, expected_version=version))
        )

    @writes(MinutesWhole, takes=WindowBody)
    def circulate(self, request: Request, id: UUID) -> Response:
        """Shows them, and the notes, to everybody for correction."""
        until = self.sent(WindowBody).get("until")
        return self._act(id, lambda actor, minutes: services.circulate(actor=actor, minutes=minutes, until=until))

    @writes(MinutesWhole)
    def approve(self, request: Request, id: UUID) -> Response:
        """Seals them: the file is stored and never rebuilt."""
        return self._act(id, lambda actor, minutes: documents.approve_minutes(actor=actor, minutes_record=minutes))

    @writes(MinutesWhole)
    def publish(self, request: Request, id: UUID) -> Response:
        return self._act(id, services.publish)

    @writes(MinutesWhole, takes=ExtendBody)
    def extend(self, request: Request, id: UUID) -> Response:
        """Gives more time for corrections, also when the time was over already."""
        until = self.sent(ExtendBody)["until"]
        return self._act(id, lambda actor, minutes: services.extend(actor=actor, minutes=minutes, until=until))

    @writes(MinutesWhole, takes=AmendBody)
    def amend(self, request: Request, id: UUID) -> Response:
        """Begins a new edition of approved minutes; the sealed ones stay as they are."""
        sent = self.sent(AmendBody)
        return self._act(id, lambda actor, minutes: services.amend(actor=actor, minutes=minutes, **sent))

    @lists(MomentObject)
    def versions(self, request: Request, id: UUID) -> Response:
        """The moments that can be compared."""
        actor = self.actor(selectors.network_of(Minutes, id))
        return self.short_list(history.moments(actor, selectors.minutes(actor, id)), asdict, key="name")

    @reads(Comparison, query=CompareQuery)
    def compare(self, request: Request, id: UUID) -> Response:
        """What changed between two moments, word by word."""
        actor = self.actor(selectors.network_of(Minutes, id))
        minutes, asked = selectors.minutes(actor, id), self.query(CompareQuery)
        old, new = history.chosen(history.moments(actor, minutes), asked.get("old", ""), asked["new"])
        found = [_difference(row) for row in history.compare(minutes, old, new)]
        return self.read({"old": asdict(old), "new": asdict(new), "removed": history.removed(minutes, new), "differences": found})

    def _act(self, id: UUID, service: Callable[..., Minutes]) -> Response:
        actor = self.actor(selectors.network_of(Minutes, id))
        minutes = selectors.minutes(actor, id)
        return self.write(lambda: minutes_answer(actor, service(actor=actor, minutes=minutes)))


def _difference(row: history.Difference) -> dict[str, Any]:
    names = ("id", "kind", "label", "before", "after")
    plain = {name: getattr(row, name) for name in names}
    return {**plain, "agenda_item": row.item.pk if row.item else None, "pieces": [asdict(piece) for piece in row.pieces]}


class ApprovalOnAgenda(Rest):
    @writes(MinutesWhole)
    def approve(self, request: Request, id: UUID) -> Response:
        """On the item of the session going on that is about these minutes: seals them, and records the decision."""
        item, actor = item_and_actor(self, id)
        return self.write(lambda: minutes_answer(actor, documents.approve_on_agenda(actor=actor, item=item)))


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
