"""`corrections/`: what is asked to be changed in circulating minutes, and the answer."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, one_of, optional_text, reference, text, whole
from api.schema import lists, writes
from meetings.access import Actor
from meetings.agenda import selectors as agenda
from meetings.minutes import corrections, selectors
from meetings.minutes.models import Correction, CorrectionState, Minutes
from meetings.network.selectors import municipality_in


class CorrectionObject(Thing):
    id = reference()
    minutes = reference()
    agenda_item = reference(allow_null=True)
    municipality = reference(allow_null=True)
    municipality_name = serializers.CharField(allow_null=True)
    asked_by_name = serializers.CharField(allow_null=True)
    decided_by_name = serializers.CharField(allow_null=True)
    edition = count()
    proposed = text()
    state = one_of(CorrectionState.values)
    reason = text()
    text = text()
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    version = count()


class CorrectionBody(serializers.Serializer[Any]):
    text = text()
    proposed = optional_text()
    agenda_item = reference(required=False, allow_null=True)
    municipality = reference(required=False, allow_null=True)


class AcceptBody(serializers.Serializer[Any]):
    """With a note or a decision, that one says `text` from now on."""

    reason = optional_text()
    note = reference(required=False, allow_null=True)
    decision = reference(required=False, allow_null=True)
    text = optional_text()
    text_version = whole(2_147_483_647, required=False, help_text="of the note or decision; stale: 412 with what was saved meanwhile")


class RejectBody(serializers.Serializer[Any]):
    reason = text()


def correction_answer(actor: Actor, correction: Correction) -> dict[str, Any]:
    return able(selectors.correction_as_object(correction), selectors.correction_abilities(actor, correction))


class Corrections(Rest):
    @lists(CorrectionObject)
    def list(self, request: Request, id: UUID) -> Response:
        actor = self.actor(selectors.network_of(Minutes, id))
        rows = selectors.corrections_of(selectors.minutes(actor, id))
        return self.short_list(rows, lambda row: correction_answer(actor, row))

    @writes(CorrectionObject, takes=CorrectionBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """Asked for by who was there, until the time for it is over."""
        actor = self.actor(selectors.network_of(Minutes, id))
        minutes, sent = selectors.minutes(actor, id), self.sent(CorrectionBody)
        item = agenda.item(actor, sent["agenda_item"]) if sent.get("agenda_item") else None
        seat = municipality_in(actor.network_id, sent["municipality"]) if sent.get("municipality") else None
        values: dict[str, Any] = {name: sent[name] for name in ("text", "proposed") if name in sent}
        return self.write(
            lambda: correction_answer(
                actor, corrections.ask(actor=actor, minutes=minutes, values=values, agenda_item=item, municipality=seat)
            ),
            status=201,
        )

    @writes(CorrectionObject, takes=AcceptBody)
    def accept(self, request: Request, id: UUID) -> Response:
        actor = self.actor(selectors.network_of(Correction, id))
        correction, sent = selectors.correction(actor, id), self.sent(AcceptBody)
        note = selectors.note(actor, sent["note"]) if sent.get("note") else None
        decision = selectors.decision(actor, sent["decision"]) if sent.get("decision") else None
        said: dict[str, Any] = {"reason": sent.get("reason", ""), "text": sent.get("text", ""), "note": note, "decision": decision}
        said["expected_version"] = sent.get("text_version")
        return self.write(lambda: correction_answer(actor, corrections.accept(actor=actor, correction=correction, **said)))

    @writes(CorrectionObject, takes=RejectBody)
    def reject(self, request: Request, id: UUID) -> Response:
        """The reason is told to whoever asked."""
        actor = self.actor(selectors.network_of(Correction, id))
        correction, reason = selectors.correction(actor, id), self.sent(RejectBody)["reason"]
        return self.write(lambda: correction_answer(actor, corrections.reject(actor=actor, correction=correction, reason=reason)))
