"""What somebody who means harm would try: each test is a way in that must stay shut."""

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
import uvicorn
from django.db import transaction
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
from meetings.network import invitations
from meetings.network import services as network
from meetings.network.models import Membership, User
from meetings.notifications.letters import KINDS
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.unsubscribing import token_for
from meetings.privacy.services import erase_person
from meetings.scheduling import services as scheduling
from meetings.scheduling.reply_links import reply_path
from tests import access_matrix_pages, factories
from tests.access_matrix import SCENES, Row, Scene
from tests.factories import CHAIR, COORDINATOR, SERIES, Side, World
from tests.hostile import CELLS
from tests.test_access_matrix import address, body

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


@pytest.mark.parametrize("cell", CELLS)
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


def _swapped(scene: Scene) -> Iterator[tuple[Row, str]]:
    """Each page of a network that names a thing by its id, with another network's slug before it."""
    for row in access_matrix_pages.ROWS:
        if "<slug:slug>/" in row.path and "<uuid:" in row.path and row.scene == "scheduled":
            yield row, address(row, scene).replace("/home/", "/away/", 1)


def test_no_page_shows_another_networks_thing_under_ones_own(world: World, browser_of: BrowserOf) -> None:
    """A coordinator elsewhere, who may do everything there, brings ids from here."""
    scene = SCENES["scheduled"](world)
    client, wrong = browser_of(world.stranger), []
    for row, there in _swapped(scene):
        content_type, data = body(row, scene)
        with transaction.atomic():
            response = client.generic(row.method, there, data, content_type=content_type)
            transaction.set_rollback(True)
        if response.status_code != 404 or b"canary-home" in response.content:
            wrong.append(f"{row.method} {row.path}: {response.status_code}")
    assert wrong == []


def test_a_reply_link_gives_one_seat_in_one_meeting_and_ends_with_the_membership(world: World, browser_of: BrowserOf) -> None:
    home, anybody = world.home, browser_of(None)
    membership = Membership.objects.get(user=home.representative)
    link, form = reply_path(membership, home.meeting), {"answer": "regrets", "reason": "Ill"}
    elsewhere = reply_path(membership, world.away.meeting)
    assert anybody.get(elsewhere).status_code == anybody.post(elsewhere, form).status_code == 404
    tampered = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert anybody.post(tampered, form).status_code == 404
    assert anybody.post(link, form).status_code == 303
    assert "Ill" not in anybody.get(link).content.decode()
    network.end_membership(actor=home.actor(COORDINATOR), membership=membership)
    assert anybody.get(link).status_code == anybody.post(link, form).status_code == 404


def test_a_forwarded_reply_link_makes_nobody_a_delegate(side: Side, browser_of: BrowserOf) -> None:
    membership = Membership.objects.get(user=side.representative)
    thief = {
        "answer": "substitute",
        "substitute_name": "Theo Thief",
        "substitute_email": "theo@example.org",
        "substitute_office": "officer",
    }
    response = browser_of(None).post(reply_path(membership, side.meeting), thief)
    assert response.status_code == 303
    assert not Membership.objects.filter(user__email="theo@example.org").exists()
    assert not User.objects.filter(email="theo@example.org").exists()


def _secret_pages(side: Side) -> list[str]:
    membership = Membership.objects.get(user=side.representative)
    before = set(OutgoingEmail.objects.values_list("pk", flat=True))
    invitations.invite(actor=side.actor(COORDINATOR), network=side.network, memberships=[membership])
    token = OutgoingEmail.objects.exclude(pk__in=before).get(kind="invitation").context["token"]
    kind = next(kind.name for kind in KINDS.values() if kind.label)
    return [reply_path(membership, side.meeting), f"/unsubscribe/{token_for(side.representative.pk, kind)}", f"/en/invitation/{token}/"]


def test_a_page_whose_address_is_the_secret_keeps_it(side: Side, browser_of: BrowserOf) -> None:
    """No cache keeps it, no other site learns it, nothing on it is fetched from elsewhere."""
    for page in _secret_pages(side):
        response = browser_of(None).get(page)
        assert response.status_code == 200, page
        assert "private" in response.headers["Cache-Control"], page
        assert response.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), page
        assert not re.search(r'(src|href)="(https?:)?//', response.content.decode()), page


def test_a_forwarded_invitation_opens_nothing_for_anybody_else(world: World, browser_of: BrowserOf) -> None:
    home = world.home
    *_others, page = _secret_pages(home)
    for user in (world.stranger, world.nobody, home.observer):
        assert browser_of(user).post(page, {"idempotency_key": "x"}).status_code == 404
    asked = browser_of(None).post(page)
    assert asked.headers["Location"].startswith("/en/accounts/login/code/?next=%2Fen%2Finvitation%2F")
    owner = browser_of(home.representative)
    assert owner.post(page, {"idempotency_key": "1"}).status_code == 303
    assert owner.post(page, {"idempotency_key": "2"}).status_code == 409


@pytest.mark.parametrize("where", ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)"])
def test_no_form_leads_to_another_site(side: Side, browser_of: BrowserOf, where: str) -> None:
    reply_link, unsubscribe, invitation = _secret_pages(side)
    pages = (reply_link, unsubscribe, invitation, "/en/me/data/erase/", "/en/accounts/login/code/")
    for page in pages:
        for client in (browser_of(None), browser_of(side.representative)):
            response = client.post(page, {"next": where, "to": where, "back": where, "answer": "attending", "email": "a@example.org"})
            assert "evil" not in response.headers.get("Location", ""), page
            assert "javascript" not in response.headers.get("Location", ""), page


def test_everybodys_mail_is_read_in_the_demo_alone(side: Side, browser_of: BrowserOf) -> None:
    _secret_pages(side)
    mail = OutgoingEmail.objects.get(kind="invitation")
    for user in (None, side.coordinator):
        for page in ("/dev/mail/", f"/dev/mail/{mail.pk}/", f"/dev/mail/{mail.pk}/html"):
            response = browser_of(user).get(page, follow=True)
            assert mail.context["token"] not in response.content.decode()
            assert mail.address not in response.content.decode()


def test_the_outbox_shows_no_secret_that_a_mail_carries(side: Side, browser_of: BrowserOf, api: Any) -> None:
    _secret_pages(side)
    token = OutgoingEmail.objects.get(kind="invitation").context["token"]
    assert token not in browser_of(side.coordinator).get(f"/en/{side.network.slug}/mail/").content.decode()
    assert token not in api(side.coordinator).get("me/data").content.decode()


def test_who_was_erased_is_reached_by_no_old_link(side: Side, browser_of: BrowserOf) -> None:
    pages = _secret_pages(side)
    erase_person(actor=None, user=side.representative)
    reply_link, unsubscribe, invitation = pages
    assert browser_of(None).get(reply_link).status_code == 404
    assert browser_of(None).get(invitation).status_code == 404
    browser_of(None).post(unsubscribe, {"List-Unsubscribe": "One-Click"})
    assert side.representative.email not in browser_of(None).get(unsubscribe).content.decode()
