"""The hub: one per process, between the event log and the sockets. It reads each event once and feeds whoever watches the meeting.

A nudge says only that a stream has grown; what was written is read from the database. So a nudge that is lost, or a write in another
process, costs no more than the time until the next look at the streams.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError

from api.realtime import codes, frames, presence, reads
from api.realtime.codes import Refused
from api.realtime.door import Door
from api.realtime.flights import Flights
from api.realtime.line import LONGEST_PAUSE, Line, Message, backed_off
from api.realtime.rooms import Room, Send, Socket
from api.realtime.tickets import Ticket
from meetings.live.presence import prove

LOOK_EVERY = 1.5
"""Seconds between two looks at the streams and at who may still watch: what has changed takes effect within 2 s."""
TALLY_EVERY = 0.25
LONGEST_JOIN = 5.0
"""Seconds after which whoever wants in is told to try again: nobody waits in a queue that may never end."""
PROVE_EVERY = 30.0
SAY_ALL_EVERY = 5.0
DEAD_AFTER = 2.5 * frames.BEAT
"""Seconds without a heartbeat after which a socket is closed."""
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
        self._opening = Flights[None]()
        self._reader, self._snapshots, self._proofs = (reads.Reader(name) for name in ("hub", "hub-snapshots", "hub-proofs"))
        self._door = Door(self._reader)
        self._tasks: dict[object, asyncio.Task[None]] = {}
        self._run("look", self._repeat(self._look, LOOK_EVERY))
        self._run("prove", self._repeat(self._prove, PROVE_EVERY))
        self._line = Line(self._hear, self._line_is_up) if settings.REDIS_URL else None
        if self._line:
            self._run("line", self._line.keep_up())
            self._run("say all", self._repeat(self._say_all, SAY_ALL_EVERY))

    async def stop(self) -> None:
        """Ends the hub's tasks, threads and connections; sockets still open are told to come back."""
        self._loop = None
        if self._line:
            await self._line.say_goodbye()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), self._opening.end(), self._door.close(), return_exceptions=True)
        for socket in self._sockets():
            socket.end(codes.RESTART)
        for reader in (self._reader, self._snapshots, self._proofs):
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

    async def register(self, meeting_id: UUID, *, send: Send, ticket: Ticket, after: int | None, place: str = "") -> Socket:
        """Lets a socket in and starts feeding it what follows `after`; without it, or too far behind, a snapshot. Raises Refused.

        `place`: what the person is editing there; only the staff's is heeded.
        """
        if self._loop is None:
            raise Refused(codes.TRY_AGAIN)
        try:
            async with asyncio.timeout(LONGEST_JOIN):
                rights = await self._door.admit(meeting_id, ticket, age=2 * LOOK_EVERY)
                room = await self._room_at(meeting_id, after)
        except (DatabaseError, TimeoutError) as error:
            log.exception("nobody can join meeting %s", meeting_id)
            raise Refused(codes.TRY_AGAIN) from error
        known = after is not None and after <= room.read
        staff = rights.is_staff
        socket = Socket(room, send, ticket, staff=staff, cursor=after if known else None, place=place if staff else "")
        room.let_in(socket)
        self._settle_soon(room)
        return socket

    def unregister(self, socket: Socket) -> None:
        socket.ended = True
        socket.room.let_out(socket)
        self._settle_soon(socket.room)

    def _run(self, name: object, work: Coroutine[Any, Any, None]) -> None:
        """One task of each name at a time; it lives until it is done or the hub stops."""
        running = self._tasks.get(name)
        if self._loop is None or (running is not None and not running.done()):
            work.close()
            return
        self._tasks[name] = asyncio.get_running_loop().create_task(work)

    async def _repeat(self, work: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> None:
        """For ever, each time after a pause."""
        pause = seconds
        while True:
            await asyncio.sleep(pause)
            try:
                await work()
                pause = seconds
            except Exception:  # the hub outlives a database that is away
                log.exception("the hub's %s has failed", work.__name__)
                pause = await backed_off(min(pause, LONGEST_PAUSE))

    def _sockets(self) -> Iterator[Socket]:
        for room in self._rooms.values():
            yield from tuple(room.sockets)

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
        while meeting_id not in self._rooms:
            await self._opening.join(meeting_id, lambda: self._open(meeting_id))
        return self._rooms[meeting_id]

    async def _open(self, meeting_id: UUID) -> None:
        beginning = await self._reader.run(reads.beginning, meeting_id)
        if beginning is None:
            raise Refused(codes.NO_SUCH_MEETING)
        self._rooms[meeting_id] = self._streams[beginning.stream_id] = Room(beginning, self._snapshots)
        self._say({"type": "who", "meeting": meeting_id.hex})

    async def _catch_up(self, room: Room) -> None:
        pause = 0.1
        while room.wanted > room.read:
            try:
                await self._read_on(room)
            except Exception:  # whatever it is, the room is tried again
                log.exception("the events of meeting %s cannot be read", room.meeting_id)
                pause = await backed_off(pause)

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

    async def _look(self) -> None:
        """Finds what other processes wrote and who may no longer watch; gives up empty rooms."""
        if not self._rooms:
            return
        for stream_id, sequence in await self._reader.run(reads.positions, tuple(self._streams)):
            self.nudge(stream_id, sequence)
        signed_in_by = {socket.ticket.credential for socket in self._sockets()}
        await self._door.look({room.network_id for room in self._rooms.values()}, signed_in_by)
        since = time.monotonic() - DEAD_AFTER
        for socket in self._sockets():
            if objection := self._door.objection(socket.ticket) or (codes.SILENT if socket.heard < since else None):
                socket.end(objection)
                self.unregister(socket)
        for room in self._rooms.values():
            room.presence.forget_silent(time.monotonic())
            room.presence.changed = True  # names and roles may have
            self._settle_soon(room)
        self._give_up_empty_rooms()

    def _give_up_empty_rooms(self) -> None:
        looks = {room.meeting_id: self._empty_looks.get(room.meeting_id, 0) + 1 for room in self._rooms.values() if not room.sockets}
        self._empty_looks = {meeting_id: count for meeting_id, count in looks.items() if count < EMPTY_LOOKS}
        for meeting_id in looks.keys() - self._empty_looks.keys():
            room = self._rooms.pop(meeting_id)
            del self._streams[room.stream_id]
            self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}

    # Who is there

    def _settle_soon(self, room: Room) -> None:
        self._run(("presence", room.stream_id), self._settle(room))

    async def _settle(self, room: Room) -> None:
        """Several times a second at most, and the more rarely, the more are to be told."""
        while room.presence.changed:
            await asyncio.sleep(max(presence.SETTLES_EVERY, len(room.sockets) / presence.FRAMES_A_SECOND))
            room.settle(self._door.people(room.network_id))
            if news := room.presence.news():
                self._say({"type": "presence", "meeting": room.meeting_id.hex, **news})

    async def _prove(self) -> None:
        """Whoever's client was heard of lately is at the meeting still."""
        for room in tuple(self._rooms.values()):
            if people := room.people_alive(DEAD_AFTER):
                await self._proofs.run(prove, room.meeting_id, people)

    # The other processes

    def _say(self, message: Message) -> None:
        if self._line:
            self._line.say(message)

    async def _say_all(self) -> None:
        for room in self._rooms.values():
            self._say_everybody(room)

    def _say_everybody(self, room: Room) -> None:
        if room.sockets:
            self._say({"type": "presence", "meeting": room.meeting_id.hex, **room.presence.everybody()})

    def _line_is_up(self) -> None:
        """Nobody knows what was said meanwhile."""
        self._run("look at once", self._look_at_once())
        for room in self._rooms.values():
            self._say_everybody(room)
            self._say({"type": "who", "meeting": room.meeting_id.hex})

    async def _look_at_once(self) -> None:
        try:
            await self._look()
        except Exception:  # the next look is soon
            log.exception("the hub cannot look at the streams")

    def _hear(self, message: Message) -> None:
        """What another process says. Raises KeyError, TypeError, ValueError for what makes no sense."""
        if message["type"] == "nudge":
            for stream, sequence in message["streams"].items():
                self.nudge(UUID(stream), int(sequence))
        if message["type"] == "gone":
            for each in self._rooms.values():
                each.presence.forget(message["from"])
                self._settle_soon(each)
        room = self._rooms.get(UUID(message["meeting"])) if "meeting" in message else None
        if room and message["type"] == "who":
            self._say_everybody(room)
        elif room and message["type"] == "presence":
            room.presence.hear(message["from"], message, time.monotonic())
            self._settle_soon(room)
