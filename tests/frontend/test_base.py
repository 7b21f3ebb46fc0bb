"""The mechanism of all form pages: who gets in, what comes back, and that a second sending changes nothing."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.network.models import User
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import hidden, post, url
from tests.hostile import MARKUP

Browser = Callable[[User | None], Client]


def test_strangers_sign_in_and_come_back(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "meetings", home.meeting.pk)
    response = browser_of(None).get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/en/accounts/login/code/?next={address}"


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_a_foreign_network_does_not_exist(world: World, browser_of: Browser, who: str) -> None:
    client = browser_of(getattr(world, who))
    unknown = client.get("/en/no-such-network/")
    foreign = client.get(url(world.home.network))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert world.home.network.name not in foreign.content.decode()


def test_another_networks_rows_are_not_found_under_ones_own(world: World, browser_of: Browser) -> None:
    client = browser_of(world.home.coordinator)
    foreign = factories.proposal(world.away)
    for parts in (("meetings", world.away.meeting.pk), ("agenda-items", foreign.pk), ("series", world.away.series.pk)):
        assert client.get(url(world.home.network, *parts)).status_code == 404
    assert client.get(url(world.home.network, "municipalities", world.away.seats[0].pk)).status_code == 404


def test_pages_are_private(home: Side, browser_of: Browser) -> None:
    response = browser_of(home.representative).get(url(home.network))
    assert "private" in response["Cache-Control"] and "Cookie" in response["Vary"]


def test_a_second_sending_changes_nothing(home: Side, browser_of: Browser) -> None:
    client, address, key = browser_of(home.representative), url(home.network, "meetings", home.meeting.pk, "propose"), str(uuid4())
    fields = {"title": "Buses", "kind": "discussion", "duration_minutes": 10, "proposer": home.seats[0].pk, "idempotency_key": key}
    first, second = client.post(address, fields), client.post(address, fields)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert AgendaItem.objects.count() == 1


def test_another_form_under_the_same_key_is_refused(home: Side, browser_of: Browser) -> None:
    client, address, key = browser_of(home.representative), url(home.network, "meetings", home.meeting.pk, "propose"), str(uuid4())
    fields = {"title": "Buses", "kind": "discussion", "duration_minutes": 10, "proposer": home.seats[0].pk, "idempotency_key": key}
    client.post(address, fields)
    again = client.post(address, {**fields, "title": "Trains"})
    assert again.status_code == 409
    assert hidden(again.content.decode(), "idempotency_key") != key
    assert AgendaItem.objects.count() == 1


def test_wrong_input_comes_back_with_all_that_was_typed(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.representative), url(home.network, "meetings", home.meeting.pk, "propose")
    response = post(
        client, address, title="", text="Much work " + MARKUP, kind="discussion", duration_minutes=10, proposer=home.seats[0].pk
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "Much work &lt;script&gt;" in page and MARKUP not in page


def test_saving_over_anothers_text_shows_both(home: Side, browser_of: Browser) -> None:
    item, client = factories.proposal(home, "Buses", text="first"), browser_of(home.representative)
    address = url(home.network, "agenda-items", item.pk, "edit")
    opened_at = hidden(client.get(address).content.decode(), "version")
    agenda.edit(actor=home.actor(home.representative), item=item, values={"text": "theirs " + MARKUP})
    mine = {"title": "Buses", "text": "mine " + MARKUP, "kind": "discussion", "duration_minutes": 10}
    response = post(client, address, **mine, version=opened_at)
    page = response.content.decode()
    assert response.status_code == 412
    assert "theirs &lt;script&gt;" in page and "mine &lt;script&gt;" in page and MARKUP not in page
    assert page.count("Theirs, saved") == 1  # only what differs is shown
    saved = post(client, address, **mine, version=hidden(page, "version"))
    assert saved.status_code == 303
    item.refresh_from_db()
    assert item.text.startswith("mine")


def test_an_edit_says_which_version_it_saw(home: Side, browser_of: Browser) -> None:
    item = factories.proposal(home)
    address = url(home.network, "agenda-items", item.pk, "edit")
    response = post(browser_of(home.representative), address, title="T", kind="discussion", duration_minutes=5)
    assert response.status_code == 422


def test_what_the_state_forbids_is_said_on_the_page(home: Side, browser_of: Browser) -> None:
    item = factories.accepted(home)
    response = post(browser_of(home.coordinator), url(home.network, "agenda-items", item.pk, "decline"), answer="No, thank you")
    page = response.content.decode()
    assert response.status_code == 409
    assert "No, thank you" in page and "no longer possible" in page


def test_not_allowed_is_a_page(home: Side, browser_of: Browser) -> None:
    response = browser_of(home.representative).get(url(home.network, "series", "new"))
    assert response.status_code == 403
    assert "You are not allowed to do this" in response.content.decode()


def test_a_form_without_its_token_shows_what_was_typed(home: Side) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(url(home.network, "meetings", home.meeting.pk, "propose"), {"title": "My long " + MARKUP})
    page = response.content.decode()
    assert response.status_code == 403
    assert "My long &lt;script&gt;" in page and MARKUP not in page
