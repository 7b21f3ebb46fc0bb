"""Run as a process of its own: sends one vote through REST and dies the instant it is committed, before the answer leaves.

Arguments: the voter's id, the poll's path, the idempotency key, the choice. DATABASE_URL names the database.
"""

import os
import signal
import sys
from uuid import UUID

import django


def die(stream: UUID, sequence: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(voter: str, path: str, key: str, choice: str) -> None:
    django.setup()
    from django.test import Client  # noqa: PLC0415 - Django must be set up first

    from meetings.events import listeners  # noqa: PLC0415
    from meetings.network.models import User  # noqa: PLC0415
    from tests.api.client import Api  # noqa: PLC0415

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=voter), backend="frontend.backends.Backend")
    listeners.register(die)
    answer = Api(client).put(path, {"choice": choice}, key=key)
    print("the answer arrived:", answer.status_code, answer.content.decode())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
    main(*sys.argv[1:])
