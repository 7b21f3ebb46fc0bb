"""Who is in a room and what they are editing: people, however many sockets they have, in this process and in the others.

Nothing is sent when somebody comes or goes. Several times a second at most a room *settles*: what has changed since the last time is
one frame for everybody, encoded once. A socket knows which settling it was told of last; who missed one is told the whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.realtime import frames
from api.realtime.access import Rights
from api.realtime.frames import Message

SETTLES_EVERY = 0.25
"""Seconds."""
FRAMES_A_SECOND = 1000
"""A room of more sockets settles more rarely, so that a crowd that comes in costs no more than this."""
MOST_NAMED = 500
"""With more people than this frames carry ids alone."""
SILENT_AFTER = 15.0
"""Seconds after which a process that says nothing of a room has nobody in it: it was killed."""

Spot = tuple[UUID, str]
"""Somebody, and where: in the room (""), or at the thing there that they are editing ("note:…")."""
NOT_TOLD, STALE = -2, -1
"""Instead of the number of a settling: a socket that waits for the next one, and one that is to be told the whole."""


@dataclass(slots=True)
class Elsewhere:
    """What another process has said of its people, and when."""

    spots: set[Spot]
    heard: float


class Presence:
    """The presence in one room. `version` counts the settlings at which something had changed."""

    def __init__(self) -> None:
        self.version, self.count, self.changed = 0, 0, False
        self.editing: dict[str, Message] = {}
        """The frames for the staff of what is being edited, by place."""
        self._here: Counter[Spot] = Counter()
        self._elsewhere: dict[str, Elsewhere] = {}
        self._said: frozenset[Spot] = frozenset()
        self._present: dict[UUID, Rights] = {}
        self._delta: Message = {}
        self._whole: Message | None = None

    def enter(self, user: UUID, place: str) -> None:
        for spot in _spots(user, place):
            self._here[spot] += 1
        self.changed = True

    def leave(self, user: UUID, place: str) -> None:
        for spot in _spots(user, place):
            self._here[spot] -= 1
            if not self._here[spot]:
                del self._here[spot]
        self.changed = True

    # What the sockets are told

    def settle(self, people: Mapping[UUID, Rights]) -> dict[str, Message]:
        """Takes stock; the staff's frames of the places where something has changed. Who is none of the network's `people` is not there."""
        self.changed = False
        spots = set(self._here).union(*(process.spots for process in self._elsewhere.values()))
        before, count = self._present, self.count
        present = {user: people[user] for user, place in spots if not place and user in people}
        self._present = {user: rights for user, rights in present.items() if rights.is_named}
        self.count = len(present)
        joined = [user for user, rights in self._present.items() if _seen_as(rights) != _seen_as(before.get(user))]
        left = [user for user in before if user not in self._present]
        if joined or left or count != self.count:
            self.version += 1
            self._delta, self._whole = frames.presence(self._entries(joined), left, self.count), None
        return self._settle_editing({(user, place) for user, place in spots if place and user in present}, people)

    def after(self, version: int) -> Message | None:
        """What a socket that was told of that settling is told now."""
        if version in (NOT_TOLD, self.version):
            return None
        if version == self.version - 1 and version != STALE:
            return self._delta
        if self._whole is None:
            self._whole = frames.presence(self._entries(self._present), [], self.count, whole=True)
        return self._whole

    def _entries(self, users: Iterable[UUID]) -> list[Any]:
        return list(users) if self.count > MOST_NAMED else [_entry(user, self._present[user]) for user in users]

    def _settle_editing(self, spots: set[Spot], people: Mapping[UUID, Rights]) -> dict[str, Message]:
        at: dict[str, list[dict[str, Any]]] = {place: [] for place in self.editing}
        for user, place in sorted(spots, key=lambda spot: (people[spot[0]].person, spot[0].hex)):
            at.setdefault(place, []).append({"id": user, "name": people[user].person})
        now, before = {place: frames.editing(place, some) for place, some in at.items()}, self.editing
        self.editing = {place: message for place, message in now.items() if at[place]}
        return {place: message for place, message in now.items() if message != before.get(place)}

    # What the processes tell each other

    def news(self) -> dict[str, list[str]] | None:
        """What has changed in this process since it was last said."""
        said, self._said = self._said, frozenset(self._here)
        joined, left = self._said - said, said - self._said
        return {"joined": _written(joined), "left": _written(left)} if joined or left else None

    def everybody(self) -> dict[str, list[str]]:
        """All who are in this process: mends whatever was lost."""
        self._said = frozenset(self._here)
        return {"all": _written(self._said)}

    def hear(self, process: str, said: Mapping[str, list[str]], now: float) -> None:
        """Takes in what another process says. Raises ValueError for what makes no sense."""
        known = self._elsewhere.setdefault(process, Elsewhere(set(), now))
        spots = set(_read(said["all"])) if "all" in said else known.spots.union(_read(said["joined"])).difference(_read(said["left"]))
        known.heard = now
        if spots != known.spots:
            known.spots, self.changed = spots, True

    def forget(self, process: str) -> None:
        if self._elsewhere.pop(process, None):
            self.changed = True

    def forget_silent(self, now: float) -> None:
        for process in [name for name, known in self._elsewhere.items() if known.heard < now - SILENT_AFTER]:
            self.forget(process)


def _spots(user: UUID, place: str) -> Iterator[Spot]:
    yield user, ""
    if place:
        yield user, place


def _seen_as(rights: Rights | None) -> tuple[Any, ...] | None:
    return (rights.municipality, rights.municipality_name, rights.person) if rights else None


def _entry(user: UUID, rights: Rights) -> dict[str, Any]:
    return {"id": user, "municipality": rights.municipality, "name": rights.municipality_name, "person": rights.person}


def _written(spots: Iterable[Spot]) -> list[str]:
    return [user.hex + place for user, place in spots]


def _read(spots: Iterable[str]) -> Iterator[Spot]:
    return ((UUID(text[:32]), text[32:]) for text in spots)
