"""Every planning page takes few queries, and as many for 312 seats as for ten."""

import gzip
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from meetings.announcements.services import announce
from meetings.network.models import User
from meetings.scheduling import services as scheduling
from meetings.scheduling.absences import declare_absence
from meetings.scheduling.delegations import name_delegate
from tests import factories
from tests.factories import Side
from tests.frontend.pages import queries, url

MOST = 12
FAR = date(2027, 6, 1)
FIRST_FLIGHT = 14_000  # bytes, compressed
LONG = ("directory", "agenda", "responses", "remind")
PAGES = (
    "dashboard",
    "meetings",
    "meeting",
    "agenda",
    "propose",
    "item",
    "edit",
    "respond",
    "responses",
    "remind",
    "announcements",
    "announce",
    "delegations",
    "delegate",
    "absences",
    "series",
    "series_one",
    "series_change_from",
    "move",
    "extra",
    "holidays",
    "directory",
    "town",
    "backlog",
)


def addresses(side: Side) -> dict[str, str]:
    meeting, network = side.meeting.pk, side.network
    item = side.meeting.agenda_items.filter(state="proposed").first()
    assert item
    return {
        "dashboard": url(network),
        "meetings": url(network, "meetings"),
        "meeting": url(network, "meetings", meeting),
        "agenda": url(network, "meetings", meeting, "agenda"),
        "propose": url(network, "meetings", meeting, "propose"),
        "item": url(network, "agenda-items", item.pk),
        "edit": url(network, "agenda-items", item.pk, "edit"),
        "respond": url(network, "meetings", meeting, "responses", side.seats[0].pk),
        "responses": url(network, "meetings", meeting, "responses"),
        "remind": url(network, "meetings", meeting, "remind"),
        "announcements": url(network, "announcements"),
        "announce": url(network, "announcements", "new"),
        "delegations": url(network, "delegations"),
        "delegate": url(network, "delegations", "new"),
        "absences": url(network, "absences"),
        "series": url(network, "series"),
        "series_one": url(network, "series", side.series.pk),
        "series_change_from": url(network, "series", side.series.pk, "change-from"),
        "move": url(network, "meetings", meeting, "move"),
        "extra": url(network, "meetings", "new"),
        "holidays": url(network, "settings", "holidays"),
        "directory": url(network, "municipalities"),
        "backlog": url(network, "backlog"),
        "town": url(network, "municipalities", side.seats[0].pk),
    }


def lively(side: Side) -> Side:
    """With a proposal and an answer of every third seat."""
    factories.scheduled(side)
    for n in range(0, len(side.seats), 3):
        scheduling.respond(
            actor=side.actor(side.representatives[n]), meeting=side.meeting, municipality=side.seats[n], answer="regrets", reason="ill"
        )
        someone = {"name": f"Deputy {n}", "email": f"deputy.{n}@example.org", "valid_from": FAR, "valid_until": FAR}
        name_delegate(actor=side.actor(side.coordinator), municipality=side.seats[n], **someone)
        declare_absence(actor=side.actor(side.representatives[n]), network=side.network, valid_from=FAR, valid_until=FAR)
        if n:
            factories.proposal(side, f"Proposal {n}", seat=n)
    for zone in (None, *side.zones):
        announce(actor=side.actor(side.coordinator), network=side.network, zone=zone, values={"title": "Snow", "text": "Stay in."})
    return side


def counted(side: Side, user: User, browser_of: Callable[[User | None], Client], pages: tuple[str, ...]) -> dict[str, int]:
    client, all_pages = browser_of(user), addresses(side)
    return {name: queries(client, all_pages[name]) for name in pages}


@pytest.mark.one_database
@pytest.mark.timeout(300)
def test_the_number_of_queries_is_small_and_does_not_grow(
    few_and_many: tuple[Side, Side], browser_of: Callable[[User | None], Client]
) -> None:
    small, large = (lively(side) for side in few_and_many)
    for who in ("coordinator", "representative"):
        pages = PAGES if who == "coordinator" else ("dashboard", "meetings", "meeting", "propose", "respond", "directory", "town")
        few, many = (counted(side, getattr(side, who), browser_of, pages) for side in (small, large))
        assert few == many, who
        assert max(few.values()) <= MOST, (who, few)
        assert heavy(large, getattr(large, who), browser_of, pages) == {}


def heavy(side: Side, user: User, browser_of: Callable[[User | None], Client], pages: tuple[str, ...]) -> dict[str, int]:
    """The pages without a long list whose HTML does not fit into TCP's first flight, with their size in bytes."""
    client, all_pages = browser_of(user), addresses(side)
    sizes = {name: len(gzip.compress(client.get(all_pages[name]).content)) for name in pages if name not in LONG}
    return {name: size for name, size in sizes.items() if size > FIRST_FLIGHT}
