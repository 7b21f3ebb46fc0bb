"""Work that many want at once is done once, and never handed to who came after it was done."""

import asyncio

from api.realtime.flights import Flights


def test_who_comes_between_the_end_of_a_work_and_its_clearing_away_begins_it_anew() -> None:
    async def scenario() -> int:
        flights, times = Flights[None](), 0

        async def work() -> None:
            nonlocal times
            times += 1

        first = asyncio.create_task(flights.join("x", work))
        await asyncio.sleep(0)  # the first has begun it
        await asyncio.sleep(0)  # it is done; what the loop does after it has not run yet
        await flights.join("x", work)
        await first
        return times

    assert asyncio.run(scenario()) == 2


def test_all_who_come_while_it_is_under_way_share_it() -> None:
    async def scenario() -> int:
        flights, times = Flights[None](), 0

        async def work() -> None:
            nonlocal times
            times += 1
            await asyncio.sleep(0.01)

        await asyncio.gather(*(flights.join("x", work) for _n in range(5)))
        await flights.join("x", work)
        return times

    assert asyncio.run(scenario()) == 2
