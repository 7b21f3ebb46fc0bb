"""The embedded form dies while people work, and is restarted as an operator restarts it."""

import asyncio
import sqlite3
from collections.abc import Iterator

import pytest

from tests.scaled.client import Person, retry_after
from tests.scaled.embedded import Embedded
from tests.scaled.load import under_load, watching

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    running = Embedded(tmp_path_factory.mktemp("embedded"), seats=10)
    yield running
    running.kill()


@pytest.fixture
def embedded(started: Embedded) -> Embedded:
    if started.process.poll() is not None:
        started.begin()
    started.wait_until_ready()
    return started


async def leave(people: list[Person]) -> None:
    await asyncio.gather(*(person.close() for person in people))


def test_it_is_killed_four_times_and_then_restarted_under_load(embedded: Embedded) -> None:
    async def session() -> None:
        staff, members = [embedded.staff(n) for n in range(6)], [embedded.member(n) for n in range(10)]
        async with watching([*staff[:2], *members], embedded.seed.meeting) as pages, under_load(staff, embedded.seed.items[0]) as work:
            for _n in range(4):
                await work.some(8)
                embedded.kill()
                embedded.begin()
            await work.some(8)
            await asyncio.gather(*(page.opens() for page in pages))
            before = [page.connections for page in pages]
            assert await asyncio.to_thread(embedded.end) == 0
            embedded.begin()
            await asyncio.gather(*(page.opens(times=count + 1) for page, count in zip(pages, before, strict=True)))
            await work.some(8)
        assert work.retries
        assert all(retry_after(reason) for page in pages for code, reason in page.closings if code == 1012)
        await work.stored_once()
        await leave([*staff, *members])

    asyncio.run(session())


def test_a_request_under_way_is_answered_by_a_server_that_ends(embedded: Embedded) -> None:
    async def session() -> None:
        person = embedded.staff()
        database = sqlite3.connect(embedded.folder / "var" / "raccordo.sqlite3", isolation_level=None)
        database.execute("BEGIN IMMEDIATE")  # every write waits for this one
        path = f"/api/v1/agenda-items/{embedded.seed.items[0]}/notes/"
        answer = asyncio.create_task(person.http.post(path, json={"text": "At the last moment"}))
        await asyncio.sleep(1)
        ended = asyncio.create_task(asyncio.to_thread(embedded.end))
        await asyncio.sleep(0.5)
        assert not answer.done()
        database.execute("ROLLBACK")
        database.close()
        assert (await answer).status_code == 201
        assert await ended == 0
        await leave([person])

    asyncio.run(session())
