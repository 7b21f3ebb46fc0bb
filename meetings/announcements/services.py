"""Writes of announcements."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from meetings import clock, validation
from meetings.access import Actor, Permission, Place, require
from meetings.announcements.models import Announcement
from meetings.announcements.selectors import as_object, people_to_tell
from meetings.errors import nothing_here
from meetings.events.models import Audience
from meetings.events.services import record
from meetings.events.types import AnnouncementSent
from meetings.network.models import Network, User, Zone
from meetings.notifications.services import notify


def prepare(*, actor: Actor, network: Network, zone: Zone | None, values: Mapping[str, Any]) -> Announcement:
    """The announcement as it would be sent, with how many people it would be mailed to; nothing is stored.

    Raises NotAllowed beyond the actor's zone, NotFound for another network's zone, Invalid by field.
    """
    require(actor, Permission.ANNOUNCE, network_id=network.pk, place=Place(zone=zone.pk if zone else None))
    if zone and zone.network_id != network.pk:
        raise nothing_here()
    row = Announcement(network=network, zone=zone, sent_at=clock.now())
    row.sent_by = User.objects.filter(pk=actor.user_id).first() if actor.user_id else None
    validation.apply(row, {"title": "", "text": "", **values})
    row.told = len(people_to_tell(network, zone, but=actor.user_id))
    return row


@transaction.atomic
def announce(*, actor: Actor, network: Network, zone: Zone | None = None, values: Mapping[str, Any]) -> Announcement:
    """Tells everybody, or a zone, by mail, and keeps it for them to read. Raises as `prepare` does."""
    row = prepare(actor=actor, network=network, zone=zone, values=values)
    people = people_to_tell(network, zone, but=actor.user_id)
    row.told = len(people)
    row.save(force_insert=True)
    record(actor, AnnouncementSent(as_object(row)), audience=Audience.STAFF if zone else Audience.MEMBERS)
    context = {
        "announcement": row.pk,
        "title": row.title,
        "text": row.text,
        "zone_name": zone.name if zone else "",
        "sent_by": row.sent_by.name if row.sent_by else "",
    }
    notify("announcement", people, key=str(row.pk), network_id=network.pk, about=str(row.pk), context=context)
    return row
