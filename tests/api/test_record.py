"""The record: notes, decisions, minutes, action items, documents, and what is a person's own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from meetings import clock
from meetings.minutes.models import Minutes, SealedDocument
from meetings.network.models import User
from tests import factories
from tests.access_matrix import SCENES
from tests.api.client import Api
from tests.factories import Side, World

As = Callable[[User | None], Api]


def test_notes_are_the_staff_s_until_the_minutes_circulate(world: World, api: As) -> None:
    scene = SCENES["closed"](world)
    path = f"agenda-items/{scene.item.pk}/notes/"
    minutes = api(world.home.coordinator).get(f"meetings/{scene.meeting.pk}/minutes/").json()
    assert len(api(world.home.chair).get(path).json()["results"]) == 1
    assert api(world.home.representative).get(path).json()["results"] == []
    circulated = api(world.home.coordinator).post(f"minutes/{minutes['id']}/circulate/", {}).json()
    assert (circulated["state"], circulated["correction_until"]) == ("in_correction", "2026-11-27T08:00:00Z")
    assert len(api(world.home.representative).get(path).json()["results"]) == 1


def test_a_note_is_edited_by_version(world: World, api: As) -> None:
    scene = SCENES["session"](world)
    chair, office, path = api(world.home.chair), api(world.home.coordinator), f"notes/{scene.note.pk}/"
    assert chair.patch(path, {"text": "The chair's"}, version=1).json()["text"] == "The chair's"
    stale = office.patch(path, {"text": "The office's"}, version=1)
    assert (stale.status_code, stale.json()["current"]["text"]) == (412, "The chair's")
    assert office.patch(path, {"text": "Both"}, version=2).json()["version"] == 3


@pytest.mark.parametrize("text", ["", " ", None, [], "x" * 20_001])
def test_a_note_is_checked(world: World, api: As, text: Any) -> None:
    scene = SCENES["session"](world)
    response = api(world.home.chair).post(f"agenda-items/{scene.item.pk}/notes/", {"text": text})
    assert (response.status_code, list(response.json()["errors"])) == (422, ["text"])


def test_decisions_are_numbered(world: World, api: As) -> None:
    scene = SCENES["voting"](world)
    chair, path = api(world.home.chair), f"agenda-items/{scene.item.pk}/decisions/"
    made = chair.post(path, {"text": "It stays.", "poll": str(scene.poll.pk)})
    assert (made.status_code, made.json()["number"], made.json()["year"], made.json()["poll"]) == (201, 2, 2026, str(scene.poll.pk))
    changed = chair.patch(f"decisions/{made.json()['id']}/", {"text": "It stays until May."}, version=1)
    assert changed.json()["text"] == "It stays until May."
    assert [row["number"] for row in api(world.home.observer).get(path).json()["results"]] == [1, 2]


def test_before_the_session_nothing_is_recorded(home: Side, api: As) -> None:
    item = factories.items(factories.agenda_published(home))[0]
    for noun in ("notes", "decisions"):
        response = api(home.chair).post(f"agenda-items/{item.pk}/{noun}/", {"text": "Early"})
        assert (response.status_code, response.json()["code"]) == (409, "wrong_state")


def test_minutes_go_all_the_way_to_their_publication(world: World, api: As) -> None:
    scene = SCENES["closed"](world)
    chair, office = api(world.home.chair), api(world.home.coordinator)
    path, by_id = f"meetings/{scene.meeting.pk}/minutes/", f"minutes/{scene.minutes.pk}/"
    assert api(world.home.observer).get(path).status_code == 404
    edited = office.patch(path, {"introduction": "Opened at 10.", "recorded_by": "S. Writer"}, version=1).json()
    assert (edited["introduction"], edited["version"], edited["abilities"]) == ("Opened at 10.", 2, ["circulate", "edit"])
    assert office.post(by_id + "circulate/", {}).json()["state"] == "in_correction"
    assert api(world.home.observer).get(path).json()["abilities"] == []
    assert chair.get(path).json()["abilities"] == ["approve", "correct", "edit"]
    approved = chair.post(by_id + "approve/", {})
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert len(approved.json()["file_digest"]) == 64
    assert office.post(by_id + "publish/", {}).json()["state"] == "published"
    assert office.patch(path, {"introduction": "Late"}, version=9).status_code == 412
    assert chair.post(by_id + "approve/", {}).json()["code"] == "wrong_state"
    sealed = SealedDocument.objects.get()
    shown = api(world.home.observer).get(f"meetings/{scene.meeting.pk}/minutes.pdf", language=sealed.language)
    assert b"".join(shown.streaming_content) == bytes(sealed.pdf)


def test_an_action_item_is_made_reported_on_and_reopened(world: World, api: As) -> None:
    scene = SCENES["closed"](world)
    chair, own = api(world.home.chair), api(world.home.other_representative)
    body = {
        "meeting": str(scene.meeting.pk),
        "title": "Ask the region",
        "owner": str(world.home.seats[1].pk),
        "due_on": "2026-11-19",
        "agenda_item": str(scene.item.pk),
        "decision": str(scene.decision.pk),
    }
    made = chair.post("networks/home/action-items/", body)
    assert made.status_code == 201
    item = made.json()
    assert (item["number"], item["owner_name"], item["overdue"], item["abilities"]) == (
        2,
        world.home.seats[1].name,
        True,
        ["drop", "edit", "finish", "start"],
    )
    path = f"action-items/{item['id']}/"
    assert own.get(path).json()["abilities"] == ["finish", "start"]
    started = own.post(path + "progress/", {"action": "start", "text": "Asked."}).json()
    assert (started["state"], started["updates"][0]["text"]) == ("in_progress", "Asked.")
    assert own.post(path + "progress/", {"action": "drop", "text": "No."}).status_code == 403
    assert chair.post(path + "progress/", {"action": "drop"}).status_code == 422
    done = own.post(path + "progress/", {"action": "finish"}).json()
    assert (done["state"], done["overdue"], done["abilities"]) == ("done", False, ["reopen"])
    refused = chair.patch(path, {"title": "New"}, version=done["version"])
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert own.post(path + "progress/", {"action": "reopen"}).json()["state"] == "open"


def test_action_items_are_found_by_state_owner_and_date(world: World, api: As) -> None:
    scene = SCENES["closed"](world)
    reader = api(world.home.observer)

    def numbers(**query: str) -> list[int]:
        return [row["number"] for row in reader.get("networks/home/action-items/", **query).json()["results"]]

    assert numbers() == numbers(state="open") == numbers(owner=str(world.home.seats[0].pk)) == [1]
    assert numbers(state="done") == numbers(owner=str(world.home.seats[1].pk)) == numbers(overdue="true") == []
    with clock.at(scene.action_item.created_at.replace(year=2027)):
        assert numbers(overdue="true") == [1]
    for query in ({"state": "odd"}, {"owner": "x"}, {"overdue": "perhaps"}):
        assert reader.get("networks/home/action-items/", **query).status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"meeting": None}, "meeting"),
        ({"due_on": "2026-13-01"}, "due_on"),
        ({"due_on": "0026-01-01"}, "due_on"),
        ({"owner": 7.5}, "owner"),
        ({"text": "x" * 10_001}, "text"),
    ],
)
def test_an_action_item_is_checked(world: World, api: As, body: dict[str, Any], field: str) -> None:
    scene = SCENES["closed"](world)
    response = api(world.home.chair).post("networks/home/action-items/", {"meeting": str(scene.meeting.pk), "title": "Write", **body})
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])


@pytest.mark.parametrize("kind", ["agenda.pdf", "minutes.pdf"])
def test_documents_of_a_meeting_are_files_to_save(world: World, api: As, kind: str) -> None:
    scene = SCENES["circulating"](world)
    reader = api(world.home.observer)
    response = reader.get(f"meetings/{scene.meeting.pk}/{kind}", language="it")
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    assert_file(response, "application/pdf")
    assert reader.get(f"meetings/{scene.meeting.pk}/{kind}", language="xx").status_code == 422


@pytest.mark.parametrize(("kind", "content_type"), [("pdf", "application/pdf"), ("csv", "text/csv; charset=utf-8")])
def test_the_tracker_is_a_file_to_save(world: World, api: As, kind: str, content_type: str) -> None:
    SCENES["closed"](world)
    response = api(world.home.observer).get(f"networks/home/action-items.{kind}")
    assert response.status_code == 200
    assert_file(response, content_type)


def assert_file(response: Any, content_type: str) -> None:
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"].startswith("attachment; filename")
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_there_are_no_minutes_before_the_meeting(home: Side, api: As) -> None:
    for path in ("minutes/", "minutes.pdf"):
        assert api(home.coordinator).get(f"meetings/{home.meeting.pk}/{path}").status_code == 404
    assert not Minutes.objects.exists()


def test_a_person_sees_themselves(home: Side, api: As) -> None:
    shown = api(home.representative).get("me/").json()
    assert (shown["email"], shown["language"]) == (home.representative.email, "en")
    assert [(row["network"], row["role"], row["municipality"]) for row in shown["memberships"]] == [
        ("home", "representative", str(home.seats[0].pk))
    ]


def test_a_token_s_text_is_shown_once_and_it_ends_at_once(home: Side, api: As) -> None:
    own = api(home.representative)
    made = own.post("me/tokens/", {"label": "script", "scope": "write", "days": 7}).json()
    assert (made["scope"], made["expires_at"], made["abilities"]) == ("write", "2026-11-27T08:00:00Z", ["revoke"])
    program = Api(api(None).client, {"Authorization": f"Bearer {made['token']}"})
    assert program.get("me/").json()["email"] == home.representative.email
    listed = own.get("me/tokens/").json()["results"]
    assert [row["id"] for row in listed] == [made["id"]] and "token" not in listed[0]
    assert own.delete(f"me/tokens/{made['id']}/").json()["revoked_at"] == "2026-11-20T08:00:00Z"
    assert program.get("me/").status_code == 401
    assert own.delete(f"me/tokens/{made['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"), [({"days": 0}, "days"), ({"days": 367}, "days"), ({"scope": "all"}, "scope"), ({"label": "x" * 81}, "label")]
)
def test_a_token_is_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.representative).post("me/tokens/", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])


def test_a_calendar_s_address_works_and_ends_at_once(home: Side, api: As) -> None:
    own = api(home.representative)
    made = own.post("me/calendar-feeds/", {"network": "home", "label": "Phone", "alarm_minutes": 30})
    assert made.status_code == 201
    address = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    assert own.client.get(address).content.startswith(b"BEGIN:VCALENDAR")
    assert "url" not in own.get("me/calendar-feeds/").json()["results"][0]
    assert own.delete(f"me/calendar-feeds/{made.json()['id']}/").json()["abilities"] == []
    cache.clear()  # whose an address is, is kept for a second
    assert own.client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "network"),
        ({"network": "a b"}, "network"),
        ({"network": "home", "alarm_minutes": -1}, "alarm_minutes"),
        ({"network": "home", "label": "x" * 81}, "label"),
    ],
)
def test_a_calendar_is_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.representative).post("me/calendar-feeds/", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])
