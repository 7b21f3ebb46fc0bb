"""Run as a process of its own: puts a session under way into the empty, migrated database of DATABASE_URL, and prints who is in it.

Argument: how many municipalities, each with a representative who is present (at least eight).
"""

import json
import os
import sys
from datetime import timedelta
from typing import Any

import django

STAFF = 6
"""Coordinators: what one person may write in a minute is bounded."""


def main(seats: int) -> None:
    django.setup()
    from meetings import clock  # noqa: PLC0415 - Django must be set up first
    from meetings.access import Role  # noqa: PLC0415
    from tests import factories  # noqa: PLC0415

    first = clock.now().date() + timedelta(days=3)
    days = {"weekday": first.weekday(), "starts_on": first, "ends_on": first + timedelta(days=20)}
    series = {**factories.SERIES, **days, "intake_opens_hours": 600, "intake_closes_hours": 1}
    side = factories.make_side("home", seats=seats, series=series)
    staff = [factories.add_member(side.network, f"Carlo Coordinator {n}", Role.COORDINATOR) for n in range(1, STAFF)]
    meeting = factories.in_session(side)
    seed = {
        "network": side.network.slug,
        "meeting": str(meeting.pk),
        "items": [str(item.pk) for item in factories.items(meeting)],
        "staff": [_signed_in(user) for user in [side.coordinator, *staff]],
        "members": [_signed_in(user) for user in side.representatives],
        "address_of_chair": side.chair.email,
    }
    print(json.dumps(seed))


def _signed_in(user: Any) -> str:
    """A session's key."""
    from django.test import Client  # noqa: PLC0415

    client = Client()
    client.force_login(user, backend="frontend.backends.Backend")
    return str(client.cookies["sessionid"].value)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
    main(int(sys.argv[1]))
