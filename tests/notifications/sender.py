"""Run as a process of its own: on each line read, forks a worker that sends what is due until it is killed, and prints its process id.

Forking spares every worker the start of Django; none outlives this process. DATABASE_URL and EMAIL_URL name the database and the mail
server; the argument is the lease in milliseconds.
"""

import os
import signal
import sys
import time
from datetime import timedelta

import django


def main(lease: str) -> None:
    django.setup()
    from meetings.notifications import delivery  # noqa: PLC0415 - Django must be set up first

    delivery.LEASE = timedelta(milliseconds=int(lease))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    parent = os.getpid()
    for _line in sys.stdin:
        if (child := os.fork()) == 0:
            while os.getppid() == parent:
                delivery.deliver_due(lambda: os.getppid() == parent)
                time.sleep(0.05)
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
    main(*sys.argv[1:])
