"""Proposing, handing in, files, and what the office decides."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.events.models import Event
from meetings.network.models import User
from tests import factories
from tests.factories import Side
from tests.frontend.pages import hidden, post, url

Browser = Callable[[User | None], Client]
BUSES = {"title": "Buses", "kind": "decision", "duration_minutes": 15}
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
        "co_proposers": [home.seats[1].istat_code, home.seats[2].istat_code],
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


def test_it_is_handed_in_from_the_first_page(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.representative), url(home.network, "meetings", home.meeting.pk, "propose")
    text = client.get(address).content.decode()
    assert text.index("Keep as a draft") < text.index('name="hand_in"')  # the key Enter presses the first button of a form
    made = post(client, address, **BUSES, proposer=home.seats[0].pk, hand_in="1")
    item = AgendaItem.objects.get()
    assert (made["Location"], item.state) == (url(home.network, "agenda-items", item.pk), "proposed")
    assert "The proposal is handed in." in client.get(made["Location"]).content.decode()


def test_a_draft_is_handed_in_where_it_is_edited(home: Side, browser_of: Browser) -> None:
    item, client = factories.draft(home), browser_of(home.representative)
    address = url(home.network, "agenda-items", item.pk, "edit")
    assert post(client, address, **BUSES, version=item.version, hand_in="1").status_code == 303
    item.refresh_from_db()
    assert (item.title, item.state) == ("Buses", "proposed")
    assert 'name="hand_in"' not in client.get(address).content.decode()


def test_handing_in_late_from_the_first_page_needs_a_reason_and_leaves_no_draft_without(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.representative), url(home.network, "meetings", home.meeting.pk, "propose")
    assert 'name="motive"' not in client.get(address).content.decode()
    fields = {**BUSES, "proposer": home.seats[0].pk}
    with clock.at(LATE):
        assert "(needed to hand it in)" in client.get(address).content.decode()
        refused = post(client, address, **fields, hand_in="1")
        assert refused.status_code == 422 and b"say why this cannot wait" in refused.content and not AgendaItem.objects.exists()
        kept = post(client, address, **fields, motive="The bridge fell")
        assert "The bridge fell" in client.get(kept["Location"]).content.decode() and AgendaItem.objects.get().state == "draft"
        assert post(client, address, **fields, motive="The bridge fell", hand_in="1").status_code == 303
    assert sorted(AgendaItem.objects.values_list("state", "late")) == [("draft", False), ("proposed", True)]


def test_before_proposals_are_taken_there_are_drafts_alone(home: Side, browser_of: Browser) -> None:
    client, meeting = browser_of(home.representative), home.meetings[-1]
    address = url(home.network, "meetings", meeting.pk, "propose")
    assert meeting.intake_opens_at > clock.now()
    assert 'name="hand_in"' not in client.get(address).content.decode()
    post(client, address, **BUSES, proposer=home.seats[0].pk, hand_in="1")
    assert AgendaItem.objects.get().state == "draft"


def test_the_others_are_ticked_zone_by_zone(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    text = client.get(url(home.network, "meetings", home.meeting.pk, "propose")).content.decode()
    zones = re.findall(r"<details><summary>(\d\. [^<]+)</summary>(.*?)</details>", text, re.DOTALL)
    assert [name for name, _boxes in zones] == [f"{zone.number}. {zone.name}" for zone in home.zones]
    assert sum(boxes.count('type="checkbox" name="co_proposers"') for _name, boxes in zones) == len(home.seats)
    item = factories.draft(home)
    item.co_proposers.set([home.seats[8]])
    shown = client.get(url(home.network, "agenda-items", item.pk, "edit")).content.decode()
    assert "One municipality is chosen" in shown and f'value="{home.seats[8].istat_code}" checked' in shown


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
    fields = {"title": "Night buses", "kind": "decision", "duration_minutes": 20, "co_proposers": [home.seats[4].istat_code]}
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
    for action in ("accept", "return", "decline", "defer", "merge"):
        text = browser_of(home.coordinator).get(url(home.network, "agenda-items", item.pk, action)).content.decode()
        assert "<form" in text and item.title in text


def test_after_publication_a_proposal_is_a_late_one(home: Side, browser_of: Browser) -> None:
    meeting = factories.agenda_published(home)
    client, address = browser_of(home.representative), url(home.network, "meetings", meeting.pk, "propose")
    assert "already published" in client.get(address).content.decode()
    made = post(client, address, title="Flood", kind="discussion", duration_minutes=5, proposer=home.seats[0].pk)
    item = AgendaItem.objects.get(title="Flood")
    draft = client.get(made["Location"]).content.decode()
    assert "already published" in draft and "deadline has passed" not in draft  # it has not: the agenda came out before
    assert post(client, made["Location"] + "submit/").status_code == 422
    assert post(client, made["Location"] + "submit/", motive="The river rises").status_code == 303
    builder = browser_of(home.coordinator).get(url(home.network, "meetings", meeting.pk, "agenda")).content.decode()
    assert "Accept although late" in builder and "The river rises" in builder
    office = browser_of(home.coordinator)
    assert post(office, url(home.network, "agenda-items", item.pk, "accept"), duration_minutes=5).status_code == 303
    assert "addendum 1" in client.get(url(home.network, "meetings", meeting.pk)).content.decode()


def test_a_late_proposal_has_a_lane_of_its_own(home: Side, browser_of: Browser) -> None:
    with clock.at(LATE):
        factories.proposal(home, "Too late?", motive="The bridge fell")
        text = browser_of(home.coordinator).get(url(home.network, "meetings", home.meeting.pk, "agenda")).content.decode()
    late, waiting = text.index('id="late-title"'), text.index('id="waiting-title"')
    assert late < text.index("Accept although late") < waiting
    assert text.count('<article class="card') == 1
    assert f'href="#waiting-{AgendaItem.objects.get().pk}"' in text


def test_putting_off_taking_up_and_the_empty_backlog(home: Side, browser_of: Browser) -> None:
    office, item = browser_of(home.coordinator), factories.proposal(home, "Library")
    address, backlog = url(home.network, "agenda-items", item.pk, "defer"), url(home.network, "backlog")
    assert "Nothing waits in the backlog" in office.get(backlog).content.decode()
    assert post(office, address, meeting="", answer="").status_code == 422
    assert post(office, address, meeting="", answer="Not before Christmas").status_code == 303
    text = office.get(backlog).content.decode()
    assert "Library" in text and "Not before Christmas" in text and "Take up" in text
    assert "Take up" not in browser_of(home.representative).get(backlog).content.decode()
    assert post(office, address, meeting=home.meetings[1].pk).status_code == 303
    shown = office.get(url(home.network, "agenda-items", item.pk)).content.decode()
    assert "It goes on at the meeting of" in shown
    builder = office.get(url(home.network, "meetings", home.meetings[1].pk, "agenda")).content.decode()
    assert "deferred once" in builder and "first proposed for 26 November 2026" in builder


def test_merging_and_separating(home: Side, browser_of: Browser) -> None:
    office = browser_of(home.coordinator)
    into, item = factories.proposal(home, "Buses"), factories.proposal(home, "Coaches", seat=1)
    assert post(office, url(home.network, "agenda-items", item.pk, "merge"), into=into.pk).status_code == 303
    assert "Separate again" in office.get(url(home.network, "meetings", home.meeting.pk, "agenda")).content.decode()
    assert "Coaches" in office.get(url(home.network, "agenda-items", into.pk)).content.decode()
    assert post(office, url(home.network, "agenda-items", item.pk, "separate")).status_code == 303
    item.refresh_from_db()
    assert item.state == "proposed"


def test_consent_items_are_shown_as_one_block(home: Side, browser_of: Browser) -> None:
    for n, kind in enumerate(("consent", "decision", "consent")):
        factories.accepted(home, f"Item {n}", seat=n, kind=kind)
    post(browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "agenda", "publish"))
    page, client = url(home.network, "meetings", home.meeting.pk), browser_of(home.representatives[7])
    text = client.get(page).content.decode()
    assert text.count("Without discussion, all together") == 1 and text.count("Ask for a discussion") == 2
    item = AgendaItem.objects.get(title="Item 2")
    assert post(client, url(home.network, "agenda-items", item.pk, "discuss-instead")).status_code == 303
    assert client.get(page).content.decode().count("Ask for a discussion") == 1


def test_action_items_that_are_due_come_to_the_meetings_page_with_their_age(home: Side, browser_of: Browser) -> None:
    factories.closed(home)  # one of seat 0, due on 10 December
    client = browser_of(home.observer)
    assert "Action items due" not in client.get(url(home.network, "meetings", home.meetings[1].pk)).content.decode()
    text = client.get(url(home.network, "meetings", home.meetings[2].pk)).content.decode()
    assert "Action items due by this meeting" in text and "Write to the operators" in text and "open for 20 days" in text
    assert "1 days late" not in text and "one day late" not in text
    assert "7 days late on that day" in client.get(url(home.network, "meetings", home.meetings[3].pk)).content.decode()


def test_a_file_is_removed_after_being_asked_once_more(home: Side, browser_of: Browser) -> None:
    client, item = browser_of(home.representative), factories.draft(home)
    page = url(home.network, "agenda-items", item.pk)
    post(client, page + "attachments/", file=SimpleUploadedFile("plan.pdf", b"%PDF-1.7"))
    address = url(home.network, "attachments", item.attachments.get().pk, "remove")
    assert "plan.pdf" in client.get(address).content.decode() and item.attachments.exists()
    assert post(client, address).status_code == 303
    assert not item.attachments.exists()


# --- autosaving ---


def autosaved(client: Client, address: str, **fields: object) -> Any:
    return client.post(address, {"kind": "discussion", "duration_minutes": 5, "autosave": "1", **fields})


def test_a_draft_is_saved_while_it_is_typed_and_makes_no_event(home: Side, browser_of: Browser) -> None:
    client, before = browser_of(home.representative), Event.objects.count()
    propose = url(home.network, "meetings", home.meeting.pk, "propose")
    assert "data-autosave" in client.get(propose).content.decode()
    assert autosaved(client, propose, title="", proposer=home.seats[0].pk).status_code == 422
    first = {"title": "Bu", "proposer": home.seats[0].pk, "idempotency_key": "11111111-1111-4111-8111-111111111111"}
    made, again = autosaved(client, propose, **first), autosaved(client, propose, **first)
    item = AgendaItem.objects.get()
    edit = url(home.network, "agenda-items", item.pk, "edit")
    assert made.json() == again.json() == {"action": edit, "version": 1}
    saved = autosaved(client, edit, title="Buses", text="More", version=1)
    assert saved.json() == {"action": edit, "version": 2}
    stale = autosaved(client, edit, title="Mine", version=1)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    shown = post(client, edit, title="Mine", kind="discussion", duration_minutes=5, version=1)
    assert shown.status_code == 412 and "Mine" in shown.content.decode() and "Buses" in shown.content.decode()
    assert Event.objects.count() == before


def test_what_is_handed_in_is_not_saved_by_itself(home: Side, browser_of: Browser) -> None:
    item = factories.proposal(home)
    text = browser_of(home.representative).get(url(home.network, "agenda-items", item.pk, "edit")).content.decode()
    assert "data-autosave" not in text and "autosave.js" not in text
