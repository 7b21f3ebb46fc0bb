"""Votes: a whole network within two seconds over HTTP, and thousands from many threads on both databases."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from meetings.events.models import Event
from meetings.live.models import Vote
from meetings.network import people
from tests.benchmarks import SET_UP
from tests.benchmarks.tools import stage, voting
from tests.benchmarks.tools.crowd import Crowd
from tests.benchmarks.tools.report import Report, percentile

SECONDS, HANDS = 2.0, 32


def over_http(report: Report) -> None:
    """315 seats vote at even intervals through HTTP, each with a socket open on which the tally is pushed."""
    side, poll = voting.open_poll("http")
    keys = [people.create_token(user=user, scope="write")[1] for user in side.representatives]
    with stage.server("hub", MEETING=str(side.meeting.pk)) as port:
        crowd = Crowd()
        clients = crowd.join(port, stage.same_path(side, side.meeting, voting.SEATS, after=stage.last_sequence(side.meeting)))
        crowd.settle(clients)
        waited, failed = _vote(crowd, port, str(poll.pk), keys)
        crowd.rest(1)
        tallies = [sum(frame["type"] == "tally" for _at, frame in client.frames()) for client in clients]
    stored = Vote.objects.filter(poll=poll).count()
    report.add("315 seats vote within 2 s over HTTP: refused", len(failed), "votes", most=0)
    report.add("315 seats vote within 2 s over HTTP: rows", stored, "rows", least=315, most=315)
    report.add("315 seats vote within 2 s over HTTP: events", Event.objects.filter(type="vote.cast").count(), "events", least=315, most=315)
    report.add("acknowledgement, median", statistics.median(waited), "ms")
    report.add("acknowledgement, p99", percentile(waited, 0.99), "ms", most=300)
    report.add("tallies pushed to each client meanwhile", min(tallies), "frames", least=1)


def _vote(crowd: Crowd, port: int, poll: str, keys: Sequence[str]) -> tuple[list[float], list[int]]:
    """Milliseconds that each voter waited from the instant that was theirs, and the answers that were no 200."""
    waited, failed = [], []
    begun = time.monotonic() + 0.5

    def hand(first: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(first, len(keys), HANDS):
            at = begun + SECONDS * number / len(keys)
            time.sleep(max(0.0, at - time.monotonic()))
            headers = {"Authorization": f"Bearer {keys[number]}", "Content-Type": "application/json", "Idempotency-Key": f"vote-{number}"}
            line.request("PUT", f"/api/v1/polls/{poll}/vote/", json.dumps({"choice": voting.CHOICES[number % 3]}), headers)
            answer = line.getresponse()
            answer.read()
            waited.append((time.monotonic() - at) * 1000)
            if answer.status != 200:
                failed.append(answer.status)
        line.close()

    threads = [threading.Thread(target=hand, args=(number,)) for number in range(HANDS)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        crowd.serve(0.05)
    return waited, failed


def from_threads(report: Report, name: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.tools.voting"]
    own = {key: value for key, value in os.environ.items() if key != SET_UP}
    done = subprocess.run(command, env={**own, **environment}, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    once, many = found["once"], found["many"]
    attempts = f"{voting.SEATS} seats × {voting.ATTEMPTS} attempts at once on {name}"
    report.add(f"{attempts}: rows", once["rows"], "rows", least=voting.SEATS, most=voting.SEATS)
    report.add(f"{attempts}: acknowledged and lost", once["lost"] + once["broken"], "votes", most=0)
    report.add(f"{attempts}: told to try again", once["failed"], "votes")
    votes = f"{voting.VOTES:,} votes from {voting.THREADS} threads on {name}"
    report.add(f"{votes}: lost", many["lost"] + many["broken"], "votes", most=0)
    report.add(f"{votes}: failed, for instance “locked”", many["failed"], "votes", most=0)
    report.add(f"{votes}: rate", many["rate"], "votes/s")


def main() -> int:
    report = Report("votes")
    over_http(report)
    from_threads(report, "SQLite", {"BENCH_DATABASE": "sqlite"})
    from_threads(report, "PostgreSQL", {"BENCH_DATABASE": "postgresql"})
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
