"""Every screen opens for every role that it is listed for; none is listed twice."""

import pytest
from django.test import Client

from tests.conftest import BACKEND
from tests.screens import ANYBODY, SCREENS
from tests.stage import Stage, make_stage

pytestmark = pytest.mark.one_database


@pytest.fixture
def stage(db: None) -> Stage:
    return make_stage()


def test_every_screen_opens_for_its_roles(stage: Stage) -> None:
    assert len({screen.name for screen in SCREENS}) == len(SCREENS)
    wrong = []
    for role in {role for screen in SCREENS for role in screen.roles}:
        client = Client()
        if role != ANYBODY:
            client.force_login(stage.people[role], backend=BACKEND)
        for screen in (screen for screen in SCREENS if role in screen.roles):
            status = client.get(screen.address(stage)).status_code
            if status != (404 if screen.name == "not-found" else 200):
                wrong.append((screen.name, role, status))
    assert wrong == []
