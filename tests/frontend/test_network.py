"""The directory, the settings, the profile, and the stable links."""

from collections.abc import Callable

import pytest
from django.test import Client

from meetings.action_items.models import ActionItem
from meetings.network.models import User
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import hidden, post, url

Browser = Callable[[User | None], Client]


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_everybody_by_zone_and_filtered_by_name(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.observer), url(home.network, "municipalities")
    text = text_of(client, address)
    assert all(seat.name in text for seat in home.seats) and all(zone.name in text for zone in home.zones)
    found = text_of(client, address + "?name=town%20003")
    assert home.seats[2].name in found and home.seats[3].name not in found
    assert home.seats[4].name in text_of(client, address + "?name=Representative%20005")


def test_addresses_for_who_may_see_them(home: Side, browser_of: Browser) -> None:
    address, near, far = url(home.network, "municipalities"), home.representatives[0].email, home.representatives[9].email
    seen = {who: text_of(browser_of(getattr(home, who)), address) for who in ("observer", "coordinator", "chair", "spokesperson")}
    assert {who: (near in text, far in text) for who, text in seen.items()} == {
        "observer": (False, False),
        "coordinator": (True, True),
        "chair": (True, True),
        "spokesperson": (True, False),
    }
    own = text_of(browser_of(home.representative), address)
    assert near in own and far not in own


def test_one_municipality(home: Side, browser_of: Browser) -> None:
    text = text_of(browser_of(home.observer), url(home.network, "municipalities", home.seats[0].pk))
    assert home.seats[0].name in text and home.representative.name in text and home.representative.email not in text


def test_settings(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "settings")
    fields = {
        "name": "Città metropolitana",
        "languages": ["it", "en"],
        "time_zone": "Europe/Rome",
        "threshold_municipalities": "2/5",
        "threshold_population": "1/2",
        "correction_days": 7,
        "version": hidden(text_of(client, address), "version"),
    }
    assert post(client, address, **fields).status_code == 303
    home.network.refresh_from_db()
    assert (home.network.name, home.network.threshold_municipalities) == ("Città metropolitana", "2/5")
    stale = post(client, address, **{**fields, "threshold_municipalities": "1/4"})
    assert stale.status_code == 412
    assert "2/5" in stale.content.decode() and "1/4" in stale.content.decode()


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Olympus"), ("threshold_population", "3/2"), ("languages", "tlh")])
def test_wrong_settings(home: Side, browser_of: Browser, field: str, value: str) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "settings")
    fields = {
        "name": "N",
        "languages": "it",
        "time_zone": "Europe/Rome",
        "threshold_municipalities": "1/3",
        "threshold_population": "1/2",
        "correction_days": 7,
        "version": 1,
    }
    response = post(client, address, **{**fields, field: value})
    assert response.status_code == 422
    assert browser_of(home.chair).get(address).status_code == 403


def test_the_profile_changes_the_language(home: Side, browser_of: Browser) -> None:
    response = post(browser_of(home.representative), "/en/me/", name="Rita Rossi", phone="", language="it")
    assert (response.status_code, response["Location"]) == (303, "/it/me/")
    home.representative.refresh_from_db()
    assert (home.representative.name, home.representative.language) == ("Rita Rossi", "it")


def test_stable_links_lead_to_the_readers_language(home: Side, browser_of: Browser) -> None:
    item = factories.proposal(home)
    client = browser_of(home.representative)
    links = {
        f"/go/meeting/{home.meeting.pk}": url(home.network, "meetings", home.meeting.pk),
        f"/go/meetings/{home.meeting.pk}": url(home.network, "meetings", home.meeting.pk),
        f"/go/propose/{home.meeting.pk}": url(home.network, "meetings", home.meeting.pk, "propose"),
        f"/go/item/{item.pk}": url(home.network, "agenda-items", item.pk),
    }
    for link, page in links.items():
        assert client.get(link)["Location"] == page
    home.representative.language = "it"
    home.representative.save()
    assert client.get(f"/go/item/{item.pk}")["Location"] == url(home.network, "agenda-items", item.pk, language="it")


def test_stable_links_are_nothing_to_strangers(world: World, browser_of: Browser) -> None:
    item = factories.proposal(world.home)
    links = [f"/go/{kind}/{pk}" for kind, pk in (("meeting", world.home.meeting.pk), ("item", item.pk), ("minutes", world.home.meeting.pk))]
    for link in [*links, f"/go/action/{item.pk}", f"/go/nothing/{item.pk}"]:
        assert browser_of(world.stranger).get(link).status_code == 404
        assert browser_of(None).get(link).status_code == 302
    assert browser_of(world.home.other_representative).get(links[1]).status_code == 404


def test_stable_links_to_minutes_and_action_items(home: Side, browser_of: Browser) -> None:
    minutes = factories.circulated(home)
    action = ActionItem.objects.get(meeting=minutes.meeting)
    client, page = browser_of(home.representative), url(home.network, "meetings", minutes.meeting_id, "minutes")
    assert client.get(f"/go/minutes/{minutes.pk}")["Location"] == page
    assert client.get(f"/go/minutes/{minutes.meeting_id}")["Location"] == page
    assert client.get(f"/go/action/{action.pk}")["Location"] == url(home.network, "action-items", action.pk)
