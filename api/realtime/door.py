"""The door of the rooms: who may come in and who may stay, by rights that are read for all at once."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from api.realtime import access, codes, reads
from api.realtime.access import Access, Rights
from api.realtime.codes import Refused
from api.realtime.flights import Flights
from api.realtime.tickets import Ticket

REMEMBERED = 60.0
"""Seconds for which a network's rights are read on after somebody last asked about it: longer than anybody takes to come in."""


class Door:
    """Knows everybody's rights in the networks asked about, as of the last reading."""

    def __init__(self, reader: reads.Reader) -> None:
        self._reader, self._flights, self._access = reader, Flights[None](), Access()
        self._asked: dict[UUID, float] = {}
        self._sign_ins, self._inside, self._at_door = access.SignIns(), frozenset[str](), list[str]()

    async def admit(self, meeting_id: UUID, ticket: Ticket, *, age: float) -> Rights:
        """The rights of the ticket's holder, at most `age` seconds old; whoever would be refused is looked up anew. Raises Refused."""
        if ticket.meeting != meeting_id:
            known = await self._reader.run(reads.is_in, meeting_id, ticket.network)
            raise Refused(codes.TICKET if known else codes.NO_SUCH_MEETING)
        now = time.monotonic()
        self._at_door.append(ticket.credential)
        try:
            await self._know([ticket.network], since=now - age, credential=ticket.credential)
            if self._access.objection(ticket):
                await self._know([ticket.network], since=now, credential=ticket.credential)
        finally:
            self._at_door.remove(ticket.credential)
        objection, rights = self._access.objection(ticket), self._access.rights(ticket)
        if objection or rights is None:
            raise Refused(objection or codes.ACCESS_ENDED)
        return rights

    async def look(self, networks: Iterable[UUID], credentials: Iterable[str]) -> None:
        """Reads everybody's rights in these networks anew, and whether these sign-ins are still good; those that nobody asks about any
        longer are forgotten.
        """
        now = time.monotonic()
        self._inside = frozenset(credentials)
        self._asked = {network: asked for network, asked in self._asked.items() if asked > now - REMEMBERED}
        await self._know(networks, since=now)

    def objection(self, ticket: Ticket) -> int | None:
        """The code to close with, as of the last reading; None when all is well."""
        return self._access.objection(ticket)

    def people(self, network_id: UUID) -> Mapping[UUID, Rights]:
        """Everybody in the network, as of the last reading."""
        return self._access.networks.get(network_id, {})

    async def close(self) -> None:
        await self._flights.end()

    async def _know(self, networks: Iterable[UUID], *, since: float, credential: str = "") -> None:
        """Until the rights in these networks, and the sign-in, were read no earlier than `since`. Two readings at most: one may be under
        way without them.
        """
        wanted, now = set(networks), time.monotonic()
        self._asked |= dict.fromkeys(wanted, now)
        while self._access.read_at < since or not wanted <= self._access.networks.keys():
            await self._flights.join("access", self._read)
        while not self._access.knows(credential):
            await self._flights.join("sign-ins", self._read_sign_ins)

    async def _read(self) -> None:
        credentials = self._inside.union(self._at_door)
        self._access = await self._reader.run(access.load, tuple(self._asked), credentials, self._sign_ins)

    async def _read_sign_ins(self) -> None:
        """Of those at the door alone: what they may do there is known already."""
        found = await self._reader.run(self._sign_ins.good, frozenset(self._at_door))
        self._access = replace(self._access, credentials={**found, **self._access.credentials})
