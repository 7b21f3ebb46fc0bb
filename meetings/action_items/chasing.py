"""Asking for what was promised: two days before it is due, the day after, then every week; nobody gets two such mails in a day.

An item holds the next day on which it is asked about. When that day comes whoever answers for it gets one mail about everything of
theirs; from the second time that something is overdue the zone's spokesperson is told too.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from meetings import clock
from meetings.access import Role
from meetings.action_items.models import UNFINISHED, ActionItem
from meetings.network.models import Membership, Municipality, Network
from meetings.network.selectors import memberships, recipients, today
from meetings.notifications.services import Recipient, notify
from meetings.notifications.told import chased
from meetings.scheduling.reminders import expected_today, lock_mails_of_the_day

BEFORE = timedelta(days=2)
WEEK = timedelta(days=7)
FROM = time(8)
"""Nobody is asked at night: the hour on the network's clocks from which a day's mails go out."""


@dataclass
class Digest:
    """One person's mail of the day, as items by what they are to the person."""

    person: Recipient
    items: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"due": [], "overdue": [], "zone": []})

    @property
    def kind(self) -> str:
        return "action_overdue" if self.items["overdue"] or self.items["zone"] else "action_due"

    @property
    def recipient(self) -> Recipient:
        person = self.person
        return Recipient(person.address, person.name, person.language, person.user_id, self.items)


def chase_action_items() -> int:
    """Asks about every item whose day has come, in each network from eight in the morning; how many mails."""
    waiting = Network.objects.filter(pk__in=_to_ask(clock.now().date() + timedelta(days=1)).values("network"))
    return sum(_chase(network) for network in waiting.order_by("pk") if clock.now().astimezone(network.zone).time() >= FROM)


def _to_ask(day: date) -> "QuerySet[ActionItem]":
    come = Q(chase_on__isnull=True) | Q(chase_on__lte=day)
    return ActionItem.objects.filter(come, state__in=UNFINISHED, due_on__lte=day + BEFORE)


@transaction.atomic
def _chase(network: Network) -> int:
    day = today(network)
    rows = _to_ask(day).filter(network=network).select_for_update(of=("self",), no_key=True)
    items = list(rows.select_related("owner__zone", "owner__merged_into__zone").order_by("due_on", "number"))
    lock_mails_of_the_day(network.pk)
    digests = _digests(network, day, items) if items else {}
    return sum(_send(network, day, kind, digests.values()) for kind in ("action_overdue", "action_due"))


def _digests(network: Network, day: date, items: list[ActionItem]) -> dict[str, Digest]:
    """Every person's mail, by address; each item is given the day on which it is asked about next."""
    answerable, busy = Answerable(network, day), _busy(network, day)
    found: dict[str, Digest] = {}
    for item in items:
        owners, late = answerable.for_(item), _times_overdue(item, day)
        if day < (begins := _begins(network, item)):
            item.chase_on = begins
        elif owners and not _free(owners, busy):
            item.chase_on = day + timedelta(days=1)
        else:
            item.chase_on = _next(item, day)
            helpers = answerable.spokespersons(item) if late >= 1 else []
            for row in _free(owners, busy):
                _add(found, row, item, "overdue" if late >= 0 else "due")
            for row in _free(helpers, busy):
                _add(found, row, item, "zone")
    ActionItem.objects.bulk_update(items, ["chase_on"])
    return found


def _free(people: list[Recipient], busy: set[str | UUID]) -> list[Recipient]:
    return [row for row in people if row.address not in busy and row.user_id not in busy]


def _busy(network: Network, day: date) -> set[str | UUID]:
    """Who has had today's mail, and who is to be asked for an answer to an invitation later in the day."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, network.zone)
    return {*chased(network.pk, day), *expected_today(network.pk, midnight)}


def _due(item: ActionItem) -> date:
    return item.due_on or date.max  # whoever has no due date is not among them


def _begins(network: Network, item: ActionItem) -> date:
    """Not on the day it was given: its owner has just been told."""
    return max(_due(item) - BEFORE, item.created_at.astimezone(network.zone).date() + timedelta(days=1))


def _times_overdue(item: ActionItem, day: date) -> int:
    """How many times its owner has been told, as the days go, that it is overdue; negative when it is not."""
    return (day - _due(item) - timedelta(days=1)) // WEEK


def _next(item: ActionItem, day: date) -> date:
    return _due(item) + timedelta(days=1) + WEEK * (_times_overdue(item, day) + 1)


def _add(found: dict[str, Digest], person: Recipient, item: ActionItem, group: str) -> None:
    """An owner who also speaks for the zone is told of an item once."""
    digest = found.setdefault(person.address, Digest(person))
    if all(row["id"] != item.pk for rows in digest.items.values() for row in rows):
        owner = item.owner.name if item.owner else ""
        digest.items[group].append({"id": item.pk, "number": item.number, "title": item.title, "due_on": item.due_on, "owner": owner})


def _send(network: Network, day: date, kind: str, digests: Iterable[Digest]) -> int:
    people = [digest.recipient for digest in digests if digest.kind == kind]
    return notify(kind, people, key=f"{network.pk}:{day.isoformat()}", network_id=network.pk, chase_day=day) if people else 0


class Answerable:
    """Who answers for an item: the first representative of its owner, or of what its owner has merged into; of the office's, the office."""

    def __init__(self, network: Network, day: date) -> None:
        self._day = day
        self._zones: dict[UUID, list[Membership]] = defaultdict(list)
        self._seats: dict[UUID, Membership] = {}
        self._office: list[Membership] = []
        rows = memberships(network, day).filter(user__is_active=True)
        for row in rows.filter(role__in=(Role.REPRESENTATIVE, Role.SPOKESPERSON, Role.COORDINATOR)).order_by("order", "id"):
            if row.municipality_id:
                self._seats.setdefault(row.municipality_id, row)
            elif row.zone_id:
                self._zones[row.zone_id].append(row)
            else:
                self._office.append(row)

    def for_(self, item: ActionItem) -> list[Recipient]:
        if item.owner is None:
            return recipients(self._office)
        seat = self._seats.get(successor(item.owner, self._day).pk)
        return recipients([seat] if seat else [])

    def spokespersons(self, item: ActionItem) -> list[Recipient]:
        return recipients(self._zones[successor(item.owner, self._day).zone_id] if item.owner else [])


def successor(municipality: Municipality, day: date) -> Municipality:
    """What it has merged into by `day`, or itself."""
    while municipality.merged_into and municipality.valid_until and municipality.valid_until < day:
        municipality = municipality.merged_into
    return municipality
