"""Whatever page shows a clock time names the zone whose clocks these are."""

import re

import pytest
from django.test import Client

from tests.conftest import BACKEND
from tests.screens import ANYBODY, SCREENS
from tests.stage import Stage, staged

pytestmark = pytest.mark.one_database
TIME = re.compile(r"\b\d\d:\d\d\b")
ZONE = re.compile(r"\b(UTC|[A-Z][a-z]+/[A-Z]\w+)\b")


def shown(html: str) -> str:
    """What can be read of the page: without scripts."""
    return re.sub(r"<(script|style|template)\b.*?</\1>", "", html, flags=re.DOTALL)


def test_a_page_that_shows_a_time_names_its_zone(db: None) -> None:
    stage: Stage = staged()
    unnamed, timed = [], 0
    for role in {role for screen in SCREENS for role in screen.roles}:
        client = Client()
        if role != ANYBODY:
            client.force_login(stage.people[role], backend=BACKEND)
        for screen in (screen for screen in SCREENS if role in screen.roles):
            text = re.sub(r"<[^>]*>", " ", shown(client.get(screen.address(stage)).content.decode()))
            if TIME.search(text):
                timed += 1
                if not ZONE.search(text):
                    unnamed.append((screen.name, role, TIME.search(text)))
    assert unnamed == [] and timed > 30
