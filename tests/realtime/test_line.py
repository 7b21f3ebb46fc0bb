"""Several processes over one Redis: what they tell each other, and what they lose when it is away (time, and nothing else)."""

import asyncio
import logging
import os
import signal
import socket as sockets
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from pytest_django import Settings
from websockets.asyncio.client import ClientConnection, connect

from api.realtime.nudges import Publisher, Seldom
from tests import factories
from tests.browser import serving
from tests.realtime.conftest import Server, company, frame, in_thread, run, ticket_for
from tests.realtime.own_redis import OwnRedis
from tests.realtime.test_socket import join, last, say


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hubs hear of each other's writes through Redis or not at all."""
    monkeypatch.setattr("api.realtime.hub.LOOK_EVERY", 60.0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trouble is noticed sooner than in earnest."""
    monkeypatch.setattr("api.realtime.line.BEAT_EVERY", 0.2)
    monkeypatch.setattr("api.realtime.line.DEAF_AFTER", 1.0)
    monkeypatch.setattr("api.realtime.hub.SAY_ALL_EVERY", 0.3)
    monkeypatch.setattr("api.realtime.presence.SILENT_AFTER", 1.5)


async def history(socket: ClientConnection, after: int, until: int, seconds: float = 20) -> list[int]:
    """The sequences up to `until`, each following the one before it."""
    seen = [after]
    while seen[-1] < until:
        found = await frame(socket, seconds)
        assert found["previous"] == seen[-1]
        seen.append(found["sequence"])
    return seen[1:]


async def heard(hubs: list[Server], side: factories.Side, ticket: str, before: int) -> None:
    """Until the lines of both hubs are up: what is written reaches both without their looking."""
    for hub in hubs:
        async with hub.watch(side.meeting.pk, ticket, after=before) as socket:
            while True:
                [written] = await in_thread(say, side.meeting)
                try:
                    async with asyncio.timeout(0.5):
                        while (await frame(socket))["sequence"] < written:
                            pass
                    break
                except TimeoutError:
                    continue


@pytest.mark.usefixtures("no_looks")
class TestNudges:
    def test_both_hubs_hear_of_a_write(self, side: factories.Side, hubs: list[Server]) -> None:
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)

        async def scenario() -> None:
            await heard(hubs, side, ticket, before)
            now = await in_thread(last, side.meeting)
            async with hubs[0].watch(side.meeting.pk, ticket, after=now) as one, hubs[1].watch(side.meeting.pk, ticket, after=now) as other:
                await frame(one)
                await frame(other)
                written = await in_thread(say, side.meeting, 50)
                assert await history(one, now, written[-1], 3) == await history(other, now, written[-1], 3) == written

        run(scenario())

    def test_a_command_that_writes_and_ends_tells_them(self, side: factories.Side, hubs: list[Server]) -> None:
        """As `manage.py` does: settings from the environment, and no more time than it takes."""
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)
        program = (
            "import django; django.setup()\n"
            "from tests.realtime.test_socket import say\n"
            "from meetings.scheduling.models import Meeting\n"
            f"say(Meeting.objects.get(pk='{side.meeting.pk}'))\n"
        )
        environment = {**environment_of(hubs), "DJANGO_SETTINGS_MODULE": "coordination.settings"}

        async def scenario() -> None:
            await heard(hubs, side, ticket, before)
            now = await in_thread(last, side.meeting)
            async with hubs[0].watch(side.meeting.pk, ticket, after=now) as socket:
                await frame(socket)
                await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], env=environment, check=True)
                assert await history(socket, now, now + 1, 3) == [now + 1]

        run(scenario())

    @pytest.mark.usefixtures("quick")
    @pytest.mark.parametrize("trouble", ["killed", "frozen", "hung up"])
    def test_redis_in_trouble_costs_no_event(self, side: factories.Side, hubs: list[Server], own_redis: OwnRedis, trouble: str) -> None:
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)
        begin = {"killed": own_redis.kill, "frozen": own_redis.freeze, "hung up": own_redis.hang_up}[trouble]
        end = {"killed": own_redis.start, "frozen": own_redis.thaw, "hung up": lambda: None}[trouble]

        async def scenario() -> None:
            await heard(hubs, side, ticket, before)
            now = await in_thread(last, side.meeting)
            async with hubs[0].watch(side.meeting.pk, ticket, after=now) as one, hubs[1].watch(side.meeting.pk, ticket, after=now) as other:
                written = await in_thread(say, side.meeting, 20)
                await asyncio.to_thread(begin)
                started = time.monotonic()
                for _n in range(10):
                    written += await in_thread(say, side.meeting, 2)
                    await asyncio.sleep(0.15)
                assert trouble != "killed" or time.monotonic() - started < 10, "a write must not wait for Redis"
                await asyncio.to_thread(end)
                await heard(hubs, side, ticket, now)
                written += await in_thread(say, side.meeting, 20)
                final = await in_thread(last, side.meeting)
                for socket in (one, other):
                    await frame(socket)
                    got = await history(socket, now, final)
                    assert got == list(range(now + 1, final + 1)) and set(written) <= set(got)

        run(scenario())

    @pytest.mark.usefixtures("quick")
    def test_a_subscription_that_has_died_without_a_word_is_noticed(self, side: factories.Side, hubs: list[Server]) -> None:
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)

        def kill_the_reader(loop: asyncio.AbstractEventLoop) -> None:
            [reader] = [task for task in asyncio.all_tasks(loop) if "_do_receiving" in repr(task.get_coro())]
            reader.cancel()

        async def scenario() -> None:
            await heard(hubs, side, ticket, before)
            for hub in hubs:
                assert hub.loop
                hub.loop.call_soon_threadsafe(kill_the_reader, hub.loop)
            async with asyncio.timeout(10):
                await heard(hubs, side, ticket, before)

        run(scenario())


def environment_of(hubs: list[Server]) -> dict[str, str]:
    from django.conf import settings  # noqa: PLC0415 - as the fixture has set them

    return {**serving.environment(), "REDIS_URL": settings.REDIS_URL, "PYTHONWARNINGS": ""}


class TestABurst:
    def test_a_fifth_of_the_sockets_never_reads(self, side: factories.Side, hubs: list[Server], monkeypatch: pytest.MonkeyPatch) -> None:
        """The quick ones are at most two pieces of the burst behind, which the window holds; the slow ones fall out of it."""
        monkeypatch.setattr("api.realtime.reads.WINDOW", 250)
        monkeypatch.setattr("api.realtime.reads.BATCH", 100)
        ticket, before = ticket_for(side.observer, side.meeting), last(side.meeting)
        reached = [before] * 8

        async def reads(n: int, all_in: asyncio.Event) -> None:
            async with hubs[n % 2].watch(side.meeting.pk, ticket, after=before) as socket:
                await frame(socket)
                all_in.set()
                seen = before
                while seen < before + 1000:
                    found = await frame(socket, 30)
                    assert found["type"] != "snapshot" and found["previous"] == seen
                    seen = reached[n] = found["sequence"]

        async def never_reads(n: int, burst: asyncio.Event) -> None:
            narrow = sockets.socket()
            narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 32_768)
            narrow.connect(("127.0.0.1", hubs[n % 2].port))
            url = f"ws://127.0.0.1:{hubs[n % 2].port}/ws/v1/meetings/{side.meeting.pk}/?ticket={ticket}&after={before}"
            origin = {"Origin": f"http://127.0.0.1:{hubs[n % 2].port}"}
            async with connect(url, sock=narrow, additional_headers=origin, compression=None, max_queue=1, ping_interval=None) as socket:
                await frame(socket)
                await burst.wait()
                seen, snapshots = before, 0
                while seen < before + 1000:
                    found = await frame(socket, 30)
                    assert found["type"] == "snapshot" or found["previous"] == seen
                    snapshots, seen = snapshots + (found["type"] == "snapshot"), found["sequence"]
                assert snapshots == 1

        async def scenario() -> None:
            all_in, burst = [asyncio.Event() for _n in range(8)], asyncio.Event()
            readers = [asyncio.create_task(reads(n, event)) for n, event in enumerate(all_in)]
            slow = [asyncio.create_task(never_reads(n, burst)) for n in range(2)]
            await asyncio.gather(*(event.wait() for event in all_in))
            for piece in range(10):
                await in_thread(transaction.atomic(say), side.meeting, 100, text="x" * 9000)
                while min(reached) < before + (piece - 1) * 100:  # noqa: ASYNC110 - tasks of one test
                    await asyncio.sleep(0.02)
            await asyncio.gather(*readers)
            burst.set()
            await asyncio.gather(*slow)

        run(scenario())


@pytest.mark.usefixtures("quick")
class TestPresenceAcrossProcesses:
    def test_each_hub_knows_of_the_others_people(self, side: factories.Side, hubs: list[Server]) -> None:
        chair, member = ticket_for(side.chair, side.meeting), ticket_for(side.representative, side.meeting)
        place = f"note:{uuid4()}"

        async def scenario() -> None:
            async with hubs[0].watch(side.meeting.pk, chair) as one:
                await join(one)
                assert await present(one, 1) == {str(side.chair.pk)}
                async with hubs[1].watch(side.meeting.pk, member) as other, hubs[1].watch(side.meeting.pk, chair, at=place):
                    await join(other)
                    both = {str(side.chair.pk), str(side.representative.pk)}
                    assert await present(other, 2) == both
                    editing = await company(one, "editing")
                    assert editing["at"] == place and [person["id"] for person in editing["people"]] == [str(side.chair.pk)]
                async with hubs[0].watch(side.meeting.pk, chair) as late:
                    await join(late)
                    assert await present(late, 1) == {str(side.chair.pk)}

        run(scenario())

    def test_the_people_of_a_process_that_was_killed_are_gone(self, side: factories.Side, hubs: list[Server]) -> None:
        chair, member = ticket_for(side.chair, side.meeting), ticket_for(side.representative, side.meeting)

        async def scenario() -> None:
            starter = serving.Starter(environment_of(hubs))
            process, port = await asyncio.to_thread(starter.start)
            doomed = Server(hubs[0].uvicorn, hubs[0].thread, port)
            async with hubs[0].watch(side.meeting.pk, chair) as one, doomed.watch(side.meeting.pk, member) as other:
                await join(one)
                await join(other)
                await present(one, 2)
                await present(other, 2)
                os.kill(process, signal.SIGKILL)
                await asyncio.to_thread(starter.close)
                await gone(one, side.representative.pk)

        run(scenario())


async def present(socket: ClientConnection, count: int) -> set[str]:
    """Who is there by name once so many people are."""
    found: set[str] = set()
    while True:
        news = await company(socket)
        found = ({row["id"] for row in news["joined"]} | (set() if news.get("whole") else found)) - set(news["left"])
        if news["count"] == count:
            return found


async def gone(socket: ClientConnection, user: UUID) -> None:
    news: dict[str, Any] = {"left": []}
    while str(user) not in news["left"]:
        news = await company(socket, seconds=10)
    assert news["count"] == 1


class TestThePublisher:
    @pytest.fixture
    def no_redis(self, settings: Settings) -> Iterator[None]:
        """A port that nobody answers on: connections are taken and nothing is ever said."""
        with sockets.create_server(("127.0.0.1", 0)) as mute:
            port = mute.getsockname()[1]
            hosts = [f"redis://127.0.0.1:{port}"]
            backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
            settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": hosts}}}
            yield

    @pytest.mark.usefixtures("no_redis")
    def test_without_redis_it_returns_at_once_and_keeps_one_number_a_stream(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr("api.realtime.nudges.PATIENCE", 0.2)
        publisher, streams = Publisher(), [uuid4() for _n in range(3)]
        started = time.monotonic()
        for sequence in range(5000):
            for stream in streams:
                publisher.notify(stream, sequence)
        assert len(publisher._latest) <= 3
        assert time.monotonic() - started < 5, "15,000 nudges do not wait for a Redis that says nothing"
        time.sleep(0.6)
        publisher.notify(streams[0], 6000)
        publisher.close()
        assert not publisher._latest
        assert [record.name for record in caplog.records].count("api.realtime.nudges") == 1

    def test_a_warning_once_a_minute(self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [1000.0]
        monkeypatch.setattr("api.realtime.nudges.time.monotonic", lambda: now[0])
        trouble, log = Seldom("trouble"), logging.getLogger("x")
        for now[0] in (1000.0, 1001.0, 1059.0, 1061.0):
            trouble.warn(log)
        assert len(caplog.records) == 2
