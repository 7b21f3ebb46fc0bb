"""`announcements/`: what is told to everybody, or to a zone, between the meetings."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, reference, text
from api.schema import lists, reads, writes
from meetings.announcements import selectors, services
from meetings.announcements.models import Announcement
from meetings.network.selectors import zone_in


class AnnouncementObject(Thing):
    id = reference()
    zone = reference(allow_null=True, help_text="null: to all")
    zone_name = serializers.CharField(allow_null=True)
    title = text()
    text = text()
    sent_at = serializers.DateTimeField()
    sent_by = serializers.CharField(allow_null=True)
    told = serializers.IntegerField(help_text="how many people it was mailed to")


class AnnouncementBody(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField(trim_whitespace=False)
    zone = reference(required=False, allow_null=True)


def announcement_answer(row: Announcement) -> dict[str, Any]:
    """What is said is said: there is nothing to be done with it any more."""
    return able(selectors.as_object(row), [])


class Announcements(Rest):
    @lists(AnnouncementObject)
    def list(self, request: Request, slug: str) -> Response:
        """Those that were for the caller, the latest first."""
        _network, actor = self.network(slug)
        return self.page(selectors.announcements(actor), announcement_answer, by=("-sent_at", "-id"))

    @writes(AnnouncementObject, takes=AnnouncementBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """Mails it at once to everybody, or to the zone."""
        network, actor = self.network(slug)
        values = self.sent(AnnouncementBody)
        chosen = values.pop("zone", None)
        zone = zone_in(network.pk, chosen) if chosen else None
        return self.write(
            lambda: announcement_answer(services.announce(actor=actor, network=network, zone=zone, values=values)), status=201
        )

    @reads(AnnouncementObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        actor = self.actor(selectors.network_of(id))
        return self.read(announcement_answer(selectors.announcement(actor, id)))
