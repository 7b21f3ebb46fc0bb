"""Rows of the outbox for the tests, put there as they would be found after something happened to them."""

import itertools
from typing import Any

from meetings import clock
from meetings.notifications.models import MailState, OutgoingEmail
from tests.factories import Side

_keys = itertools.count(1)


def mail(side: Side | None = None, state: str = MailState.QUEUED, **values: Any) -> OutgoingEmail:
    """A mail of that network (none: of the installation) in that state. Its kind is none of ours: to be sent it needs registering."""
    now, number = clock.now(), next(_keys)
    handed = {"handed_at": now} if state in (MailState.UNCERTAIN, MailState.SENT) else {}
    shown = {
        "kind": "plain",
        "address": f"reader.{number}@example.org",
        "name": f"Reader {number}",
        "language": "en",
        "key": f"test:{number}",
        "created_at": now,
        "not_before": now,
        "context": {},
        **handed,
        **values,
    }
    return OutgoingEmail.objects.create(network=side.network if side else None, state=state, **shown)
