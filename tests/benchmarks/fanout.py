"""How long one event takes to the last of many clients: Raccordo's hub beside the bare server, and Channels' own groups.

All servers run at once, each with its clients, and take turns, so that what disturbs one disturbs the others.
"""

import statistics
import sys
from collections.abc import Mapping
from contextlib import ExitStack

from tests.benchmarks import REDIS
from tests.benchmarks.tools import stage
from tests.benchmarks.tools.crowd import Client, Crowd, each_has
from tests.benchmarks.tools.report import Report, ratio
from tests.benchmarks.tools.stage import fired

ROUNDS = {315: 31, 1000: 15}
GOALS = {315: (1.25, 6), 1000: (1.3, 12)}
EVENT = b'"previous"'
KINDS = ("raw", "bare", "hub", "redis", "stock-memory", "stock-core")


def servers(stack: ExitStack, meeting: str) -> dict[str, int]:
    """The port of each kind, and of the process that writes what the hub over Redis hears of."""
    redis = {"REDIS_URL": REDIS, "MEETING": meeting}
    return {
        "raw": stack.enter_context(stage.server("raw")),
        "bare": stack.enter_context(stage.server("bare")),
        "hub": stack.enter_context(stage.server("hub", MEETING=meeting)),
        "redis": stack.enter_context(stage.server("hub", **redis)),
        "writer": stack.enter_context(stage.server("hub", **redis)),
        "stock-memory": stack.enter_context(stage.server("stock", LAYER="memory")),
        "stock-core": stack.enter_context(stage.server("stock", LAYER="core", BENCH_REDIS=REDIS)),
    }


def once(crowd: Crowd, port: int, clients: list[Client], query: str = "n=1") -> float:
    """Milliseconds from the beginning of an event's way until the last of the clients has it."""
    answer = crowd.ask(port, f"/fire?{query}")
    everybody = each_has(clients, EVENT)
    crowd.until(lambda: everybody() and answer.value is not None)
    last = max(at for client in clients for at, frame in client.frames() if "previous" in frame)
    for client in clients:
        client.forget()
    return (last - fired(answer)[0]) * 1000


def compare(report: Report, count: int) -> None:
    """`count` clients of each kind."""
    side, meeting = stage.in_session(f"side-{count}", 12)
    with ExitStack() as stack:
        ports, crowd = servers(stack, str(meeting.pk)), Crowd()
        clients: dict[str, list[Client]] = {}
        for kind in KINDS:
            ours = kind in ("hub", "redis")
            after = stage.last_sequence(meeting)
            clients[kind] = crowd.join(ports[kind], stage.same_path(side, meeting, count, after=after) if ours else ["/"] * count)
            crowd.settle(clients[kind])
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for number in range(ROUNDS[count] + 2):
            for kind in KINDS:
                took = _turn(crowd, kind, ports, clients)
                if number > 1:  # the first are for warming up
                    times[kind].append(took)
            crowd.rest(0.01)
    tell(report, count, times)


def _turn(crowd: Crowd, kind: str, ports: Mapping[str, int], clients: Mapping[str, list[Client]]) -> float:
    """One event; the two hubs share a database, so that what one writes the other soon finds too."""
    took = once(crowd, ports["writer" if kind == "redis" else kind], clients[kind])
    if kind in ("hub", "redis"):
        other = clients["redis" if kind == "hub" else "hub"]
        crowd.until(each_has(other, EVENT))
        for client in other:
            client.forget()
    return took


def tell(report: Report, count: int, times: Mapping[str, list[float]]) -> None:
    for kind in KINDS:
        name = {"raw": "the clients' ceiling: bare sockets", "redis": "hub over Redis"}.get(kind, kind)
        report.add(f"{count} clients, last has it: {name}", statistics.median(times[kind]), "ms")
    bare, stock = GOALS[count]
    report.add(f"{count} clients: hub / bare", ratio(times["hub"], times["bare"]), "×", most=bare)
    report.add(f"{count} clients: hub over Redis / bare", ratio(times["redis"], times["bare"]), "×", most=1.5)
    report.add(f"{count} clients: stock group_send in memory / hub", ratio(times["stock-memory"], times["hub"]), "×", least=stock)
    report.add(f"{count} clients: stock group_send over Redis / hub", ratio(times["stock-core"], times["hub"]), "×", least=stock)


def growth(report: Report) -> None:
    """3,000 clients of one meeting beside 1,000 of another, on one hub."""
    few, many = (stage.in_session(f"growth-{name}", 12) for name in ("few", "many"))
    with stage.server("hub", MEETING=str(few[1].pk)) as port:
        crowd, sides = Crowd(), []
        for (side, meeting), count in ((few, 1000), (many, 3000)):
            clients: list[Client] = []
            for _part in range(count // 500):
                joined = crowd.join(port, stage.same_path(side, meeting, 500, after=stage.last_sequence(meeting)))
                crowd.settle(joined)
                clients += joined
            sides.append((clients, f"n=1&meeting={meeting.pk}"))
        times: list[list[float]] = [[], []]
        for number in range(17):
            for place, (clients, query) in enumerate(sides):
                took = once(crowd, port, clients, query)
                if number > 1:
                    times[place].append(took)
            crowd.rest(0.01)
    report.add("1,000 clients of one hub, last has it", statistics.median(times[0]), "ms")
    report.add("3,000 clients of one hub, last has it", statistics.median(times[1]), "ms")
    report.add("growth t(3,000) / t(1,000)", ratio(times[1], times[0]), "×", most=4)


def main() -> int:
    report = Report("fanout")
    for count in ROUNDS:
        compare(report, count)
    growth(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
