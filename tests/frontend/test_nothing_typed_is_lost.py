"""Every form of the site, found through the access matrix: whatever goes wrong with it, the answer shows again what was typed."""

from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from frontend.typed import NOT_REPEATED
from tests import access_matrix_pages
from tests.access_matrix import CALLERS, SCENES, Row
from tests.factories import World
from tests.test_access_matrix import address, client_of

pytestmark = pytest.mark.one_database

TEXTS = ("text", "search", "email", "tel", "url", "")
ROWS = access_matrix_pages.ROWS
POSTS = {row.path for row in ROWS if row.method == "POST" and row.form}
WRITERS = ("own", "coordinator", "chair", "spokesperson", "other", "observer")


@dataclass
class Form:
    """A form as a page holds it: where it goes, what it holds, and which of it is typed."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    has_file: bool = False


class Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._open: Form | None = None
        self._area = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(at.get("action", ""), at.get("method", "get"))
            self.found.append(self._open)
        form, name = self._open, at.get("name", "")
        if form is None or ("disabled" in at):
            return
        match tag, at.get("type", "").lower():
            case "textarea", _ if name:
                form.typed[name], self._area = "", name
            case "select", _:
                self._select = name
            case "option", _ if self._select and ("selected" in at or self._select not in form.values):
                form.values[self._select] = [at.get("value", "")]
            case "input", "file":
                form.has_file = True
            case "input", ("checkbox" | "radio") if name and "checked" in at:
                form.values.setdefault(name, []).append(at.get("value", "on"))
            case "input", kind if name and kind in TEXTS:
                form.typed[name] = at.get("value", "")
            case "input", kind if name and kind not in ("checkbox", "radio", "submit", "button", "image"):
                form.values[name] = [at.get("value", "")]
                form.hidden |= {name} if kind == "hidden" else set()

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._open = None
            case "textarea":
                self._area = ""
            case "select":
                self._select = ""


def forms_of(page: str, path: str) -> list[Form]:
    """The page's own forms with something to type: not the header's."""
    found = [form for form in Forms(page).found if form.method == "post" and form.typed and not form.has_file]
    return [replace(form, action=form.action or path) for form in found]


def pages(name: str) -> list[tuple[Row, str]]:
    """Each page of the scene that shows a form, with somebody who may open it."""
    chosen = []
    for row in ROWS:
        if row.method == "GET" and row.scene == name and row.path.startswith("{language}/") and "accounts/" not in row.path:
            who = next((caller for caller in WRITERS if row.expected[caller] == 200), None)
            if who:
                chosen.append((row, who))
    return chosen


def typing(form: Form, *, how: str) -> tuple[dict[str, Any], dict[str, str]]:
    """(what is sent, what was typed): each text of one's own; `wrong` also makes numbers and choices nonsense, `stale` the version old."""
    mine = {name: f"Typed in {name} {n} <b>" for n, name in enumerate(sorted(form.typed))}
    sent: dict[str, Any] = {**form.values, **mine, "idempotency_key": str(uuid4())}
    if how == "stale" and "version" in sent:
        sent["version"] = "0"
    if how == "wrong":
        sent |= {name: "nonsense" for name in form.values if name not in form.hidden}
    sent.pop("csrfmiddlewaretoken", None)
    return sent, {name: text for name, text in mine.items() if name not in NOT_REPEATED}


def missing(html: str, typed: dict[str, str]) -> list[str]:
    shown = unescape(html)
    return [name for name, text in typed.items() if text not in shown]


def send(client: Client, form: Form, sent: dict[str, Any]) -> Any:
    cache.clear()
    with transaction.atomic():
        response = client.post(form.action, sent)
        if response.status_code == 302 and "/accounts/login/" in response["Location"]:
            response = client.get(response["Location"])
        transaction.set_rollback(True)
    return response


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SCENES)
def test_every_form_shows_again_what_was_typed(world: World, name: str) -> None:
    scene = SCENES[name](world)
    lost: list[str] = []
    seen: set[str] = set()
    clients = {caller: client_of(scene, caller) for caller in CALLERS}
    for row, who in pages(name):
        path = address(row, scene)
        shown = clients[who].get(path)
        page = "" if shown.streaming or "html" not in shown["Content-Type"] else shown.content.decode()
        for form in forms_of(page, path):
            if form.action in seen or form.action.startswith("http"):
                continue
            seen.add(form.action)
            for how in ("wrong", "stale", "signed_out", "token"):
                sent, typed = typing(form, how=how)
                client = {"signed_out": Client(), "token": Client(enforce_csrf_checks=True)}.get(how, clients[who])
                if how == "token":
                    client.force_login(scene.caller(who), backend="frontend.backends.Backend")  # type: ignore[arg-type]
                response = send(client, form, sent)
                if response.status_code == 303:  # there was nothing wrong with it: it is saved
                    continue
                if response.status_code >= 500 or (gone := missing(response.content.decode(), typed)):
                    lost.append(f"{how} {row.path} → {form.action} ({response.status_code}): {gone}")
    assert lost == []


def test_there_are_forms_to_try(world: World) -> None:
    scene = SCENES["scheduled"](world)
    found = 0
    for row, who in pages("scheduled"):
        found += len(forms_of(client_of(scene, who).get(address(row, scene)).content.decode(), "/"))
    assert found > 20
