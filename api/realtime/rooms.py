"""A room: the sockets that watch one meeting, and the end of its log as frames ready to send.

Every socket has a cursor, the last sequence it was sent, and is fed whatever follows that in the window. Joining, replaying, catching up
after a slow line and live pushing are therefore one thing: there is no moment at which an event could be missed or sent twice.
"""

import asyncio
import json
import logging
import time
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any
from uuid import UUID

from api.realtime import codes, eager, frames, presence, reads
from api.realtime.access import Rights
from api.realtime.frames import Message
from api.realtime.presence import Presence
from api.realtime.tickets import Ticket
from meetings.events.models import Event
from meetings.events.selectors import AUDIENCES

Send = Callable[[Message], Coroutine[Any, Any, None]]
log = logging.getLogger(__name__)


class Tail:
    """The frames of one audience after `since`, a sequence that this audience was sent."""

    def __init__(self, since: int) -> None:
        self.since = self.last = since
        self._sequences: list[int] = []
        self._messages: list[Message] = []

    def add(self, event: Event) -> None:
        self._messages.append(frames.event(event, self.last))
        self._sequences.append(event.sequence)
        self.last = event.sequence
        if len(self._sequences) >= 2 * reads.WINDOW:
            self._forget(reads.WINDOW)

    def _forget(self, count: int) -> None:
        self.since = self._sequences[count - 1]
        del self._sequences[:count], self._messages[:count]

    def holds(self, cursor: int | None) -> bool:
        """Whether everything after `cursor` is here."""
        return cursor is not None and cursor >= self.since

    def after(self, cursor: int) -> tuple[int, Message] | None:
        """The frame that follows `cursor`, with its sequence."""
        place = bisect_right(self._sequences, cursor)
        return (self._sequences[place], self._messages[place]) if place < len(self._sequences) else None


class Socket:
    """One connection. At most one frame is on its way; a line that blocks holds up nobody else and keeps no queue."""

    def __init__(self, room: "Room", send: Send, ticket: Ticket, *, staff: bool, cursor: int | None, place: str = "") -> None:
        self.room, self.ticket, self.staff, self.cursor, self.place = room, ticket, staff, cursor, place
        self.ended = False
        self.told_of = presence.NOT_TOLD
        """The last settling of the room's presence that it was told of."""
        self.heard = time.monotonic()
        self._send, self._busy = send, False
        self._shown: dict[UUID | str, Message] = {}

    def greet(self) -> None:
        """Hello, then what it has missed or a snapshot, then how the open polls stand."""
        for poll_id, message in self.room.tallies.items():
            self._shown[poll_id] = message
        self._busy = True
        eager.start(self._feed(frames.hello(self.room.tails[self.staff].last)))

    def feed(self) -> None:
        """Sends what follows the cursor, unless that is being done."""
        if not self._busy and not self.ended:
            self._busy = True
            eager.start(self._feed())

    def show(self, key: UUID | str, message: Message) -> None:
        """Sends a frame without a sequence after those that have one; a newer one of the same key replaces it."""
        self._shown[key] = message
        self.feed()

    def beat(self) -> None:
        """Its client lives, and is told that we do."""
        self.heard = time.monotonic()
        self.show("heartbeat", frames.HEARTBEAT)

    def unshow(self, key: UUID | str) -> None:
        self._shown.pop(key, None)

    def end(self, code: int) -> None:
        """Closes the socket and sends it nothing more."""
        if not self.ended:
            self.ended = True
            eager.start(self._close(code))

    async def _feed(self, first: Message | None = None) -> None:
        try:
            if first:
                await self._send(first)
            while not self.ended and (found := self._next() or await self._snapshot()):
                await self._send(found[1])
                if found[0] is not None:
                    self.cursor = found[0]
        except OSError:  # the client has gone
            self.ended = True
        except Exception:  # one socket's trouble is no other's
            log.exception("a socket of meeting %s cannot be fed", self.room.meeting_id)
            self.end(codes.TRY_AGAIN)
        finally:
            self._busy = False

    def _next(self) -> tuple[int | None, Message] | None:
        """The frame to send now, with its sequence if it has one; None when there is none, or when only a snapshot helps."""
        tail, cursor = self.room.tails[self.staff], self.cursor
        if cursor is None or not tail.holds(cursor):
            return None
        if cursor < tail.last:
            return tail.after(cursor)
        if self._shown:
            return None, self._shown.pop(next(iter(self._shown)))
        if self.told_of != self.room.presence.version and (who := self.room.presence.after(self.told_of)):
            self.told_of = self.room.presence.version
            return None, who
        return None

    async def _snapshot(self) -> tuple[int, Message] | None:
        """For who is too far behind."""
        if self.room.tails[self.staff].holds(self.cursor):
            return None
        return await self.room.snapshot(staff=self.staff)

    async def _close(self, code: int) -> None:
        try:
            await self._send(frames.close(code))
        except (OSError, RuntimeError):  # it was closed before
            return
        except Exception:  # one socket's trouble is no other's
            log.exception("a socket of meeting %s cannot be closed", self.room.meeting_id)


class Room:
    """The sockets of one meeting. `read` is how far its log has been read, `wanted` how far it is known to go."""

    def __init__(self, beginning: reads.Beginning, snapshots: reads.Reader) -> None:
        self.meeting_id, self.network_id, self.stream_id = beginning.meeting_id, beginning.network_id, beginning.stream_id
        self.read = self.wanted = beginning.since
        self.tails = {staff: Tail(beginning.before[staff]) for staff in AUDIENCES}
        self.tallies = beginning.tallies
        self.sockets: set[Socket] = set()
        self.presence = Presence()
        self.uncounted: set[UUID] = set()
        self._counted_out: set[UUID] = set()
        self._snapshots, self._built = snapshots, dict[bool, tuple[int, asyncio.Task[tuple[int, Message]]]]()
        self.take(beginning.events)
        self.uncounted.clear()

    def let_in(self, socket: Socket) -> None:
        self.sockets.add(socket)
        self.presence.enter(socket.ticket.user, socket.place)
        socket.greet()

    def let_out(self, socket: Socket) -> None:
        if socket in self.sockets:
            self.sockets.discard(socket)
            self.presence.leave(socket.ticket.user, socket.place)

    def people_alive(self, seconds: float) -> set[UUID]:
        """Whose sockets have beaten in the last `seconds`."""
        since = time.monotonic() - seconds
        return {socket.ticket.user for socket in self.sockets if socket.heard >= since and not socket.ended}

    def take(self, events: Iterable[Event]) -> None:
        """Appends what is new and feeds everybody; notes which polls are to be counted again."""
        for event in events:
            if event.sequence > self.read:
                self._append(event)
        self.wanted = max(self.wanted, self.read)
        for socket in tuple(self.sockets):
            socket.feed()

    def _append(self, event: Event) -> None:
        self.read = event.sequence
        for staff, audiences in AUDIENCES.items():
            if event.audience in audiences:
                self.tails[staff].add(event)
        if event.type == "vote.cast" and event.payload:
            self.uncounted.add(UUID(json.loads(event.payload)["poll"]))
        elif event.type == "poll.closed" and event.payload:
            self._closed(UUID(json.loads(event.payload)["id"]))

    def _closed(self, poll_id: UUID) -> None:
        """The event carries the final count: no interim one may follow it."""
        self._counted_out.add(poll_id)
        self.uncounted.discard(poll_id)
        self.tallies.pop(poll_id, None)
        for socket in self.sockets:
            socket.unshow(poll_id)

    def show_tallies(self, tallies: dict[UUID, Message]) -> None:
        """Pushes the counts, but for polls that were closed while they were being counted."""
        for poll_id in tallies.keys() - self._counted_out:
            self.tallies[poll_id] = message = tallies[poll_id]
            for socket in tuple(self.sockets):
                socket.show(poll_id, message)

    def settle(self, people: Mapping[UUID, Rights]) -> None:
        """Tells everybody what has changed in who is here, and whoever has come since the last time all of it."""
        changed = self.presence.settle(people)
        for socket in tuple(self.sockets):
            if socket.told_of == presence.NOT_TOLD:
                socket.told_of = presence.STALE
                news = self.presence.editing
            else:
                news = changed
            if socket.staff:
                for place, message in news.items():
                    socket.show(place, message)
            if socket.told_of != self.presence.version:
                socket.feed()

    async def snapshot(self, *, staff: bool) -> tuple[int, Message]:
        """The state with its sequence, built once for all who ask meanwhile and until the log grows."""
        read, building = self._built.get(staff, (-1, None))
        if building is None or (building.done() and (read != self.read or building.cancelled() or building.exception())):
            building = asyncio.get_running_loop().create_task(self._build(staff, self.tails[staff].last))
            self._built[staff] = (self.read, building)
        return await asyncio.shield(building)

    async def _build(self, staff: bool, sequence: int) -> tuple[int, Message]:
        return sequence, await self._snapshots.run(reads.snapshot, self.meeting_id, sequence, staff)
