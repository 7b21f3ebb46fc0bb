"""A thousand people join within a moment: with a snapshot and without, with authentication and without, what presence costs, and what
ten thousand connections leave behind.

Snapshot: an 18 KB state against `after=` the last event. Authentication: Raccordo against Raccordo that believes every ticket.
Presence: frames that tell who came, coalesced, against a server that tells each join to everybody at once.
"""

import statistics
import sys
import time
from contextlib import ExitStack
from typing import Any

from tests.benchmarks.tools import stage
from tests.benchmarks.tools.crowd import Client, Crowd, each_has
from tests.benchmarks.tools.report import Report, ratio

PEOPLE, TURNS = 1000, 5
SNAPSHOT = 18_000  # bytes


def together(crowd: Crowd, port: int, paths: list[str], word: bytes) -> tuple[float, list[Client]]:
    """Milliseconds until all of these have joined and the last has been sent `word`."""
    begun = time.monotonic()
    clients: list[Client] = []
    for path in paths:
        clients += crowd.join(port, [path])
        crowd.serve(0)
    crowd.until(each_has(clients, word), 60)
    return (time.monotonic() - begun) * 1000, clients


def snapshots(report: Report) -> None:
    side = stage.network("joining")
    meeting = stage.with_snapshot_of(side, SNAPSHOT)
    report.add("size of the snapshot", stage.snapshot_size(meeting) / 1000, "KB")
    times: dict[str, list[float]] = {"snapshot": [], "none": [], "believed": []}
    with ExitStack() as stack:
        crowd, hub = Crowd(), stack.enter_context(stage.server("hub", MEETING=str(meeting.pk)))
        believing = stack.enter_context(stage.server("hub", MEETING=str(meeting.pk), VARIANT="no-authentication"))
        for turn in range(TURNS + 1):
            last = stage.last_sequence(meeting)
            for name, port, after, word in (
                ("snapshot", hub, None, b'"type":"snapshot"'),
                ("none", hub, last, b'"type":"hello"'),
                ("believed", believing, last, b'"type":"hello"'),
            ):
                paths = stage.same_path(side, meeting, PEOPLE, after=after)
                took, clients = together(crowd, port, paths, word)
                crowd.rest(1)
                crowd.leave(clients)
                if turn:  # the first is for warming up
                    times[name].append(took)
    report.add(f"{PEOPLE:,} join, with a snapshot", statistics.median(times["snapshot"]), "ms")
    report.add(f"{PEOPLE:,} join, without", statistics.median(times["none"]), "ms")
    report.add("with a snapshot / without", ratio(times["snapshot"], times["none"]), "×", most=1.3)
    report.add("with authentication / without", ratio(times["none"], times["believed"]), "×", most=1.3)


def presence(report: Report) -> None:
    """A thousand different people; every one of them is told who else came."""
    side = stage.network("presence")
    meeting = side.meeting
    users = stage.watchers(side, PEOPLE)
    paths = stage.paths(side, meeting, users, after=stage.last_sequence(meeting))
    with ExitStack() as stack:
        crowd = Crowd()
        counted = _joined(crowd, stack.enter_context(stage.server("hub", MEETING=str(meeting.pk))), paths)
        naive = _joined(crowd, stack.enter_context(stage.server("naive")), ["/"] * PEOPLE)
    report.add(f"{PEOPLE:,} joins: presence frames", counted[0], "frames")
    report.add(f"{PEOPLE:,} joins: presence frames, naive", naive[0], "frames")
    report.add("frames: naive / coalesced", naive[0] / max(1, counted[0]), "×", least=100)
    report.add("CPU of the server: naive / coalesced", naive[1] / counted[1], "×", least=6)


def _joined(crowd: Crowd, port: int, paths: list[str]) -> tuple[int, float]:
    """How many presence frames they all got, and how much CPU (s) the server used. The first clients warm it up."""
    warm = crowd.join(port, paths[:1])
    crowd.settle(warm)
    before = _cpu(crowd, port)
    clients: list[Client] = []
    for first in range(0, len(paths), 50):  # they come within some seconds, as people do
        clients += crowd.join(port, paths[first : first + 50])
        crowd.rest(0.1)
    crowd.until(each_has(clients, b'"type":"hello"'), 60)
    crowd.rest(2)
    used = _cpu(crowd, port) - before
    frames = sum(frame["type"] == "presence" for client in [*warm, *clients] for _at, frame in client.frames())
    assert frames, "nobody was told of anybody"
    crowd.leave([*warm, *clients])
    return frames, used


def reconnections(report: Report) -> None:
    """Ten thousand connections, five hundred at a time, each left again: what the server keeps of them after the first two thousand."""
    side = stage.network("reconnecting")
    last = stage.last_sequence(side.meeting)
    with stage.server("hub", MEETING=str(side.meeting.pk)) as port:
        crowd, resident = Crowd(), []
        for _part in range(20):
            clients = crowd.join(port, stage.same_path(side, side.meeting, 500, after=last))
            crowd.until(each_has(clients, b'"type":"hello"'), 60)
            crowd.leave(clients)
            crowd.rest(0.1)
            resident.append(_used(crowd, port, "resident") / 1e6)
    report.add("memory of the server after 2,000 connections", resident[3], "MB")
    report.add("memory it gained in the next 8,000", resident[-1] - resident[3], "MB", most=5)


def _cpu(crowd: Crowd, port: int) -> float:
    return _used(crowd, port, "cpu")


def _used(crowd: Crowd, port: int, what: str) -> float:
    answer = crowd.ask(port, "/usage")
    crowd.until(lambda: answer.value is not None, 60)
    usage: Any = answer.value
    return float(usage[what])


def main() -> int:
    report = Report("joining")
    snapshots(report)
    presence(report)
    reconnections(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
