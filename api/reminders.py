"""`meetings/{id}/remind/`: asking those who have not answered the invitation."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest
from api.fields import count, reference
from api.meetings import meeting_and_actor
from api.schema import writes
from meetings.network.selectors import zone_in
from meetings.scheduling import reminders


class Reminder(serializers.Serializer[Any]):
    zone = reference(required=False, allow_null=True, help_text="only the municipalities of this zone")


class Reminded(serializers.Serializer[Any]):
    told = count()
    already_told_today = count()


class Reminders(Rest):
    @writes(Reminded, takes=Reminder)
    def remind(self, request: Request, id: UUID) -> Response:
        """Nobody is reminded twice in a day."""
        meeting, actor = meeting_and_actor(self, id)
        chosen = self.sent(Reminder).get("zone")
        zone = zone_in(meeting.network_id, chosen) if chosen else None
        return self.write(lambda: reminders.remind(actor=actor, meeting=meeting, zone=zone)._asdict())
