"""Where the session is now: the current item and its time, what comes next, and when a municipality's own items are likely to."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from meetings.access import Actor
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import running_order
from meetings.scheduling.models import Meeting, MeetingState

NEAR = 2
"""How many items before its own a municipality is told."""


class Coming(NamedTuple):
    """An item whose turn is still to come. `items_before`: how many are dealt with before it, the current one included."""

    item: AgendaItem
    starts_about: datetime
    items_before: int

    @property
    def is_own(self) -> bool:
        """Needs `with_own`."""
        return bool(getattr(self.item, "is_own", False))

    @property
    def is_near(self) -> bool:
        return self.items_before <= NEAR


def ends_at(meeting: Meeting, current: AgendaItem | None) -> datetime | None:
    """Until when the item under discussion has time, what the chair has added included."""
    if current is None or meeting.current_item_since is None:
        return None
    return meeting.current_item_since + timedelta(minutes=current.duration_minutes + meeting.current_item_extra_minutes)


def coming(meeting: Meeting, items: Iterable[AgendaItem], now: datetime) -> list[Coming]:
    """The items still to come, in their order: after the current one, then those passed over; when, if each keeps to its minutes."""
    rows = list(items)
    current = next((item for item in rows if item.pk == meeting.current_item_id), None)
    is_open = meeting.state == MeetingState.IN_SESSION
    at = max(now, ends_at(meeting, current) or now) if is_open else meeting.starts_at
    found = []
    for n, item in enumerate(_to_come(rows, current)):
        found.append(Coming(item, at, n + (current is not None)))
        at += timedelta(minutes=item.duration_minutes)
    return found


def _to_come(rows: Iterable[AgendaItem], current: AgendaItem | None) -> list[AgendaItem]:
    place = (current.position or 0) if current else 0
    waiting = [item for item in rows if item.state == ItemState.ACCEPTED and item != current]
    return sorted(waiting, key=lambda item: ((item.position or 0) < place, item.position or 0))


def with_own(rows: QuerySet[AgendaItem], seats: Collection[UUID]) -> QuerySet[AgendaItem]:
    """The items, each with `is_own`: whether one of these municipalities has proposed it, alone or with others."""
    together = AgendaItem.co_proposers.through.objects.filter(agendaitem=OuterRef("pk"), municipality__in=seats)
    return rows.annotate(is_own=Q(proposer__in=seats) | Exists(together) if seats else Value(False))


def where(actor: Actor, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """The same as an object; before the agenda is published there is nothing in it."""
    agenda = with_own(running_order(meeting).prefetch_related(None), actor.open_seats)
    items = list(agenda) if meeting.agenda_published_at else []
    current = next((item for item in items if item.pk == meeting.current_item_id), None)
    rows = coming(meeting, items, now) if meeting.state in (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION) else []
    return {
        "current_item": current.pk if current else None,
        "since": meeting.current_item_since,
        "ends_at": ends_at(meeting, current),
        "next": rows[0].item.pk if rows else None,
        "mine": [
            {"agenda_item": row.item.pk, "starts_about": row.starts_about, "items_before": row.items_before} for row in rows if row.is_own
        ],
        "server_time": now,
    }
