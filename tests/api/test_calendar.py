"""The calendar through REST: previews that change nothing, acts that do what the preview said, once."""

from collections.abc import Callable
from typing import Any

import pytest

from meetings.network.models import User
from meetings.scheduling.models import Meeting, MeetingSeries
from tests import factories
from tests.api.client import Api
from tests.factories import Side

Apis = Callable[[User], Api]


@pytest.fixture
def office(home: Side, api: Apis) -> Api:
    return api(home.coordinator)


def acts(home: Side) -> dict[str, tuple[str, dict[str, Any]]]:
    meeting, series = f"meetings/{home.meeting.pk}/", f"series/{home.series.pk}/"
    return {
        "move": (meeting + "move/", {"local_start": "2026-11-27T11:00", "reason": "The hall is taken"}),
        "cancel": (meeting + "cancel/", {"reason": "Snow"}),
        "extra": (f"networks/{home.network.slug}/meetings/", {"local_start": "2026-12-01T11:00", "series": str(home.series.pk)}),
        "skip": (series + "skip/", {"date": "2026-12-03", "reason": "Snow"}),
        "breaks": (series + "breaks/", {"breaks": [{"from": "2026-12-01", "until": "2026-12-12"}], "holiday_policy": "shift"}),
        "extend": (series + "extend/", {"ends_on": "2027-01-31"}),
        "shorten": (series + "extend/", {"ends_on": "2026-12-04"}),
        "change": (series + "change-from/", {"from": "2026-12-03", "weekday": 4, "local_start": "15:30"}),
    }


def state(home: Side) -> list[tuple[Any, ...]]:
    series = MeetingSeries.objects.get(pk=home.series.pk)
    rows = Meeting.objects.filter(network=home.network).order_by("pk")
    return [(series.version, series.rules, series.ends_on), *((row.pk, row.local_start, row.state, row.version) for row in rows)]


@pytest.mark.parametrize("name", ["move", "cancel", "extra", "skip", "breaks", "extend", "shorten", "change"])
def test_a_dry_run_changes_nothing_and_says_what_the_act_does(home: Side, office: Api, name: str) -> None:
    path, body = acts(home)[name]
    before = state(home)
    looked = office.post(path, {**body, "dry_run": True}, key="look")
    assert looked.status_code == 200 and state(home) == before
    found = looked.json()
    assert set(found) == {"changes", "made", "told", "warnings"}
    done = office.post(path, body, key="do")
    assert done.status_code == (201 if name == "extra" else 200)
    for change in found["changes"]:
        row = Meeting.objects.get(pk=change["meeting"])
        assert (row.local_start, row.state != "cancelled") == (change["after"]["local_start"], change["after"]["is_held"])
    assert Meeting.objects.filter(network=home.network).count() == len(before) - 1 + found["made"]
    after = state(home)
    assert after != before
    again = office.post(path, body, key="do")
    assert again.json() == done.json() and state(home) == after


def test_a_cancelled_meeting_says_why_and_can_be_restored(home: Side, office: Api) -> None:
    path = f"meetings/{home.meeting.pk}/"
    found = office.post(path + "cancel/", {"reason": "Snow"}).json()
    assert (found["state"], found["state_before"], found["reason"]) == ("cancelled", "scheduled", "Snow")
    assert "restore" in found["abilities"] and not {"move", "cancel", "edit"} & set(found["abilities"])
    assert office.post(path + "restore/", {"dry_run": True}).json()["changes"][0]["what"] == "restored"
    found = office.post(path + "restore/").json()
    assert (found["state"], found["state_before"], found["reason"]) == ("scheduled", "", "")
    assert {"move", "cancel", "edit"} <= set(found["abilities"])
    refused = office.post(path + "restore/")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("move", {"local_start": "2026-12-01T02:30"}, "local_start"),
        ("move", {"local_start": "2026-11-01T10:00"}, "local_start"),
        ("move", {"local_start": 7}, "local_start"),
        ("move", {"duration_minutes": 0}, "duration_minutes"),
        ("move", {"time_zone": "Europe/Turin"}, "time_zone"),
        ("cancel", {"reason": " "}, "reason"),
        ("cancel", {"reason": "x" * 501}, "reason"),
        ("extra", {"local_start": "2026-12-01T02:00"}, "local_start"),
        ("skip", {"date": "2026-12-04"}, "date"),
        ("skip", {"reason": ""}, "reason"),
        ("breaks", {"breaks": [{"from": "2026-12-12", "until": "2026-12-01"}]}, "breaks"),
        ("extend", {"ends_on": "2026-11-01"}, "ends_on"),
        ("change", {"from": "2026-11-01"}, "from"),
        ("change", {"local_start": "02:30"}, "local_start"),
        ("change", {"weekday": 7}, "weekday"),
        ("change", {"interval_weeks": 0}, "interval_weeks"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(home: Side, office: Api, name: str, changes: dict[str, Any], field: str) -> None:
    path, body = acts(home)[name]
    before = state(home)
    for dry_run in (False, True) if (name, field) not in (("cancel", "reason"), ("skip", "reason")) else (False,):
        refused = office.post(path, {**body, **changes, "dry_run": dry_run})
        assert refused.status_code == 422 and field in refused.json()["errors"], refused.content
    assert state(home) == before


def test_a_series_shows_what_will_hold(home: Side, office: Api) -> None:
    path = f"series/{home.series.pk}/"
    found = office.post(path + "change-from/", {"from": "2026-12-03", "weekday": 4}).json()
    assert found["weekday"] == 4 and [rule["weekday"] for rule in found["rules"]] == [3, 4]
    assert {"change_from", "change_breaks", "extend", "skip"} <= set(found["abilities"])
    assert office.get(path).json()["rules"] == found["rules"]


def test_patrons_days_and_the_town_of_the_office(home: Side, away: Side, office: Api) -> None:
    town, path = home.seats[0], f"networks/{home.network.slug}/"
    changed = office.patch(f"municipalities/{town.pk}/", {"patron_day": "06-24", "patron_name": "San Giovanni"}, version=town.version)
    assert changed.json()["patron_day"] == "06-24"
    refused = office.patch(f"municipalities/{town.pk}/", {"patron_day": "02-30"}, version=town.version + 1)
    assert "patron_day" in refused.json()["errors"]
    assert office.patch(path, {"seat": str(away.seats[0].pk)}, version=1).status_code == 404
    assert office.patch(path, {"seat": str(town.pk)}, version=1).json()["seat"] == str(town.pk)
    looked = office.post(path + "meetings/", {"title": "A", "local_start": "2027-06-24T10:00", "dry_run": True}).json()
    assert [row["code"] for row in looked["warnings"]] == ["holiday", "patron_day"]
    created = {"istat_code": "001272", "name": "Torino", "zone": str(home.zones[0].pk), "population": 1}
    made = office.post(path + "municipalities/", created).json()
    assert (made["patron_day"], made["patron_name"]) == ("06-24", "San Giovanni Battista")
    named = {**created, "istat_code": "001998", "patron_day": "11-11"}
    assert office.post(path + "municipalities/", named).json()["patron_day"] == "11-11"


def test_another_series_than_ones_own_is_not_there(home: Side, away: Side, office: Api) -> None:
    body = {"local_start": "2026-12-01T11:00", "series": str(away.series.pk)}
    assert office.post(f"networks/{home.network.slug}/meetings/", body).status_code == 404


def test_the_calendar_is_short_of_queries(home: Side, office: Api, django_assert_max_num_queries: Any) -> None:
    office.post(f"series/{home.series.pk}/extend/", {"ends_on": None})
    path = f"series/{home.series.pk}/change-from/"
    with django_assert_max_num_queries(14):
        looked = office.post(path, {"from": "2026-12-03", "weekday": 4, "dry_run": True})
    assert len(looked.json()["changes"]) > 60
    assert factories.fresh(home.meeting).version == 1
