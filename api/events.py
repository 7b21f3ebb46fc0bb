"""A meeting's events for programs that poll, and the ticket for those that listen to its live socket."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Max
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest
from api.fields import count, reference, text, whole
from api.meetings import meeting_and_actor
from api.realtime import tickets
from api.schema import lists, writes
from meetings.access import Actor
from meetings.events.models import Event
from meetings.events.selectors import events_after
from meetings.network.models import AccessToken
from meetings.scheduling.models import Meeting

LARGEST_SEQUENCE = 2**53
MOST_EVENTS = 500


class EventObject(serializers.Serializer[Any]):
    """As the live socket sends it. A redacted one has no object."""

    type = text()
    sequence = count()
    previous = serializers.IntegerField(help_text="the last sequence before this that the caller is sent")
    at = serializers.DateTimeField()
    actor = reference(allow_null=True)
    object = serializers.DictField(allow_null=True)


class EventQuery(serializers.Serializer[Any]):
    after = whole(LARGEST_SEQUENCE, default=0)
    limit = whole(MOST_EVENTS, 1, default=MOST_EVENTS)


class Ticket(serializers.Serializer[Any]):
    ticket = text()
    seconds = serializers.IntegerField(help_text="how long it is good for, for one connection")


def event_as_object(row: Event, previous: int) -> dict[str, Any]:
    at = row.at.isoformat().replace("+00:00", "Z")
    known = {"type": row.type, "sequence": row.sequence, "previous": previous, "at": at, "actor": row.actor_id}
    return {**known, "object": json.loads(row.payload) if row.payload else None}


def _last_before(meeting: Meeting, sequence: int, actor: Actor) -> int:
    earlier = events_after(meeting.pk, 0, staff=actor.is_staff).filter(sequence__lte=sequence)
    return earlier.aggregate(last=Max("sequence"))["last"] or 0


class Events(Rest):
    @lists(EventObject, query=EventQuery)
    def list(self, request: Request, id: UUID) -> Response:
        """A page of what the live socket would send after an event, in order."""
        meeting, actor = meeting_and_actor(self, id)
        asked = self.query(EventQuery)
        rows = list(events_after(meeting.pk, asked["after"], staff=actor.is_staff)[: asked["limit"] + 1])
        shown = rows[: asked["limit"]]
        previous = [_last_before(meeting, asked["after"], actor), *(row.sequence for row in shown)]
        results = [event_as_object(row, before) for row, before in zip(shown, previous, strict=False)]
        following = self.address(after=shown[-1].sequence) if len(rows) > len(shown) else None
        return Response({"results": results, "next": following})

    @writes(Ticket, status=201)
    def ticket(self, request: Request, id: UUID) -> Response:
        """Lets one live socket in. Asked for again, it is another one."""
        meeting, actor = meeting_and_actor(self, id)
        token = request.auth if isinstance(request.auth, AccessToken) else None
        session_key = None if token else request._request.session.session_key
        ticket = tickets.issue(user=self.user, actor=actor, meeting=meeting, session_key=session_key, token=token)
        return Response({"ticket": ticket, "seconds": tickets.LIFE}, status=201, headers={"Cache-Control": "no-store"})
