"""What the server answers to forms that the room's outbox sends: docs/adr/0022-the-rooms-islands.md."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from meetings.live.models import Attendance
from meetings.network.models import User
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post
from tests.frontend.sessions import room

Browser = Callable[[User | None], Client]
pytestmark = pytest.mark.django_db


LATE = 8
"""A seat that is not present yet."""


@pytest.fixture
def join(side: Side) -> str:
    factories.in_session(side)
    return room(side, "seats", side.seats[LATE].pk, "join")


def send(client: Client, address: str, sender: object, key: str = "", **fields: str) -> HttpResponse:
    response: HttpResponse = client.post(address, {"idempotency_key": key or str(uuid4()), **fields}, headers={"X-Outbox": str(sender)})
    return response


def come(side: Side) -> int:
    """How often the seat has come in."""
    return Attendance.objects.filter(municipality=side.seats[LATE]).count()


def test_a_form_is_answered_with_where_to_go_on(side: Side, browser_of: Browser, join: str) -> None:
    user = side.representatives[LATE]
    response = send(browser_of(user), join, user.pk)
    assert (response.status_code, response["X-Outbox"], come(side)) == (200, "1", 1)
    assert json.loads(response.content) == {"to": room(side) + "#mine"}


def test_a_retry_changes_nothing(side: Side, browser_of: Browser, join: str) -> None:
    user, key = side.representatives[LATE], str(uuid4())
    answers = {send(browser_of(user), join, user.pk, key).content for _again in range(3)}
    assert (len(answers), come(side)) == (1, 1)


def test_what_the_server_says_is_said_on_the_next_page(side: Side, browser_of: Browser, join: str) -> None:
    user = side.representative
    client = browser_of(user)
    send(client, room(side, "seats", side.seats[0].pk, "floor"), user.pk, kind="reply")
    refreshed = client.get(room(side), headers={"X-Live-Refresh": "1"}).content.decode()
    assert "You are on the list of speakers." in refreshed


def test_a_refusal_is_the_page_that_shows_it(side: Side, browser_of: Browser, join: str) -> None:
    user = side.representative
    response = send(browser_of(user), room(side, "seats", side.seats[0].pk, "floor"), user.pk, kind="nonsense")
    assert (response.status_code, response["X-Outbox"]) == (422, "1")
    assert b"error-summary" in response.content


@pytest.mark.parametrize("signed_in", ["nobody", "somebody else"])
def test_no_form_is_sent_under_another_name(side: Side, browser_of: Browser, join: str, signed_in: str) -> None:
    client = browser_of(None if signed_in == "nobody" else side.representatives[LATE])
    response = send(client, join, side.representative.pk)
    assert (response.status_code, response["X-Outbox"], come(side)) == (401, "1", 0)


def test_who_may_not_is_refused_as_elsewhere(side: Side, browser_of: Browser, join: str) -> None:
    user = side.representative
    response = send(browser_of(user), join, user.pk)
    assert (response.status_code, response["X-Outbox"]) == (403, "1")


def test_other_requests_are_answered_as_ever(side: Side, browser_of: Browser, join: str) -> None:
    client = browser_of(side.representatives[LATE])
    assert post(client, join).status_code == 303
    assert "X-Outbox" not in client.get(room(side), headers={"X-Outbox": "anybody"})
