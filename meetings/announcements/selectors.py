"""Reads of announcements."""

from typing import Any

from django.db.models import Q, QuerySet

from meetings.access import Actor, Permission, Role, can
from meetings.announcements.models import Announcement
from meetings.errors import found
from meetings.network.models import Membership, Network, Zone, valid_on
from meetings.network.selectors import memberships, recipients, today
from meetings.notifications.services import Recipient

_ROWS = Announcement.objects.select_related("network", "zone", "sent_by")


def announcements(actor: Actor) -> "QuerySet[Announcement]":
    """Those that were for the actor, the latest first: to all, to the zones of their seats, and their own; the office reads every one."""
    rows = _ROWS.filter(network=actor.network_id).order_by("-sent_at", "-id")
    if actor.is_staff or can(actor, Permission.AUDIT):
        return rows
    zones = Zone.objects.filter(Q(pk__in=actor.zones) | Q(municipalities__in=actor.seats))
    return rows.filter(Q(zone__isnull=True) | Q(zone__in=zones.values("pk")) | Q(sent_by=actor.user_id))


def announcement(actor: Actor, announcement_id: Any) -> Announcement:
    """Raises NotFound, for what was not for the actor too."""
    return found(announcements(actor).filter(pk=announcement_id).first())


def network_of(announcement_id: Any) -> Network:
    """The network it was made in. Raises NotFound."""
    return found(_ROWS.filter(pk=announcement_id).first()).network


def zones_to_tell(actor: Actor, network: Network) -> "QuerySet[Zone]":
    """The zones that the actor may tell something."""
    rows = Zone.objects.filter(network=network).order_by("number")
    return rows if can(actor, Permission.ANNOUNCE) else rows.filter(pk__in=actor.zones)


def people_to_tell(network: Network, zone: Zone | None, *, but: Any = None) -> list[Recipient]:
    """Everybody who has a part in the network today, or who represents a municipality of the zone or speaks for it; without the sender."""
    rows = memberships(network).exclude(user=but) if but else memberships(network)
    return recipients(_of_zone(rows, network, zone) if zone else rows)


def _of_zone(rows: "QuerySet[Membership]", network: Network, zone: Zone) -> "QuerySet[Membership]":
    seat = Q(role=Role.REPRESENTATIVE, municipality__zone=zone) & valid_on(today(network), "municipality__")
    return rows.filter(seat | Q(role=Role.SPOKESPERSON, zone=zone))


def as_object(announcement: Announcement) -> dict[str, Any]:
    """Needs `zone` and `sent_by` selected."""
    return {
        "id": announcement.pk,
        "zone": announcement.zone_id,
        "zone_name": announcement.zone.name if announcement.zone else None,
        "title": announcement.title,
        "text": announcement.text,
        "sent_at": announcement.sent_at,
        "sent_by": announcement.sent_by.name if announcement.sent_by else None,
        "told": announcement.told,
    }
