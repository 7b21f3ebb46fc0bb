"""Mail scanners open every link, by GET and HEAD, as often as they like and before the reader does: nothing may come of it.

The links are those of every kind of mail there is (tests/notifications/samples.py), led to things that exist.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client

from meetings.access import Role
from meetings.announcements import services as announcements
from meetings.network import invitations, own_address
from meetings.network.models import Membership, User
from meetings.notifications.letters import KINDS
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.rendering import compose
from meetings.notifications.unsubscribing import token_for
from meetings.privacy.services import ask_erasure
from meetings.scheduling import delegations
from meetings.scheduling.reply_links import reply_path
from tests import factories
from tests.factories import COORDINATOR, Side
from tests.notifications.samples import SAMPLES
from tests.notifications.test_letters import row_of
from tests.remembered import remembered

pytestmark = pytest.mark.one_database

REQUESTS = 500  # of each link, whatever answer it carries
FOLLOWED = 12  # of them: to where a redirect leads
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SHAPES: tuple[tuple[str, str], ...] = (
    (r"/unsubscribe/[^/]+", "/unsubscribe/<token>"),
    (r"/reply/[^/]+", "/reply/<token>"),
    (r"/go/invitation/[^/]+", "/go/invitation/<token>"),
    (r"/go/address/[^/]+", "/go/address/<token>"),
    (_ID.pattern, "<id>"),
)


def links_of(kind: str, number: int) -> set[str]:
    """Every address that a mail of this kind carries, in its text, its HTML and its headers."""
    message = compose(row_of(kind, number))
    html, headers = str(message.alternatives[0][0]), " ".join(map(str, message.extra_headers.values()))
    found = re.findall(r"https://home\.example\.org[^\s\"'<>]*", f"{message.body} {html} {headers}")
    return {urlsplit(link.replace("&amp;", "&"))._replace(scheme="", netloc="").geturl() for link in found}


def shape_of(link: str) -> str:
    """The link with `<id>` and `<token>` for what differs from mail to mail."""
    path, mark, query = link.partition("?")
    for sought, instead in SHAPES:
        path = re.sub(sought, instead, path)
    return path + mark + query


ALWAYS = (
    "/reply/<token>",
    "/reply/<token>?answer=regrets",
    "/go/invitation/<token>",
    "/go/address/<token>",
    "/unsubscribe/<token>",
    "/go/meeting/<id>",
)
"""Those that act by a POST, whatever the samples say."""


def all_shapes() -> list[str]:
    samples = ((kind, number) for kind in sorted(set(SAMPLES) & set(KINDS)) for number in range(len(SAMPLES[kind])))
    return sorted({*ALWAYS, *(shape_of(link) for kind, number in samples for link in links_of(kind, number))})


def make_things(side: Side) -> dict[str, Any]:
    """One of whatever a mail leads to, and who the mail was for."""
    office, seat = side.actor(COORDINATOR), side.actor(side.representative)
    membership = Membership.objects.get(user=side.representative)
    meeting = side.meetings[1]
    before = set(OutgoingEmail.objects.values_list("pk", flat=True))
    invited = factories.add_member(side.network, "Ines Invited", Role.OBSERVER)
    invitations.invite(actor=office, network=side.network, memberships=[Membership.objects.get(user=invited)])
    mail = OutgoingEmail.objects.exclude(pk__in=before).get(kind="invitation")
    own_address.ask(user=side.representative, email="new.address@example.org")
    address = OutgoingEmail.objects.get(kind="own_address")
    named = {"name": "Dina Delegate", "email": "dina@example.org", "office": "councillor"}
    delegation = delegations.name_delegate(actor=seat, municipality=side.seats[0], meeting=meeting, **named)
    said = announcements.announce(actor=office, network=side.network, values={"title": "Hello", "text": "All"})
    asked = ask_erasure(user=side.observer)[0]
    minutes = factories.circulated(side)
    item = factories.items(minutes.meeting)[0]
    return {
        "reader": side.representative,
        "coordinator": side.coordinator,
        "/go/invitation/<token>": f"/go/invitation/{mail.context['token']}",
        "/go/address/<token>": f"/go/address/{address.context['token']}",
        "/reply/<token>": reply_path(membership, meeting),
        "/unsubscribe/<token>": f"/unsubscribe/{token_for(side.representative.pk, next(k.name for k in KINDS.values() if k.label))}",
        "/": "/",
        "/go/privacy": "/go/privacy",
        "/go/my-data": "/go/my-data",
        "/go/identities": "/go/identities",
        "/go/passkeys": "/go/passkeys",
        "/go/meeting/<id>": f"/go/meeting/{minutes.meeting_id}",
        "/go/propose/<id>": f"/go/propose/{meeting.pk}",
        "/go/questions/<id>": f"/go/questions/{minutes.meeting_id}",
        "/go/minutes/<id>": f"/go/minutes/{minutes.pk}",
        "/go/item/<id>": f"/go/item/{item.pk}",
        "/go/agenda-item/<id>": f"/go/agenda-item/{item.pk}",
        "/go/action/<id>": f"/go/action/{minutes.meeting.action_items.get().pk}",
        "/go/action-item/<id>": f"/go/action-item/{minutes.meeting.action_items.get().pk}",
        "/go/announcement/<id>": f"/go/announcement/{said.pk}",
        "/go/delegation/<id>": f"/go/delegation/{delegation.pk}",
        "/go/erasure/<id>": f"/go/erasure/{asked.pk}",
    }


@pytest.fixture
def things(db: None, now: None) -> dict[str, Any]:
    return remembered("mailed", lambda: make_things(factories.make_side("home")))


def state() -> dict[str, tuple[int, str]]:
    """Every table: how many rows, and a digest of them all."""
    return {model._meta.label: _digest(model._meta.db_table) for model in apps.get_models(include_auto_created=True)}


def _digest(table: str) -> tuple[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
        rows = sorted(repr(row) for row in cursor.fetchall())
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def requests(clients: list[Client], addresses: list[str]) -> Iterator[Any]:
    """By turns GET and HEAD, by turns of everybody, by turns each of the addresses; some as a browser that goes on to where it is sent."""
    for number in range(REQUESTS):
        client = clients[number // 2 % len(clients)]
        ask = client.get if number % 2 == 0 else client.head
        yield ask(addresses[number // 6 % len(addresses)], follow=number < FOLLOWED)


def test_every_kind_of_mail_is_looked_at() -> None:
    assert sorted(set(KINDS) - set(SAMPLES)) == []


def test_every_link_leads_to_something_that_exists(things: dict[str, Any]) -> None:
    """A mail that carries a new kind of link fails here until the tests below open it too."""
    assert sorted({shape.partition("?")[0] for shape in all_shapes()} - set(things)) == []


def by_path() -> dict[str, list[str]]:
    """What is asked after each path: "" and the answers that a reply's link carries."""
    found: dict[str, list[str]] = {}
    for shape in all_shapes():
        path, mark, query = shape.partition("?")
        found.setdefault(path, []).append(mark + query)
    return found


@pytest.mark.parametrize("path", by_path())
def test_opening_a_mailed_link_changes_nothing(things: dict[str, Any], browser_of: Callable[[User | None], Client], path: str) -> None:
    clients = [browser_of(user) for user in (None, things["reader"], things["coordinator"])]
    before, statuses = state(), set()
    for number, response in enumerate(requests(clients, [things[path] + query for query in by_path()[path]])):
        statuses.add(response.status_code)
        if number % 20 == 0:
            cache.clear()  # throttles are no answer
    assert state() == before
    assert not {status for status in statuses if status >= 405}, statuses
    assert statuses & {200, 302}
