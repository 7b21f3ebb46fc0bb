"""Attendance for programs: taking over, correcting, who was there at an instant, and taking in a report."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from meetings import clock
from meetings.access import Role
from meetings.live import presence
from meetings.live.models import Attendance
from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.api.client import Api
from tests.factories import NOW, Side

As = Callable[[User | None], Api]
MINUTE = timedelta(minutes=1)
CSV = b"Name,Email,Join time,Leave time\nTown 009 home,,2026-11-20 08:30,2026-11-20 09:00\nOspite,,2026-11-20 08:30,2026-11-20 09:00\n"


@pytest.fixture
def meeting(home: Side) -> Meeting:
    return factories.in_session(home)


def row_of(reader: Api, meeting: Meeting, home: Side, seat: int = 0, query: str = "") -> Any:
    rows = reader.get(f"meetings/{meeting.pk}/attendance/{query}").json()["results"]
    return next((row for row in rows if row["municipality"] == str(home.seats[seat].pk)), None)


def test_a_taken_seat_says_who_is_in_and_the_titular_takes_over(home: Side, api: As, meeting: Meeting) -> None:
    second = factories.add_member(
        home.network, "Bruno Bassi", Role.REPRESENTATIVE, municipality=home.seats[9], office="councillor", order=2
    )
    presence.join(actor=home.actor(second), meeting=meeting, municipality=home.seats[9])
    titular, path = api(home.representatives[9]), f"meetings/{meeting.pk}/presence/"
    refused = titular.post(path, {})
    assert (refused.status_code, refused.json()["code"], refused.json()["current"]["person"]) == (409, "seat_taken", "Bruno Bassi")
    taken = titular.post(path, {"take_over": True}).json()
    assert taken["present"] and [one["person"] for one in taken["intervals"]] == ["Bruno Bassi", home.representatives[9].name]


def test_a_correction_is_made_from_what_was_read(home: Side, api: As, meeting: Meeting) -> None:
    office, path = api(home.coordinator), f"meetings/{meeting.pk}/attendance/"
    read = row_of(office, meeting, home)
    assert read["abilities"] == ["correct", "leave"]
    assert row_of(api(home.chair), meeting, home)["abilities"] == []
    body = {"municipality": read["municipality"], "known": read["intervals"], "intervals": []}
    done = office.patch(path, body, key="k")
    assert (done.status_code, done.json()["intervals"], done.json()["present"]) == (200, [], False)
    assert office.patch(path, body, key="k").json() == done.json()
    stale = office.patch(path, {**body, "intervals": read["intervals"]}, key="other")
    assert (stale.status_code, stale.json()["code"], stale.json()["current"]["intervals"]) == (409, "attendance_changed", [])
    back = office.patch(path, {**body, "known": [], "intervals": read["intervals"]}, key="back").json()
    assert back["intervals"] == read["intervals"]
    wrong = office.patch(path, {**body, "known": back["intervals"], "intervals": [{"from": "2026-11-19T00:00Z", "until": None}]}, key="w")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["intervals.0"])


def test_who_was_there_at_an_instant_and_whether_that_was_quorum(home: Side, api: As, meeting: Meeting) -> None:
    with clock.at(NOW + 4 * MINUTE):
        for seat in range(4):
            presence.leave(actor=home.actor(home.coordinator), meeting=meeting, municipality=home.seats[seat])
    reader, path = api(home.observer), f"meetings/{meeting.pk}/attendance/"
    with clock.at(NOW + 20 * MINUTE):
        now = reader.get(path).json()
        then = reader.get(path + "?at=2026-11-20T08:02:00Z").json()
        before = reader.get(path + "?at=2026-11-20T07:59:59Z").json()
    assert (len(now["results"]), now["present"], now["quorum"]) == (8, {"municipalities": 4, "population": 26_000}, False)
    assert (len(then["results"]), then["present"]["municipalities"], then["quorum"]) == (8, 8, True)
    assert (before["results"], before["present"], before["quorum"]) == ([], {"municipalities": 0, "population": 0}, False)
    assert now["seats"] == {"municipalities": 10, "population": 55_000}
    assert reader.get(path + "?at=yesterday").status_code == 422


def send(office: Api, meeting: Meeting, data: bytes = CSV, **fields: Any) -> Any:
    body = {"file": SimpleUploadedFile("report.csv", data), **fields}
    with clock.at(NOW + 60 * MINUTE):
        return office.client.post(f"/api/v1/meetings/{meeting.pk}/attendance/import/", body)


def test_a_report_is_previewed_reviewed_and_taken_in_once(home: Side, api: As, meeting: Meeting) -> None:
    office = api(home.coordinator)
    rows = send(office, meeting, dry_run="true").json()["rows"]
    assert [(row["row"], row["match"] and row["match"]["municipality_name"]) for row in rows] == [(2, "Town 009 home"), (3, None)]
    assert not Attendance.objects.filter(source="video").exists()
    reviewed = json.dumps([{"row": 2, "municipality": rows[0]["match"]["municipality"]}, {"row": 3, "municipality": None}])
    [added] = send(office, meeting, rows=reviewed).json()["added"]
    assert (added["municipality_name"], len(added["intervals"])) == ("Town 009 home", 1)
    assert send(office, meeting, rows=reviewed).json() == {"added": []}
    assert row_of(office, meeting, home, 8)["source"] == "video"


@pytest.mark.parametrize(
    ("data", "fields", "field"),
    [
        (b"%PDF-1.7", {"dry_run": "true"}, "file"),
        (b"x" * 5_000_000, {"dry_run": "true"}, "file"),
        (CSV + b"X,,2026-11-20 20:00,2026-11-20 21:00\n", {"rows": "[]"}, "file"),
        (CSV, {}, "rows"),
        (CSV, {"rows": "{"}, "rows"),
        (CSV, {"rows": '[{"row": "two"}]'}, "rows"),
        (CSV, {"rows": '[{"row": 99, "municipality": null}]'}, "rows"),
    ],
)
def test_a_bad_report_or_review_does_nothing(
    home: Side, api: As, meeting: Meeting, data: bytes, fields: dict[str, str], field: str
) -> None:
    refused = send(api(home.coordinator), meeting, data, **fields)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert not Attendance.objects.filter(source="video").exists()
