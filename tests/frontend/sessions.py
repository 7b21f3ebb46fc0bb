"""What the session's page tests share."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from meetings.live import services as live
from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post, url

Browser = Callable[[User | None], Client]
ROLES = ("observer", "representative", "spokesperson", "chair", "coordinator", "auditor")


def room(side: Side, *parts: object) -> str:
    return url(side.network, "meetings", side.meeting.pk, "room", *parts)


def minutes(side: Side, *parts: object) -> str:
    return url(side.network, "meetings", side.meeting.pk, "minutes", *parts)


def press(client: Client, address: str, **fields: Any) -> HttpResponse:
    """A button that works, and that is answered with yes where it asks."""
    response: HttpResponse = post(client, address, **{"sure": "on", **fields})
    assert response.status_code == 303, (address, response.status_code, response.content.decode()[:2000])
    return response


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return " ".join(response.content.decode().split())


def full_session(side: Side) -> Meeting:
    """In session with every seat present and answering, a vote open."""
    meeting = factories.in_session(side)
    for seat, representative in zip(side.seats, side.representatives, strict=True):
        live.join(actor=side.actor(representative), meeting=meeting, municipality=seat)
    factories.open_poll(side, meeting)
    return meeting
