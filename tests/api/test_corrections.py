"""REST: corrections of circulating minutes, more time, editions, comparison, reopening, approval on the agenda."""

from collections.abc import Callable
from typing import Any

import pytest

from meetings.minutes.models import SealedDocument
from meetings.network.models import User
from tests import factories
from tests.access_matrix import SCENES
from tests.api.client import Api
from tests.factories import World

As = Callable[[User | None], Api]


def test_a_correction_is_asked_for_and_answered(world: World, api: As) -> None:
    scene = SCENES["circulating"](world)
    path = f"minutes/{scene.minutes.pk}/corrections/"
    mayor, chair = api(world.home.representative), api(world.home.chair)
    body = {"text": "It was the other line.", "proposed": "The other line.", "agenda_item": str(scene.item.pk)}
    asked = mayor.post(path, body, key="once")
    assert (asked.status_code, asked.json()["state"], asked.json()["abilities"]) == (201, "open", [])
    assert asked.json()["municipality"] == str(world.home.seats[0].pk)
    assert mayor.post(path, body, key="once").json()["id"] == asked.json()["id"]
    listed = chair.get(path).json()["results"]
    assert [(row["id"], row["abilities"]) for row in listed] == [(asked.json()["id"], ["accept", "reject"])]
    refused = chair.post(f"minutes/{scene.minutes.pk}/approve/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "corrections_open")
    assert [row["id"] for row in refused.json()["current"]["corrections"]] == [asked.json()["id"]]
    accept = f"corrections/{asked.json()['id']}/accept/"
    stale = chair.post(accept, {"note": str(scene.note.pk), "text": "The other line.", "text_version": 7})
    assert (stale.status_code, stale.json()["current"]["text"]) == (412, scene.note.text)
    done = chair.post(accept, {"note": str(scene.note.pk), "text": "The other line.", "text_version": scene.note.version})
    assert (done.json()["state"], done.json()["decided_by_name"]) == ("accepted", world.home.chair.name)
    assert chair.post(accept, {}).json()["code"] == "wrong_state"
    whole = mayor.get(f"meetings/{scene.meeting.pk}/minutes/").json()
    assert [row["state"] for row in whole["corrections"]] == ["accepted"] and whole["abilities"] == ["correct"]
    assert chair.post(f"minutes/{scene.minutes.pk}/approve/", {}).json()["state"] == "approved"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"text": []}, "text"),
        ({"text": "x", "proposed": "x" * 5001}, "proposed"),
        ({"text": "x", "agenda_item": "x"}, "agenda_item"),
    ],
)
def test_a_correction_is_checked(world: World, api: As, body: dict[str, Any], field: str) -> None:
    scene = SCENES["circulating"](world)
    response = api(world.home.representative).post(f"minutes/{scene.minutes.pk}/corrections/", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, [field])


def test_a_rejection_takes_a_reason(world: World, api: As) -> None:
    scene = SCENES["correcting"](world)
    chair, path = api(world.home.chair), f"corrections/{scene.correction.pk}/reject/"
    assert (chair.post(path, {}).status_code, chair.post(path, {"reason": " "}).status_code) == (422, 422)
    assert chair.post(path, {"reason": "It was said so."}).json()["reason"] == "It was said so."


def test_the_time_is_given_and_prolonged(world: World, api: As) -> None:
    scene = SCENES["closed"](world)
    office, path = api(world.home.coordinator), f"minutes/{scene.minutes.pk}/"
    assert office.post(path + "circulate/", {"until": "2026-11-01T10:00:00Z"}).status_code == 422
    circulated = office.post(path + "circulate/", {"until": "2026-11-25T10:00:00Z"}).json()
    assert circulated["correction_until"] == "2026-11-25T10:00:00Z"
    assert office.post(path + "extend/", {"until": "2026-11-24T10:00:00Z"}).status_code == 422
    assert office.post(path + "extend/", {"until": "2026-11-30T10:00:00Z"}).json()["correction_until"] == "2026-11-30T10:00:00Z"
    assert office.post(path + "extend/", {}).status_code == 422


def test_editions_and_their_files(world: World, api: As) -> None:
    scene = SCENES["approved"](world)
    chair, reader = api(world.home.chair), api(world.home.observer)
    path, file = f"minutes/{scene.minutes.pk}/", f"meetings/{scene.meeting.pk}/minutes.pdf"
    first = bytes(SealedDocument.objects.get().pdf)
    assert chair.post(path + "amend/", {"reason": ""}).status_code == 422
    amended = chair.post(path + "amend/", {"reason": "A name is wrong."}).json()
    assert (amended["state"], amended["edition"], amended["file_digest"]) == ("in_correction", 2, "")
    chair.post(path + "approve/", {})
    shown = reader.get(f"meetings/{scene.meeting.pk}/minutes/").json()["editions"]
    assert [(row["edition"], row["reason"]) for row in shown] == [(1, ""), (2, "A name is wrong.")]
    assert b"".join(reader.get(file, edition=1).streaming_content) == first
    assert b"".join(reader.get(file, edition=2).streaming_content) != first
    for edition, status in ((3, 404), (0, 422), ("x", 422), (99999999999, 422)):
        assert reader.get(file, edition=edition).status_code == status


def test_what_changed_between_two_versions(world: World, api: As) -> None:
    scene = SCENES["circulating"](world)
    path, reader = f"minutes/{scene.minutes.pk}/", api(world.home.observer)
    api(world.home.chair).patch(f"notes/{scene.note.pk}/", {"text": "The operators were not heard. home"}, version=1)
    names = [row["name"] for row in reader.get(path + "versions/").json()["results"]]
    assert (names[0], names[1][:6], names[2]) == ("circulated-1", "saved-", "now")
    shown = reader.get(path + "compare/").json()
    assert (shown["old"]["name"], shown["new"]["name"], shown["removed"]) == ("circulated-1", "now", 0)
    [change] = shown["differences"]
    assert (change["kind"], change["id"], change["agenda_item"]) == ("note", str(scene.note.pk), str(scene.item.pk))
    assert [(piece["kind"], piece["text"]) for piece in change["pieces"]] == [
        ("same", "The operators were "),
        ("added", "not "),
        ("same", "heard. home"),
    ]
    assert reader.get(path + "compare/", old="now").json()["differences"] == []
    assert reader.get(path + "compare/", old="saved-1").status_code == 404
    staff = [row["name"] for row in api(world.home.chair).get(path + "versions/", limit=500).json()["results"]]
    assert len(staff) > len(names)
    page = api(world.home.chair).get(path + "versions/", limit=1).json()
    assert page["next"] and page["results"][0]["name"] == staff[0]


def test_a_session_is_reopened_and_closed_again(world: World, api: As) -> None:
    scene = SCENES["closed"](world)
    chair, path = api(world.home.chair), f"meetings/{scene.meeting.pk}/"
    assert "reopen" in chair.get(path).json()["abilities"]
    assert chair.post(path + "reopen/", {}).json()["state"] == "in_session"
    assert chair.post(path + "reopen/", {}).status_code == 409
    assert chair.post(path + "close/", {}).json()["state"] == "closed"
    office = api(world.home.coordinator)
    office.post(f"minutes/{scene.minutes.pk}/circulate/", {})
    refused = chair.post(path + "reopen/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "minutes_circulate")


def test_the_session_approves_the_last_minutes(world: World, api: As) -> None:
    item = factories.approving(world.home)
    chair, path = api(world.home.chair), f"agenda-items/{item.pk}/"
    approved = chair.post(path + "approve-minutes/", {}).json()
    assert (approved["state"], approved["approved_in"]) == ("approved", str(item.meeting_id))
    assert len(chair.get(path + "decisions/").json()["results"]) == 1
    other = factories.items(world.home.meeting)[0]
    assert chair.post(f"agenda-items/{other.pk}/approve-minutes/", {}).status_code == 404
