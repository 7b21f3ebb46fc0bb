"""The session itself: opening and closing it, the current item, and its whole state. Presence is in `attendance`."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, reference, whole
from api.meetings import MeetingObject, meeting_and_actor, meeting_now
from api.schema import reads, writes
from meetings import clock
from meetings.access import Actor, Permission, abilities
from meetings.agenda import selectors as agenda
from meetings.live import selectors, services, where
from meetings.network.models import Municipality
from meetings.network.selectors import municipality_in


class Leave(serializers.Serializer[Any]):
    """Of every act that leaves the item under discussion."""

    confirmed = serializers.BooleanField(default=False, help_text="although somebody has the floor there, or waits for it")


class CurrentItem(Leave):
    agenda_item = reference(allow_null=True)


class MoreTime(serializers.Serializer[Any]):
    minutes = whole(services.MOST_EXTRA, 1, default=5)


class OwnItem(serializers.Serializer[Any]):
    agenda_item = reference()
    starts_about = serializers.DateTimeField(help_text="if every item before it keeps to its minutes")
    items_before = serializers.IntegerField(help_text="the one under discussion included")


class Where(Thing):
    current_item = reference(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="until when the current item has time")
    next = reference(allow_null=True, help_text="the item after it")
    mine = OwnItem(many=True, help_text="the items to come that the caller's municipalities have proposed, alone or with others")
    server_time = serializers.DateTimeField()


class LiveState(Thing):
    """The whole state by collection, as the snapshot of the live socket has it, and the last event it is as new as."""

    sequence = count()
    state = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))


def seat_of(actor: Actor, municipality: UUID | None) -> Municipality:
    """The seat named, or the actor's only one. Raises NotFound; whether the actor acts for it, the service says."""
    return municipality_in(actor.network_id, municipality or (next(iter(actor.seats)) if len(actor.seats) == 1 else None))


class Live(Rest):
    @writes(MeetingObject)
    def open(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            services.open_session(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject)
    def close(self, request: Request, id: UUID) -> Response:
        """Carries over what was not reached, and drafts the minutes."""
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            services.close_session(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject)
    def reopen(self, request: Request, id: UUID) -> Response:
        """A session closed by mistake goes on, while its minutes are a draft; what was carried over is taken back."""
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            services.reopen(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject, takes=CurrentItem)
    def current_item(self, request: Request, id: UUID) -> Response:
        """Moves on to an item of the agenda, or with null to none."""
        meeting, actor = meeting_and_actor(self, id)
        sent = self.sent(CurrentItem)
        item = agenda.item(actor, sent["agenda_item"]) if sent["agenda_item"] else None

        def act() -> dict[str, Any]:
            services.move_on(actor=actor, meeting=meeting, item=item, confirmed=sent["confirmed"])
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject, takes=MoreTime)
    def extend_item(self, request: Request, id: UUID) -> Response:
        """More time for the current item, this once."""
        meeting, actor = meeting_and_actor(self, id)
        minutes = self.sent(MoreTime)["minutes"]

        def act() -> dict[str, Any]:
            services.extend_item(actor=actor, meeting=meeting, minutes=minutes)
            return meeting_now(actor, meeting)

        return self.write(act)

    @reads(Where)
    def where(self, request: Request, id: UUID) -> Response:
        """Where the session is now, and when the caller's own items are likely to come."""
        meeting, actor = meeting_and_actor(self, id)
        return self.read(able(where.where(actor, meeting, clock.now()), []))

    @reads(LiveState)
    def state(self, request: Request, id: UUID) -> Response:
        """Everything the live room shows. The sequence is read first, so the state is at least as new."""
        meeting, actor = meeting_and_actor(self, id)
        possible = abilities(actor, {"join_room": Permission.JOIN_ROOM}, {"join_room"})
        return self.read(able({"sequence": meeting.stream.last_sequence, "state": selectors.state(actor, meeting)}, possible))
