"""What a benchmark runs on: networks in its own database, and servers as processes beside it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from api.realtime import reads, tickets
from meetings import clock
from meetings.access import Role
from meetings.agenda import services as agenda
from meetings.events.models import EventStream
from meetings.live import services as live
from meetings.network.models import Membership, User
from meetings.network.selectors import actor_for, today
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

clock.at(factories.NOW).__enter__()  # the dates of the networks made here are those of the tests


def network(slug: str, seats: int = 12) -> Side:
    """A network of so many municipalities, with the agenda of its next meeting published."""
    side = factories.make_side(slug, seats=seats)
    factories.agenda_published(side)
    return side


def in_session(slug: str, seats: int) -> tuple[Side, Meeting]:
    side = network(slug, seats)
    return side, live.open_session(actor=side.actor(CHAIR), meeting=factories.fresh(side.meeting))


def with_snapshot_of(side: Side, size: int) -> Meeting:
    """The network's meeting, with so many items on its agenda that the snapshot of the live room has about that many bytes."""
    for number in range(100):
        if snapshot_size(side.meeting) >= size:
            break
        item = factories.proposal(side, seat=number % 10, title=f"Item {number}", text="Lorem ipsum dolor sit amet. " * 10, motive="New")
        agenda.accept(actor=side.actor(COORDINATOR), item=item)
    return side.meeting


def snapshot_size(meeting: Meeting) -> int:
    return len(str(reads.snapshot(meeting.pk, 0, False)["text"]))


def last_sequence(meeting: Meeting) -> int:
    """Of the meeting's log, as it is now."""
    return int(EventStream.objects.get(meeting=meeting).last_sequence)


def watchers(side: Side, count: int) -> list[User]:
    """So many more people who may watch: observers of the network."""
    rows = [User(email=f"watcher-{side.network.slug}-{n}@example.org", name=f"Watcher {n}") for n in range(count)]
    User.objects.bulk_create(rows)
    since = today(side.network)
    Membership.objects.bulk_create([Membership(user=row, network=side.network, role=Role.OBSERVER, valid_from=since) for row in rows])
    return rows


def paths(side: Side, meeting: Meeting, users: Sequence[User], *, after: int | None = None) -> list[str]:
    """Where each of these people opens a socket. The tickets are good for a minute."""
    more = "" if after is None else f"&after={after}"
    network = side.network
    return [
        f"/ws/v1/meetings/{meeting.pk}/?ticket={tickets.issue(user=user, actor=actor_for(user, network), meeting=meeting)}{more}"
        for user in users
    ]


def same_path(side: Side, meeting: Meeting, count: int, *, after: int | None = None) -> list[str]:
    """The same person so many times: cheap, where it does not matter who watches."""
    return paths(side, meeting, [side.observer], after=after) * count


@contextlib.contextmanager
def server(kind: str, *, send_buffer: int = 0, **environment: str) -> Iterator[int]:
    """A server of that kind in a process of its own; gives its port. `send_buffer`: bytes of the system's buffer for each socket."""
    connection.close()
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    if send_buffer:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    port = listener.getsockname()[1]
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "tests.benchmarks.tools.servers", kind, str(listener.fileno())]
    process = subprocess.Popen(command, env={**os.environ, **environment}, pass_fds=(listener.fileno(),), cwd=root)
    listener.close()
    try:
        _wait(port, kind, process)
        yield port
    finally:
        process.kill()
        process.wait()


def _wait(port: int, kind: str, process: "subprocess.Popen[bytes]") -> None:
    """Until it answers: the listening socket takes connections before there is anybody to answer."""
    deadline = time.monotonic() + 30
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        path = "/fire?n=0" if kind == "raw" else "/usage"
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        while not line.recv(1000):
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"the server “{kind}” does not come up")


def fired(answer: Any) -> list[float]:
    """The instants of `GET /fire`."""
    assert answer.value, "the server did not answer"
    return list(answer.value)
