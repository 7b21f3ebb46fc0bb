import os
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import close_old_connections

from meetings.management.base import DomainCommand
from meetings.worker import send_mail, tick

EVERY, MAIL_EVERY = 30, 1
"""Seconds between two ticks, and between two looks for mail: somebody waits for the code they sign in with."""


class Command(DomainCommand):
    help = "Sends mail and runs what else Raccordo does by itself, until SIGTERM; any number may run side by side."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="one round and all mail that is due, then stop; exit code 1 when a step failed"
        )
        parser.add_argument("--attached", action="store_true", help="also stop when standard input closes, that is with the parent")

    def run(self, **options: Any) -> None:
        if options["once"]:
            lines: list[str] = []
            went_well = tick(say=lines.append)
            self.say("\n".join(lines or ["Nothing was due."]))
            if not went_well:
                raise CommandError("A step failed; the log above says which.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        if options["attached"]:
            threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
        run_until(stop)


def run_until(stop: threading.Event) -> None:
    """Does every step every 30 s, and looks for mail every second between; what fails waits for the next 30 s."""
    next_tick = 0.0
    while not stop.is_set():
        if time.monotonic() >= next_tick:
            well = tick(lambda: not stop.is_set())
            next_tick = time.monotonic() + EVERY
        else:
            well = send_mail(lambda: not stop.is_set())
        close_old_connections()  # a database that was restarted meanwhile is found again
        stop.wait(MAIL_EVERY if well else EVERY)


def _stop_with_parent(stop: threading.Event) -> None:
    """The parent holds the other end of our standard input: it closes however the parent ends, even killed."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    stop.set()
