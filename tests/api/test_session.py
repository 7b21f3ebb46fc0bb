"""The session: opening, presence, the list of speakers, votes, live state and tickets."""

from collections.abc import Callable
from typing import Any

import pytest

from api.realtime import tickets
from meetings.live import polls
from meetings.live.models import Vote
from meetings.network import people
from meetings.network.models import User
from tests import factories
from tests.access_matrix import SCENES
from tests.api.client import Api
from tests.factories import Side, World

As = Callable[[User | None], Api]


def test_a_session_is_opened_led_and_closed(home: Side, api: As) -> None:
    meeting = factories.agenda_published(home)
    chair, path = api(home.chair), f"meetings/{meeting.pk}/"
    opened = chair.post(path + "open/", {}).json()
    assert (opened["state"], opened["abilities"]) == ("in_session", ["close", "move_on"])
    item = factories.items(meeting)[0]
    moved = chair.post(path + "current-item/", {"agenda_item": str(item.pk)}).json()
    assert moved["current_item"] == str(item.pk)
    assert chair.post(path + "current-item/", {"agenda_item": None}).json()["current_item"] is None
    closed = chair.post(path + "close/", {}).json()
    assert (closed["state"], closed["abilities"]) == ("closed", ["reopen"])
    assert chair.get(path + "minutes/").json()["state"] == "draft"
    again = chair.post(path + "open/", {})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_an_item_of_another_meeting_is_not_on_the_agenda(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    other = factories.accepted(home, "Next week", seat=None, meeting=home.meetings[1])
    response = api(home.chair).post(f"meetings/{meeting.pk}/current-item/", {"agenda_item": str(other.pk)})
    assert (response.status_code, response.json()["code"]) == (409, "not_on_the_agenda")


@pytest.mark.parametrize("body", [{}, {"agenda_item": "x"}, {"agenda_item": 3.5}, {"agenda_item": []}])
def test_the_current_item_is_an_id_or_null(home: Side, api: As, body: dict[str, Any]) -> None:
    meeting = factories.in_session(home)
    response = api(home.chair).post(f"meetings/{meeting.pk}/current-item/", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, ["agenda_item"])


def test_a_seat_comes_and_goes(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    own, path = api(home.representatives[9]), f"meetings/{meeting.pk}/presence/"
    joined = own.post(path, {}).json()
    assert (joined["municipality"], joined["present"], joined["source"], joined["abilities"]) == (
        str(home.seats[9].pk),
        True,
        "web",
        ["leave"],
    )
    left = own.post(path, {"present": False}).json()
    assert (left["present"], left["abilities"]) == (False, ["join"])
    assert len(left["intervals"]) == 1
    called = api(home.coordinator).post(path, {"municipality": str(home.seats[8].pk), "source": "phone"}).json()
    assert (called["source"], called["person"]) == ("phone", home.representatives[8].name)
    assert api(home.spokesperson).post(path, {}).status_code == 404
    assert len(api(home.observer).get(f"meetings/{meeting.pk}/attendance/").json()["results"]) == 10


def test_who_was_never_there_cannot_leave(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    response = api(home.representatives[9]).post(f"meetings/{meeting.pk}/presence/", {"present": False})
    assert response.status_code == 404


def test_the_list_of_speakers(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    chair, path = api(home.chair), f"meetings/{meeting.pk}/speakers/"
    first = api(home.representatives[0]).post(path, {}).json()
    again = api(home.representatives[0]).post(path, {"kind": "new_point"})
    order = api(home.representatives[1]).post(path, {"kind": "point_of_order"}).json()
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert first["abilities"] == ["withdraw"]
    assert [row["id"] for row in chair.get(path).json()["results"]] == [order["id"], first["id"]]
    assert chair.post(f"speakers/{order['id']}/give/", {}).json()["state"] == "speaking"
    assert chair.post(f"speakers/{first['id']}/give/", {}).json()["state"] == "speaking"
    assert [row["state"] for row in chair.get(path).json()["results"]] == ["speaking", "spoken"]
    ended = chair.post(f"speakers/{first['id']}/end/", {}).json()
    assert ended["ended_at"] and ended["abilities"] == ["undo"]
    assert chair.post(f"speakers/{first['id']}/end/", {}).json()["code"] == "wrong_state"


def test_no_floor_without_an_item(home: Side, api: As) -> None:
    meeting = factories.agenda_published(home)
    response = api(home.representative).post(f"meetings/{meeting.pk}/speakers/", {})
    assert (response.status_code, response.json()["code"]) == (409, "no_current_item")
    assert api(home.representative).post(f"meetings/{meeting.pk}/speakers/", {"kind": "song"}).status_code == 422


def test_a_vote_is_opened_cast_counted_and_closed(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    chair = api(home.chair)
    made = chair.post(f"agenda-items/{meeting.current_item_id}/polls/", {"question": "Do the lines stay?"})
    assert made.status_code == 201
    poll = made.json()
    path = f"polls/{poll['id']}/"
    assert ([choice["id"] for choice in poll["choices"]], poll["abilities"]) == (["yes", "no", "abstain"], ["edit", "open"])
    assert api(home.representative).get(path).status_code == 404
    opened = chair.post(path + "open/", {}).json()
    assert (opened["roll"], opened["quorum"]) == ({"municipalities": 8, "population": 36_000}, True)
    assert api(home.representative).get(path).json()["abilities"] == ["vote"]
    receipt = api(home.representatives[0]).put(path + "vote/", {"choice": "no"})
    assert (receipt.status_code, set(receipt.json())) == (200, {"id", "poll", "municipality", "at", "digest"})
    changed = api(home.representatives[0]).put(path + "vote/", {"choice": "yes"}).json()
    assert changed["id"] == receipt.json()["id"] and changed["digest"] != receipt.json()["digest"]
    api(home.representatives[1]).put(path + "vote/", {"choice": "no", "municipality": str(home.seats[1].pk)})
    count = {row["choice"]: (row["municipalities"], row["population"]) for row in chair.get(path).json()["tally"]}
    assert count == {"yes": (1, 1000), "no": (1, 2000), "abstain": (0, 0)}
    closed = chair.post(path + "close/", {}).json()
    assert (closed["state"], closed["outcome"], closed["abilities"]) == ("closed", "not_carried", [])
    late = api(home.representatives[2]).put(path + "vote/", {"choice": "yes"})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize("body", [{}, {"choice": "maybe"}, {"choice": ""}, {"choice": None}, {"choice": ["yes"]}])
def test_a_vote_is_one_of_the_choices(home: Side, api: As, body: dict[str, Any]) -> None:
    poll = factories.open_poll(home, factories.in_session(home))
    response = api(home.representative).put(f"polls/{poll.pk}/vote/", body)
    assert (response.status_code, list(response.json()["errors"])) == (422, ["choice"])
    assert not Vote.objects.exists()


def test_who_is_not_on_the_roll_does_not_vote(home: Side, api: As) -> None:
    poll = factories.open_poll(home, factories.in_session(home))
    response = api(home.representatives[9]).put(f"polls/{poll.pk}/vote/", {"choice": "yes"})
    assert (response.status_code, response.json()["code"]) == (403, "not_on_the_roll")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": "x" * 301}, "question"),
        ({"question": "x", "choices": [{"id": "a", "label": "A"}]}, "choices"),
        ({"question": "x", "choices": [{"id": "a"}]}, "choices.0.label"),
        ({"question": "x", "choices": [{"id": str(n), "label": "A"} for n in range(11)]}, "choices"),
        ({"question": "x", "roll_policy": "mine"}, "roll_policy"),
    ],
)
def test_a_poll_is_checked(home: Side, api: As, body: dict[str, Any], field: str) -> None:
    meeting = factories.in_session(home)
    response = api(home.chair).post(f"agenda-items/{meeting.current_item_id}/polls/", body)
    assert response.status_code == 422
    assert [name.partition(".non_field")[0] for name in response.json()["errors"]] == [field]


def test_without_a_quorum_a_vote_can_only_be_advisory(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    chair, path = api(home.chair), f"agenda-items/{meeting.current_item_id}/polls/"
    for user in home.representatives[:6]:
        api(user).post(f"meetings/{meeting.pk}/presence/", {"present": False})
    binding = chair.post(path, {"question": "Binding?"}).json()
    advisory = chair.post(path, {"question": "Advisory?", "advisory": True}).json()
    refused = chair.post(f"polls/{binding['id']}/open/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_quorum")
    assert chair.post(f"polls/{advisory['id']}/open/", {}).json()["quorum"] is False


def test_a_meeting_is_not_left_with_a_vote_open(home: Side, api: As) -> None:
    meeting = factories.in_session(home)
    factories.open_poll(home, meeting)
    for path in ("close/", "current-item/"):
        response = api(home.chair).post(f"meetings/{meeting.pk}/{path}", {"agenda_item": None})
        assert (response.status_code, response.json()["code"]) == (409, "poll_open")


def test_the_live_state_is_that_of_the_reader_s_audience(world: World, api: As) -> None:
    scene = SCENES["session"](world)
    path = f"meetings/{scene.meeting.pk}/live/"
    staff, member = api(world.home.chair).get(path).json(), api(world.home.observer).get(path).json()
    assert staff["sequence"] == member["sequence"] == scene.meeting.stream.last_sequence
    assert (len(staff["state"]["note"]), len(member["state"]["note"])) == (1, 0)
    assert (len(staff["state"]["poll"]), len(member["state"]["poll"])) == (1, 0)
    assert len(member["state"]["attendance"]) == 8
    assert "reason" not in str(member["state"]["response"])


def test_a_ticket_lets_one_socket_in(world: World, api: As) -> None:
    scene = SCENES["session"](world)
    path = f"meetings/{scene.meeting.pk}/live-ticket/"
    first, second = (api(world.home.observer).post(path, {}) for _ in range(2))
    ticket = tickets.read(first.json()["ticket"])
    assert (ticket.user, ticket.meeting) == (world.home.observer.pk, scene.meeting.pk)
    assert ticket.credential.startswith("session:")
    assert (first.headers["Cache-Control"], first.json()["seconds"]) == ("no-store", tickets.LIFE)
    assert second.status_code == 201
    token, text = people.create_token(user=world.home.observer, scope="write")
    by_token = Api(api(None).client, {"Authorization": f"Bearer {text}"}).post(path, {})
    assert tickets.read(by_token.json()["ticket"]).credential == f"token:{token.pk.hex}"


def test_drafted_polls_are_the_staff_s(world: World, api: As) -> None:
    scene = SCENES["session"](world)
    path = f"agenda-items/{scene.item.pk}/polls/"
    polls.draft(actor=world.home.actor("chair"), item=scene.item, question="Another?")
    assert len(api(world.home.chair).get(path).json()["results"]) == 2
    assert api(world.home.auditor).get(path).json()["results"] == []
