"""The accessibility statement, which everybody reads and every page leads to, and the style guide."""

from collections.abc import Callable

import pytest
from django.test import Client

from meetings.network.models import User
from meetings.privacy import services
from tests.factories import COORDINATOR, Side, World
from tests.frontend.pages import queries, url
from tests.frontend.sessions import page

Browser = Callable[[User | None], Client]
TERMS = {"contacts_days": 90, "reasons_days": 60, "drafts_days": 120}
SECTIONS = (
    "State of conformity",
    "Content that is not accessible",
    "self-assessment",
    "within 30 days",
    "Difensore civico per il digitale",
)


def test_everybody_reads_the_statement(side: Side, browser_of: Browser) -> None:
    stranger = browser_of(None)
    shown = page(stranger, "/en/accessibility/")
    assert [words for words in SECTIONS if words not in shown] == []
    assert side.network.name not in shown
    assert queries(stranger, "/en/accessibility/") <= 2


def test_it_names_the_body_and_where_to_write(side: Side, browser_of: Browser) -> None:
    values = {"controller": "Città metropolitana", "contact": "accesso@example.org\n<b>Tel</b>", **TERMS}
    services.change_policy(actor=side.actor(COORDINATOR), network=side.network, values=values)
    for path in ("/en/accessibility/", "/en/accessibility/home/"):
        shown = page(browser_of(None), path)
        assert "Accessibility statement of Città metropolitana" in shown
        assert "accesso@example.org<br>&lt;b&gt;Tel" in shown


def test_a_network_without_a_contact_gives_its_mails_sender(side: Side, browser_of: Browser) -> None:
    side.network.sender_address = "office@example.org"
    side.network.save()
    shown = page(browser_of(side.observer), "/en/accessibility/home/")
    assert "mailto:office@example.org" in shown
    assert url(side.network, "municipalities") in shown


def test_of_several_networks_each_has_its_own(world: World, browser_of: Browser) -> None:
    home, away = world.home, world.away
    member = browser_of(home.observer)
    assert "/en/accessibility/home/" in page(member, "/en/accessibility/")
    assert "/en/accessibility/away/" not in page(member, "/en/accessibility/")
    asked = [client.get("/en/accessibility/home/").status_code for client in (browser_of(None), browser_of(away.observer), member)]
    assert asked == [404, 404, 200]


@pytest.mark.parametrize("language", ["en", "it", "fr"])
def test_every_page_leads_to_it(side: Side, browser_of: Browser, language: str) -> None:
    assert f'href="/{language}/accessibility/"' in page(browser_of(None), f"/{language}/accounts/login/code/")
    assert f'href="/{language}/accessibility/home/"' in page(browser_of(side.observer), f"/{language}/home/")


@pytest.mark.parametrize("language", ["en", "it", "fr"])
def test_the_style_guide_shows_every_component_without_any_data(side: Side, browser_of: Browser, language: str) -> None:
    client = browser_of(None)
    shown = page(client, f"/{language}/styleguide/")
    assert side.network.name not in shown
    assert queries(client, f"/{language}/styleguide/") == 0
    for markup in (
        "badge-live",
        "alert-danger",
        'aria-invalid="true"',
        "table-stack",
        "running-order",
        "quorum-graph",
        "<dialog",
        "pagination",
    ):
        assert markup in shown, markup
