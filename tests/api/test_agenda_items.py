"""`agenda-items/`: proposing, triage, the running order, publication, files."""

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from meetings import clock
from meetings.agenda.models import Attachment
from meetings.network.models import User
from tests import factories
from tests.agenda.files import office_file, zipped
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
        ["edit", "move", "submit"],
    )
    path = f"agenda-items/{item['id']}/"
    assert office.get(path).status_code == 404
    changed = own.patch(path, {"title": "Buses in August", "co_proposers": [str(home.seats[1].pk)]}, version=item["version"])
    assert changed.json()["co_proposers"] == [str(home.seats[1].pk)]
    submitted = own.post(path + "submit/", {}).json()
    assert (submitted["state"], submitted["late"], submitted["abilities"]) == ("proposed", False, ["edit", "withdraw"])
    assert office.get(path).json()["abilities"] == ["accept", "decline", "defer", "edit", "merge", "return", "withdraw"]
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
    assert api(home.representative).get(f"agenda-items/{item.pk}/").json()["abilities"] == ["edit", "move", "submit"]


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


# --- put off, merged, late ---


def test_a_proposal_is_put_off_to_the_backlog_and_taken_up_from_there(home: Side, api: As) -> None:
    item, office = factories.proposal(home), api(home.coordinator)
    path, backlog = f"agenda-items/{item.pk}/", f"networks/{home.network.slug}/backlog/"
    assert list(office.post(path + "defer/", {}).json()["errors"]) == ["answer"]
    put_off = office.post(path + "defer/", {"answer": "No time before Christmas"}).json()
    assert (put_off["state"], put_off["deferred_to"], put_off["answer"]) == ("deferred", None, "No time before Christmas")
    (waiting,) = office.get(backlog).json()["results"]
    assert (waiting["id"], waiting["abilities"]) == (str(item.pk), ["defer"])
    assert [row["id"] for row in api(home.representative).get(backlog).json()["results"]] == [str(item.pk)]
    assert api(home.observer).get(backlog).json()["results"] == []
    target = str(home.meetings[1].pk)
    assert office.post(path + "defer/", {"meeting": target}).json()["deferred_to"] == target
    assert office.get(backlog).json()["results"] == []
    (again,) = office.get(f"meetings/{target}/agenda-items/").json()["results"]
    assert (again["origin"], again["deferrals"], again["flagged"], again["first_proposed_on"]) == (str(item.pk), 1, False, "2026-11-26")
    assert office.post(path + "defer/", {"meeting": target}).status_code == 409


def test_another_networks_meeting_is_none_to_put_something_off_to(home: Side, away: Side, api: As) -> None:
    item, office = factories.proposal(home), api(home.coordinator)
    body = {"meeting": str(away.meeting.pk), "answer": "Later"}
    assert office.post(f"agenda-items/{item.pk}/defer/", body).status_code == 404
    assert office.post(f"agenda-items/{item.pk}/merge/", {"into": str(factories.proposal(away).pk)}).status_code == 404
    draft = factories.draft(home)
    assert api(home.representative).post(f"agenda-items/{draft.pk}/move/", {"meeting": str(away.meeting.pk)}).status_code == 404


def test_two_proposals_are_merged_and_separated(home: Side, api: As) -> None:
    into, item, office = factories.proposal(home), factories.proposal(home, "Coaches", seat=1), api(home.coordinator)
    merged = office.post(f"agenda-items/{item.pk}/merge/", {"into": str(into.pk)}).json()
    assert (merged["state"], merged["merged_into"], merged["abilities"]) == ("merged", str(into.pk), ["separate"])
    assert api(home.other_representative).get(f"agenda-items/{into.pk}/").json()["co_proposers"] == [str(home.seats[1].pk)]
    assert office.post(f"agenda-items/{item.pk}/separate/", {}).json()["state"] == "proposed"


def test_a_draft_moves_to_the_next_meeting(home: Side, api: As) -> None:
    item, own = factories.draft(home), api(home.representative)
    moved = own.post(f"agenda-items/{item.pk}/move/", {}).json()
    assert (moved["id"], moved["meeting"], moved["state"]) == (str(item.pk), str(home.meetings[1].pk), "draft")


def test_what_is_accepted_after_publication_says_that_it_is_an_addendum(home: Side, api: As) -> None:
    meeting, own, office = factories.agenda_published(home), api(home.representatives[4]), api(home.coordinator)
    path = f"agenda-items/{own.post(path_of(home), {'title': 'Flood'}).json()['id']}/"
    assert list(own.post(path + "submit/", {}).json()["errors"]) == ["motive"]
    assert own.post(path + "submit/", {"motive": "The river rises"}).json()["late"] is True
    accepted = office.post(path + "accept/", {}).json()
    assert (accepted["addendum"], accepted["number"], accepted["abilities"]) == (1, 4, [])
    shown = api(home.observer).get(path_of(home)).json()["results"][-1]
    assert (shown["id"], shown["addendum"], bool(shown["added_at"])) == (accepted["id"], 1, True)
    pdf = api(home.observer).get(f"meetings/{meeting.pk}/agenda.pdf")
    assert pdf.status_code == 200


# --- files ---


def test_a_file_is_taken_away_again_until_it_is_frozen(home: Side, api: As) -> None:
    item, own = factories.proposal(home), api(home.representative)
    made = upload(own, item, "a.pdf", b"%PDF-1.7").json()
    assert api(home.other_representative).delete(f"attachments/{made['id']}/").status_code == 404
    assert own.delete(f"attachments/{made['id']}/").status_code == 200
    assert own.get(f"agenda-items/{item.pk}/").json()["attachments"] == []
    assert own.delete(f"attachments/{made['id']}/").status_code == 404
    kept = upload(own, item, "b.pdf", b"%PDF-1.7").json()
    api(home.coordinator).post(f"agenda-items/{item.pk}/accept/", {})
    api(home.coordinator).post(f"meetings/{home.meeting.pk}/publish-agenda/", {})
    refused = api(home.coordinator).delete(f"attachments/{kept['id']}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "agenda_published")


class Heap(io.RawIOBase):
    """A multipart body of 100 MB that is made while it is read; knows how much of it was asked for."""

    def __init__(self, head: bytes, tail: bytes, size: int) -> None:
        self.parts, self.left, self.given = [head, tail], size, 0

    def read(self, size: int = -1) -> bytes:
        if self.parts[0]:
            piece, self.parts[0] = self.parts[0][:size], self.parts[0][size:]
        elif self.left:
            piece = b"x" * min(size, self.left)
            self.left -= len(piece)
        else:
            piece, self.parts[1] = self.parts[1][:size], self.parts[1][size:]
        self.given += len(piece)
        return piece


@pytest.mark.parametrize("length", ["true", "false"])
@pytest.mark.parametrize("page", [False, True])
def test_a_hundred_megabytes_are_refused_without_being_kept(
    home: Side, browser_of: Callable[[User | None], Client], monkeypatch: pytest.MonkeyPatch, page: bool, length: str
) -> None:
    """Neither memory nor disk holds more than the largest file there may be, whatever the request says of its length."""
    kept: list[int] = []
    write = TemporaryFileUploadHandler.receive_data_chunk
    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", lambda s, data, at: kept.append(len(data)) or write(s, data, at))
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'.encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    item, body = factories.draft(home), Heap(head, tail, 100_000_000)
    said = len(head) + 100_000_000 + len(tail) if length == "true" else settings.ATTACHMENT_MAX_BYTES
    path = f"/en/home/agenda-items/{item.pk}/attachments/" if page else f"/api/v1/agenda-items/{item.pk}/attachments/"
    client, request = browser_of(home.representative), {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_TYPE": MULTIPART_CONTENT}
    tracemalloc.start()
    response = client.request(**request, CONTENT_LENGTH=str(said), **{"wsgi.input": body})
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code in (400, 413, 422)
    assert sum(kept) <= settings.ATTACHMENT_MAX_BYTES + 1 and most < 15_000_000
    assert not Attachment.objects.exists()


def test_pictures_that_are_pages_too_are_never_shown_as_pages(home: Side, api: As) -> None:
    """A polyglot is served to be saved, under its picture's type, sandboxed."""
    own = api(home.representative)
    for name, magic, kind in (("a.png", b"\x89PNG\r\n\x1a\n", "image/png"), ("a.jpg", b"\xff\xd8\xff", "image/jpeg")):
        made = upload(own, factories.draft(home), name, magic + b"<html><script>alert(1)</script>").json()
        response = own.get(f"attachments/{made['id']}/file")
        assert b"".join(response.streaming_content).startswith(magic)
        assert response.headers["Content-Type"] == kind
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_hostile_names_and_archives_are_refused_or_made_harmless(home: Side, api: As) -> None:
    own, item = api(home.representative), factories.draft(home)
    made = upload(own, item, "../../etc/x.pdf", b"%PDF-1.7")
    assert (made.status_code, made.json()["name"]) == (201, "x.pdf")
    bomb = office_file(".docx", bomb=b"\0" * 50_000_000)
    for name, content in (("a.docx", bomb), ("a.docx", zipped(readme=b"a mere zip")), ("a.svg", b"<svg onload='x'/>"), ("a.html", b"<p>")):
        refused = upload(own, item, name, content)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["file"])
