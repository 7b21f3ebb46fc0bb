"""The first page: what is expected of me, and for the office how ready the next meeting is."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.test import Client

from meetings import clock
from meetings.agenda import services as agenda
from meetings.network.models import User
from meetings.network.selectors import system_actor
from meetings.network.services import add_membership
from meetings.scheduling import services as scheduling
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import url

Browser = Callable[[User | None], Client]


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_home_is_the_only_network(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    assert client.get("/")["Location"] == "/en/"
    assert client.get("/en/")["Location"] == url(home.network)


def test_home_in_the_persons_language(home: Side, browser_of: Browser) -> None:
    home.representative.language = "it"
    home.representative.save()
    assert browser_of(home.representative).get("/")["Location"] == "/it/"


def test_a_stranger_is_sent_to_sign_in(db: None, browser_of: Browser) -> None:
    client = browser_of(None)
    assert client.get("/")["Location"] == "/en/"
    assert "/en/accounts/login" in client.get("/en/")["Location"]


def test_several_networks_are_listed(world: World, browser_of: Browser) -> None:
    user = world.home.representative
    add_membership(actor=system_actor(world.away.network.pk), network=world.away.network, user=user, role="observer")
    text = page(browser_of(user), "/en/")
    assert url(world.home.network) in text and url(world.away.network) in text


def test_who_has_no_network_is_told_what_to_do(world: World, browser_of: Browser) -> None:
    assert world.nobody.email in page(browser_of(world.nobody), "/en/")


def test_the_missing_answer_can_be_given_at_once(home: Side, browser_of: Browser) -> None:
    text = page(browser_of(home.representative), url(home.network))
    assert f"Will {home.seats[0].name} take part?" in text
    assert url(home.network, "meetings", home.meeting.pk, "responses", home.seats[0].pk) in text


def test_date_time_and_zone_of_meeting_and_deadline(home: Side, browser_of: Browser) -> None:
    text = page(browser_of(home.representative), url(home.network))
    assert "Thursday 26 November 2026, 10:00 (Europe/Rome)" in text
    assert "Proposals are open until" in text and "Tuesday 24 November 2026, 10:00 (Europe/Rome)" in text


def test_italian_dates_on_italian_pages(home: Side, browser_of: Browser) -> None:
    assert "giovedì 26 novembre 2026, 10:00 (Europe/Rome)" in page(browser_of(home.representative), url(home.network, language="it"))


def test_after_the_deadline_it_says_so(home: Side, browser_of: Browser) -> None:
    with clock.at(datetime(2026, 11, 24, 9, 0, 1, tzinfo=UTC)):
        assert "Proposals closed on" in page(browser_of(home.representative), url(home.network))


def test_my_proposals_with_their_answer(home: Side, browser_of: Browser) -> None:
    item = factories.proposal(home, "Night buses")
    agenda.decline(actor=home.actor("coordinator"), item=item, answer="Ask the province.")
    factories.proposal(home, "Not mine at all", seat=4)
    text = page(browser_of(home.representative), url(home.network))
    assert "Night buses" in text and "Ask the province." in text and "Not mine at all" not in text


def test_ones_own_proposal_is_not_ones_own_to_decide_on(home: Side, browser_of: Browser) -> None:
    factories.proposal(home, "Night buses")
    text = page(browser_of(home.representative), url(home.network))
    assert "Night buses" in text and "Proposals to decide on" not in text and "/agenda/" not in text


def test_the_office_sees_who_has_answered_and_what_waits(home: Side, browser_of: Browser) -> None:
    factories.proposal(home, "Night buses", seat=4)
    scheduling.respond(actor=home.actor(home.representative), meeting=home.meeting, municipality=home.seats[0], answer="attending")
    text = page(browser_of(home.coordinator), url(home.network))
    assert "9 of 10 municipalities have not answered yet." in text
    assert "Night buses" in text and "What waits for the office" in text


def test_a_spokesperson_sees_who_is_silent_in_their_zone_and_reminds_them(home: Side, browser_of: Browser) -> None:
    scheduling.respond(actor=home.actor(home.representative), meeting=home.meeting, municipality=home.seats[0], answer="attending")
    own, client = home.zones[0], browser_of(home.spokesperson)
    text = page(client, url(home.network))
    link = f"{url(home.network, 'meetings', home.meeting.pk, 'remind')}?zone={own.pk}"
    silent = sum(seat.zone_id == own.pk for seat in home.seats) - 1
    assert own.name in text and home.zones[1].name not in text
    assert f"{silent} of {silent + 1} municipalities have not answered yet." in text and link in text
    assert client.get(link).status_code == 200
    assert "Remind the silent" not in page(browser_of(home.representative), url(home.network))


def test_a_representative_sees_no_cockpit(home: Side, browser_of: Browser) -> None:
    text = page(browser_of(home.representative), url(home.network))
    assert "Who has answered" not in text and "Overdue action items" not in text


def test_an_empty_network_says_what_comes_first(db: None, now: None, browser_of: Browser) -> None:
    network, coordinator = factories.make_network("empty", zones=0, seats=0)
    text = page(browser_of(coordinator), url(network))
    assert url(network, "municipalities", "import") in text and url(network, "people", "new") + "?role=chair" in text
    assert url(network, "series", "new") in text
    for parts in (("meetings",), ("series",), ("municipalities",)):
        assert "empty" in page(browser_of(coordinator), url(network, *parts))
