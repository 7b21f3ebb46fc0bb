"""`networks/`, `municipalities/`, `memberships/`, `series/`, `meetings/`, `responses/`."""

from collections.abc import Callable
from typing import Any

import pytest

from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.api.client import Api
from tests.factories import Side, World

As = Callable[[User | None], Api]
SERIES = {"title": "Another", "weekday": 1, "local_start": "09:30", "starts_on": "2027-01-01", "ends_on": "2027-01-31"}


def test_a_person_sees_their_networks(world: World, api: As) -> None:
    shown = api(world.home.observer).get("networks/").json()["results"]
    assert [(row["slug"], row["abilities"]) for row in shown] == [("home", [])]
    assert api(world.home.coordinator).get("networks/home/").json()["abilities"] == ["edit"]
    assert shown[0]["thresholds"] == {"municipalities": "1/3", "population": "1/2"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Nowhere/Land"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"languages": []}, "languages"),
        ({"languages": ["xx"]}, "languages"),
        ({"languages": "it"}, "languages"),
        ({"thresholds": {"population": "3/2"}}, "threshold_population"),
        ({"thresholds": {"municipalities": "x"}}, "threshold_municipalities"),
        ({"thresholds": "1/2"}, "thresholds.non_field_errors"),
        ({"name": " "}, "name"),
        ({"name": "x" * 151}, "name"),
    ],
)
def test_settings_are_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.coordinator).patch("networks/home/", body, version=1)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]


def test_thresholds_change_together_or_alone(home: Side, api: As) -> None:
    changed = api(home.coordinator).patch("networks/home/", {"thresholds": {"population": "2/4"}, "languages": ["en", "it"]}, version=1)
    assert changed.json()["thresholds"] == {"municipalities": "1/3", "population": "1/2"}
    assert changed.json()["languages"] == ["en", "it"]


def test_a_municipality_is_made_and_changed(home: Side, api: As) -> None:
    office = api(home.coordinator)
    body = {"istat_code": "001999", "name": "Nuova", "zone": str(home.zones[1].pk), "population": 812, "valid_from": "2027-01-01"}
    made = office.post("networks/home/municipalities/", body)
    assert made.status_code == 201
    assert (made.json()["zone_name"], made.json()["valid_from"]) == (home.zones[1].name, "2027-01-01")
    path = f"municipalities/{made.json()['id']}/"
    assert office.patch(path, {"population": 813, "zone": str(home.zones[2].pk)}, version=1).json()["population"] == 813
    assert office.post("networks/home/municipalities/", body).status_code == 409
    assert office.patch(path, {"valid_until": "2026-01-01"}, version=2).status_code == 422


@pytest.mark.parametrize(
    "body", [{"istat_code": "1"}, {"istat_code": "00１１２２"}, {"population": -1}, {"population": 2**31}, {"valid_from": "0001-01-01"}]
)
def test_a_municipality_is_checked(home: Side, api: As, body: dict[str, Any]) -> None:
    right = {"istat_code": "001999", "name": "Nuova", "zone": str(home.zones[1].pk), "population": 812}
    response = api(home.coordinator).post("networks/home/municipalities/", {**right, **body})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == list(body)


def test_addresses_are_for_those_who_may_see_contacts(home: Side, api: As) -> None:
    def emails(user: User) -> int:
        rows = api(user).get("networks/home/memberships/", limit=500).json()["results"]
        return sum(row["user"]["email"] is not None for row in rows)

    assert emails(home.observer) == 1
    assert emails(home.auditor) == 1
    assert emails(home.representative) == 1 + 2  # themselves, and the office: coordinator and chair
    assert emails(home.spokesperson) == 1 + 5 + 2  # also zone 1: four titulars and a substitute
    assert emails(home.coordinator) == emails(home.chair) == 16


def test_a_member_is_added_changed_and_ended(home: Side, api: As) -> None:
    office = api(home.coordinator)
    body = {"email": "Nora@Example.org", "name": "Nora New", "role": "representative", "municipality": str(home.seats[5].pk), "order": 2}
    made = office.post("networks/home/memberships/", body)
    assert made.status_code == 201
    assert made.json()["user"]["email"] == "nora@example.org"
    assert office.post("networks/home/memberships/", body).json()["code"] == "already_member"
    path = f"memberships/{made.json()['id']}/"
    assert office.patch(path, {"office": "councillor"}, version=1).json()["office"] == "councillor"
    assert office.delete(path).json()["valid_until"] == "2026-11-19"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "role": "observer"}, "email"),
        ({"email": "ı@example.org", "role": "observer"}, "email"),
        ({"email": "n@example.org", "role": "king"}, "role"),
        ({"email": "n@example.org", "role": "representative"}, "municipality"),
        ({"email": "n@example.org", "role": "spokesperson"}, "zone"),
        ({"email": "n@example.org", "role": "observer", "order": 0}, "order"),
    ],
)
def test_a_member_is_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.coordinator).post("networks/home/memberships/", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert not User.objects.filter(email="n@example.org").exists()


def test_the_last_coordinator_stays(home: Side, api: As) -> None:
    membership = home.network.memberships.get(user=home.coordinator)
    response = api(home.coordinator).delete(f"memberships/{membership.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "last_coordinator")


def test_a_series_makes_its_meetings(home: Side, api: As) -> None:
    office = api(home.coordinator)
    made = office.post("networks/home/series/", {**SERIES, "breaks": [{"from": "2027-01-11", "until": "2027-01-13"}]})
    assert made.status_code == 201
    assert (made.json()["local_start"], made.json()["breaks"]) == ("09:30", [{"from": "2027-01-11", "until": "2027-01-13"}])
    days = Meeting.objects.filter(series=made.json()["id"]).order_by("starts_at").values_list("local_start", flat=True)
    assert list(days) == ["2027-01-05T09:30", "2027-01-19T09:30", "2027-01-26T09:30"]
    changed = office.patch(f"series/{made.json()['id']}/", {"title": "Renamed"}, version=1)
    assert (changed.json()["title"], changed.json()["version"]) == ("Renamed", 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"local_start": "02:30"}, "local_start"),
        ({"local_start": "x"}, "local_start"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"interval_weeks": 0}, "interval_weeks"),
        ({"ends_on": "2026-12-31"}, "ends_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"holiday_policy": "ignore"}, "holiday_policy"),
        ({"breaks": [{"from": "2027-01-01"}]}, "breaks.0.until"),
        ({"breaks": "x"}, "breaks.non_field_errors"),
        ({"intake_opens_hours": 10, "intake_closes_hours": 10}, "intake_opens_hours"),
        ({"join_url": "javascript:alert(1)"}, "join_url"),
    ],
)
def test_a_series_is_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.coordinator).post("networks/home/series/", {**SERIES, **body})
    assert response.status_code == 422, response.content
    assert list(response.json()["errors"]) == [field]


def test_meetings_are_found_by_local_day_and_state(home: Side, api: As) -> None:
    reader = api(home.observer)

    def numbers(**query: str) -> list[int]:
        return [row["number"] for row in reader.get("networks/home/meetings/", **query).json()["results"]]

    assert numbers() == [1, 2, 3, 4]
    assert numbers(**{"from": "2026-12-03", "to": "2026-12-10"}) == [2, 3]
    assert numbers(to="2026-11-25") == []
    assert numbers(state="closed") == []
    factories.agenda_published(home)
    assert numbers(state="agenda_published") == [1]
    assert reader.get("networks/home/meetings/", state="odd").status_code == 422
    assert reader.get("networks/home/meetings/", **{"from": "yesterday"}).status_code == 422


def test_a_meeting_tells_local_time_and_the_last_event(home: Side, api: As) -> None:
    shown = api(home.observer).get(f"meetings/{home.meeting.pk}/").json()
    assert (shown["starts_at"], shown["local_start"], shown["time_zone"]) == ("2026-11-26T09:00:00Z", "2026-11-26T10:00", "Europe/Rome")
    changed = api(home.coordinator).patch(f"meetings/{home.meeting.pk}/", {"title": "Extraordinary"}, version=shown["version"]).json()
    assert (changed["title"], changed["last_event"]) == ("Extraordinary", shown["last_event"] + 1)
    assert changed["abilities"] == ["cancel", "edit", "move", "publish_agenda"]


def test_a_seat_answers_and_only_those_who_may_know_read_the_reason(home: Side, api: As) -> None:
    path = f"meetings/{home.meeting.pk}/responses/{home.seats[0].pk}/"
    substitute = {"name": "Piero Proxy", "email": "piero@example.org", "office": "councillor"}
    answer = api(home.representative).put(path, {"answer": "substitute", "reason": "ill", "substitute": substitute})
    assert (answer.status_code, answer.json()["substitute"], answer.json()["reason"]) == (200, substitute, "ill")
    assert answer.json()["abilities"] == ["answer"]
    for user, reason in ((home.coordinator, "ill"), (home.chair, ""), (home.observer, ""), (home.other_representative, "")):
        shown = api(user).get(path).json()
        assert shown["reason"] == reason
        assert shown["substitute"]["name"] == "Piero Proxy"
        assert shown["substitute"]["email"] == ("piero@example.org" if reason else "")
    assert api(home.observer).get(f"meetings/{home.meeting.pk}/responses/{home.seats[1].pk}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "answer"),
        ({"answer": "maybe"}, "answer"),
        ({"answer": "substitute"}, "substitute_name"),
        ({"answer": "substitute", "substitute": {"name": "P", "email": "nobody"}}, "substitute_email"),
        ({"answer": "regrets", "reason": "x" * 501}, "reason"),
        ({"answer": "regrets", "substitute": "x"}, "substitute.non_field_errors"),
    ],
)
def test_an_answer_is_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    response = api(home.representative).put(f"meetings/{home.meeting.pk}/responses/{home.seats[0].pk}/", body)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]


def test_once_the_session_has_begun_nobody_answers(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    response = api(home.representative).put(f"meetings/{meeting.pk}/responses/{home.seats[0].pk}/", {"answer": "regrets"})
    assert (response.status_code, response.json()["code"]) == (409, "wrong_state")
    assert response.json()["current"]["state"] == "in_session"
