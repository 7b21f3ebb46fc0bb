"""Everything that people typed is hostile: on every screen, for every role, it is shown as text."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.conftest import BACKEND
from tests.hostile import BREAKER, SHORT_BREAKER, TAG
from tests.hostile_stage import hostile_stage, markup
from tests.screens import ANYBODY, SCREENS, Screen
from tests.stage import Stage

pytestmark = pytest.mark.one_database
ADDRESSES = {"href", "src", "action", "formaction", "poster", "data", "xlink:href"}
NOTHING_TYPED = {"accessibility", "offline", "privacy", "sign-in", "styleguide", "unsubscribe"}
"""Screens on which stands nothing that anybody has typed."""


class Shown(HTMLParser):
    """What a browser would make of a page: its text with the values of its fields, and whatever it must not have."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.text = ""
        self._data = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._data = tag == "script" and values.get("type") == "application/json"
        self.text += "".join(f" {value}" for value in values.values())
        if tag == TAG or (tag == "script" and not (self._data or "nonce" in values or values.get("src", "").startswith("/static/"))):
            self.wrong.append(f"<{tag} {values}>")
        self.wrong += [f"<{tag} {name}={values[name]}>" for name in values if name.startswith("on")]
        links = {name: values[name].strip() for name in values.keys() & ADDRESSES}
        self.wrong += [f"<{tag} {name}={link}>" for name, link in links.items() if link.startswith(("javascript:", "data:", "x", "//"))]

    def handle_data(self, data: str) -> None:
        if self._data and data.strip():
            json.loads(data)
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._data = False


@pytest.fixture
def stage(db: None) -> Stage:
    return hostile_stage(markup)


def test_it_is_found_where_it_is_not_escaped() -> None:
    for page in (
        f"<p>{BREAKER}</p>",
        f'<input value="{SHORT_BREAKER}">',
        f"<textarea>{BREAKER}</textarea>",
        '<a href="javascript:x">y</a>',
    ):
        assert Shown(page).wrong
    assert not Shown('<p title="&lt;script&gt;">&lt;script&gt;</p><script nonce="x">"<b>"</script>').wrong


def test_every_screen_shows_it_as_text(stage: Stage) -> None:
    wrong, shown = [], set()
    for role, screens in _by_role():
        client = Client()
        if role != ANYBODY:
            client.force_login(stage.people[role], backend=BACKEND)
        for screen in screens:
            response = client.get(screen.address(stage))
            page = Shown(response.content.decode())
            if response.status_code != (404 if screen.name == "not-found" else 200) or page.wrong or "&lt;" in page.text:
                wrong.append((screen.name, role, response.status_code, page.wrong[:3], page.text.partition("&lt;")[2][:60]))
            if f"<{TAG}" in page.text:
                shown.add(screen.name)
    assert wrong == []
    assert {screen.name for screen in SCREENS} - shown == NOTHING_TYPED


def _by_role() -> Iterator[tuple[str, list[Screen]]]:
    for role in sorted({role for screen in SCREENS for role in screen.roles}):
        yield role, [screen for screen in SCREENS if role in screen.roles]
