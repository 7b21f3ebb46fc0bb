"""The pages of privacy: the notice, a person's own data, and the office's."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from meetings import clock
from meetings.access import Role
from meetings.network.models import Network, User
from meetings.notifications.models import OutgoingEmail
from meetings.privacy import services
from meetings.privacy.models import ErasureRequest
from tests import factories
from tests.factories import COORDINATOR, NOW, Side, World
from tests.frontend.pages import post, queries, url
from tests.frontend.sessions import page, press
from tests.hostile import MARKUP, TYPED

Browser = Callable[[User | None], Client]
TERMS = {"contacts_days": 90, "reasons_days": 60, "drafts_days": 120}


def office(side: Side, *parts: object) -> str:
    return url(side.network, "settings", "privacy", *parts)


def test_everybody_reads_the_notice_in_their_language(side: Side, browser_of: Browser) -> None:
    stranger = browser_of(None)
    assert "Only technical ones" in page(stranger, "/en/privacy/")
    assert stranger.get("/go/privacy").headers["Location"] == "/en/privacy/"
    assert stranger.get("/go/privacy", headers={"Accept-Language": "it"}).headers["Location"] == "/it/privacy/"
    assert queries(stranger, "/en/privacy/") <= 2
    assert stranger.get("/en/privacy/").headers["Cache-Control"] == "private, no-cache"


def test_the_one_network_of_an_installation_says_who_it_is_when_it_wants_to(side: Side, browser_of: Browser) -> None:
    stranger = browser_of(None)
    assert side.network.name not in page(stranger, "/en/privacy/")
    values = {"controller": "Città metropolitana", "contact": "privacy@example.org\n<b>Tel</b>", "legal_basis": "Law 56/2014", **TERMS}
    services.change_policy(actor=side.actor(COORDINATOR), network=side.network, values=values)
    shown = page(stranger, "/en/privacy/")
    assert "Privacy notice of Città metropolitana" in shown
    assert "Law 56/2014" in shown
    assert "until 90 days after" in shown
    assert "&lt;b&gt;Tel" in shown


def test_of_several_networks_each_has_its_own_notice(world: World, browser_of: Browser) -> None:
    home, away = world.home, world.away
    stranger, member = browser_of(None), browser_of(home.observer)
    assert "Network" not in page(stranger, "/en/privacy/")
    assert "/en/privacy/home/" in page(member, "/en/privacy/")
    assert "/en/privacy/away/" not in page(member, "/en/privacy/")
    assert [client.get("/en/privacy/home/").status_code for client in (stranger, browser_of(away.observer), member)] == [404, 404, 200]
    services.change_policy(actor=home.actor(COORDINATOR), network=home.network, values={"controller": "The city"})
    assert stranger.get("/en/privacy/home/").status_code == 200


@pytest.mark.parametrize("address", ["/en/accounts/login/code/", "/en/privacy/", "/en/me/", "/en/home/", "/en/nothing/here/"])
def test_the_notice_is_linked_from_the_foot_of_every_page(side: Side, browser_of: Browser, address: str) -> None:
    client = browser_of(None if "login" in address else side.observer)
    assert "Privacy and cookies</a>" in client.get(address).content.decode()


def test_a_person_sees_what_is_held_and_takes_it_along(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    assert side.representative.email in page(client, "/en/me/data/")
    assert json.loads(client.get("/en/me/data/file/").content)["profile"]["email"] == side.representative.email
    assert "no-store" in client.get("/en/me/data/file/").headers["Cache-Control"]
    assert client.get("/go/my-data").headers["Location"] == "/en/me/data/"


def test_a_person_asks_to_be_erased_and_thinks_again(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.representative)
    assert "public acts and stay" in page(client, "/en/me/data/erase/")
    press(client, "/en/me/data/erase/")
    assert "You have asked to be erased" in page(client, "/en/me/data/")
    press(client, "/en/me/data/stay/")
    assert ErasureRequest.objects.get().state == "withdrawn"
    assert "You can ask the office" in page(client, "/en/me/data/")


def test_who_has_no_part_in_any_network_is_told_whom_to_ask(world: World, browser_of: Browser) -> None:
    response = post(browser_of(world.nobody), "/en/me/data/erase/")
    assert (response.status_code, "whoever runs this installation" in response.content.decode()) == (409, True)


def test_the_office_reads_first_and_then_erases(side: Side, browser_of: Browser) -> None:
    [request] = services.ask_erasure(user=side.observer)
    client = browser_of(side.coordinator)
    assert side.observer.name in page(client, office(side))
    assert client.get(f"/go/erasure/{request.pk}").headers["Location"] == office(side, "requests", request.pk)
    shown = page(client, office(side, "requests", request.pk))
    assert "This cannot be undone." in shown
    assert "What stays, and why" in shown
    press(client, office(side, "requests", request.pk))
    assert not User.objects.get(pk=side.observer.pk).is_active
    assert "carried out" in page(client, office(side))
    assert "has been dealt with" in page(client, office(side, "requests", request.pk))


def test_where_it_cannot_be_done_the_page_says_what_to_do(side: Side, browser_of: Browser) -> None:
    [request] = services.ask_erasure(user=side.coordinator)
    client, address = browser_of(side.coordinator), office(side, "requests", request.pk)
    assert "make somebody else a coordinator first" in page(client, address)
    assert "Erase this person" not in page(client, address)
    assert post(client, address).status_code == 409


def test_declining_needs_a_reason(side: Side, browser_of: Browser) -> None:
    [request] = services.ask_erasure(user=side.observer)
    client, address = browser_of(side.coordinator), office(side, "requests", request.pk, "decline")
    assert post(client, address, answer=" ").status_code == 422
    press(client, address, answer="The law asks for it")
    assert ErasureRequest.objects.get().answer == "The law asks for it"


def test_a_request_on_paper_is_recorded(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.coordinator)
    assert post(client, office(side, "record"), email="nobody@example.org").status_code == 422
    press(client, office(side, "record"), email=side.observer.email)
    assert ErasureRequest.objects.get().recorded_by == side.coordinator


def test_the_terms_are_set_within_their_bounds(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.coordinator)
    assert post(client, office(side), version=1, **{**TERMS, "contacts_days": 1}).status_code == 422
    press(client, office(side), version=1, controller="The city", **TERMS)
    assert Network.objects.get(pk=side.network.pk).privacy_policy.contacts_days == 90
    stale = post(client, office(side), version=1, controller="Another city", **TERMS)
    assert (stale.status_code, "The city" in stale.content.decode()) == (412, True)


def test_the_page_says_what_the_next_run_deletes(side: Side, browser_of: Browser) -> None:
    factories.draft(side)
    client = browser_of(side.coordinator)
    type(side.meeting).objects.filter(pk=side.meeting.pk).update(state="closed")
    with clock.at(NOW + timedelta(days=400)):
        shown = page(client, office(side))
    assert "drafts that were never handed in" in shown
    assert "26 November 2026" in shown


@pytest.mark.parametrize("text", TYPED)
def test_hostile_texts_do_no_harm(side: Side, browser_of: Browser, text: str) -> None:
    client = browser_of(side.coordinator)
    fields = dict.fromkeys(("controller", "contact", "legal_basis", *TERMS, "version"), text)
    assert post(client, office(side), **fields).status_code in (303, 422)
    assert post(client, office(side), **{**fields, **TERMS, "version": 1}).status_code in (303, 422)
    assert MARKUP not in client.get("/en/privacy/").content.decode()
    assert post(client, office(side, "record"), email=text).status_code == 422


def test_the_pages_take_few_queries(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.coordinator)
    few = queries(client, office(side))
    for representative in side.representatives:
        services.ask_erasure(user=representative)
    assert queries(client, office(side)) == few <= 12
    member = browser_of(side.representative)
    assert queries(member, "/en/me/data/") <= 6


def test_the_network_is_told_by_one_mail_to_each_coordinator(side: Side) -> None:
    second = factories.add_member(side.network, "Carlo Second", Role.COORDINATOR)
    [request] = services.ask_erasure(user=side.coordinator)
    assert request.user == side.coordinator
    assert [mail.user_id for mail in OutgoingEmail.objects.filter(kind="erasure_asked")] == [second.pk]
