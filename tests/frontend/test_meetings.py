"""The calendar, a meeting's page, answers, and the agenda builder."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from meetings import clock
from meetings.network.models import User
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Response
from tests import factories
from tests.factories import NOW, Side
from tests.frontend.pages import hidden, post, url
from tests.hostile import MARKUP

Browser = Callable[[User | None], Client]


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_calendar_parts_past_from_future(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.observer), url(home.network, "meetings")
    assert [str(m.pk) in page(client, address) for m in home.meetings] == [True] * len(home.meetings)
    with clock.at(NOW + timedelta(days=7)):
        assert str(home.meeting.pk) not in page(client, address)
        assert str(home.meeting.pk) in page(client, address + "?past=1")


def test_a_meeting_shows_how_to_take_part(home: Side, browser_of: Browser) -> None:
    text = page(browser_of(home.representative), url(home.network, "meetings", home.meeting.pk))
    assert "https://meet.example.org/weekly" in text and "4711" in text
    assert text.index("take part?") < text.index("Agenda, not published yet")


def test_the_published_agenda_has_start_times(home: Side, browser_of: Browser) -> None:
    meeting = factories.agenda_published(home)
    text = page(browser_of(home.observer), url(home.network, "meetings", meeting.pk))
    assert [at in text for at in (">10:00<", ">10:10<", ">10:20<")] == [True] * 3
    assert f"/api/v1/meetings/{meeting.pk}/agenda.pdf" in text
    assert "Unfinished thought" not in text


def test_before_publication_others_proposals_are_hidden(home: Side, browser_of: Browser) -> None:
    factories.scheduled(home)
    address = url(home.network, "meetings", home.meeting.pk)
    assert "Waste collection" not in page(browser_of(home.representative), address)
    assert "Waste collection" in page(browser_of(home.coordinator), address)


@pytest.mark.parametrize(("who", "whole"), [("representative", False), ("spokesperson", False), ("chair", True), ("coordinator", True)])
def test_before_publication_who_sees_a_part_reads_no_places_and_no_times(home: Side, browser_of: Browser, who: str, whole: bool) -> None:
    factories.accepted(home, "Civil protection", seat=9)
    factories.accepted(home, "School buses")
    text = page(browser_of(getattr(home, who)), url(home.network, "meetings", home.meeting.pk))
    assert "School buses" in text and ("Civil protection" in text) is whole
    assert ("minutes are planned" in text) is whole and ("running-order" in text) is whole and (">10:10<" in text) is whole
    assert ("Taken for the agenda so far" in text) is not whole


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"answer": "attending"}, "attending"),
        ({"answer": "regrets", "reason": "ill"}, "regrets"),
        ({"answer": "substitute", "substitute_name": "Ugo", "substitute_office": "deputy"}, "substitute"),
    ],
)
def test_answering(home: Side, browser_of: Browser, fields: dict[str, str], answer: str) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "responses", home.seats[0].pk)
    response = post(browser_of(home.representative), address, **fields)
    assert (response.status_code, response["Location"]) == (303, url(home.network, "meetings", home.meeting.pk))
    assert Response.objects.get(municipality=home.seats[0]).answer == answer


def test_a_substitute_has_a_name(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "responses", home.seats[0].pk)
    response = post(browser_of(home.representative), address, answer="substitute", reason="away all week")
    assert response.status_code == 422
    assert "Say who comes instead." in response.content.decode() and "away all week" in response.content.decode()


@pytest.mark.parametrize("parts", [("meetings", "{}"), ("meetings", "{}", "responses", "{}"), ()])
def test_the_form_says_when_a_substitutes_name_is_needed(home: Side, browser_of: Browser, parts: tuple[str, ...]) -> None:
    ids = iter((home.meeting.pk, home.seats[0].pk))
    address = url(home.network, *(next(ids) if part == "{}" else part for part in parts))
    text = " ".join(page(browser_of(home.representative), address).split())
    assert "Who comes instead <span" in text.replace("</label>", "") and "(needed when a substitute comes)" in text
    form = text[text.index('class="reply-form"') :]
    assert form.index("We cannot come") < form.index("reply-substitute") < form.index("reply-reason") < form.index("Send the answer")


def test_only_ones_own_seat_answers(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "responses", home.seats[1].pk)
    assert post(browser_of(home.representative), address, answer="attending").status_code == 403
    assert post(browser_of(home.coordinator), address, answer="attending").status_code == 303


def test_reasons_stay_with_seat_and_office(home: Side, browser_of: Browser) -> None:
    scheduling.respond(
        actor=home.actor(home.representative), meeting=home.meeting, municipality=home.seats[0], answer="regrets", reason="surgery"
    )
    address = url(home.network, "meetings", home.meeting.pk)
    assert "surgery" in page(browser_of(home.representative), address)
    for user in (home.other_representative, home.observer, home.chair):
        assert "surgery" not in page(browser_of(user), address)


def test_the_office_answers_for_who_calls(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "responses")
    text = page(browser_of(home.coordinator), address)
    assert all(f"{address}{seat.pk}/" in text for seat in home.seats)
    assert browser_of(home.chair).get(address).status_code == 403


def test_no_answers_once_it_has_begun(home: Side, browser_of: Browser) -> None:
    meeting = factories.agenda_published(home)
    type(meeting).objects.filter(pk=meeting.pk).update(state="in_session")
    text = page(browser_of(home.representative), url(home.network, "meetings", meeting.pk))
    assert "take part?" not in text
    address = url(home.network, "meetings", meeting.pk, "responses", home.seats[0].pk)
    assert post(browser_of(home.representative), address, answer="attending").status_code == 409


def test_changing_a_meeting(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "edit")
    version = hidden(page(client, address), "version")
    fields = {"title": "Special session", "duration_minutes": 60, "join_url": "https://meet.example.org/other"}
    assert post(client, address, **fields, version=version).status_code == 303
    assert "Special session" in page(client, url(home.network, "meetings", home.meeting.pk))
    assert post(client, address, **fields, version=version).status_code == 412
    assert client.get(address).status_code == 200
    assert browser_of(home.chair).get(address).status_code == 403


def test_a_link_that_is_no_web_address_is_refused(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "edit")
    version = hidden(page(client, address), "version")
    response = post(client, address, title="T", duration_minutes=60, join_url="javascript:alert(1)", version=version)
    assert response.status_code == 422


def test_the_builder_orders_decides_and_publishes(home: Side, browser_of: Browser) -> None:
    factories.scheduled(home)
    client, builder = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "agenda")
    first, second = factories.items(home.meeting)
    text = page(client, builder)
    assert "One proposal still waits for an answer." in text and "disabled" in text
    assert post(client, url(home.network, "meetings", home.meeting.pk, "agenda", "publish")).status_code == 409

    swapped = f"{second.pk},{first.pk}"
    assert swapped in text
    version = hidden(text, "version")
    moved = post(client, builder + "order/", items=swapped, version=version, moved=second.pk)
    assert (moved.status_code, moved["Location"]) == (303, f"{builder}#item-{second.pk}")
    assert [item.pk for item in factories.items(home.meeting)] == [second.pk, first.pk]
    assert post(client, builder + "order/", items=swapped, version=version).status_code == 412

    waiting = home.meeting.agenda_items.get(state="proposed")
    assert post(client, url(home.network, "agenda-items", waiting.pk, "accept"), duration_minutes=25)["Location"] == builder
    waiting.refresh_from_db()
    assert (waiting.state, waiting.duration_minutes, waiting.position) == ("accepted", 25, 3)
    box = url(home.network, "agenda-items", waiting.pk, "time-box")
    assert post(client, box, duration_minutes=35, version=waiting.version)["Location"] == builder
    assert post(client, box, duration_minutes=40, version=waiting.version).status_code == 412
    assert post(client, builder + "publish/").status_code == 303
    assert factories.fresh(home.meeting).state == "agenda_published"
    assert "becomes an addendum" in page(client, builder)


def test_too_much_for_the_time_is_said(home: Side, browser_of: Browser) -> None:
    factories.accepted(home, duration_minutes=100)
    text = page(browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "agenda"))
    assert "10 too many" in text and "<meter" in text


@pytest.mark.parametrize("who", ["representative", "observer", "chair", "spokesperson", "auditor"])
def test_the_builder_is_the_coordinators(home: Side, browser_of: Browser, who: str) -> None:
    for part in ("", "order/", "publish/"):
        address = url(home.network, "meetings", home.meeting.pk, "agenda") + part
        assert browser_of(getattr(home, who)).get(address).status_code == 403
        if part:
            assert post(browser_of(getattr(home, who)), address, items="x", version=1).status_code == 403


def test_markup_in_every_text_is_only_text(home: Side, browser_of: Browser) -> None:
    item = factories.accepted(home, MARKUP, text=f"{MARKUP} [x](javascript:alert(1)) <b>b</b>")
    client = browser_of(home.coordinator)
    for parts in ((), ("meetings", home.meeting.pk), ("meetings", home.meeting.pk, "agenda"), ("agenda-items", item.pk)):
        text = page(client, url(home.network, *parts))
        assert "<script>alert" not in text and 'href="javascript' not in text and "<b>b" not in text
