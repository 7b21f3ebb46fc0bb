"""Bursts of events to 315 clients, all of them reading and a fifth of them never reading: who has what, in which order, how soon.

Raccordo and Channels' own groups get the same burst. What counts is what every client holds at the end: each event once and in order, or
an explicit snapshot in place of what is missing.
"""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from tests.benchmarks import REDIS
from tests.benchmarks.tools import stage
from tests.benchmarks.tools.crowd import Client, Crowd, Lost, each_has
from tests.benchmarks.tools.report import Report, percentile
from tests.benchmarks.tools.stage import fired

CLIENTS, SILENT = 315, 63
SEND_BUFFER = 16_384  # bytes that the system keeps for a socket: less than a burst, so that a line that is not read blocks
LAYERS = {"stock in memory": {"LAYER": "memory"}, "stock over Redis": {"LAYER": "core", "BENCH_REDIS": REDIS}}


def share_in_order(clients: Sequence[Client], first: int, last: int) -> float:
    """Percent of the events from `first` to `last` that clients hold, each in order and once, or as part of a snapshot."""
    return 100 * sum(_held(client, first, last) for client in clients) / (len(clients) * (last - first + 1))


def _held(client: Client, first: int, last: int) -> int:
    at, held = first - 1, 0
    for _instant, frame in client.frames():
        if frame["type"] == "snapshot":
            held, at = held + frame["sequence"] - at, int(frame["sequence"])
        elif frame.get("previous") == at:
            held, at = held + 1, int(frame["sequence"])
    return min(held, last - first + 1)


def delays(clients: Sequence[Client], begun: Sequence[float], first: int) -> list[float]:
    """Milliseconds from the beginning of each event's way to each client that was sent it."""
    rows = [(at, frame) for client in clients for at, frame in client.frames() if "previous" in frame]
    return [(at - begun[frame["sequence"] - first]) * 1000 for at, frame in rows]


def burst(crowd: Crowd, port: int, clients: Sequence[Client], size: int, last: int) -> list[float]:
    """Fires so many events at once and reads until the clients have the last; what they lack after 20 s they will never have."""
    answer = crowd.ask(port, f"/fire?n={size}")
    try:
        crowd.until(lambda: answer.value is not None, 120)
        crowd.until(each_has(clients, f'"sequence":{last},'.encode()), 20)
    except Lost:
        pass
    return fired(answer)


def raccordo(report: Report) -> None:
    side, meeting = stage.in_session("bursts", 12)
    with stage.server("hub", send_buffer=SEND_BUFFER, MEETING=str(meeting.pk)) as port:
        crowd = Crowd()
        last = stage.last_sequence(meeting)
        clients = crowd.join(port, stage.same_path(side, meeting, CLIENTS, after=last))
        crowd.settle(clients)
        for size in (300, 1000):
            first, last = last + 1, last + size
            begun = burst(crowd, port, clients, size, last)
            report.add(f"burst of {size}: held by {CLIENTS} clients of the hub", share_in_order(clients, first, last), "%", least=100)
            report.add(f"burst of {size}: p99 to each client", percentile(delays(clients, begun, first), 0.99), "ms")
            _forget(clients)
            crowd.beat()
        _with_silent_ones(report, crowd, port, clients, (side, meeting))


def _with_silent_ones(report: Report, crowd: Crowd, port: int, reading: Sequence[Client], where: tuple[Any, Any]) -> None:
    """Clean and disturbed bursts in turns: a fifth of the clients never reads; they leave again for the clean ones."""
    side, meeting = where
    clean: list[float] = []
    disturbed: list[float] = []
    held, memory = [], []
    for _turn in range(3):
        first = stage.last_sequence(meeting) + 1
        clean += delays(reading, burst(crowd, port, reading, 300, first + 299), first)
        _forget(reading)
        crowd.beat()
        silent = crowd.join(port, stage.same_path(side, meeting, SILENT, after=first + 299), receive_buffer=4096)
        crowd.settle(silent)
        for client in silent:
            crowd.neglect(client)
        before = _resident(crowd, port)
        first = stage.last_sequence(meeting) + 1
        active = reading[: CLIENTS - SILENT]
        disturbed += delays(active, burst(crowd, port, active, 300, first + 299), first)
        held.append(share_in_order(active, first, first + 299))
        memory.append(max(0.0, _resident(crowd, port) - before) / SILENT / 1e6)
        crowd.leave(silent)
        _forget(reading)
        crowd.beat()
    report.add(f"{SILENT} of {CLIENTS} never read: held by the others", min(held), "%", least=100)
    ratio = percentile(disturbed, 0.99) / percentile(clean, 0.99)
    report.add(f"{SILENT} of {CLIENTS} never read: p99 of the others / clean run", ratio, "×", most=2)
    report.add("memory for each client that never reads", max(memory), "MB", most=2)


def _resident(crowd: Crowd, port: int) -> float:
    answer = crowd.ask(port, "/usage")
    crowd.until(lambda: answer.value is not None)
    usage: Any = answer.value
    return float(usage["resident"])


def _forget(clients: Sequence[Client]) -> None:
    for client in clients:
        client.forget()


def stock(report: Report) -> None:
    """What Channels' own groups deliver of the same burst, at their default capacity."""
    for name, environment in LAYERS.items():
        with ExitStack() as stack:
            port, crowd = stack.enter_context(stage.server("stock", **environment)), Crowd()
            clients = crowd.join(port, ["/"] * CLIENTS)
            crowd.settle(clients)
            burst(crowd, port, clients, 300, 300)
            found = sum(len(client.frames()) for client in clients)
            report.add(f"burst of 300: delivered by {name}", 100 * found / (300 * CLIENTS), "%")


def main() -> int:
    report = Report("bursts")
    raccordo(report)
    stock(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
