"""Nothing that pages use is left out of the style sheet that is shipped. `make rendered` runs this with RENDERED=write."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from meetings.network.models import User
from tests.access_matrix import SCENES
from tests.access_matrix_pages import ROWS
from tests.factories import World
from tests.rendered import ROOT, UNPURGED, listed, names_of, styled, write
from tests.screens import SCREENS
from tests.stage import staged
from tests.test_access_matrix import ask, client_of

pytestmark = [pytest.mark.one_database, pytest.mark.skipif(not UNPURGED.exists(), reason="`make build` has not been run")]
CALLERS = ("own", "coordinator")
WRITES = os.environ.get("RENDERED") == "write"
SHIPPED = ROOT / "frontend" / "static" / "raccordo" / "raccordo.css"
found: set[str] = set()


@pytest.fixture(scope="module", autouse=True)
def _written() -> Iterator[None]:
    yield
    if WRITES:
        write(found)


def missing(pages: Iterator[bytes]) -> list[str]:
    """Names that a page uses and the whole style sheet knows, and that are not on the list."""
    names = {name for page in pages if b"<html" in page[:500] for name in names_of(page.decode())}
    assert names, "there were no pages"
    found.update(names)
    return [] if WRITES else sorted(styled(names) - listed())


@pytest.mark.parametrize("name", SCENES)
def test_every_page_of_the_access_matrix_is_made_of_what_is_listed(world: World, name: str) -> None:
    scene = SCENES[name](world)
    rows = [row for row in ROWS if row.scene == name and row.method == "GET" and "/<path:" not in row.path]
    clients = [client_of(scene, caller) for caller in CALLERS]
    pages = (ask(client, row, scene)[1] for client in clients for row in rows)
    assert missing(pages) == [], "run make rendered"


def test_every_screen_is_made_of_what_is_listed(db: None, browser_of: Callable[[User | None], Client]) -> None:
    stage = staged()
    clients = {role: browser_of(stage.people.get(role)) for screen in SCREENS for role in screen.roles}
    pages = (clients[role].get(screen.address(stage)).content for screen in SCREENS for role in screen.roles)
    assert missing(pages) == [], "run make rendered"


def test_what_is_listed_and_what_the_islands_set_is_shipped() -> None:
    islands = [path.read_text() for path in Path(ROOT / "frontend" / "src").rglob("*.ts") if ".test." not in path.name]
    words = {f".{word}" for text in islands for word in re.findall(r"[A-Za-z][\w-]*", text)}
    shipped = set(re.findall(r"[.#][A-Za-z_][\w-]*", SHIPPED.read_text()))
    wanted = styled(listed() | words)
    assert len(wanted) > 50
    assert sorted(wanted - shipped) == []


def test_the_style_sheet_has_been_purged() -> None:
    assert SHIPPED.stat().st_size < UNPURGED.stat().st_size * 0.6
    assert ".carousel" not in SHIPPED.read_text()
