"""What the hub reads, in a thread and on a database connection of its own: HTTP requests and sockets do not wait for each other."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import connections
from django.db.models import Max, QuerySet

from api.realtime import frames
from meetings.access import Actor
from meetings.events.models import Event, EventStream
from meetings.events.selectors import AUDIENCES
from meetings.live import poll_selectors
from meetings.live import selectors as live
from meetings.live.models import Poll, PollState
from meetings.network.selectors import system_actor
from meetings.scheduling import selectors as scheduling
from meetings.scheduling.models import Meeting

P = ParamSpec("P")
T = TypeVar("T")

WINDOW = 500
"""How many of a meeting's last events can be replayed; whoever is further behind gets a snapshot."""
BATCH = 500


class Reader:
    """One thread, one connection, kept open; an error closes it, so the next read starts on a good one."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._pool.submit(_guarded, partial(function, *args, **kwargs)))

    def close(self) -> None:
        """Waits for the read under way, closes the connection and ends the thread."""
        self._pool.submit(connections.close_all)
        self._pool.shutdown()


def _guarded(read: Callable[[], T]) -> T:
    try:
        return read()
    except Exception:
        connections.close_all()
        raise


@dataclass(frozen=True, slots=True)
class Beginning:
    """All that a room needs to begin: the tail of a meeting's log, and how its open polls stand."""

    meeting_id: UUID
    network_id: UUID
    stream_id: UUID
    since: int
    last: int
    events: list[Event]
    before: dict[bool, int]
    """By audience (staff or not) the last sequence up to `since`."""
    tallies: dict[UUID, frames.Message]


def is_in(meeting_id: UUID, network_id: UUID) -> bool:
    """Whether the network has that meeting: to the people of any other it does not exist."""
    return Meeting.objects.filter(pk=meeting_id, network_id=network_id).exists()


def beginning(meeting_id: UUID) -> Beginning | None:
    """None when there is no such meeting."""
    stream = EventStream.objects.filter(meeting_id=meeting_id).first()
    if stream is None:
        return None
    since = max(0, stream.last_sequence - WINDOW)
    events = list(_events(stream.pk, since).filter(sequence__lte=stream.last_sequence))
    before = {staff: _last_of(stream.pk, since, staff=staff) for staff in AUDIENCES}
    polls = Poll.objects.filter(agenda_item__meeting=meeting_id, state=PollState.OPEN).values_list("pk", flat=True)
    return Beginning(meeting_id, stream.network_id, stream.pk, since, stream.last_sequence, events, before, tallies(polls))


def _events(stream_id: UUID, after: int) -> "QuerySet[Event]":
    return Event.objects.filter(stream=stream_id, sequence__gt=after).order_by("sequence")


def _last_of(stream_id: UUID, until: int, *, staff: bool) -> int:
    sent = Event.objects.filter(stream=stream_id, sequence__lte=until, audience__in=AUDIENCES[staff])
    return sent.aggregate(last=Max("sequence"))["last"] or 0


def events_after(stream_id: UUID, sequence: int) -> list[Event]:
    """The next events of a stream, of every audience: those that nobody is sent tell that something is to be counted again."""
    return list(_events(stream_id, sequence)[:BATCH])


def positions(stream_ids: Iterable[UUID]) -> list[tuple[UUID, int]]:
    """The last sequence of each stream."""
    return list(EventStream.objects.filter(pk__in=list(stream_ids)).values_list("pk", "last_sequence"))


def tallies(poll_ids: Iterable[UUID]) -> dict[UUID, frames.Message]:
    """How each of these polls stands, of those that are open."""
    polls = Poll.objects.filter(pk__in=list(poll_ids), state=PollState.OPEN)
    return {poll.pk: _as_it_stands(poll) for poll in polls}


def _as_it_stands(poll: Poll) -> frames.Message:
    return frames.turnout(poll.pk, poll_selectors.turnout(poll)) if poll.is_secret else frames.tally(poll.pk, poll_selectors.tally(poll))


def snapshot(meeting_id: UUID, sequence: int, staff: bool) -> frames.Message:
    """The state as the audience sees it, read after `sequence` was known: at least as new. Raises NotFound."""
    meeting: Meeting = scheduling.meeting(meeting_id)
    somebody = system_actor(meeting.network_id) if staff else Actor(meeting.network_id)
    return frames.snapshot(sequence, live.state(somebody, meeting))
