"""Writes of calendar feeds: a secret address is made, and taken back."""

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Permission, require
from meetings.calendar_feed import tokens
from meetings.calendar_feed.models import CalendarFeed
from meetings.calendar_feed.selectors import as_object
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound
from meetings.events.services import record
from meetings.events.types import CalendarFeedCreated, CalendarFeedRevoked
from meetings.network.models import Network

MOST_FEEDS = 10  # live ones of one person in one network: a few devices, and the overlap while one is replaced
LONGEST_ALARM = 7 * 24 * 60  # minutes
LONGEST_LABEL = 80


@transaction.atomic
def create_feed(
    *, actor: Actor, network: Network, label: str = "", hide_cancelled: bool = False, alarm_minutes: int | None = None
) -> tuple[CalendarFeed, str]:
    """A new secret address for the actor, and its token, which is not stored and cannot be shown again.

    ``alarm_minutes``: minutes before the start at which calendars ring; none: they don't. Raises NotFound for another
    network, Invalid, and Conflict(``too_many_feeds``).
    """
    require(actor, Permission.READ, network_id=network.pk)
    if actor.user_id is None:
        raise NotAllowed("not_allowed", _("Only a person has a calendar."))
    _check(label, alarm_minutes)
    if CalendarFeed.objects.filter(user=actor.user_id, network=network, revoked_at__isnull=True).count() >= MOST_FEEDS:
        raise Conflict("too_many_feeds", _("You have %(most)s calendar addresses already: revoke one first.") % {"most": MOST_FEEDS})
    token = tokens.new_token()
    feed = CalendarFeed.objects.create(
        user_id=actor.user_id,
        network=network,
        label=label.strip(),
        token_digest=tokens.digest(token),
        hide_cancelled=hide_cancelled,
        alarm_minutes=alarm_minutes,
        created_at=clock.now(),
    )
    record(actor, CalendarFeedCreated(as_object(feed)))
    return feed, token


@transaction.atomic
def revoke_feed(*, actor: Actor, feed: CalendarFeed) -> CalendarFeed:
    """Ends one of the actor's own addresses at once and for ever; doing it again changes nothing. Raises NotFound."""
    require(actor, Permission.READ, network_id=feed.network_id)
    if feed.user_id != actor.user_id:
        raise NotFound("not_found", _("There is no such calendar."))
    feed = CalendarFeed.objects.select_for_update(of=("self",), no_key=True).select_related("network").get(pk=feed.pk)
    if feed.revoked_at is None:
        feed.revoked_at = clock.now()
        feed.save(update_fields=["revoked_at"])
        record(actor, CalendarFeedRevoked(as_object(feed)))
    return feed


def _check(label: str, alarm_minutes: int | None) -> None:
    errors: dict[str, list[str]] = {}
    if len(label.strip()) > LONGEST_LABEL or not label.strip().isprintable():
        errors["label"] = [_("Choose a name of one line, at most %(most)s characters long.") % {"most": LONGEST_LABEL}]
    if alarm_minutes is not None and not 0 <= alarm_minutes <= LONGEST_ALARM:
        errors["alarm_minutes"] = [_("Choose a number from 0 to %(most)s.") % {"most": LONGEST_ALARM}]
    if errors:
        raise Invalid("invalid_calendar_feed", _("This calendar cannot be made."), errors)
