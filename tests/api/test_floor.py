"""The list of speakers, how it is kept, and where the session is, over REST."""

from collections.abc import Callable
from datetime import timedelta

from meetings import clock
from meetings.network.models import User
from tests import factories
from tests.api.client import Api
from tests.factories import Side

As = Callable[[User | None], Api]


def test_the_floor_is_made_by_its_first_change(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    chair, member, path = api(home.chair), api(home.representative), f"meetings/{meeting.pk}/floor/"
    before = chair.get(path)
    found = before.json()
    assert (before["ETag"], found["id"], found["order_rule"], found["abilities"]) == ('"0"', None, "first_come", ["edit"])
    assert chair.patch(path, {"limit_seconds": 90}).status_code == 428
    made = chair.patch(path, {"limit_seconds": 90}, version=0)
    assert (made.status_code, made["ETag"], made.json()["limit_seconds"]) == (200, '"1"', 90)
    stale = chair.patch(path, {"protected_places": 1}, version=0)
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
    assert chair.patch(path, {"order_rule": "loudest"}, version=1).status_code == 422
    assert member.get(path).json() | {"abilities": ["edit"]} == made.json()
    assert member.get(f"meetings/{meeting.pk}/live/").json()["state"]["floor"][0]["limit_seconds"] == 90


def test_an_act_is_taken_back(home: Side, api: As) -> None:
    meeting, chair = factories.in_session(home), api(home.chair)
    asked = api(home.representative).post(f"meetings/{meeting.pk}/speakers/", {}).json()
    given = chair.post(f"speakers/{asked['id']}/give/", {}).json()
    assert given["abilities"] == ["end", "undo"]
    undone = chair.post(f"speakers/{asked['id']}/undo/", {})
    assert (undone.status_code, undone.json()["state"], undone.json()["given_at"]) == (200, "waiting", None)
    again = chair.post(f"speakers/{asked['id']}/undo/", {})
    assert (again.status_code, again.json()["code"]) == (409, "not_the_last")


def test_who_has_spoken_how_much(home: Side, api: As) -> None:
    meeting, chair = factories.in_session(home), api(home.chair)
    asked = api(home.representative).post(f"meetings/{meeting.pk}/speakers/", {}).json()
    chair.post(f"speakers/{asked['id']}/give/", {})
    with clock.at(factories.NOW + timedelta(seconds=40)):
        found = api(home.observer).get(f"meetings/{meeting.pk}/speakers/fairness/").json()
    assert [(row["municipality_name"], row["times"], row["seconds"]) for row in found["municipalities"]] == [("Town 001 home", 1, 40)]
    assert [(row["seats"], row["seconds"]) for row in found["zones"]] == [(4, 40), (3, 0), (3, 0)]


def test_leaving_while_somebody_waits_is_asked_about(home: Side, api: As) -> None:
    meeting, chair = factories.in_session(home), api(home.chair)
    api(home.representative).post(f"meetings/{meeting.pk}/speakers/", {})
    first, second = (str(row.pk) for row in factories.items(meeting)[:2])
    for path, body in ((f"meetings/{meeting.pk}/current-item/", {"agenda_item": second}), (f"agenda-items/{first}/postpone/", {})):
        refused = chair.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "somebody_speaks")
    gone = chair.post(f"meetings/{meeting.pk}/current-item/", {"agenda_item": second, "confirmed": True})
    assert gone.json()["current_item"] == second


def test_where_the_session_is_and_when_ones_own_item_comes(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    first, second, third = (str(row.pk) for row in factories.items(meeting))
    more = api(home.chair).post(f"meetings/{meeting.pk}/extend-item/", {})
    assert more.json()["current_item_extra_minutes"] == 5
    with clock.at(factories.NOW + timedelta(minutes=4)):
        found = api(home.representatives[2]).get(f"meetings/{meeting.pk}/where/").json()
        staff = api(home.chair).get(f"meetings/{meeting.pk}/where/").json()
    assert found == {
        "current_item": first,
        "since": "2026-11-20T08:00:00Z",
        "ends_at": "2026-11-20T08:15:00Z",
        "next": second,
        "mine": [{"agenda_item": third, "starts_about": "2026-11-20T08:25:00Z", "items_before": 2}],
        "server_time": "2026-11-20T08:04:00Z",
        "abilities": [],
    }
    assert staff == {**found, "mine": []}
    over = api(home.chair).post(f"meetings/{meeting.pk}/extend-item/", {"minutes": 240})
    assert over.status_code == 422 and "minutes" in over.json()["errors"]


def test_before_the_agenda_is_published_it_is_nowhere(home: Side, api: As) -> None:
    meeting = factories.scheduled(home)
    found = api(home.representative).get(f"meetings/{meeting.pk}/where/").json()
    assert (found["current_item"], found["next"], found["mine"]) == (None, None, [])
    assert api(home.chair).post(f"meetings/{meeting.pk}/extend-item/", {}).status_code == 409
