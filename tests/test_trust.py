"""What somebody who means harm would try: each test is a way in that must stay shut."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
import uvicorn
from django.test import Client
from uvicorn.server import ServerState

from coordination import limits
from meetings import clock
from meetings.action_items import services as action_items
from meetings.agenda import services as agenda
from meetings.calendar_feed import services as feeds
from meetings.calendar_feed.delivery import published
from meetings.documents.action_tracker_csv import neutralised
from meetings.errors import Invalid
from meetings.network import services as network
from meetings.network.models import Membership, User
from meetings.scheduling import services as scheduling
from tests import factories
from tests.factories import CHAIR, COORDINATOR, SERIES, Side

BrowserOf = Callable[[User | None], Client]


@pytest.mark.parametrize("charset", ["zlib", "idna", "undefined", "utf-16", '"punycode"'])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("path", ["/en/accounts/login/code/", "/demo/sign-in/"])
def test_a_strangers_charset_is_no_error_of_ours(side: Side, path: str, kind: str, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na\r\n--x--\r\n'
    careful = Client(enforce_csrf_checks=True)
    assert careful.generic("POST", path, body, content_type=f"{kind}; charset={charset}").status_code == 400


def test_a_form_may_say_that_it_is_utf_8(side: Side, browser_of: BrowserOf) -> None:
    form = "application/x-www-form-urlencoded; charset=UTF-8"
    assert browser_of(side.observer).post("/en/me/", "name=Zoë&language=en", content_type=form).status_code == 303


def body_of(*pieces: bytes) -> limits.Receive:
    messages: list[limits.Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]

    async def receive() -> limits.Message:
        return messages.pop(0) if messages else {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def reading(scope: dict[str, Any], receive: limits.Receive, send: limits.Send) -> None:
    """An application that reads to the end, as Django does, before it answers."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.mark.parametrize(
    ("headers", "pieces", "status"),
    [
        ([], [b"x" * 30], 200),
        ([], [b"x" * 30, b"x" * 11], 413),
        ([(b"content-length", b"41")], [], 413),
        ([(b"content-length", b"9" * 5000)], [], 413),
        ([(b"content-length", b"many")], [], 200),
    ],
)
def test_nobody_fills_the_disk(settings: Any, headers: list[tuple[bytes, bytes]], pieces: list[bytes], status: int) -> None:
    settings.ATTACHMENT_MAX_BYTES = 20
    sent: list[limits.Message] = []

    async def send(message: limits.Message) -> None:
        sent.append(message)

    asyncio.run(limits.bounded(reading)({"type": "http", "headers": headers}, body_of(*pieces), send))
    assert sent[0]["status"] == status


def connection() -> tuple[limits.Http, MagicMock]:
    transport = MagicMock()
    transport.is_closing.side_effect = lambda: transport.close.called
    config = uvicorn.Config(reading, http=limits.Http, lifespan="off", log_config=None)
    loop = MagicMock()
    loop.create_task.side_effect = lambda begun, **more: begun.close() or MagicMock()  # nobody answers: only what comes in counts
    line = limits.Http(config=config, server_state=ServerState(), app_state={}, _loop=loop)
    line.connection_made(transport)
    return line, transport


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (b"GET /", b"a" * 4096),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"a" * 4096),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", b"a: b\r\n" * 700),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a" * 4096),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a" * 4096),
    ],
)
def test_nobody_fills_the_memory_with_headers(begin: bytes, piece: bytes) -> None:
    line, transport = connection()
    line.data_received(begin)
    for _ in range(limits.LARGEST_HEAD // len(piece) + 2):
        if not transport.close.called:
            line.data_received(piece)
    assert transport.close.called


def test_a_long_body_is_no_long_head() -> None:
    line, transport = connection()
    line.data_received(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
    for _ in range(9):
        line.data_received(b"a" * 1_000_000)
    assert not transport.close.called


def test_who_is_removed_after_midnight_loses_the_calendar_at_once(side: Side) -> None:
    """In Rome it is the 21st, in Greenwich still the 20th."""
    with clock.at(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)):
        _feed, token = feeds.create_feed(actor=side.actor(side.representative), network=side.network)
        membership = Membership.objects.get(user=side.representative, network=side.network)
        network.end_membership(actor=side.actor(COORDINATOR), membership=membership)
        assert published(token) is None


def test_what_the_office_asked_to_change_is_not_published(side: Side, api: Any) -> None:
    office, seat = side.actor(COORDINATOR), side.actor(side.representative)
    item = agenda.return_(actor=office, item=factories.proposal(side), reason="Leave out the mayor's illness")
    item = agenda.accept(actor=office, item=agenda.submit(actor=seat, item=item))
    agenda.publish(actor=office, meeting=item.meeting)
    assert api(side.observer).get(f"agenda-items/{item.pk}/").json()["answer"] == ""


def test_an_action_item_does_not_name_a_proposal_that_few_may_see(side: Side) -> None:
    declined = agenda.decline(actor=side.actor(COORDINATOR), item=factories.proposal(side, seat=4), answer="No")
    meeting = factories.in_session(side)
    with pytest.raises(Invalid):
        action_items.create(actor=side.actor(CHAIR), meeting=meeting, values={"title": "A"}, owner=None, agenda_item=declined)


@pytest.mark.parametrize("slug", ["me", "accounts", "ME"])
def test_no_network_takes_an_address_that_is_taken(db: None, slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        network.create_network(slug=slug, name="Me", coordinator_email="a@example.org")
    assert list(refused.value.errors) == ["slug"]


@pytest.mark.parametrize("cell", ["Bus;=cmd|' /C calc'!A0;x", "a\t@SUM(1)", "a,+1", "a;  -1", 'a";"=1', "a\n=1"])
def test_a_formula_hides_behind_no_other_separator(cell: str) -> None:
    """Where the comma is the decimal sign, as in Italy, spreadsheets split a file at its semicolons."""
    for separator in ";,\t\n":
        for part in neutralised(cell).split(separator):
            assert not part.strip(' "').startswith(("=", "+", "-", "@"))


def test_a_hyphen_within_words_stays(side: Side) -> None:
    assert neutralised("Moncalieri - Nichelino; bus 35-36, 2 + 3") == "Moncalieri - Nichelino; bus 35-36, 2 + 3"


def test_a_wrong_year_does_not_make_a_thousand_meetings(side: Side) -> None:
    """All in one request, while everybody else's writes wait."""
    values = {**SERIES, "starts_on": date(2000, 1, 1)}
    with pytest.raises(Invalid) as refused:
        scheduling.create_series(actor=side.actor(COORDINATOR), network=side.network, values=values)
    assert list(refused.value.errors) == ["starts_on"]
