"""Every screen opens for every role that it is listed for; none is listed twice, and every page of the templates is a screen."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import BACKEND
from tests.screens import ANYBODY, SCREENS
from tests.stage import Stage, staged

pytestmark = pytest.mark.one_database
TEMPLATES = Path(settings.BASE_DIR) / "frontend" / "templates"
NO_SCREENS = {
    "account/account_inactive.html",
    "account/confirm_login_code.html",
    "account/oidc_failed.html",
    "account/oidc_unknown.html",
    "action_items/refused.html",
    "announcements/confirm.html",
    "attendance/review.html",
    "calendar/preview.html",
    "delegations/confirm.html",
    "demo/mail.html",
    "demo/mails.html",
    "home/networks.html",
    "network/import_preview.html",
    "network/invitation.html",
    "network/merge_preview.html",
    "replies/unknown.html",
    "room/leave.html",
    "room/phone_vote.html",
    "settings/identities.html",
    "video/none.html",
    "video/show.html",
}
"""Pages that answer a form, or stand where the stage does not lead: they have tests of their own."""


@pytest.fixture
def stage(db: None) -> Stage:
    return staged()


def test_every_screen_opens_and_every_page_is_a_screen(stage: Stage) -> None:
    assert len({screen.name for screen in SCREENS}) == len(SCREENS)
    wrong, rendered = [], set()
    for role in {role for screen in SCREENS for role in screen.roles}:
        client = Client()
        if role != ANYBODY:
            client.force_login(stage.people[role], backend=BACKEND)
        for screen in (screen for screen in SCREENS if role in screen.roles):
            response = client.get(screen.address(stage))
            rendered |= {template.name for template in response.templates}
            if response.status_code != (404 if screen.name == "not-found" else 200):
                wrong.append((screen.name, role, response.status_code))
    assert wrong == []
    pages = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if "{% extends" in path.read_text(encoding="utf-8")}
    assert sorted(pages - rendered - NO_SCREENS) == []
    assert pages >= NO_SCREENS
