import os
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import close_old_connections

from meetings.management.base import DomainCommand
from meetings.worker import tick

EVERY = 30
"""Seconds between two ticks."""


class Command(DomainCommand):
    help = "Runs what Raccordo does by itself, every 30 seconds until SIGTERM; any number may run side by side."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop; exit code 1 when a step failed")
        parser.add_argument("--attached", action="store_true", help="also stop when standard input closes, that is with the parent")

    def run(self, **options: Any) -> None:
        if options["once"]:
            if not tick():
                raise CommandError("A step failed; the log above says which.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        if options["attached"]:
            threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
        while not stop.is_set():
            tick()
            close_old_connections()  # a database that was restarted meanwhile is found again
            stop.wait(EVERY)


def _stop_with_parent(stop: threading.Event) -> None:
    """The parent holds the other end of our standard input: it closes however the parent ends, even killed."""
    while os.read(sys.stdin.fileno(), 64):
        pass
    stop.set()
