"""Reads of calendar feeds: whose an address is, and what it shows."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from meetings import clock
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.calendar_feed import tokens
from meetings.calendar_feed.ics import Feed, FeedMeeting
from meetings.calendar_feed.models import CalendarFeed
from meetings.errors import NotFound
from meetings.events.models import EventStream
from meetings.network.models import Membership, Network, User, valid_on
from meetings.network.selectors import networks_of, today
from meetings.scheduling.models import Meeting

MONTHS_BACK, MONTHS_AHEAD = 12, 18
COLOR = "royalblue"


class Stamp(NamedTuple):
    """Everything a feed's bytes depend on: two feeds of one stamp are the same bytes."""

    network_id: UUID
    log_length: int
    """How many events the network has had: every write adds one in its own transaction."""
    since: datetime
    until: datetime
    language: str
    hide_cancelled: bool
    alarm_minutes: int | None


class LiveFeed(NamedTuple):
    feed: CalendarFeed
    stamp: Stamp


def live_feed(token: str) -> LiveFeed | None:
    """The feed of that secret address, with its network and user, in one query.

    None, without telling which, when the token is malformed, unknown or revoked, or the person has left the network.
    """
    if not tokens.is_well_formed(token):
        return None
    found = _unrevoked().filter(token_digest=tokens.digest(token)).select_related("network", "user")
    feed = found.annotate(log_length=_log_length(), **_memberships_by_day()).first()
    if feed is None or not getattr(feed, _member_on(today(feed.network))):
        return None
    return LiveFeed(feed, _stamp(feed, int(feed.log_length or 0)))


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """A person's live feeds, newest first."""
    return _unrevoked().filter(user=user, network__in=networks_of(user)).select_related("network").order_by("-created_at", "id")


def feed_of(user: User, feed_id: UUID | str) -> CalendarFeed:
    """One of the person's live feeds. Raises NotFound."""
    feed = feeds_of(user).filter(pk=feed_id).first()
    if feed is None:
        raise NotFound("not_found", _("There is no such calendar."))
    return feed


def calendar(stamp: Stamp) -> Feed:
    """What a feed of that stamp shows: the network's meetings from 12 months back to 18 ahead. Three queries."""
    network = Network.objects.get(pk=stamp.network_id)
    return Feed(
        name=network.name,
        description=_("Coordination meetings of %(network)s") % {"network": network.name},
        time_zone=network.time_zone,
        meetings=_feed_meetings(network, stamp.since, stamp.until),
        hide_cancelled=stamp.hide_cancelled,
        alarm_minutes=stamp.alarm_minutes,
        language=stamp.language,
        color=COLOR,
    )


def window(now: datetime) -> tuple[datetime, datetime]:
    """The first and the last instant shown. The edges move monthly, so that a feed does not change for being asked again."""
    return _month_start(now, -MONTHS_BACK), _month_start(now, MONTHS_AHEAD + 1)


def as_object(feed: CalendarFeed) -> dict[str, Any]:
    """The feed without its secret. Needs `network` selected."""
    return {
        "id": feed.pk,
        "kind": "meetings",
        "network": feed.network_id,
        "network_name": feed.network.name,
        "label": feed.label,
        "hide_cancelled": feed.hide_cancelled,
        "alarm_minutes": feed.alarm_minutes,
        "created_at": feed.created_at,
        "revoked_at": feed.revoked_at,
    }


def _unrevoked() -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(revoked_at__isnull=True, user__is_active=True)


def _memberships_by_day() -> dict[str, Exists]:
    """Whether the person belongs to the network yesterday, today and tomorrow in Greenwich: one of them is the network's today."""
    mine = Membership.objects.filter(user=OuterRef("user"), network=OuterRef("network"))
    days = [clock.now().astimezone(UTC).date() + timedelta(days=offset) for offset in (-1, 0, 1)]
    return {_member_on(day): Exists(mine.filter(valid_on(day))) for day in days}


def _member_on(day: date) -> str:
    return f"member_on_{day:%Y_%m_%d}"


def _log_length() -> Subquery:
    streams = EventStream.objects.filter(network=OuterRef("network")).order_by().values("network")
    return Subquery(streams.annotate(length=Sum("last_sequence")).values("length"), output_field=IntegerField())


def _stamp(feed: CalendarFeed, log_length: int) -> Stamp:
    return Stamp(feed.network_id, log_length, *window(clock.now()), feed.user.language, feed.hide_cancelled, feed.alarm_minutes)


def _feed_meetings(network: Network, since: datetime, until: datetime) -> tuple[FeedMeeting, ...]:
    meetings = list(Meeting.objects.filter(network=network, starts_at__gte=since, starts_at__lt=until).order_by("starts_at", "id"))
    agendas = _published_agendas([meeting.pk for meeting in meetings if meeting.agenda_published_at])
    return tuple(_feed_meeting(network, meeting, agendas.get(meeting.pk, ())) for meeting in meetings)


def _published_agendas(meeting_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    items = AgendaItem.objects.filter(meeting__in=meeting_ids, state__in=ON_THE_AGENDA).order_by("position", "id")
    lines: dict[UUID, list[str]] = defaultdict(list)
    for meeting_id, position, title in items.values_list("meeting_id", "position", "title"):
        lines[meeting_id].append(f"{position}. {title}")
    return {meeting_id: tuple(titles) for meeting_id, titles in lines.items()}


def _feed_meeting(network: Network, meeting: Meeting, agenda_lines: tuple[str, ...]) -> FeedMeeting:
    return FeedMeeting(
        uid=str(meeting.pk),
        starts_at=meeting.starts_at,
        local_start=datetime.fromisoformat(meeting.local_start),
        time_zone=meeting.time_zone,
        duration_minutes=meeting.duration_minutes,
        title=meeting.title,
        state=meeting.state,
        announced=meeting.announced_at is not None,
        sequence=meeting.calendar_sequence,
        last_modified=meeting.changed_at,
        url=f"{network.base_url.rstrip('/') or settings.BASE_URL}/go/meetings/{meeting.pk}",
        join_url=meeting.join_url,
        phone=meeting.phone,
        phone_pin=meeting.phone_pin,
        agenda_lines=agenda_lines,
    )


def _month_start(now: datetime, months: int) -> datetime:
    index = now.year * 12 + now.month - 1 + months
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)
