"""Invitations, ends of memberships and mergers over REST."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import clock
from meetings.access import Role
from meetings.network import invitations, selectors
from meetings.network.models import Municipality, User
from meetings.notifications.models import MailState, OutgoingEmail
from tests import factories
from tests.api.client import Api
from tests.factories import NOW, Side, World

As = Callable[[User | None], Api]
INVITATIONS = "networks/home/invitations/"


def states(office: Api, **query: str) -> dict[str, str]:
    return {row["user"]["email"]: row["state"] for row in office.get(INVITATIONS, limit=500, **query).json()["results"]}


def test_inviting_some_then_all(side: Side, api: As) -> None:
    office = api(side.coordinator)
    first = side.network.memberships.get(user=side.representatives[0])
    assert set(states(office).values()) == {"accepted", "not_invited"}  # the coordinator has signed in
    sent = office.post(INVITATIONS, {"memberships": [str(first.pk)]})
    assert (sent.status_code, sent.json()["sent"]) == (201, 1)
    assert states(office, state="sent") == {side.representatives[0].email: "sent"}
    assert office.post(INVITATIONS, {"all": True}).json()["sent"] == 13
    assert office.post(INVITATIONS, {"all": True}).json()["sent"] == 0
    assert b"token" not in office.get(INVITATIONS).content


def test_sent_twice_is_invited_once(side: Side, api: As) -> None:
    office = api(side.coordinator)
    answers = [office.post(INVITATIONS, {"all": True}, key="one").json() for _time in range(2)]
    assert answers[0] == answers[1] and answers[0]["sent"] == OutgoingEmail.objects.count()


@pytest.mark.parametrize("body", [{}, {"all": False}, {"memberships": []}, {"all": True, "memberships": ["x"]}, {"state": "sent"}])
def test_unclear_whom(side: Side, api: As, body: dict[str, object]) -> None:
    assert api(side.coordinator).post(INVITATIONS, body).status_code == 422


def test_again_and_back(side: Side, api: As) -> None:
    office = api(side.coordinator)
    first = side.network.memberships.get(user=side.representatives[0])
    office.post(INVITATIONS, {"memberships": [str(first.pk)]})
    row = office.get(INVITATIONS, state="sent").json()["results"][0]
    assert row["abilities"] == ["resend", "revoke"]
    assert office.post(f"invitations/{row['id']}/resend/").json()["code"] == "sent_today"
    OutgoingEmail.objects.update(state=MailState.UNDELIVERABLE)
    assert set(states(office, state="undeliverable")) == {side.representatives[0].email}
    assert office.post(f"invitations/{row['id']}/resend/").json()["sent_count"] == 2
    with clock.at(NOW + timedelta(days=31)):
        assert set(states(office, state="expired")) == {side.representatives[0].email}
    assert office.post(f"invitations/{row['id']}/revoke/").json()["state"] == "revoked"
    assert office.post(f"invitations/{row['id']}/resend/").status_code == 409


def test_nothing_to_another_network(world: World, api: As) -> None:
    row = world.home.network.memberships.get(user=world.home.representatives[0])
    [invitation] = invitations.invite(actor=world.home.actor("coordinator"), network=world.home.network, memberships=[row])
    stranger = api(world.stranger)
    assert stranger.get(INVITATIONS).status_code == 404
    assert stranger.post("networks/away/invitations/", {"memberships": [str(row.pk)]}).status_code == 404
    for action in ("resend", "revoke"):
        assert stranger.post(f"invitations/{invitation.pk}/{action}/").status_code == 404


def test_an_end_with_a_last_day_and_back(side: Side, api: As) -> None:
    office = api(side.coordinator)
    row = side.network.memberships.get(user=side.representatives[0])
    ended = office.post(f"memberships/{row.pk}/end/", {"last_day": "2026-11-30"}).json()
    assert (ended["valid_until"], ended["abilities"]) == ("2026-11-30", ["edit", "end", "restore"])
    restored = office.post(f"memberships/{row.pk}/restore/").json()
    assert (restored["valid_until"], restored["abilities"]) == (None, ["edit", "end"])
    assert office.post(f"memberships/{row.pk}/restore/").json()["code"] == "too_late"
    assert office.post(f"memberships/{row.pk}/end/", {"last_day": "2026-11-01"}).status_code == 422


def test_a_merger_is_shown_then_done(side: Side, api: As) -> None:
    office, url = api(side.coordinator), "networks/home/municipalities/merge/"
    body = {"sources": [str(side.seats[1].pk)], "successor": str(side.seats[2].pk), "on": "2027-01-01"}
    shown = office.post(url, {**body, "dry_run": True}).json()
    assert (shown["dry_run"], shown["before"]["municipalities"], shown["after"]["municipalities"]) == (True, 10, 9)
    assert not Municipality.objects.filter(merged_into__isnull=False).exists()
    done = office.post(url, body).json()
    assert {row["merged_into"] for row in done["ended"]} == {done["successor"]["id"]}
    assert office.get(f"municipalities/{side.seats[1].pk}/").json()["merged_into"] == done["successor"]["id"]
    of_day = {day: len(office.get("networks/home/municipalities/", on=day).json()["results"]) for day in ("2026-12-31", "2027-01-01")}
    assert of_day == {"2026-12-31": 10, "2027-01-01": 9}
    assert office.post(url, body).status_code == 409
    assert office.post(url, {**body, "successor": None}).status_code == 422


def test_a_merger_of_another_network_s(world: World, api: As) -> None:
    body = {"sources": [str(world.away.seats[1].pk)], "successor": str(world.home.seats[2].pk), "on": "2027-01-01"}
    assert api(world.home.coordinator).post("networks/home/municipalities/merge/", body).status_code == 404
    body = {
        "sources": [str(world.home.seats[1].pk)],
        "istat_code": "001900",
        "name": "N",
        "zone": str(world.away.zones[0].pk),
        "on": "2027-01-01",
    }
    assert api(world.home.coordinator).post("networks/home/municipalities/merge/", body).status_code == 404


@pytest.mark.one_database
def test_the_list_asks_as_often_for_312_as_for_10(db: None, now: None, api: As) -> None:
    counted = {}
    for slug, seats in (("small", 10), ("large", 312)):
        network, coordinator = factories.make_network(slug, seats=seats)
        for town in network.municipalities.all():
            factories.add_member(network, f"Rita {town.name}", Role.REPRESENTATIVE, municipality=town)
        office = api(coordinator)
        invitations.invite_all(actor=selectors.actor_for(coordinator, network), network=network)
        with CaptureQueriesContext(connection) as asked:
            rows = office.get(f"networks/{slug}/invitations/", limit=500).json()["results"]
        assert len(rows) == seats + 1
        counted[slug] = len(asked)
    assert counted["small"] == counted["large"] <= 12
