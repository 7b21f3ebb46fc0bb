"""Participation over REST, its files, and the action items' workbook."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.http import FileResponse

from meetings.network.models import User
from meetings.network.services import ensure_zone
from tests import factories
from tests.api.client import Api
from tests.documents import sheets
from tests.factories import Side, World

As = Callable[[User | None], Api]
REPORT = "networks/home/reports/participation"
DAYS = {"from": "2026-11-01", "to": "2026-12-31"}


def body_of(response: Any) -> bytes:
    assert response.status_code == 200, response
    assert isinstance(response, FileResponse)
    assert response["Content-Disposition"].startswith("attachment;") and response["X-Content-Type-Options"] == "nosniff"
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


def lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_report_of_a_period(home: Side, api: As) -> None:
    meeting = factories.closed(home)
    found = api(home.coordinator).get(f"{REPORT}/", **DAYS).json()
    assert (found["from"], found["to"], found["zone"], found["abilities"]) == ("2026-11-01", "2026-12-31", None, [])
    assert found["totals"]["meetings"] == len(found["meetings"]) == 1
    [row] = found["meetings"]
    assert (row["id"], row["number"], row["local_start"]) == (str(meeting.pk), 1, "2026-11-26T10:00")
    assert row["seats"] == {"municipalities": 10, "population": 55_000}
    assert row["present_seats"] == {"municipalities": 8, "population": 36_000}
    assert (row["invited"], row["present"], row["absent"], row["silent"], row["votes"], row["polls"]) == (10, 8, 2, 10, 8, 1)
    assert [zone["present"] for zone in found["zones"]] == [4, 3, 1]
    assert [seat["present"] for seat in found["municipalities"]] == [1] * 8 + [0] * 2


def test_zone_and_period_narrow_it(home: Side, api: As) -> None:
    factories.closed(home)
    office = api(home.coordinator)
    of_zone = office.get(f"{REPORT}/", **DAYS, zone=home.zones[2].pk).json()
    assert (of_zone["zone"], of_zone["totals"]["invited"], len(of_zone["municipalities"])) == (str(home.zones[2].pk), 3, 3)
    assert office.get(f"{REPORT}/", **{"from": "2026-11-27", "to": "2026-11-30"}).json()["meetings"] == []


def test_what_makes_no_period_is_refused(world: World, api: As) -> None:
    office = api(world.home.coordinator)
    for query, field in (({"from": "2026-12-01", "to": "2026-11-01"}, "to"), ({"from": "1990-01-01"}, "from"), ({"to": "soon"}, "to")):
        refused = office.get(f"{REPORT}/", **query)
        assert refused.status_code == 422 and field in refused.json()["errors"], query
        assert office.get(f"{REPORT}.csv", **query).status_code == 422
    assert office.get(f"{REPORT}/", zone=world.away.zones[0].pk).status_code == 404
    assert office.get(f"{REPORT}.csv", table="secrets").status_code == 422


def test_single_municipalities_are_for_those_who_may_see_them(home: Side, api: As) -> None:
    factories.closed(home)
    seen = {
        name: [row["name"] for row in api(user).get(f"{REPORT}/", **DAYS).json()["municipalities"]]
        for name, user in {**home.people, "own": home.representative}.items()
    }
    everybody = [town.name for town in home.seats]
    assert (seen["coordinator"], seen["chair"], seen["auditor"]) == (everybody, everybody, everybody)
    assert (seen["spokesperson"], seen["own"], seen["observer"]) == (everybody[:4], everybody[:1], [])
    table = lines(body_of(api(home.representative).get(f"{REPORT}.csv", **DAYS, table="municipalities")))
    assert [row[1] for row in table[1:]] == everybody[:1]
    book = sheets.read(body_of(api(home.observer).get(f"{REPORT}.xlsx", **DAYS)))
    assert [(sheet.name, len(sheet.rows)) for sheet in book] == [("Meetings", 2), ("Zones", 4), ("Municipalities", 1)]


def test_the_files_say_what_the_report_says(home: Side, api: As) -> None:
    factories.closed(home)
    office = api(home.coordinator)
    header, row = lines(body_of(office.get(f"{REPORT}.csv", **DAYS)))
    told = dict(zip(header, row, strict=True))
    assert (told["Date"], told["Present"], told["Invited"], told["Quorum"]) == ("2026-11-26", "8", "10", "yes")
    assert told["Share of the municipalities"] == "0.8000"
    book = sheets.read(body_of(office.get(f"{REPORT}.xlsx", **DAYS)))
    assert all(sheet.frozen and sheet.filtered for sheet in book)
    assert [cell.value for cell in book[0].rows[0].values()] == header
    assert len(book[2].rows) == 11
    assert lines(body_of(office.get(f"{REPORT}.csv", **DAYS, language="it")))[0][0] != ""


def test_a_name_that_looks_like_a_formula_is_a_text(home: Side, api: As) -> None:
    ensure_zone(actor=home.actor("coordinator"), network=home.network, number=1, name="=1+1")
    factories.closed(home)
    table = lines(body_of(api(home.coordinator).get(f"{REPORT}.csv", **DAYS, table="zones")))
    assert table[1][1] == "'=1+1"
    zones = sheets.read(body_of(api(home.coordinator).get(f"{REPORT}.xlsx", **DAYS)))[1]
    assert (zones.rows[1]["B"].value, zones.rows[1]["B"].kind, zones.rows[1]["B"].formula) == ("'=1+1", "s", False)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_tracker_carries_its_filters(home: Side, api: As, ending: str) -> None:
    factories.closed(home)
    other = {"zone": home.zones[1].pk, "owner": home.seats[1].pk, "state": "done", "text": "nowhere"}
    office, path = api(home.coordinator), f"networks/home/action-items.{ending}"

    def rows(**query: Any) -> int:
        data = body_of(office.get(path, **query))
        return len(lines(data) if ending == "csv" else sheets.read(data)[0].rows) - 1

    assert rows() == rows(zone=home.zones[0].pk) == rows(owner=home.seats[0].pk, state="unfinished") == rows(text="OPERATORS") == 1
    assert [rows(**{name: value}) for name, value in other.items()] == [0, 0, 0, 0]
    assert rows(mine="true") == 0
    assert office.get(path, state="lost").status_code == 422


def test_the_list_takes_the_same_filters(home: Side, api: As) -> None:
    factories.closed(home)
    rest = api(home.representative)
    for query, found in (({"mine": "true"}, 1), ({"state": "unfinished"}, 1), ({"text": "1"}, 1), ({"text": "2"}, 0)):
        assert len(rest.get("networks/home/action-items/", **query).json()["results"]) == found, query
