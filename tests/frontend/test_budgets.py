"""How much a page weighs as it leaves the server, and with all that a first visit loads (docs/adr/0025-critical-css-and-offline.md)."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.conftest import BACKEND
from tests.rendered import ROOT
from tests.screens import ANYBODY, SCREENS
from tests.stage import staged

BUILT = ROOT / "frontend" / "static" / "raccordo"
CRITICAL = BUILT / "critical.json"
pytestmark = [pytest.mark.one_database, pytest.mark.skipif(not CRITICAL.exists(), reason="`make build` has not been run")]
FIRST_FLIGHT, FIRST_LOAD, ROOM_SCRIPT = 14 * 1024, 60 * 1024, 20 * 1024
"""Bytes: what TCP sends before it waits for an answer; all of a first visit; the script of the live room."""
FILES = re.compile(r'(?:src|href)="/static/([^"#]+)')
FONTS = re.compile(r'url\("/static/([^"]+\.woff2)"\)')


@cache
def compressed(path: Path) -> int:
    """As whitenoise keeps it: fonts are compressed in themselves."""
    content = path.read_bytes()
    return len(content) if path.suffix == ".woff2" else len(brotli.compress(content))


def files_of(html: str) -> Iterator[Path]:
    """What a browser loads with the page, each once; the manifest is asked for by nobody but who installs it."""
    for name in {*FILES.findall(html), *FONTS.findall(html)} - {"manifest.webmanifest"}:
        yield ROOT / "frontend" / "static" / name


@pytest.fixture
def sizes(db: None) -> dict[str, tuple[int, int]]:
    """Of each screen and role: the page, and all of a first visit, in bytes on the line."""
    stage, found = staged(), {}
    with override_settings(CRITICAL_CSS=CRITICAL):
        for role in sorted({role for screen in SCREENS for role in screen.roles}):
            client = Client(headers={"Accept-Encoding": "gzip, br"})
            if role != ANYBODY:
                client.force_login(stage.people[role], backend=BACKEND)
            for screen in (screen for screen in SCREENS if role in screen.roles):
                sent = client.get(screen.address(stage))
                plain = brotli.decompress(sent.content)
                whole = len(sent.content) + sum(map(compressed, files_of(plain.decode())))
                found[f"{screen.name} ({role})"] = (0 if screen.long else len(sent.content), whole)
    return found


def test_pages_are_within_their_budgets(sizes: dict[str, tuple[int, int]]) -> None:
    assert {name: page for name, (page, _whole) in sizes.items() if page > FIRST_FLIGHT} == {}
    assert {name: whole for name, (_page, whole) in sizes.items() if whole > FIRST_LOAD} == {}
    assert min(whole for _page, whole in sizes.values()) > compressed(BUILT / "raccordo.css") + 18 * 1024, (
        "its styles, fonts and scripts are counted"
    )


def test_the_rooms_script_is_within_its_budget() -> None:
    assert compressed(BUILT / "live-refresh.js") <= ROOM_SCRIPT


def test_fonts_have_what_the_three_languages_are_written_with() -> None:
    assert sum(compressed(path) for path in (BUILT / "fonts").glob("*.woff2")) < 18 * 1024


def test_first_styles_stand_in_the_page_under_its_nonce(db: None) -> None:
    with override_settings(CRITICAL_CSS=CRITICAL):
        answer = Client().get("/en/accounts/login/code/")
    html = answer.content.decode()
    nonce = re.search(r'<style nonce="([^"]+)">', html)
    assert nonce
    assert f"'nonce-{nonce[1]}'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert html.index("<style") < html.index("<body") < html.index('<link rel="stylesheet"')
    assert FONTS.findall(html) and "@font-face" not in (BUILT / "raccordo.css").read_text()
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["worker-src"]
