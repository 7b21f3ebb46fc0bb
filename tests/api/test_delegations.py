"""Delegations, out-of-office periods and substitutes through REST."""

from collections.abc import Callable
from typing import Any

from meetings.network.models import User
from meetings.scheduling.models import Delegation, OutOfOffice, Response
from tests.api.client import Api
from tests.factories import Side

As = Callable[[User | None], Api]
DAYS = {"valid_from": "2026-12-01", "valid_until": "2026-12-09"}


def body(side: Side, **more: Any) -> dict[str, Any]:
    return {"municipality": str(side.seats[0].pk), "name": "Elia Delegate", "email": "elia@example.org", **more}


def path(side: Side, name: str = "delegations") -> str:
    return f"networks/{side.network.slug}/{name}/"


def test_the_titular_names_and_it_stands(side: Side, api: As) -> None:
    made = api(side.representative).post(path(side), body(side, meeting=str(side.meeting.pk), office="clerk"))

    assert made.status_code == 201
    found = made.json()
    assert found["delegate"] == {"name": "Elia Delegate", "email": "elia@example.org", "office": "clerk"}
    assert (found["state"], found["valid_from"], found["abilities"]) == ("confirmed", "2026-11-26", ["revoke"])
    assert Response.objects.get(meeting=side.meeting).substitute_name == "Elia Delegate"


def test_the_office_announces_the_titular_confirms_and_revokes(side: Side, api: As) -> None:
    announced = api(side.coordinator).post(path(side), body(side, **DAYS)).json()
    assert (announced["state"], announced["abilities"]) == ("announced", ["confirm", "revoke"])
    mine = api(side.representative)
    assert [row["id"] for row in mine.get(path(side)).json()["results"]] == [announced["id"]]
    assert mine.get(f"delegations/{announced['id']}/").json()["state"] == "announced"

    assert mine.post(f"delegations/{announced['id']}/confirm/").json()["state"] == "confirmed"
    assert mine.post(f"delegations/{announced['id']}/revoke/").json()["state"] == "revoked"
    assert mine.post(f"delegations/{announced['id']}/revoke/").status_code == 409


def test_an_answer_with_a_substitute_says_where_it_came_from(side: Side, api: As) -> None:
    address = f"meetings/{side.meeting.pk}/responses/{side.seats[0].pk}/"
    answer = {"answer": "substitute", "substitute": {"name": "Elia Delegate", "email": "ELIA@example.org", "office": ""}}
    given = api(side.representative).put(address, answer).json()

    assert (given["source"], given["substitute"]["email"]) == ("signed_in", "elia@example.org")
    assert Delegation.objects.get().email == "elia@example.org"


def test_a_key_sent_twice_names_once(side: Side, api: As) -> None:
    first, second = (api(side.representative).post(path(side), body(side, **DAYS), key="one") for _again in range(2))

    assert first.json() == second.json()
    assert Delegation.objects.count() == 1


def test_another_networks_seats_and_meetings_are_unknown(home: Side, away: Side, api: As) -> None:
    mine = api(home.representative)
    foreign = [body(home, meeting=str(away.meeting.pk)), {**body(home, **DAYS), "municipality": str(away.seats[0].pk)}]

    assert [mine.post(path(home), asked).status_code for asked in foreign] == [404, 404]
    assert not Delegation.objects.exists()


def test_what_is_wrong_is_said_by_field(side: Side, api: As) -> None:
    mine = api(side.representative)
    for wrong, field in (
        ({"email": "x", **DAYS}, "email"),
        ({}, "valid_from"),
        ({"name": "", **DAYS}, "name"),
        ({"meeting": "x"}, "meeting"),
    ):
        refused = mine.post(path(side), body(side, **wrong))
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


def test_days_away_are_said_seen_and_taken_back(side: Side, api: As) -> None:
    mine, office, other = api(side.representative), api(side.coordinator), api(side.other_representative)
    made = mine.post(path(side, "absences"), {**DAYS, "note": "on leave"}).json()

    assert (made["note"], made["abilities"], made["user_name"]) == ("on leave", ["withdraw"], side.representative.name)
    assert [row["note"] for row in office.get(path(side, "absences")).json()["results"]] == ["on leave"]
    assert other.get(path(side, "absences")).json()["results"] == []
    assert Response.objects.get().answer == "regrets"
    gone = mine.delete(f"absences/{made['id']}/").json()
    assert gone["withdrawn_at"] and gone["abilities"] == []
    assert not Response.objects.exists()


def test_the_office_says_it_for_somebody_who_holds_a_seat(side: Side, api: As) -> None:
    office = api(side.coordinator)

    assert office.post(path(side, "absences"), {**DAYS, "user": str(side.representative.pk)}).status_code == 201
    assert office.post(path(side, "absences"), {**DAYS, "user": str(side.observer.pk)}).status_code == 404
    assert OutOfOffice.objects.get().user == side.representative
