"""Raccordo with one thing left out, to know what that thing costs."""

import json
from typing import Any
from uuid import UUID

from django.core import signing

from api.realtime import access, tickets
from api.realtime.tickets import Ticket


def apply(name: str) -> None:
    """`no-authentication`: a ticket is believed as it stands, and nobody's rights are asked for."""
    if name == "no-authentication":
        tickets.read = _believed
        access.Access.objection = _none  # type: ignore[method-assign]
    elif name:
        raise SystemExit(f"no such variant: {name}")


def _believed(text: str) -> Ticket:
    user, network, meeting, roles, credential = json.loads(signing.b64_decode(text.partition(":")[0].encode()))
    return Ticket(UUID(user), UUID(network), UUID(meeting), roles, credential)


def _none(self: Any, ticket: Ticket) -> None:
    return None
