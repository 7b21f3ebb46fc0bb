"""`speakers/` and `floor/`: the list of speakers, how it is kept, and who has spoken how much."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, one_of, optional_text, reference, text, whole
from api.live import seat_of
from api.meetings import meeting_and_actor
from api.schema import lists, reads, writes
from meetings import clock
from meetings.access import Actor
from meetings.live import floor, speaker_selectors, speakers
from meetings.live.models import Floor, SpeakerRequest, SpeakerState
from meetings.scheduling.models import Meeting


class SpeakerObject(Thing):
    id = reference()
    meeting = reference()
    agenda_item = reference()
    municipality = reference()
    municipality_name = text()
    person = text()
    by_phone = serializers.BooleanField(help_text="the office asked for a caller")
    kind = one_of(SpeakerRequest.Kind.values)
    state = one_of(SpeakerState.values)
    requested_at = serializers.DateTimeField()
    given_at = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True, help_text="by the limit there was when the floor was given; none without one")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="of one withdrawn, when it left the list")


class SpeakerBody(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    kind = one_of(SpeakerRequest.Kind.values, default=SpeakerRequest.Kind.NEW_POINT.value)
    person = optional_text()


class FloorRules(serializers.Serializer[Any]):
    order_rule = one_of(Floor.Order.values)
    protected_places = whole(floor.MOST_PLACES, help_text="whom nobody overtakes any more but for a point of order")
    limit_seconds = whole(floor.LONGEST_LIMIT, help_text="of one contribution; 0: none. Holds for who is given the floor from now on")


class FloorObject(FloorRules, Thing):
    id = reference(allow_null=True, help_text="none until something is chosen")
    meeting = reference()
    changed_at = serializers.DateTimeField(allow_null=True, help_text="since when places are protected")
    version = serializers.IntegerField(help_text="0 until something is chosen")


class SeatFigures(serializers.Serializer[Any]):
    municipality = reference()
    municipality_name = text()
    times = count()
    seconds = count()


class ZoneFigures(serializers.Serializer[Any]):
    zone = reference()
    zone_name = text()
    seats = count()
    times = count()
    seconds = count()


class Fairness(Thing):
    """Of this meeting; whoever speaks has spoken until `server_time`."""

    municipalities = SeatFigures(many=True, help_text="those that have spoken, by name")
    zones = ZoneFigures(many=True, help_text="all, by number")
    server_time = serializers.DateTimeField()


def speaker_answer(actor: Actor, row: SpeakerRequest) -> dict[str, Any]:
    return able(speaker_selectors.speaker_as_object(row), speaker_selectors.speaker_abilities(actor, row))


def floor_answer(actor: Actor, meeting: Meeting, row: Floor) -> dict[str, Any]:
    return able(speaker_selectors.floor_as_object(row), speaker_selectors.floor_abilities(actor, meeting))


class Speakers(Rest):
    @lists(SpeakerObject)
    def list(self, request: Request, id: UUID) -> Response:
        """In their order: who speaks, points of order, then by the floor's rule."""
        meeting, actor = meeting_and_actor(self, id)
        return self.short_list(speaker_selectors.speakers_of(meeting), lambda row: speaker_answer(actor, row))

    @writes(SpeakerObject, takes=SpeakerBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """Asks for the floor on the current item; who waits already keeps the place."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(SpeakerBody)
        seat = seat_of(actor, values.pop("municipality", None))
        return self.write(
            lambda: speaker_answer(actor, speakers.request(actor=actor, meeting=meeting, municipality=seat, **values)), status=201
        )

    @reads(Fairness)
    def fairness(self, request: Request, id: UUID) -> Response:
        """How often and how long each municipality and zone has spoken."""
        meeting, _actor = meeting_and_actor(self, id)
        return self.read(able(speaker_selectors.fairness(meeting, clock.now()), []))

    @writes(SpeakerObject)
    def give(self, request: Request, id: UUID) -> Response:
        return self._act(id, speakers.give)

    @writes(SpeakerObject)
    def end(self, request: Request, id: UUID) -> Response:
        return self._act(id, speakers.end)

    @writes(SpeakerObject)
    def withdraw(self, request: Request, id: UUID) -> Response:
        return self._act(id, speakers.withdraw)

    @writes(SpeakerObject)
    def undo(self, request: Request, id: UUID) -> Response:
        """Takes back the last act on the list, when it was on this request."""
        return self._act(id, speakers.undo)

    def _act(self, id: UUID, service: Callable[..., SpeakerRequest]) -> Response:
        actor = self.actor(speaker_selectors.network_of_speaker(id))
        row = speaker_selectors.speaker(actor, id)
        return self.write(lambda: speaker_answer(actor, service(actor=actor, speaker=row)))


class Floors(Rest):
    @reads(FloorObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """How the list of speakers is kept; of version 0 while nothing is chosen."""
        meeting, actor = meeting_and_actor(self, id)
        return self.read(floor_answer(actor, meeting, speaker_selectors.floor_or_default(meeting)))

    @writes(FloorObject, takes=FloorRules, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        version, values = self.expected_version, self.sent(FloorRules, partial=True)

        def act() -> dict[str, Any]:
            row = floor.change(actor=actor, meeting=meeting, values=values, expected_version=version)
            return floor_answer(actor, meeting, row)

        return self.write(act)
