"""Proposing, handing in, files, and what the office decides."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.network.models import User
from tests import factories
from tests.factories import Side
from tests.frontend.pages import hidden, post, url

Browser = Callable[[User | None], Client]
LATE = datetime(2026, 11, 24, 9, 0, 0, 1000, tzinfo=UTC)


def test_from_the_idea_to_the_receipt(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    address = url(home.network, "meetings", home.meeting.pk, "propose")
    fields = {
        "title": "Buses",
        "text": "Which *lines* stop?\n\n- one\n- two",
        "kind": "decision",
        "duration_minutes": 15,
        "proposer": home.seats[0].pk,
        "co_proposers": [home.seats[1].pk, home.seats[2].pk],
    }
    made = post(client, address, **fields)
    assert made.status_code == 303
    text = client.get(made["Location"]).content.decode()
    assert "This is a draft" in text and "Tuesday 24 November 2026, 10:00 (Europe/Rome)" in text
    assert "<em>lines</em>" in text and "<li>one</li>" in text and home.seats[1].name in text
    item = AgendaItem.objects.get()
    assert item.proposer == home.seats[0]
    assert post(client, url(home.network, "agenda-items", item.pk, "submit"))["Location"] == made["Location"]
    text = client.get(made["Location"]).content.decode()
    assert "Handed in on time" in text and "Withdraw the proposal" in text
    assert post(client, url(home.network, "agenda-items", item.pk, "withdraw")).status_code == 303
    item.refresh_from_db()
    assert item.state == "withdrawn"


def test_a_late_one_says_why(home: Side, browser_of: Browser) -> None:
    item, client = factories.draft(home), browser_of(home.representative)
    address = url(home.network, "agenda-items", item.pk, "submit")
    with clock.at(LATE):
        assert "The deadline has passed on" in client.get(url(home.network, "agenda-items", item.pk)).content.decode()
        assert post(client, address).status_code == 422
        assert post(client, address, motive="The bridge fell today").status_code == 303
    text = client.get(url(home.network, "agenda-items", item.pk)).content.decode()
    assert "Handed in late" in text and "The bridge fell today" in text


def test_nobody_proposes_for_anothers_seat(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "propose")
    fields = {"title": "Buses", "kind": "discussion", "duration_minutes": 5}
    for proposer in (home.seats[1].pk, ""):
        assert post(browser_of(home.representative), address, **fields, proposer=proposer).status_code == 422
    for who in (home.observer, home.auditor):
        assert browser_of(who).get(address).status_code == 403
        assert post(browser_of(who), address, **fields).status_code == 403
    assert not AgendaItem.objects.exists()


def test_who_proposes_for_whom(home: Side, browser_of: Browser) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "propose")
    fields = {"title": "Buses", "kind": "discussion", "duration_minutes": 5}
    assert post(browser_of(home.coordinator), address, **fields, proposer="").status_code == 303
    assert post(browser_of(home.spokesperson), address, **fields, proposer=home.seats[3].pk).status_code == 303
    assert post(browser_of(home.spokesperson), address, **fields, proposer=home.seats[9].pk).status_code == 422
    assert set(AgendaItem.objects.values_list("proposer__name", flat=True)) == {None, home.seats[3].name}


def test_a_draft_is_its_seats_alone(home: Side, browser_of: Browser) -> None:
    item = factories.draft(home)
    address = url(home.network, "agenda-items", item.pk)
    assert browser_of(home.representative).get(address).status_code == 200
    for user in (home.other_representative, home.coordinator, home.observer):
        assert browser_of(user).get(address).status_code == 404
        assert post(browser_of(user), address + "submit/").status_code == 404


def test_editing(home: Side, browser_of: Browser) -> None:
    item, client = factories.proposal(home), browser_of(home.representative)
    address = url(home.network, "agenda-items", item.pk, "edit")
    version = hidden(client.get(address).content.decode(), "version")
    fields = {"title": "Night buses", "kind": "decision", "duration_minutes": 20, "co_proposers": [home.seats[4].pk]}
    assert post(client, address, **fields, version=version).status_code == 303
    item.refresh_from_db()
    assert (item.title, item.duration_minutes, item.co_proposers.get()) == ("Night buses", 20, home.seats[4])


def test_files(home: Side, browser_of: Browser) -> None:
    item, client = factories.draft(home), browser_of(home.representative)
    file = SimpleUploadedFile("Map of lines.pdf", b"%PDF-1.7 hello")
    assert post(client, url(home.network, "agenda-items", item.pk, "attachments"), file=file).status_code == 303
    attachment = item.attachments.get()
    text = client.get(url(home.network, "agenda-items", item.pk)).content.decode()
    assert "Map of lines.pdf" in text and f"/api/v1/attachments/{attachment.pk}/file" in text


@pytest.mark.parametrize(("action", "state"), [("return", "draft"), ("decline", "declined")])
def test_the_office_answers_in_writing(home: Side, browser_of: Browser, action: str, state: str) -> None:
    item, client = factories.proposal(home), browser_of(home.coordinator)
    address = url(home.network, "agenda-items", item.pk, action)
    assert post(client, address, answer="").status_code == 422
    assert post(client, address, answer="Ask the province.").status_code == 303
    item.refresh_from_db()
    assert item.state == state
    assert "Ask the province." in browser_of(home.representative).get(url(home.network, "agenda-items", item.pk)).content.decode()


@pytest.mark.parametrize("action", ["accept", "return", "decline"])
def test_deciding_is_the_coordinators(home: Side, browser_of: Browser, action: str) -> None:
    item = factories.proposal(home)
    address = url(home.network, "agenda-items", item.pk, action)
    for user in (home.representative, home.chair, home.spokesperson, home.auditor):
        assert post(browser_of(user), address, answer="x", duration_minutes=5).status_code == 403
    item.refresh_from_db()
    assert item.state == "proposed"


def test_every_action_has_a_page_of_its_own(home: Side, browser_of: Browser) -> None:
    item = factories.proposal(home)
    for action in ("accept", "return", "decline"):
        text = browser_of(home.coordinator).get(url(home.network, "agenda-items", item.pk, action)).content.decode()
        assert "<form" in text and item.title in text


def test_after_publication_nothing_is_proposed(home: Side, browser_of: Browser) -> None:
    meeting = factories.agenda_published(home)
    client, address = browser_of(home.representative), url(home.network, "meetings", meeting.pk, "propose")
    assert "already published" in client.get(address).content.decode()
    response = post(client, address, title="Too late", kind="discussion", duration_minutes=5, proposer=home.seats[0].pk)
    assert response.status_code == 409
    assert "Too late" in response.content.decode()
