"""Two networks side by side: no id of the one opens anything of the other, in an address or in a body."""

from collections.abc import Callable
from typing import Any

import pytest

from meetings.network.models import User
from tests.access_matrix import CALLERS, SCENES, Row, Scene
from tests.access_matrix_api import ROWS
from tests.api.client import Api
from tests.factories import Side, World
from tests.test_access_matrix import SECRETS, ask, client_of

pytestmark = pytest.mark.one_database  # who sees what is decided in Python

As = Callable[[User | None], Api]
STRANGERS = ("coordinator", "chair", "auditor", "representative")


@pytest.mark.parametrize("name", SCENES)
def test_nobody_of_the_other_network_gets_anything(world: World, name: str) -> None:
    """The matrix has its coordinator; here is everybody else, at each route, with the ids of home."""
    scene = SCENES[name](world)
    rows = [row for row in ROWS if row.scene == name and row.expected["stranger"] == 404]
    wrong = []
    for role in STRANGERS:
        client = client_of(_Foreign(scene, world.away, role), "anybody")
        for row in rows:
            status, shown = ask(client, row, scene)
            if status != 404 or any(secret in shown for secret in SECRETS):
                wrong.append((role, row.method, row.path, status))
    assert wrong == []


class _Foreign(Scene):
    """A scene that is asked about by somebody of another network."""

    def __init__(self, scene: Scene, side: Side, role: str) -> None:
        super().__init__(scene.world, scene.things)
        self.user = side.representative if role == "representative" else side.people[role]

    def caller(self, name: str) -> User | None:
        return self.user


def in_bodies(world: World, scene: Scene) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Requests of home's own people that name something of away's."""
    home, away = world.home, world.away
    seat, zone = str(away.seats[0].pk), str(away.zones[0].pk)
    office, own = "coordinator", "representative"
    meeting = f"meetings/{scene.meeting.pk}"
    foreign = SCENES["session"](World(away, home, world.stranger, world.nobody, world.disabled))
    item = f"agenda-items/{scene.item.pk}"
    net = f"networks/{home.network.slug}"
    action = {"meeting": str(scene.meeting.pk), "title": "Write"}
    return [
        (office, "POST", f"{net}/municipalities/", {"istat_code": "001999", "name": "New", "zone": zone, "population": 1}),
        (office, "PATCH", f"municipalities/{home.seats[0].pk}/", {"zone": zone}),
        (office, "POST", f"{net}/memberships/", {"email": "n@example.org", "role": "representative", "municipality": seat}),
        (office, "POST", f"{net}/memberships/", {"email": "n@example.org", "role": "spokesperson", "zone": zone}),
        (office, "PUT", f"{meeting}/responses/{seat}/", {"answer": "attending"}),
        (office, "POST", f"meetings/{home.meetings[1].pk}/agenda-items/", {"title": "New", "proposer": seat}),
        (own, "POST", f"meetings/{home.meetings[1].pk}/agenda-items/", {"title": "New", "co_proposers": [seat]}),
        ("chair", "POST", f"{meeting}/current-item/", {"agenda_item": str(foreign.item.pk)}),
        (office, "POST", f"{meeting}/presence/", {"municipality": seat}),
        (office, "POST", f"{meeting}/speakers/", {"municipality": seat}),
        (own, "POST", f"{meeting}/speakers/", {"municipality": seat}),
        (office, "POST", f"{meeting}/questions/", {"municipality": seat, "text": "Why?"}),
        (own, "POST", f"{meeting}/questions/", {"text": "Why?", "agenda_item": str(foreign.item.pk)}),
        (own, "POST", f"questions/{scene.others_question.pk}/support/", {"municipality": seat}),
        ("chair", "POST", f"{item}/decisions/", {"text": "Decided", "poll": str(foreign.draft_poll.pk)}),
        ("chair", "POST", f"{net}/action-items/", action | {"owner": seat}),
        ("chair", "POST", f"{net}/action-items/", action | {"meeting": str(foreign.meeting.pk)}),
        ("chair", "POST", f"{net}/action-items/", action | {"agenda_item": str(foreign.item.pk)}),
        ("chair", "POST", f"{net}/action-items/", action | {"decision": str(foreign.decision.pk)}),
        (own, "POST", "me/calendar-feeds/", {"network": away.network.slug}),
    ]


def test_ids_of_the_other_network_in_a_body_are_not_found(world: World, api: As) -> None:
    scene = SCENES["session"](world)
    wrong = []
    for role, method, path, body in in_bodies(world, scene):
        user = world.home.representative if role == "representative" else world.home.people[role]
        response = api(user).send(method, path, body, version=1)
        if response.status_code != 404 or b"away" in response.content:
            wrong.append((role, method, path, response.status_code, response.content[:200]))
    assert wrong == []


def test_lists_hold_one_s_own_network_alone(world: World, api: As) -> None:
    SCENES["closed"](world)
    for user in (world.home.coordinator, world.home.representative, world.home.observer):
        reader = api(user)
        for path in ("networks/", "me/", *(f"networks/home/{noun}/" for noun in NOUNS)):
            response = reader.get(path, limit=500)
            assert response.status_code == 200
            assert b"away" not in response.content


NOUNS = ("zones", "municipalities", "memberships", "series", "meetings", "action-items")


def test_filters_do_not_reach_into_the_other_network(world: World, api: As) -> None:
    response = api(world.home.observer).get("networks/home/action-items/", owner=str(world.away.seats[0].pk))
    assert response.status_code == 404


def test_every_kind_of_caller_is_in_the_matrix() -> None:
    assert all(isinstance(row, Row) and set(row.expected) == set(CALLERS) for row in ROWS)
