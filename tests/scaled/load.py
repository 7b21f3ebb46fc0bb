"""People who write for as long as a test disturbs them, and what must hold afterwards."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.scaled.client import Person, Watcher, Written, hold_the_history

PAUSE = 0.2
"""Seconds between two writes of one person."""
_numbers = itertools.count(1)


@dataclass
class Work:
    """What was written so far: the text of each and what became of it, decisions (for members) and notes (for staff) in turn."""

    people: Sequence[Person]
    item: str
    written: dict[str, dict[str, Written]] = field(default_factory=lambda: {"decisions": {}, "notes": {}})

    @property
    def count(self) -> int:
        return sum(map(len, self.written.values()))

    @property
    def retries(self) -> int:
        """How many times something had to be sent again."""
        return sum(written.tries - 1 for kind in self.written.values() for written in kind.values())

    async def one(self, person: Person) -> None:
        """Writes one more."""
        number = next(_numbers)
        kind, text = ("decisions", "notes")[number % 2], f"Number {number}"
        self.written[kind][text] = await person.write(f"agenda-items/{self.item}/{kind}/", {"text": text})

    async def some(self, count: int) -> None:
        """Waits until so many more are written."""
        enough = self.count + count
        async with asyncio.timeout(120):
            while self.count < enough:  # noqa: ASYNC110 - it is others who write
                await asyncio.sleep(0.02)

    async def stored_once(self) -> None:
        """Every text that was acknowledged is there once, under the id that the answer gave."""
        for kind, written in self.written.items():
            rows = await self.people[0].list(f"agenda-items/{self.item}/{kind}/?limit=500")
            ids = {row["text"]: row["id"] for row in rows}
            counts = Counter(row["text"] for row in rows)
            assert {text: counts[text] for text in written} == dict.fromkeys(written, 1)
            assert {text: ids[text] for text in written} == {text: done.object["id"] for text, done in written.items()}


@asynccontextmanager
async def under_load(people: Sequence[Person], item: str) -> AsyncIterator[Work]:
    """All of them write all the time, until the block ends and each has its last acknowledgement."""
    work, over = Work(people, item), asyncio.Event()

    async def write(person: Person) -> None:
        while not over.is_set():
            await work.one(person)
            await asyncio.sleep(PAUSE)

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(write(person))
        try:
            yield work
        finally:
            over.set()


@asynccontextmanager
async def watching(people: Sequence[Person], meeting: str) -> AsyncIterator[list[Watcher]]:
    """Each of them watches; all are connected when the block begins. It ends with everybody holding the exact history."""
    async with AsyncExitStack() as open_lines:
        watchers = [await open_lines.enter_async_context(person.watch(meeting)) for person in people]
        await asyncio.gather(*(watcher.opens() for watcher in watchers))
        yield watchers
        await hold_the_history(watchers)
        assert {watcher.snapshots for watcher in watchers} == {1}, "a history was lost and begun anew"
