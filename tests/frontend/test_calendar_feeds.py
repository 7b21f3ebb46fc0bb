"""Private calendar addresses: shown once, listed without their secret, revoked."""

import re
from uuid import uuid4

import pytest

from meetings.calendar_feed.models import CalendarFeed
from tests.factories import Side, World
from tests.frontend.pages import post, queries, url
from tests.frontend.sessions import ROLES, Browser, page, press
from tests.hostile import TYPED


def feeds(side: Side, *parts: object) -> str:
    return url(side.network, "calendar", *parts)


@pytest.mark.parametrize("who", ROLES)
def test_an_address_is_shown_once_and_works(home: Side, browser_of: Browser, who: str) -> None:
    client = browser_of(getattr(home, who))
    response = post(client, feeds(home), label="My phone", alarm_minutes="30")
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    text = response.content.decode()
    found = re.search(r">(https?://[^<]*(/calendar/rcf_[^<]+\.ics))<", text)
    assert found and f'href="webcal://{found[1].partition("://")[2]}"' in text
    assert "Google Calendar" in text and "Outlook" in text and "Apple" in text
    assert client.get(found[2]).status_code == 200
    again = page(client, feeds(home))
    assert "rcf_" not in again and "My phone" in again and "reminder 30 minutes before" in again


def test_a_second_sending_makes_no_second_address_and_shows_no_secret(home: Side, browser_of: Browser) -> None:
    client, fields = browser_of(home.representative), {"idempotency_key": str(uuid4()), "label": "My phone"}
    first, second = client.post(feeds(home), fields), client.post(feeds(home), fields)
    assert b"rcf_" in first.content
    assert second.status_code == 303 and second["Location"] == feeds(home)
    assert CalendarFeed.objects.count() == 1


def test_revoking_is_confirmed_in_words(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    address = re.search(r"(/calendar/rcf_[^<]+\.ics)<", post(client, feeds(home), label="Old tablet").content.decode())
    assert address
    feed = CalendarFeed.objects.get()
    assert "“Old tablet”" in page(client, feeds(home, feed.pk, "revoke"))
    press(client, feeds(home, feed.pk, "revoke"))
    assert "Old tablet" not in page(client, feeds(home))
    feed.refresh_from_db()
    assert feed.revoked_at is not None


def test_anothers_feed_is_not_found(world: World, browser_of: Browser) -> None:
    post(browser_of(world.home.representative), feeds(world.home), label="Mine")
    feed = CalendarFeed.objects.get()
    for user in (world.home.coordinator, world.home.other_representative):
        assert post(browser_of(user), feeds(world.home, feed.pk, "revoke")).status_code == 404
    assert "Mine" not in page(browser_of(world.home.coordinator), feeds(world.home))


def test_bad_input_brings_the_form_back(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    assert post(client, feeds(home), label="x" * 81).status_code == 422
    assert post(client, feeds(home), alarm_minutes="7").status_code == 422
    for name in ("label", "alarm_minutes", "hide_cancelled", "idempotency_key"):
        for value in TYPED:
            assert post(client, feeds(home), **{name: value}).status_code in (200, 303, 409, 422), (name, value[:30])


def test_too_many_are_refused(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    codes = [post(client, feeds(home), label=str(n)).status_code for n in range(11)]
    assert codes == [200] * 10 + [409]


def test_few_queries(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    few = queries(client, feeds(home))
    for n in range(5):
        post(client, feeds(home), label=str(n))
    assert queries(client, feeds(home)) == few <= 12
