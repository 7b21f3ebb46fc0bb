"""`speakers/`: the list of speakers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, one_of, optional_text, reference, text
from api.live import seat_of
from api.meetings import meeting_and_actor
from api.schema import lists, writes
from meetings.access import Actor
from meetings.live import selectors, speakers
from meetings.live.models import SpeakerRequest, SpeakerState


class SpeakerObject(Thing):
    id = reference()
    meeting = reference()
    agenda_item = reference()
    municipality = reference()
    municipality_name = text()
    person = text()
    kind = one_of(SpeakerRequest.Kind.values)
    state = one_of(SpeakerState.values)
    requested_at = serializers.DateTimeField()
    given_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class SpeakerBody(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    kind = one_of(SpeakerRequest.Kind.values, default=SpeakerRequest.Kind.NEW_POINT.value)
    person = optional_text()


def speaker_answer(actor: Actor, row: SpeakerRequest) -> dict[str, Any]:
    return able(selectors.speaker_as_object(row), selectors.speaker_abilities(actor, row))


class Speakers(Rest):
    @lists(SpeakerObject)
    def list(self, request: Request, id: UUID) -> Response:
        """In their order: who speaks, points of order, first come first."""
        meeting, actor = meeting_and_actor(self, id)
        return self.short_list(selectors.speakers_of(meeting), lambda row: speaker_answer(actor, row))

    @writes(SpeakerObject, takes=SpeakerBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """Asks for the floor on the current item; who waits already keeps the place."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(SpeakerBody)
        seat = seat_of(actor, values.pop("municipality", None))
        return self.write(
            lambda: speaker_answer(actor, speakers.request(actor=actor, meeting=meeting, municipality=seat, **values)), status=201
        )

    @writes(SpeakerObject)
    def give(self, request: Request, id: UUID) -> Response:
        return self._act(id, speakers.give)

    @writes(SpeakerObject)
    def end(self, request: Request, id: UUID) -> Response:
        return self._act(id, speakers.end)

    @writes(SpeakerObject)
    def withdraw(self, request: Request, id: UUID) -> Response:
        return self._act(id, speakers.withdraw)

    def _act(self, id: UUID, service: Callable[..., SpeakerRequest]) -> Response:
        actor = self.actor(selectors.network_of(SpeakerRequest, id))
        row = selectors.speaker(actor, id)
        return self.write(lambda: speaker_answer(actor, service(actor=actor, speaker=row)))
