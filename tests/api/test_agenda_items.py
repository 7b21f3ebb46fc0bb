"""`agenda-items/`: proposing, triage, the running order, publication, files."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from meetings import clock
from meetings.network.models import User
from tests import factories
from tests.api.client import Api
from tests.factories import Side

As = Callable[[User | None], Api]


def path_of(side: Side) -> str:
    return f"meetings/{side.meeting.pk}/agenda-items/"


def test_a_seat_s_draft_goes_all_the_way(home: Side, api: As) -> None:
    own, office = api(home.representative), api(home.coordinator)
    made = own.post(path_of(home), {"title": " Buses ", "text": "Which stop?", "kind": "decision", "duration_minutes": 15})
    assert made.status_code == 201
    item = made.json()
    assert (item["title"], item["state"], item["proposer"], item["abilities"]) == (
        "Buses",
        "draft",
        str(home.seats[0].pk),
        ["edit", "submit"],
    )
    path = f"agenda-items/{item['id']}/"
    assert office.get(path).status_code == 404
    changed = own.patch(path, {"title": "Buses in August", "co_proposers": [str(home.seats[1].pk)]}, version=item["version"])
    assert changed.json()["co_proposers"] == [str(home.seats[1].pk)]
    submitted = own.post(path + "submit/", {}).json()
    assert (submitted["state"], submitted["late"], submitted["abilities"]) == ("proposed", False, ["edit", "withdraw"])
    assert office.get(path).json()["abilities"] == ["accept", "decline", "edit", "return", "withdraw"]
    accepted = office.post(path + "accept/", {"duration_minutes": 20}).json()
    assert (accepted["state"], accepted["position"], accepted["number"], accepted["duration_minutes"]) == ("accepted", 1, 1, 20)
    published = office.post(f"meetings/{home.meeting.pk}/publish-agenda/", {})
    assert published.json()["state"] == "agenda_published"
    assert api(home.observer).get(path).json()["title"] == "Buses in August"


def test_who_proposes_without_naming_a_seat_proposes_for_the_only_one(home: Side, api: As) -> None:
    assert api(home.representatives[4]).post(path_of(home), {"title": "Mine"}).json()["proposer"] == str(home.seats[4].pk)
    assert api(home.coordinator).post(path_of(home), {"title": "The office's"}).json()["proposer"] is None
    assert api(home.spokesperson).post(path_of(home), {"title": "Whose?"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"title": "x", "kind": "party"}, "kind"),
        ({"title": "x", "duration_minutes": 0}, "duration_minutes"),
        ({"title": "x", "duration_minutes": 481}, "duration_minutes"),
        ({"title": "x", "text": "y" * 10_001}, "text"),
        ({"title": "x", "proposer": "y"}, "proposer"),
        ({"title": "x", "co_proposers": ["y"]}, "co_proposers.0"),
        ({"title": ["x"]}, "title"),
    ],
)
def test_bad_input_is_named(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.representative).post(path_of(home), body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]


def test_after_the_deadline_an_item_is_late_and_needs_a_motive(home: Side, api: As) -> None:
    own, at_deadline, late = api(home.representative), factories.draft(home, "On time"), factories.draft(home, "Late")
    with clock.at(home.meeting.intake_closes_at):
        assert own.post(f"agenda-items/{at_deadline.pk}/submit/", {}).json()["late"] is False
    with clock.at(home.meeting.intake_closes_at.replace(microsecond=1000)):
        refused = own.post(f"agenda-items/{late.pk}/submit/", {})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["motive"])
        assert own.post(f"agenda-items/{late.pk}/submit/", {"motive": "Snow"}).json()["late"] is True


def test_a_returned_proposal_is_a_draft_again_with_the_reason(home: Side, api: As) -> None:
    item = factories.proposal(home)
    returned = api(home.coordinator).post(f"agenda-items/{item.pk}/return/", {"reason": "Say which lines."}).json()
    assert (returned["state"], returned["answer"]) == ("draft", "Say which lines.")
    assert api(home.representative).get(f"agenda-items/{item.pk}/").json()["abilities"] == ["edit", "submit"]


@pytest.mark.parametrize(("action", "body", "field"), [("return", {"reason": ""}, "answer"), ("decline", {"answer": " "}, "answer")])
def test_a_proposal_is_answered_in_writing(home: Side, api: As, action: str, body: dict[str, str], field: str) -> None:
    item = factories.proposal(home)
    response = api(home.coordinator).post(f"agenda-items/{item.pk}/{action}/", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]


def test_what_is_decided_cannot_be_decided_again(home: Side, api: As) -> None:
    item = factories.accepted(home)
    response = api(home.coordinator).post(f"agenda-items/{item.pk}/accept/", {})
    assert (response.status_code, response.json()["code"]) == (409, "wrong_state")


def test_a_stale_edit_gets_the_other_text(home: Side, api: As) -> None:
    item, own = factories.draft(home), api(home.representative)
    path = f"agenda-items/{item.pk}/"
    assert own.patch(path, {"text": "First"}, version=item.version).status_code == 200
    stale = own.patch(path, {"text": "Second"}, version=item.version)
    assert (stale.status_code, stale.json()["current"]["text"]) == (412, "First")


def test_an_agenda_with_open_proposals_is_not_published(home: Side, api: As) -> None:
    office, path = api(home.coordinator), f"meetings/{home.meeting.pk}/publish-agenda/"
    assert office.post(path, {}).json()["code"] == "empty_agenda"
    factories.proposal(home)
    refused = office.post(path, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "undecided_proposals")


def test_the_running_order_has_a_version_of_its_own(home: Side, api: As) -> None:
    office, path = api(home.coordinator), f"meetings/{home.meeting.pk}/running-order/"
    first, second = (str(factories.accepted(home, title).pk) for title in ("First", "Second"))
    order = office.get(path).json()
    assert order["items"] == [first, second]
    assert order["abilities"] == ["order"]
    changed = office.put(path, {"items": [second, first]}, version=order["version"])
    assert (changed.json()["items"], changed.json()["version"]) == ([second, first], order["version"] + 1)
    stale = office.put(path, {"items": [first, second]}, version=order["version"])
    assert (stale.status_code, stale.json()["current"]["items"]) == (412, [second, first])
    assert stale.json()["current"]["version"] == order["version"] + 1
    assert office.put(path, {"items": [first]}, version=order["version"] + 1).status_code == 422
    assert office.put(path, {"items": [first, first]}, version=order["version"] + 1).status_code == 422
    assert office.put(path, {"items": [first, second]}).status_code == 428


def upload(reader: Api, item: Any, name: str, content: bytes, part: str = "file") -> Any:
    sent = encode_multipart(BOUNDARY, {part: SimpleUploadedFile(name, content)})
    return reader.post(f"agenda-items/{item.pk}/attachments/", raw=sent, content_type=MULTIPART_CONTENT)


def test_a_file_comes_back_to_be_saved_and_nothing_else(home: Side, api: As) -> None:
    item, own = factories.draft(home), api(home.representative)
    made = upload(own, item, "../../Relazione è.pdf", b"%PDF-1.7 hello")
    assert made.status_code == 201
    attachment = made.json()
    assert (attachment["name"], attachment["content_type"], attachment["size"]) == ("Relazione è.pdf", "application/pdf", 14)
    assert own.get(f"agenda-items/{item.pk}/").json()["attachments"][0]["id"] == attachment["id"]
    response = own.get(f"attachments/{attachment['id']}/file")
    assert b"".join(response.streaming_content) == b"%PDF-1.7 hello"
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == "attachment; filename*=utf-8''Relazione%20%C3%A8.pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["ETag"] == f'"{attachment["sha256"]}"'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<script>"),
        ("a.svg", b"<svg>"),
        ("a.pdf", b"<script>"),
        ("a.pdf", b""),
        ("a", b"%PDF-"),
        (".pdf", b"x"),
        ("a.png", b"%PDF-"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(home: Side, api: As, name: str, content: bytes) -> None:
    response = upload(api(home.representative), factories.draft(home), name, content)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["file"]


def test_an_upload_without_its_part_is_refused(home: Side, api: As) -> None:
    response = upload(api(home.representative), factories.draft(home), "a.pdf", b"%PDF-", part="other")
    assert (response.status_code, list(response.json()["errors"])) == (422, ["file"])


def test_a_file_that_is_declared_too_large_is_not_read(home: Side, api: As) -> None:
    item = factories.draft(home)
    client: Client = api(home.representative).client
    response = client.generic(
        "POST", f"/api/v1/agenda-items/{item.pk}/attachments/", b"x", content_type=MULTIPART_CONTENT, CONTENT_LENGTH="30000000"
    )
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("raw", [b"", b"--x", b"\x00" * 100])
def test_a_broken_upload_is_refused(home: Side, api: As, raw: bytes) -> None:
    item, own = factories.draft(home), api(home.representative)
    for content_type in (MULTIPART_CONTENT, "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300):
        response = own.post(f"agenda-items/{item.pk}/attachments/", raw=raw, content_type=content_type)
        assert response.status_code in (400, 415, 422)
    assert own.post(f"agenda-items/{item.pk}/attachments/", {"file": "x"}).status_code == 415
