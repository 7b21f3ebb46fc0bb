"""One Thursday from the series to the sealed minutes, on the real network of 312 municipalities, through REST alone."""

import csv
import hashlib
import io
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, cast

import icalendar
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from meetings import clock
from meetings.demo.people import Cast, gather
from meetings.events.selectors import verify_all
from meetings.network.models import User
from tests.api.client import Api

BEGIN = datetime(2026, 11, 9, 9, tzinfo=UTC)
PAPER = b"%PDF-1.7 costs of the snow plan"


class Office:
    """The cast of the Thursday, each with a client of their own; asks, and insists on the answer's status."""

    def __init__(self, cast: Cast, api: Callable[[User | None], Api]) -> None:
        self.cast, self._api = cast, api
        self.clients: dict[Any, Api] = {}
        self.by_name = {seat.name: seat for seat in cast.seats}

    def client(self, user_id: Any) -> Api:
        if user_id not in self.clients:
            self.clients[user_id] = self._api(User.objects.get(pk=user_id))
        return self.clients[user_id]

    @property
    def coordinator(self) -> Api:
        return self.client(self.cast.coordinator.user_id)

    @property
    def chair(self) -> Api:
        return self.client(self.cast.chair.user_id)

    def mayor(self, name: str) -> Api:
        return self.client(self.cast.representatives[self.by_name[name].pk].user_id)


def told(answer: Any, status: int) -> Any:
    assert answer.status_code == status, answer.content[:600]
    return answer.json() if answer.content else None


def body_of(answer: Any) -> bytes:
    """A file's bytes."""
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def office(transactional_db: None, api: Callable[[User | None], Api]) -> Iterator[Office]:
    with clock.at(BEGIN):
        office = Office(gather(None, random.Random(1)), api)
        assert len(office.cast.seats) == 312
        assert sum(seat.population for seat in office.cast.seats) == 2_247_780
        yield office


def make_series(office: Office) -> list[dict[str, Any]]:
    """Thursday 10:00, 90 minutes, no holidays: materialised 18 months ahead."""
    body = {
        "title": "Coordinamento settimanale",
        "weekday": 3,
        "local_start": "10:00",
        "duration_minutes": 90,
        "starts_on": "2026-11-12",
        "holiday_policy": "skip",
        "intake_opens_hours": 240,
        "intake_closes_hours": 48,
        "join_url": "https://video.example.org/room",
    }
    series = told(office.coordinator.post("networks/torino/series/", body, key="series"), 201)
    assert (series["weekday"], series["local_start"], series["time_zone"]) == (3, "10:00", "Europe/Rome")
    page = told(office.coordinator.get("networks/torino/meetings/", limit=200), 200)
    starts = [meeting["local_start"] for meeting in page["results"]]
    assert page["next"] is None
    assert starts[0] == "2026-11-12T10:00" and starts[-1] > "2028-04-20"
    assert all(start.endswith("T10:00") for start in starts)
    assert "2026-12-24T10:00" in starts and "2027-01-06T10:00" not in starts
    return cast(list[dict[str, Any]], page["results"])


def answer_invitations(office: Office, meeting: str) -> list[Any]:
    """Every mayor answers; one in twelve sends regrets, with a reason that nobody else ever sees."""
    coming = []
    for number, seat in enumerate(office.cast.seats):
        regrets = number % 12 == 5 and seat.name != "Torino"
        body = {"answer": "regrets", "reason": "private reason"} if regrets else {"answer": "attending"}
        told(office.mayor(seat.name).put(f"meetings/{meeting}/responses/{seat.pk}/", body), 200)
        coming += [] if regrets else [seat]
    refused = told(office.mayor("Susa").put(f"meetings/{meeting}/responses/{office.by_name['Ivrea'].pk}/", {"answer": "attending"}), 403)
    assert refused["code"] == "not_allowed"
    seen = office.mayor("Susa").get(f"meetings/{meeting}/responses/", limit=400)
    assert len(told(seen, 200)["results"]) == 312 and b"private reason" not in seen.content
    return coming


def propose(office: Office, meeting: str, name: str, title: str, kind: str = "discussion", minutes: int = 15) -> str:
    body = {"title": title, "text": "Perché **ora**.", "kind": kind, "duration_minutes": minutes}
    item = told(office.mayor(name).post(f"meetings/{meeting}/agenda-items/", body, key=f"draft {title}"), 201)
    again = told(office.mayor(name).post(f"meetings/{meeting}/agenda-items/", body, key=f"draft {title}"), 201)
    assert again["id"] == item["id"]
    return str(item["id"])


def collect(office: Office, meeting: str) -> list[str]:
    """Four proposals, one with a paper, handed in before the deadline; a fifth is late and says why."""
    snow = propose(office, meeting, "Susa", "Piano neve", "decision", 20)
    paper = SimpleUploadedFile("costi.pdf", PAPER, "application/pdf")
    upload = office.mayor("Susa").client.post(f"/api/v1/agenda-items/{snow}/attachments/", {"file": paper})
    attached = told(upload, 201)
    items = [
        snow,
        propose(office, meeting, "Ivrea", "Trasporto scolastico"),
        propose(office, meeting, "Pinerolo", "Bando energia", "information", 10),
        propose(office, meeting, "Chieri", "Non di competenza"),
    ]
    for item, name in zip(items, ("Susa", "Ivrea", "Pinerolo", "Chieri"), strict=True):
        assert told(office.mayor(name).post(f"agenda-items/{item}/submit/", {}), 200)["late"] is False
    assert office.mayor("Ivrea").get(f"attachments/{attached['id']}/file").status_code == 404
    late = propose(office, meeting, "Moncenisio", "Frana sulla strada", "discussion", 10)
    closes = datetime.fromisoformat(told(office.chair.get(f"meetings/{meeting}/"), 200)["intake_closes_at"])
    with clock.at(closes + timedelta(milliseconds=1)):
        assert told(office.mayor("Moncenisio").post(f"agenda-items/{late}/submit/", {}), 422)["errors"]["motive"]
        assert told(office.mayor("Moncenisio").post(f"agenda-items/{late}/submit/", {"motive": "È di stanotte"}), 200)["late"] is True
    return [*items, late]


def triage(office: Office, meeting: str, items: list[str]) -> list[str]:
    """All but one are accepted, one with another time box; one is returned first; the order is set; the agenda goes out."""
    snow, buses, energy, alien, late = items
    told(office.mayor("Susa").post(f"agenda-items/{snow}/accept/", {}), 403)
    told(office.coordinator.post(f"agenda-items/{energy}/return/", {"reason": "Aggiungere la scadenza"}), 200)
    version = told(office.mayor("Pinerolo").get(f"agenda-items/{energy}/"), 200)["version"]
    told(office.mayor("Pinerolo").patch(f"agenda-items/{energy}/", {"text": "Scade il 30"}), 428)
    told(office.mayor("Pinerolo").patch(f"agenda-items/{energy}/", {"text": "Scade il 30"}, version=version), 200)
    stale = told(office.mayor("Pinerolo").patch(f"agenda-items/{energy}/", {"text": "Scade il 31"}, version=version), 412)
    assert stale["current"]["text"] == "Scade il 30"
    told(office.mayor("Pinerolo").post(f"agenda-items/{energy}/submit/", {}), 200)
    for item in (snow, buses, energy, late):
        told(office.coordinator.post(f"agenda-items/{item}/accept/", {"duration_minutes": 25 if item == snow else None}), 200)
    assert told(office.coordinator.post(f"meetings/{meeting}/publish-agenda/", {}), 409)["code"] == "undecided_proposals"
    told(office.coordinator.post(f"agenda-items/{alien}/decline/", {"answer": "Spetta alla Regione"}), 200)
    assert told(office.mayor("Chieri").get(f"agenda-items/{alien}/"), 200)["answer"] == "Spetta alla Regione"
    order = told(office.coordinator.get(f"meetings/{meeting}/running-order/"), 200)
    wanted = [snow, late, buses, energy]
    told(office.coordinator.put(f"meetings/{meeting}/running-order/", {"items": wanted}, version=order["version"]), 200)
    told(office.mayor("Torino").get(f"agenda-items/{snow}/"), 404)
    told(office.coordinator.post(f"meetings/{meeting}/publish-agenda/", {}), 200)
    assert told(office.mayor("Torino").get(f"agenda-items/{snow}/"), 200)["number"] == 1
    return wanted


def gather_in_the_room(office: Office, meeting: str, coming: list[Any]) -> None:
    for seat in coming:
        told(office.mayor(seat.name).post(f"meetings/{meeting}/presence/", {"municipality": str(seat.pk)}), 200)


def speak(office: Office, meeting: str) -> None:
    """A point of order goes before an earlier request; one speaker at a time."""
    first = told(office.mayor("Rivoli").post(f"meetings/{meeting}/speakers/", {"kind": "new_point"}), 201)
    order = told(office.mayor("Torino").post(f"meetings/{meeting}/speakers/", {"kind": "point_of_order"}), 201)
    listed = told(office.chair.get(f"meetings/{meeting}/speakers/"), 200)["results"]
    assert [row["id"] for row in listed] == [order["id"], first["id"]]
    told(office.chair.post(f"speakers/{order['id']}/give/", {}), 200)
    told(office.chair.post(f"speakers/{first['id']}/give/", {}), 200)
    states = {row["id"]: row["state"] for row in told(office.chair.get(f"meetings/{meeting}/speakers/"), 200)["results"]}
    assert states == {order["id"]: "spoken", first["id"]: "speaking"}


def vote(office: Office, item: str, coming: list[Any]) -> dict[str, Any]:
    """Named, in two keys, on the roll of those present; who sent regrets is not on it."""
    poll = told(office.chair.post(f"agenda-items/{item}/polls/", {"question": "Approvate il piano neve?"}, key="poll"), 201)["id"]
    opened = told(office.chair.post(f"polls/{poll}/open/", {}), 200)
    assert opened["roll"]["municipalities"] == len(coming) and opened["quorum"] is True
    for number, seat in enumerate(coming):
        choice = "no" if number % 10 == 3 and seat.name != "Torino" else "yes"
        body = {"municipality": str(seat.pk), "choice": choice}
        told(office.mayor(seat.name).put(f"polls/{poll}/vote/", body, key="vote"), 200)
    receipt = told(
        office.mayor("Torino").put(f"polls/{poll}/vote/", {"municipality": _id(office, "Torino"), "choice": "yes"}, key="vote"), 200
    )
    assert receipt["poll"] == poll
    absent = next(seat for seat in office.cast.seats if seat not in coming)
    told(office.mayor(absent.name).put(f"polls/{poll}/vote/", {"municipality": str(absent.pk), "choice": "yes"}), 403)
    closed = told(office.chair.post(f"polls/{poll}/close/", {}), 200)
    assert sum(row["municipalities"] for row in closed["tally"]) == len(coming)
    assert sum(row["population"] for row in closed["tally"]) == sum(seat.population for seat in coming)
    assert closed["outcome"] == "carried"
    told(office.mayor("Torino").put(f"polls/{poll}/vote/", {"municipality": _id(office, "Torino"), "choice": "no"}), 409)
    return cast(dict[str, Any], closed)


def _id(office: Office, name: str) -> str:
    return str(office.by_name[name].pk)


def hold(office: Office, meeting: str, order: list[str], coming: list[Any]) -> str:
    """The session; returns the action item that came of it."""
    told(office.mayor("Torino").post(f"meetings/{meeting}/open/", {}), 403)
    told(office.chair.post(f"meetings/{meeting}/open/", {}), 200)
    told(office.chair.post(f"meetings/{meeting}/current-item/", {"agenda_item": order[0]}), 200)
    speak(office, meeting)
    poll = vote(office, order[0], coming)
    told(office.coordinator.post(f"agenda-items/{order[0]}/notes/", {"text": "Due depositi per zona."}), 201)
    body = {"text": "Si adotta il piano neve.", "poll": poll["id"]}
    decision = told(office.coordinator.post(f"agenda-items/{order[0]}/decisions/", body, key="decision"), 201)
    assert (decision["number"], decision["year"]) == (1, 2026)
    task = {
        "meeting": meeting,
        "title": "Elenco dei mezzi",
        "due_on": "2026-11-18",
        "owner": _id(office, "Susa"),
        "decision": decision["id"],
    }
    action = told(office.coordinator.post("networks/torino/action-items/", {**task, "agenda_item": order[0]}, key="task"), 201)
    silence = told(office.chair.post(f"meetings/{meeting}/current-item/", {"agenda_item": order[1]}), 409)
    assert silence["code"] == "somebody_speaks"
    told(office.chair.post(f"meetings/{meeting}/current-item/", {"agenda_item": order[1], "confirmed": True}), 200)
    told(office.chair.post(f"agenda-items/{order[2]}/postpone/", {}), 200)
    told(office.chair.post(f"meetings/{meeting}/close/", {}), 200)
    return str(action["id"])


def check_carry_over(office: Office, following: str) -> list[dict[str, Any]]:
    """The approval of the minutes comes first, then what was postponed and what was not reached, with its age."""
    items = told(office.coordinator.get(f"meetings/{following}/agenda-items/"), 200)["results"]
    carried = [(item["position"], item["title"], item["deferrals"]) for item in items]
    assert [row[2] for row in carried] == [0, 1, 1]
    assert [row[1] for row in carried[1:]] == ["Trasporto scolastico", "Bando energia"]
    assert items[0]["kind"] == "decision" and items[0]["approves_minutes_of"]
    return cast(list[dict[str, Any]], items)


def minute(office: Office, meeting: str, held: datetime) -> str:
    """The office completes the minutes and circulates them; before that, members know nothing of them."""
    told(office.mayor("Susa").get(f"meetings/{meeting}/minutes/"), 404)
    record = told(office.coordinator.get(f"meetings/{meeting}/minutes/"), 200)
    body = {"introduction": "In videoconferenza.", "recorded_by": "Giulia Ferrero"}
    told(office.coordinator.patch(f"meetings/{meeting}/minutes/", body, version=record["version"]), 200)
    with clock.at(held + timedelta(days=1)):
        told(office.coordinator.post(f"minutes/{record['id']}/circulate/", {}), 200)
    assert told(office.mayor("Susa").get(f"meetings/{meeting}/minutes/"), 200)["state"] == "in_correction"
    return str(record["id"])


def approve(office: Office, meeting: str, following: str, record: str, at: datetime) -> bytes:
    """The next session begins with the approval; the sealed file never changes again."""
    items = told(office.coordinator.get(f"meetings/{following}/agenda-items/"), 200)["results"]
    told(office.coordinator.post(f"meetings/{following}/publish-agenda/", {}), 200)
    with clock.at(at):
        told(office.chair.post(f"meetings/{following}/open/", {}), 200)
        told(office.chair.post(f"meetings/{following}/current-item/", {"agenda_item": items[0]["id"]}), 200)
        told(office.coordinator.post(f"minutes/{record}/approve/", {}), 403)
        approved = told(office.chair.post(f"minutes/{record}/approve/", {}), 200)
        assert approved["state"] == "approved" and approved["file_digest"]
    first = body_of(office.mayor("Susa").get(f"meetings/{meeting}/minutes.pdf", language="it"))
    assert first == body_of(office.chair.get(f"meetings/{meeting}/minutes.pdf", language="it"))
    assert hashlib.sha256(first).hexdigest() == approved["file_digest"]
    return first


def check_minutes(office: Office, pdf: bytes, coming: list[Any]) -> None:
    text = text_of(pdf)
    for seat in office.cast.seats:
        assert seat.name in text, seat.name
    assert "Si adotta il piano neve." in text and "Due depositi per zona." in text and "Approvate il piano neve?" in text
    assert "private reason" not in text
    assert f"{len(coming)}/312" in text, [text[m.start() - 40 : m.end() + 20] for m in re.finditer("/312", text)]


def report_progress(office: Office, action: str) -> None:
    told(office.mayor("Ivrea").post(f"action-items/{action}/progress/", {"action": "finish", "text": "x"}), 403)
    body = {"action": "start", "text": "=SOMMA(A1)"}
    assert told(office.mayor("Susa").post(f"action-items/{action}/progress/", body, key="p1"), 200)["state"] == "in_progress"
    overdue = told(office.coordinator.get("networks/torino/action-items/", overdue="true"), 200)["results"]
    assert [row["id"] for row in overdue] == [action]
    table = body_of(office.coordinator.get("networks/torino/action-items.csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 1 and not any(cell.startswith(("=", "+", "-", "@")) for cell in rows[0].values())
    assert "Elenco dei mezzi" in text_of(body_of(office.coordinator.get("networks/torino/action-items.pdf")))


def check_calendar(office: Office, meetings: list[dict[str, Any]]) -> None:
    feed = told(office.mayor("Susa").post("me/calendar-feeds/", {"network": "torino"}), 201)
    path = "/calendar/" + feed["url"].rpartition("/calendar/")[2]
    first = Client().get(path)
    events = icalendar.Calendar.from_ical(first.content).walk("VEVENT")
    assert {str(event["UID"]) for event in events} >= {meeting["id"] for meeting in islice(meetings, 60)}
    assert Client().get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_one_thursday(office: Office) -> None:
    meetings = make_series(office)
    meeting, following = meetings[0]["id"], meetings[1]["id"]
    starts = [datetime.fromisoformat(row["starts_at"]) for row in meetings[:2]]
    coming = answer_invitations(office, meeting)
    items = collect(office, meeting)
    with clock.at(starts[0] - timedelta(hours=40)):
        order = triage(office, meeting, items)
    assert "Piano neve" in text_of(body_of(office.mayor("Torino").get(f"meetings/{meeting}/agenda.pdf")))
    with clock.at(starts[0]):
        gather_in_the_room(office, meeting, coming)
        action = hold(office, meeting, order, coming)
        check_carry_over(office, following)
        record = minute(office, meeting, starts[0])
    pdf = approve(office, meeting, following, record, starts[1])
    check_minutes(office, pdf, coming)
    with clock.at(starts[1] + timedelta(hours=3)):
        report_progress(office, action)
        check_calendar(office, meetings)
    assert list(verify_all()) == []
