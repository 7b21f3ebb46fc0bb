"""Whatever removes, ends, cancels, declines, withdraws or revokes is asked for in words on a page of its own, or can be taken back."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from tests import access_matrix_pages
from tests.access_matrix import CALLERS, SCENES, Row
from tests.factories import World
from tests.test_access_matrix import address, client_of, paths

pytestmark = pytest.mark.one_database

TELLING = re.compile(
    "cancel|_end$|remove|revoke|withdraw|decline|reject|close|settle|leave|skip|breaks|merge|eras|postpone|defer|take_out|discard|amend|publish"
    "|circulate|approve|discuss_instead|return|reopen|_all$|invite$|remind$|delete"
)
"""Names of routes that do what is not easily undone, or tell many people something."""

ASKED = "answers with its question"
AT_ONCE = {
    "agenda_publish": "what it means stands in words right above its button",
    "item_decline": "needs an answer in writing, typed above its button",
    "item_defer": "needs an answer in writing; the item can be taken up again",
    "item_merge": "needs a choice; undone by item_separate",
    "item_return": "needs words in writing; the municipality hands it in again",
    "room_leave": "undone by room_join",
    "room_poll_close": ASKED,
    "room_poll_publish": ASKED,
    "room_poll_take_out": ASKED,
    "room_postpone": ASKED,
    "room_speaker_end": "undone by room_speaker_undo",
    "room_speaker_withdraw": "undone by room_floor",
}
"""Acts that a form on another page sends directly, and why nothing is lost by it. Those outside the room have a page of their own that
asks in words all the same; `ASKED` answers a press with its question where no script has asked it."""

SENDS_DIRECTLY = re.compile(r"""<form method="post"[^>]*action="{% url 'frontend:([a-z_]+)'""")
TEMPLATES = Path(settings.BASE_DIR) / "frontend" / "templates"


class Words(HTMLParser):
    """The sentences within <main>, those with an instant in them left out, and whether there is a form to send."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.has_form = False
        self._main = self._text = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._main |= tag == "main"
        self.has_form |= tag == "form" and dict(attrs).get("method") == "post" and self._main
        if tag in ("p", "li", "dd", "div") and self._main:
            self.texts.append("")
            self._text = True
        if tag == "time" and self._text:
            self.texts[-1] = ""
            self._text = False

    def handle_endtag(self, tag: str) -> None:
        self._main &= tag != "main"
        self._text &= tag not in ("p", "li", "dd", "div")

    def handle_data(self, data: str) -> None:
        if self._text:
            self.texts[-1] += data


def asks_in_words(html: str) -> bool:
    page = Words()
    page.feed(html)
    return page.has_form and any(len(text.split()) >= 5 and text.strip()[-1] in ".?" for text in page.texts)


def page_rows(scene: str | None = None) -> list[Row]:
    """The matrix's pages of a network or a person that somebody may see."""
    own = ("{language}/<slug:slug>/", "{language}/me/")
    rows = [row for row in access_matrix_pages.ROWS if row.method == "GET" and row.path.startswith(own) and scene in (None, row.scene)]
    return [row for row in rows if 200 in row.expected.values()]


def names() -> dict[str, str]:
    """Route by path as the matrix writes it."""
    return {path: pattern.name or "" for path, pattern in paths()}


@pytest.mark.parametrize("name", SCENES)
def test_the_page_of_a_telling_act_says_in_words_what_it_does(world: World, name: str) -> None:
    scene, routes = SCENES[name](world), names()
    wrong = []
    for row in page_rows(name):
        if not TELLING.search(routes[row.path]):
            continue
        caller = next(caller for caller in reversed(CALLERS) if row.expected[caller] == 200)
        html = client_of(scene, caller).get(address(row, scene)).content.decode()
        if not asks_in_words(html):
            wrong.append((routes[row.path], caller))
    assert wrong == []


def test_every_telling_act_has_such_a_page() -> None:
    routes = names()
    shown = {routes[row.path] for row in page_rows()}
    done = [row for row in access_matrix_pages.ROWS if row.method == "POST" and 303 in row.expected.values()]
    sent = {routes[row.path] for row in done if TELLING.search(routes[row.path])}
    assert {route for route in sent - shown if not route.startswith("room_") or route not in AT_ONCE} == set()


def test_no_page_sends_one_at_a_press_but_those_that_lose_nothing() -> None:
    found = {name for file in TEMPLATES.rglob("*.html") for name in SENDS_DIRECTLY.findall(file.read_text()) if TELLING.search(name)}
    assert found <= set(AT_ONCE), sorted(found - set(AT_ONCE))
    assert set(AT_ONCE) <= found, "no longer sent directly: take it out"


def asked() -> list[Row]:
    routes = names()
    return [row for row in access_matrix_pages.ROWS if AT_ONCE.get(routes[row.path]) == ASKED and row.method == "POST"]


def test_each_of_these_buttons_is_asked_for_below() -> None:
    assert {names()[row.path] for row in asked()} == {name for name, why in AT_ONCE.items() if why == ASKED}


@pytest.mark.parametrize("name", sorted({row.scene for row in asked()}))
def test_a_button_of_the_room_asks_first_where_no_script_has(world: World, name: str) -> None:
    scene = SCENES[name](world)
    for row in (row for row in asked() if row.scene == name):
        answer = client_of(scene, "chair").post(address(row, scene))
        html = answer.content.decode()
        assert answer.status_code == 409 and asks_in_words(html) and 'name="sure" value="on"' in html, row.path
