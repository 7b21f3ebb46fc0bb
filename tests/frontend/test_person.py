"""The bell, the profile, and ending one's other sessions, as pages."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from meetings import clock
from meetings.announcements.services import announce
from meetings.network.models import User
from meetings.news.models import NewsMark
from tests import factories
from tests.factories import NOW, Side
from tests.frontend.pages import hidden, post, queries, url
from tests.hostile import MARKUP

Browser = Callable[[User | None], Client]


def told(side: Side, title: str = "Snow") -> None:
    announce(actor=side.actor("coordinator"), network=side.network, zone=None, values={"title": title, "text": "Roads first"})


def test_the_bell_says_how_much_is_new(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    assert 'class="bell-count"' not in client.get(url(side.network)).content.decode()
    told(side)
    cache.clear()  # the number is kept for a moment
    page = client.get(url(side.network)).content.decode()
    assert '<span class="visually-hidden">1 new</span>' in page
    post(client, url(side.network, "news", "seen"))
    assert "1 new" not in client.get(url(side.network)).content.decode(), "looking ends what is kept"
    assert 'class="bell' not in client.get("/en/me/").content.decode()  # no network, no bell


def test_looking_changes_nothing_and_the_button_does(side: Side, browser_of: Browser) -> None:
    told(side, "Snow " + MARKUP)
    client, address = browser_of(side.representative), url(side.network, "news")
    for _time in range(2):
        page = client.get(address).content.decode()
        assert "Snow &lt;script&gt;" in page and MARKUP not in page and "Mark as read" in page
    assert not NewsMark.objects.exists()
    with clock.at(NOW + timedelta(minutes=1)):
        told(side, "More snow")  # comes in while the page is open
        assert post(client, f"{address}seen/", until=hidden(page, "until"))["Location"] == address
        page = client.get(address).content.decode()
    assert page.index("More snow") < page.index("Earlier") < page.index("Snow &lt;script&gt;")
    assert "1 new" in page


@pytest.mark.parametrize("until", ["", "yesterday", "2026-13-45T00:00:00Z", "2026-11-20T08:00:00", "9999-12-31T23:59:59Z", "\0"])
def test_a_strange_instant_is_now(side: Side, browser_of: Browser, until: str) -> None:
    told(side)
    client = browser_of(side.representative)
    assert client.post(url(side.network, "news", "seen"), {"until": until}, headers={"X-Seen": "1"}).status_code == 204
    assert NewsMark.objects.get().seen_at == clock.now()


def test_every_line_leads_to_a_page_that_the_reader_may_open(side: Side, browser_of: Browser) -> None:
    factories.approving(side)
    told(side)
    for user in (side.representative, side.coordinator, side.observer, side.chair):
        client = browser_of(user)
        page = client.get(url(side.network, "news")).content.decode()
        links = {part.partition('"')[0] for part in page.split('href="')[1:] if part.startswith("/go/")} - {"/go/privacy"}
        assert links
        for link in links:
            there = client.get(link, follow=True)
            assert there.status_code == 200, (user, link)


def test_the_count_costs_one_query(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    told(side)
    with patch("frontend.context.count_new", return_value=0):
        without = queries(client, url(side.network))
    assert queries(client, url(side.network)) == without + 1
    assert queries(client, url(side.network, "news")) <= 8


def test_the_profile_leads_everywhere(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    page = client.get("/en/me/").content.decode()
    here = url(side.network)
    for to in ("/en/me/passkeys/", "/en/me/tokens/", "/en/me/data/", "/en/me/address/", "/en/me/sessions/end/", f"{here}calendar/", here):
        assert f'href="{to}"' in page
        assert client.get(to).status_code == 200
    assert "/en/me/identities/" not in page  # no other server is configured


def test_signing_out_everywhere_else(side: Side, browser_of: Browser) -> None:
    here, phone, other = browser_of(side.representative), browser_of(side.representative), browser_of(side.other_representative)
    anonymous = Client()
    anonymous.post("/en/accounts/login/code/", {"email": "ada@example.org"})
    before = Session.objects.count()
    assert here.get("/en/me/sessions/end/").status_code == 200
    assert phone.get("/en/me/").status_code == 200
    assert post(here, "/en/me/sessions/end/").status_code == 303
    assert Session.objects.count() == before - 1
    assert (here.get("/en/me/").status_code, phone.get("/en/me/").status_code, other.get("/en/me/").status_code) == (200, 302, 200)


def test_signing_in_leads_to_ones_own_language(side: Side) -> None:
    from meetings.notifications.models import OutgoingEmail  # noqa: PLC0415

    User.objects.filter(pk=side.representative.pk).update(language="fr")
    client = Client()
    there = url(side.network, "news")
    client.post(f"/en/accounts/login/code/?next={there}", {"email": side.representative.email, "next": there})
    code = OutgoingEmail.objects.get(kind="sign_in_code").context["code"]
    answer = client.post("/en/accounts/login/code/confirm/", {"code": code, "next": there})
    assert answer["Location"] == url(side.network, "news", language="fr")
