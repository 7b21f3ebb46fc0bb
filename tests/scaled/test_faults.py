"""Parts of the scaled-out form die while people work. Nothing that was acknowledged is lost or done twice, and every page catches up."""

import asyncio
import signal

import pytest

from tests.scaled.client import Person, retry_after
from tests.scaled.load import under_load, watching
from tests.scaled.stack import Stack

pytestmark = [pytest.mark.scaled, pytest.mark.timeout(400)]
SERVERS = ("gunicorn", "uvicorn 1", "uvicorn 2")


def crowd(stack: Stack) -> tuple[list[Person], list[Person]]:
    """Who writes, and who watches."""
    staff = [stack.staff(n) for n in range(6)]
    return staff, [*staff[:4], *(stack.member(n) for n in range(8))]


def test_redis_is_killed_and_comes_back(stack: Stack) -> None:
    async def session() -> None:
        staff, watchers = crowd(stack)
        async with watching(watchers, stack.seed.meeting) as pages, under_load(staff, stack.seed.items[0]) as work:
            await work.some(10)
            stack.kill("redis")
            await work.some(15)
            ready = await staff[0].http.get("/readyz")
            assert (ready.status_code, ready.json()["redis"]) == (503, "failed")
            stack.begin("redis")
            await work.some(15)
        assert work.retries == 0, "no write waits for Redis"
        assert {page.connections for page in pages} == {1}, "no page noticed"
        await work.stored_once()

    stack.run(session)


def test_a_uvicorn_process_is_killed_and_started_again(stack: Stack) -> None:
    async def session() -> None:
        staff, watchers = crowd(stack)
        async with watching(watchers, stack.seed.meeting) as pages, under_load(staff, stack.seed.items[0]) as work:
            await work.some(10)
            stack.kill("uvicorn 1")
            await work.some(10)
            lost = [page for page in pages if page.closings]
            assert len(lost) == len(pages) / 2
            await asyncio.gather(*(page.opens(times=2) for page in lost))
            stack.begin("uvicorn 1")
            await work.some(10)
        assert work.retries == 0, "HTTP goes another way"
        await work.stored_once()

    stack.run(session)


def test_gunicorns_workers_are_killed_while_they_write(stack: Stack) -> None:
    async def session() -> None:
        staff, watchers = crowd(stack)
        async with watching(watchers, stack.seed.meeting), under_load(staff, stack.seed.items[0]) as work:
            for _n in range(2):
                await work.some(10)
                stack.kill_a_worker()
            await work.some(10)
        await work.stored_once()

    stack.run(session)


def test_the_database_is_restarted(stack: Stack) -> None:
    async def session() -> None:
        staff, watchers = crowd(stack)
        async with watching(watchers, stack.seed.meeting), under_load(staff, stack.seed.items[0]) as work:
            await work.some(10)
            await asyncio.to_thread(stack.restart_database, 2)
            await work.some(10)
        assert work.retries, "somebody had to try again"
        await work.stored_once()

    stack.run(session)
    assert stack.running["worker"].poll() is None, "the worker outlives it too"


def test_all_servers_are_restarted(stack: Stack) -> None:
    async def session() -> None:
        staff, watchers = crowd(stack)
        async with watching(watchers, stack.seed.meeting) as pages, under_load(staff, stack.seed.items[0]) as work:
            await work.some(10)
            for name in SERVERS:
                stack.running[name].send_signal(signal.SIGTERM)
            codes = [await asyncio.to_thread(stack.end, name) for name in SERVERS]
            assert codes[0] == 0
            for name in SERVERS:
                stack.begin(name)
            await asyncio.gather(*(page.opens(times=2) for page in pages))
            await work.some(10)
        waits = [retry_after(reason) or 0 for page in pages for code, reason in page.closings if code == 1012]
        assert len(waits) >= len(pages)
        assert len(set(waits)) > 1
        assert all(0.5 <= seconds <= 5 for seconds in waits)
        await work.stored_once()

    stack.run(session)


def test_a_request_under_way_is_answered_by_a_server_that_ends(stack: Stack) -> None:
    async def session() -> None:
        person = stack.staff()
        with stack.holding_the_log() as let_go:
            answer = asyncio.create_task(
                person.http.post(f"/api/v1/agenda-items/{stack.seed.items[0]}/notes/", json={"text": "At the last moment"})
            )
            await stack.somebody_waits_for_the_log()
            ended = asyncio.create_task(asyncio.to_thread(stack.end, "gunicorn"))
            await asyncio.sleep(0.5)
            assert not answer.done()
            let_go()
            assert (await answer).status_code == 201
        assert await ended == 0
        stack.begin("gunicorn")

    stack.run(session)
