"""The hub: one per process, between the event log and the sockets. It reads each event once and feeds whoever watches the meeting.

A nudge says only that a stream has grown; what was written is read from the database. So a nudge that is lost, or a write in another
process, costs no more than the time until the next look at the streams.
"""

import asyncio
import logging
import random
from collections.abc import Coroutine, Iterator
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from api.realtime import access, codes, reads
from api.realtime.access import Access
from api.realtime.codes import Refused
from api.realtime.rooms import Room, Send, Socket
from api.realtime.tickets import Ticket

LOOK_EVERY = 1.5
"""Seconds between two looks at the streams and at who may still watch: what has changed takes effect within 2 s."""
TALLY_EVERY = 0.25
LONGEST_PAUSE = 5.0
EMPTY_LOOKS = 20
"""After so many looks at an empty room it is given up."""
log = logging.getLogger(__name__)


class Hub:
    """Call everything but `notify` on the event loop that `start` ran on."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Begins to watch the streams. A hub that was stopped can be started again."""
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[UUID, Room] = {}
        self._streams: dict[UUID, Room] = {}
        self._empty_looks: dict[UUID, int] = {}
        self._access = Access()
        self._opening, self._reloading = asyncio.Lock(), asyncio.Lock()
        self._reader, self._snapshots = reads.Reader("hub"), reads.Reader("hub-snapshots")
        self._tasks: dict[object, asyncio.Task[None]] = {}
        self._run("look", self._look_for_ever())

    async def stop(self) -> None:
        """Ends the hub's tasks, threads and connections; sockets still open are told to come back."""
        self._loop = None
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for socket in self._sockets():
            socket.end(codes.RESTART)
        for reader in (self._reader, self._snapshots):
            await asyncio.to_thread(reader.close)

    def notify(self, stream_id: UUID, sequence: int) -> None:
        """The listener of the event log: returns at once, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.nudge, stream_id, sequence)

    def nudge(self, stream_id: UUID, sequence: int) -> None:
        """The stream is at `sequence` by now: whatever is new goes out. Any number of nudges make one read."""
        room = self._streams.get(stream_id)
        if room is not None and sequence > room.wanted:
            room.wanted = sequence
            self._run(("catch up", stream_id), self._catch_up(room))

    async def register(self, meeting_id: UUID, *, send: Send, ticket: Ticket, after: int | None) -> Socket:
        """Lets a socket in and starts feeding it what follows `after`; without it, or too far behind, a snapshot. Raises Refused."""
        if self._loop is None:
            raise Refused(codes.TRY_AGAIN)
        try:
            staff = await self._admit(meeting_id, ticket)
            room = await self._room_at(meeting_id, after)
        except DatabaseError as error:
            log.exception("nobody can join meeting %s", meeting_id)
            raise Refused(codes.TRY_AGAIN) from error
        known = after is not None and after <= room.read
        socket = Socket(room, send, ticket, staff=staff, cursor=after if known else None)
        room.sockets.add(socket)
        socket.greet()
        return socket

    def unregister(self, socket: Socket) -> None:
        socket.ended = True
        socket.room.sockets.discard(socket)

    def _run(self, name: object, work: Coroutine[Any, Any, None]) -> None:
        """One task of each name at a time; it lives until it is done or the hub stops."""
        running = self._tasks.get(name)
        if running is not None and not running.done():
            work.close()
            return
        self._tasks[name] = asyncio.get_running_loop().create_task(work)

    def _sockets(self) -> Iterator[Socket]:
        for room in self._rooms.values():
            yield from tuple(room.sockets)

    # Who may watch

    async def _admit(self, meeting_id: UUID, ticket: Ticket) -> bool:
        """Whether the ticket's holder is staff, by rights read no longer ago than a look or two. Raises Refused."""
        if ticket.meeting != meeting_id:
            known = await self._reader.run(reads.is_in, meeting_id, ticket.network)
            raise Refused(codes.TICKET if known else codes.NO_SUCH_MEETING)
        if not self._access.is_fresh(2 * LOOK_EVERY) or self._access.objection(ticket):
            await self._reload_for(ticket)
        if objection := self._access.objection(ticket):
            raise Refused(objection)
        rights = self._access.rights(ticket)
        return rights is not None and rights.is_staff

    async def _reload_for(self, ticket: Ticket) -> None:
        before = self._access
        async with self._reloading:
            if self._access is before or self._access.objection(ticket):
                await self._reload(ticket.network)

    async def _reload(self, *more: UUID) -> None:
        self._access = await self._reader.run(access.load, {room.network_id for room in self._rooms.values()}.union(more))

    # Rooms

    async def _room_at(self, meeting_id: UUID, after: int | None) -> Room:
        """The room of a meeting; when it is not as far as `after`, another process has written, and it reads on first."""
        room = await self._room(meeting_id)
        if after is None or after <= room.read:
            return room
        await self._read_on(room)
        return await self._room(meeting_id)

    async def _room(self, meeting_id: UUID) -> Room:
        """The room of a meeting, opened when there is none. When there is one this does not wait. Raises Refused."""
        if room := self._rooms.get(meeting_id):
            return room
        async with self._opening:
            if meeting_id not in self._rooms:
                await self._open(meeting_id)
        return self._rooms[meeting_id]

    async def _open(self, meeting_id: UUID) -> None:
        beginning = await self._reader.run(reads.beginning, meeting_id)
        if beginning is None:
            raise Refused(codes.NO_SUCH_MEETING)
        self._rooms[meeting_id] = self._streams[beginning.stream_id] = Room(beginning, self._snapshots)

    async def _catch_up(self, room: Room) -> None:
        pause = 0.1
        while room.wanted > room.read:
            try:
                await self._read_on(room)
            except Exception:  # whatever it is, the room is tried again
                log.exception("the events of meeting %s cannot be read", room.meeting_id)
                pause = await _backed_off(pause)

    async def _read_on(self, room: Room) -> None:
        wanted = room.wanted
        events = await self._reader.run(reads.events_after, room.stream_id, room.read)
        room.take(events)
        if not events and room.wanted == wanted:
            room.wanted = room.read  # the nudge was wrong
        if room.uncounted:
            self._run(("tally", room.stream_id), self._count(room))

    async def _count(self, room: Room) -> None:
        """Pushes how the open polls stand, at most four times a second."""
        while room.uncounted:
            polls, room.uncounted = room.uncounted, set()
            try:
                room.show_tallies(await self._reader.run(reads.tallies, polls))
            except Exception:  # the next vote counts again
                log.exception("the polls of meeting %s cannot be counted", room.meeting_id)
            await asyncio.sleep(TALLY_EVERY)

    # Looking

    async def _look_for_ever(self) -> None:
        pause = LOOK_EVERY
        while True:
            await asyncio.sleep(pause)
            try:
                await self._look()
                pause = LOOK_EVERY
            except Exception:  # the hub outlives a database that is away
                log.exception("the hub cannot look at the streams")
                pause = await _backed_off(pause)

    async def _look(self) -> None:
        """Finds what other processes wrote and who may no longer watch; gives up empty rooms."""
        if not self._rooms:
            return
        for stream_id, sequence in await self._reader.run(reads.positions, tuple(self._streams)):
            self.nudge(stream_id, sequence)
        await self._reload()
        for socket in self._sockets():
            if objection := self._access.objection(socket.ticket):
                socket.end(objection)
                self.unregister(socket)
        self._give_up_empty_rooms()

    def _give_up_empty_rooms(self) -> None:
        looks = {room.meeting_id: self._empty_looks.get(room.meeting_id, 0) + 1 for room in self._rooms.values() if not room.sockets}
        self._empty_looks = {meeting_id: count for meeting_id, count in looks.items() if count < EMPTY_LOOKS}
        for meeting_id in looks.keys() - self._empty_looks.keys():
            room = self._rooms.pop(meeting_id)
            del self._streams[room.stream_id]
            self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}


async def _backed_off(pause: float) -> float:
    """Waits about `pause` seconds; gives the next pause."""
    await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, keeps no secret
    return min(pause * 2, LONGEST_PAUSE)
