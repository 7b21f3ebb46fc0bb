"""The embedded server is killed -9 four times while 315 municipalities watch and the office writes: what is lost, how soon all is whole."""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.tools.report import Report
from tests.scaled.client import Watcher, hold_the_history
from tests.scaled.embedded import Embedded
from tests.scaled.load import under_load

SEATS, KILLS, WRITTEN = 315, 4, 10


async def session(server: Embedded, report: Report) -> None:
    staff, members = [server.staff(number) for number in range(6)], [server.member(number) for number in range(SEATS)]
    pages = [person.watch(server.seed.meeting) for person in members]
    for page in pages:
        await page.__aenter__()
    await asyncio.gather(*(page.opens(120) for page in pages))
    whole: list[float] = []
    async with under_load(staff, server.seed.items[0]) as work:
        for _kill in range(KILLS):
            await work.some(WRITTEN)
            whole.append(await _killed(server, pages))
        await work.some(WRITTEN)
    exact = await _exact(pages)
    await work.stored_once()
    report.add(f"{KILLS} × kill -9: writes acknowledged", work.count, "writes")
    report.add(f"{KILLS} × kill -9: writes sent again", work.retries, "writes")
    report.add(f"{KILLS} × kill -9: acknowledged writes lost or doubled", 0, "writes", most=0)  # stored_once has said so
    report.add("clients that hold the exact, ordered history", exact, "clients", least=SEATS)
    report.add("clients that had to begin anew with a snapshot", sum(page.snapshots > 1 for page in pages), "clients", most=0)
    report.add("from the server's first answer to the last client whole, median", statistics.median(whole), "s")
    report.add("from the server's first answer to the last client whole, worst", max(whole), "s", most=5)
    for page in pages:
        await page.__aexit__(None, None, None)
    await asyncio.gather(*(person.close() for person in (*staff, *members)))


async def _killed(server: Embedded, pages: list[Watcher]) -> float:
    """Kills and starts the server; seconds from its first answer until every page has what the log held then."""
    before = [page.connections for page in pages]
    server.kill()
    server.begin()
    await asyncio.to_thread(server.wait_until_ready)
    begun = time.monotonic()
    last = max(page.last or 0 for page in pages)
    log = await pages[0].person.list(f"meetings/{server.seed.meeting}/events/?after={last}")
    wanted = log[-1]["sequence"] if log else last
    await asyncio.gather(*(page.opens(120, times=count + 1) for page, count in zip(pages, before, strict=True)))
    await asyncio.gather(*(page.reaches(wanted, 120) for page in pages))
    return time.monotonic() - begun


async def _exact(pages: list[Watcher]) -> int:
    """How many hold exactly what the log says."""
    found = 0
    for page in pages:
        try:
            await hold_the_history([page])
        except (AssertionError, TimeoutError):
            continue
        found += 1
    return found


def main() -> int:
    report = Report("restarts")
    with tempfile.TemporaryDirectory(prefix="raccordo-bench-") as folder:
        server = Embedded(Path(folder), seats=SEATS)
        try:
            server.wait_until_ready()
            asyncio.run(session(server, report))
        finally:
            server.kill()
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
