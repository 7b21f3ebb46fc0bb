"""The worker killed at any moment, and several at once: no mail is missing, none arrives twice unless somebody was told that it might."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from meetings import clock
from meetings.notifications.delivery import reap
from meetings.notifications.models import MailState, OutgoingEmail
from tests.notifications.smtp import Inbox, running
from tests.test_votes import database_url

MAILS, KILLS = 3150, 50
LONG = 85
"""Seconds after which something hangs."""


class Senders:
    """Workers in processes of their own."""

    def __init__(self, port: int, lease: int) -> None:
        # a killed worker takes no committed row along, however lazily the disk is written: only a crash of PostgreSQL itself would
        lazily = "?options=-c%20synchronous_commit%3Doff" if connection.vendor == "postgresql" else ""
        env = {**os.environ, "DATABASE_URL": database_url() + lazily, "EMAIL_URL": f"smtp://127.0.0.1:{port}", "LOG_LEVEL": "CRITICAL"}
        command = [sys.executable, "-m", "tests.notifications.sender", str(lease)]
        self.root = subprocess.Popen(
            command, env=env, cwd=Path(settings.BASE_DIR), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.root.stdout is not None
        return self.root.stdout.readline().strip()

    def start(self) -> int:
        assert self.root.stdin is not None
        self.root.stdin.write("\n")
        self.root.stdin.flush()
        return int(self._line())

    def stop(self) -> None:
        self.root.communicate(timeout=10)


@contextmanager
def senders(port: int, lease: int) -> Iterator[Senders]:
    found = Senders(port, lease)
    try:
        yield found
    finally:
        found.stop()


def kill(worker: int) -> None:
    os.kill(worker, signal.SIGKILL)


def put_in(count: int) -> None:
    now = clock.now()
    same = {"language": "it", "kind": "unknown_account", "created_at": now, "not_before": now}
    rows = (OutgoingEmail(address=f"mayor.{n}@example.org", name=f"Mayor {n}", key=str(n), **same) for n in range(count))
    OutgoingEmail.objects.bulk_create(rows)


def left() -> int:
    return OutgoingEmail.objects.filter(state__in=(MailState.QUEUED, MailState.SENDING)).count()


def wait_until_all_are_sent() -> None:
    end = time.monotonic() + LONG
    while left():
        assert time.monotonic() < end, Counter(OutgoingEmail.objects.values_list("state", flat=True))
        time.sleep(0.2)


def judge(inbox: Inbox) -> Counter[str]:
    """How many are in each state, once each has been looked for on both sides."""
    arrived, states = Counter(inbox.ids), {str(pk): state for pk, state in OutgoingEmail.objects.values_list("pk", "state")}
    assert len(states) == MAILS
    assert set(states.values()) <= {MailState.SENT, MailState.UNCERTAIN}
    assert [pk for pk, state in states.items() if state == MailState.SENT and arrived[pk] != 1] == []
    assert [pk for pk, count in arrived.items() if count > 1] == []
    assert set(arrived) <= set(states)
    return Counter(states.values())


@pytest.mark.timeout(120)
def test_a_worker_killed_fifty_times_loses_and_doubles_nothing(transactional_db: None) -> None:
    put_in(MAILS)
    moment, inbox, before_the_end = random.Random(), Inbox(), 0
    with running(inbox) as port, senders(port, lease=1000) as workers:
        for _kill in range(KILLS):
            worker = workers.start()
            time.sleep(moment.uniform(0.02, 0.25))
            before_the_end += bool(left())
            kill(worker)
        last = workers.start()
        wait_until_all_are_sent()
        kill(last)
    assert before_the_end == KILLS, "the mails were all sent before the last kill: there must be more of them, or shorter lives"
    found = judge(inbox)
    assert found[MailState.UNCERTAIN] <= KILLS
    assert not OutgoingEmail.objects.filter(state=MailState.UNCERTAIN).exclude(error="interrupted").exists()
    assert reap() == 0


@pytest.mark.timeout(120)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time; three workers are PostgreSQL's case")
def test_three_workers_at_once_send_each_mail_once(transactional_db: None) -> None:
    put_in(MAILS)
    inbox = Inbox()
    with running(inbox) as port, senders(port, lease=300_000) as workers:
        started = [workers.start() for _worker in range(3)]
        wait_until_all_are_sent()
        for worker in started:
            kill(worker)
    assert judge(inbox) == {MailState.SENT: MAILS}
    assert inbox.sessions > 3
