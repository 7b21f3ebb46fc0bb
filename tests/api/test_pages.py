"""Lists come in pages: every row once, in order, whatever the size of the page."""

from collections.abc import Callable
from typing import Any

import pytest

from meetings.action_items import services as action_items
from meetings.network.models import User
from tests import factories
from tests.access_matrix import SCENES
from tests.api.client import Api
from tests.factories import Side, World

As = Callable[[User | None], Api]


def walk(reader: Api, path: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    found, response = [], reader.get(path, limit=limit, **query)
    while True:
        page = response.json()
        assert set(page) >= {"results", "next"}
        assert len(page["results"]) <= limit
        found += page["results"]
        if page["next"] is None:
            return found
        assert page["results"]
        response = reader.get(page["next"].removeprefix("http://testserver"))


@pytest.mark.parametrize("limit", [1, 3, 10, 500])
def test_every_row_comes_once_and_in_order(home: Side, api: As, limit: int) -> None:
    reader = api(home.observer)
    towns = walk(reader, "networks/home/municipalities/", limit)
    assert [row["name"] for row in towns] == sorted(seat.name for seat in home.seats)
    meetings = walk(reader, "networks/home/meetings/", limit)
    assert [row["id"] for row in meetings] == [str(meeting.pk) for meeting in home.meetings]
    members = walk(reader, "networks/home/memberships/", limit)
    assert len({row["id"] for row in members}) == len(members) == 16


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_a_meeting_s_own_lists_come_in_pages_too(world: World, api: As, limit: int) -> None:
    scene = SCENES["session"](world)
    reader, meeting = api(world.home.observer), scene.meeting.pk
    assert [row["position"] for row in walk(reader, f"meetings/{meeting}/agenda-items/", limit)] == [1, 2, 3]
    assert len(walk(reader, f"meetings/{meeting}/attendance/", limit)) == 8
    assert [row["state"] for row in walk(reader, f"meetings/{meeting}/speakers/", limit)] == ["speaking", "waiting"]
    events = walk(reader, f"meetings/{meeting}/events/", limit)
    assert [row["previous"] for row in events[1:]] == [row["sequence"] for row in events[:-1]]


def test_action_items_come_by_due_date_those_without_one_last(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    for due in ("2027-01-03", None, "2027-01-01", None, "2027-01-02", "2027-01-01"):
        values = {"title": f"Due {due}", "due_on": due}
        action_items.create(actor=home.actor("chair"), meeting=meeting, values=values, owner=None)
    shown = walk(api(home.observer), "networks/home/action-items/", 2)
    assert [row["due_on"] for row in shown] == ["2027-01-01", "2027-01-01", "2027-01-02", "2027-01-03", None, None]
    assert [row["number"] for row in shown] == [3, 6, 5, 1, 2, 4]


@pytest.mark.parametrize("cursor", ["x", "%00", "cD0lMDA=", "bz0xMDAwMDAw", "cj0xJnA9eA==", "\u00e9", "=" * 300, "cD0yMDI2LTk5LTk5"])
def test_a_cursor_that_is_none_of_ours_is_malformed(world: World, api: As, cursor: str) -> None:
    scene, reader = SCENES["session"](world), api(world.home.observer)
    for path in ("networks/home/meetings/", "networks/home/memberships/", f"meetings/{scene.meeting.pk}/speakers/"):
        response = reader.get(path, cursor=cursor)
        assert response.status_code in (200, 400)
        if response.status_code == 400:
            assert response.json()["code"] == "malformed"


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", "99999999999999999999", "\x00"])
def test_a_senseless_limit_is_the_usual_one(home: Side, api: As, limit: str) -> None:
    assert len(api(home.observer).get("networks/home/municipalities/", limit=limit).json()["results"]) == 10


@pytest.mark.parametrize("role", ["observer", "representative", "coordinator"])
def test_events_are_those_of_the_reader_s_audience(world: World, api: As, role: str) -> None:
    scene = SCENES["session"](world)
    home = world.home
    user = home.representative if role == "representative" else home.people[role]
    events = walk(api(user), f"meetings/{scene.meeting.pk}/events/", 500)
    types = {event["type"] for event in events}
    assert ("note.written" in types) == (role == "coordinator")
    assert "vote.cast" not in types
    later = walk(api(user), f"meetings/{scene.meeting.pk}/events/", 500, after=events[3]["sequence"])
    assert later == events[4:]


@pytest.mark.parametrize(
    "query", [{"after": "-1"}, {"after": "x"}, {"after": "9" * 40}, {"limit": "0"}, {"limit": "501"}, {"after": "\x00"}]
)
def test_a_senseless_question_for_events_is_invalid(home: Side, api: As, query: dict[str, str]) -> None:
    assert api(home.observer).get(f"meetings/{home.meeting.pk}/events/", **query).status_code == 422
