"""Asking who has not answered an invitation: by the worker at the series' hours, or by hand. Nobody is asked twice in a day."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from meetings import clock
from meetings.access import Actor, Permission, Place, require
from meetings.errors import Conflict
from meetings.events.services import record
from meetings.events.types import MeetingReminded
from meetings.network.models import Membership, Municipality, Network, Zone
from meetings.network.selectors import municipalities, recipients, system_actor, today
from meetings.notifications.services import Recipient, notify
from meetings.notifications.told import chased
from meetings.scheduling.models import ANNOUNCED, LONGEST_REMINDER, Meeting, usual_reminders
from meetings.scheduling.seats import acting_for
from meetings.scheduling.selectors import meeting_as_object
from meetings.scheduling.services import locked


class Silent(NamedTuple):
    """Who is asked for the seats that have not answered: those still to be told today, and those told already, for whatever reason."""

    seats: list[Municipality]
    to_tell: list[Recipient]
    told: list[Recipient]


class Reminded(NamedTuple):
    told: int
    already_told_today: int


def reminders_at(meeting: Meeting) -> list[datetime]:
    """The instants at which the worker asks the silent, in order. Needs `series` selected."""
    hours = meeting.series.reminder_hours if meeting.series else usual_reminders()
    return sorted(meeting.starts_at - timedelta(hours=before) for before in hours)


def silent_seats(meeting: Meeting, zone: Zone | None = None) -> "QuerySet[Municipality]":
    """The seats valid on the day that have not answered, of the zone or of all."""
    seats = municipalities(meeting.network, meeting.local.date()).exclude(pk__in=meeting.responses.values("municipality"))
    return seats.filter(zone=zone) if zone else seats


def silent(meeting: Meeting, zone: Zone | None = None) -> Silent:
    """Who acts for the silent seats, each person once."""
    seats = list(silent_seats(meeting, zone))
    people = _people(meeting, seats)
    told = chased(meeting.network_id, today(meeting.network))
    return Silent(seats, [row for row in people if row.address not in told], [row for row in people if row.address in told])


def _people(meeting: Meeting, seats: list[Municipality]) -> list[Recipient]:
    names = {seat.pk: seat.name for seat in seats}
    held: dict[UUID, list[Membership]] = defaultdict(list)
    for row in acting_for(meeting, list(names)).values():
        held[row.user_id].append(row)
    people = [_with_seats(person, rows, names) for rows in held.values() for person in recipients(rows)]
    return sorted(people, key=lambda person: (person.name, person.address))


def _with_seats(person: Recipient, rows: list[Membership], names: Mapping[UUID, str]) -> Recipient:
    """What of the mail is this person's alone: the seats, and who they are in them, for the links to answer with."""
    seats = [{"name": names[row.municipality_id], "membership": row.pk} for row in rows if row.municipality_id]
    return Recipient(person.address, person.name, person.language, person.user_id, {"seats": seats})


@transaction.atomic
def remind(*, actor: Actor, meeting: Meeting, zone: Zone | None = None) -> Reminded:
    """Asks the silent now: of the whole network, or of one zone. Whoever was asked for anything today is left alone.

    Raises NotAllowed beyond the actor's zone, Conflict `wrong_state` once the meeting has begun or is cancelled.
    """
    meeting = locked(meeting)
    require(actor, Permission.REMIND, network_id=meeting.network_id, place=Place(zone=zone.pk if zone else None))
    if not _may_be_asked(meeting):
        raise Conflict("wrong_state", _("This meeting no longer takes answers."), current=meeting_as_object(meeting))
    return _ask(actor, meeting, zone, key=f"{meeting.pk}:{today(meeting.network).isoformat()}")


def _may_be_asked(meeting: Meeting) -> bool:
    return meeting.state in ANNOUNCED and clock.now() < meeting.starts_at


def lock_mails_of_the_day(network_id: UUID) -> None:
    """The network's row: whoever asks people asks alone, since nobody is asked twice in a day."""
    Network.objects.select_for_update(no_key=True).only("pk").get(pk=network_id)


def _ask(actor: Actor, meeting: Meeting, zone: Zone | None, *, key: str) -> Reminded:
    lock_mails_of_the_day(meeting.network_id)
    found = silent(meeting, zone)
    if found.to_tell:
        record(actor, MeetingReminded(meeting_as_object(meeting)), meeting_id=meeting.pk)
    context = {"meeting": meeting.pk, "title": meeting.title, "starts_at": meeting.starts_at, "time_zone": meeting.time_zone}
    told = notify(
        "reminder",
        found.to_tell,
        key=key,
        network_id=meeting.network_id,
        about=str(meeting.pk),
        context=context,
        chase_day=today(meeting.network),
    )
    return Reminded(told, len(found.told))


def remind_the_silent() -> int:
    """Asks for each meeting to come, at each of its series' hours; after a pause of the worker once for all hours that passed; how many."""
    now = clock.now()
    near = Meeting.objects.filter(state__in=ANNOUNCED, starts_at__gt=now, starts_at__lte=now + timedelta(hours=LONGEST_REMINDER))
    due = [row for row in near.select_related("series").order_by("starts_at", "pk") if _due(row, now)]
    return sum(_remind_due(row) for row in due)


def _due(meeting: Meeting, now: datetime) -> datetime | None:
    """The latest instant of reminding that has passed and has not been seen to."""
    since = meeting.announced_at if meeting.nominal_date is None else None  # an extra meeting is not asked about before it was known
    passed = [at for at in reminders_at(meeting) if at <= now and (since is None or since < at)]
    seen_to = meeting.reminded_for
    return passed[-1] if passed and (seen_to is None or seen_to < passed[-1]) else None


@transaction.atomic
def _remind_due(meeting: Meeting) -> int:
    meeting = locked(meeting)
    due = _due(meeting, clock.now())
    if due is None or not _may_be_asked(meeting):
        return 0
    Meeting.objects.filter(pk=meeting.pk).update(reminded_for=due)
    return _ask(system_actor(meeting.network_id), meeting, None, key=f"{meeting.pk}:{due.isoformat()}").told


def expected_today(network_id: UUID, day_ends: datetime) -> set[UUID]:
    """The people whom the worker will still ask before `day_ends`: nothing else takes their one mail of the day."""
    now = clock.now()
    near = Meeting.objects.filter(network=network_id, state__in=ANNOUNCED, starts_at__gt=now)
    rows = near.filter(starts_at__lte=day_ends + timedelta(hours=LONGEST_REMINDER)).select_related("network", "series")
    coming = [row for row in rows if any(now < at < day_ends for at in reminders_at(row))]
    return {person.user_id for row in coming for person in _people(row, list(silent_seats(row))) if person.user_id}
