"""Every screen, for each of its roles: nothing moves while it is loaded, nothing that axe finds wrong and nothing that overflows, at two
widths, by day and by night.

A page is loaded once, its style sheet late: it has the rules that it needs (docs/adr/0025-critical-css-and-offline.md). Then it is made
wider and darker where it stands. The whole set of axe's rules is asked on a small phone; at a desk of the header alone, where there is
another navigation, and otherwise those that a width or a colour can break.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.browser.axe import APPEARANCE, WHOLE, check
from tests.browser.line import line_to
from tests.browser.serving import serving
from tests.browser.session import DESK, SMALL_PHONE, Session, cookie_of, launch, session_under_way
from tests.screens import ANYBODY, SCREENS
from tests.stage import Stage, staged

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(400)]
CHUNKS = 4
HEIGHT = 844
LOOKS: tuple[tuple[int, Literal["light", "dark"], Any, str], ...] = (
    (SMALL_PHONE, "light", WHOLE, ""),
    (DESK, "dark", APPEARANCE, ""),
    (DESK, "light", WHOLE, "header"),
)
"""Width in px, theme, which rules, and of which part. `make bench-pages` asks at all widths in both themes."""
MOST_MOVED = 0.02
"""CLS."""
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
PAINTED = """() => new Promise((done) => {
  new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length) done(true);
  }).observe({ type: "paint", buffered: true });
  setTimeout(() => done(false), 10_000);
})"""
"""Whether something is shown before the style sheet has come."""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(shifted), 50))))"
LARGER_TEXT = "document.documentElement.style.fontSize = '200%'"
SPACED_TEXT = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
  p { margin-bottom: 2em !important }`);
document.adoptedStyleSheets = [sheet];
"""
"""WCAG 1.4.12: a reader may set all of this."""
OVERFLOW = """() => {
  const room = document.scrollingElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= room) return "";
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > room + 1);
  return `${document.scrollingElement.scrollWidth} > ${room}: ${wide.slice(-1).map((one) => one.outerHTML.slice(0, 160))}`;
}"""


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return staged()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_screen(stage: Stage, chunk: int) -> None:
    mine = [(screen, role) for screen in SCREENS[chunk::CHUNKS] for role in screen.roles]
    cookies = {role: "" if role == ANYBODY else cookie_of(stage.people[role]) for _screen, role in mine}
    wrong, titles = list[str](), dict[str, str]()
    with serving() as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for role, cookie in cookies.items():
            with page_of(browser, address, cookie) as (page, sheets):
                for screen in (screen for screen, other in mine if other == role):
                    answer = page.goto(address + screen.address(stage), wait_until="commit")
                    assert answer
                    assert answer.status < 500, screen.name
                    wrong += [f"{screen.name} ({role}), {line}" for line in (*moved(page, sheets), *faults(page))]
                    other = titles.setdefault(page.title(), screen.name)
                    if other != screen.name and not {other, screen.name} <= SAME_TITLE:
                        wrong.append(f"{screen.name} has the title of {other}: {page.title()}")
        browser.close()
    assert not wrong, "\n".join(wrong)


SAME_TITLE = {"privacy", "privacy-of", "accessibility", "accessibility-of"}
"""An installation with one network shows the same at both addresses."""


@contextmanager
def page_of(browser: Browser, address: str, cookie: str) -> Iterator[tuple[Page, list[Route]]]:
    """With the style sheets that are held back."""
    context = browser.new_context(locale="it-IT", viewport={"width": SMALL_PHONE, "height": HEIGHT}, reduced_motion="reduce")
    if cookie:
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page = context.new_page()
    sheets: list[Route] = []
    page.add_init_script(SHIFTS)
    page.route("**/raccordo.css", lambda route: sheets.append(route))
    yield page, sheets
    context.close()


def moved(page: Page, sheets: list[Route]) -> Iterator[str]:
    """Whether a page that has begun to come waits for its style sheet, and whether it moves when that comes at last."""
    if not page.evaluate(PAINTED):
        yield "waits for its style sheet"
    for sheet in sheets:
        sheet.continue_()
    sheets.clear()
    page.wait_for_load_state()
    shifted = page.evaluate(SETTLED)
    if shifted > MOST_MOVED:
        yield f"moves while it is loaded: {shifted}"


def faults(page: Page) -> list[str]:
    """What is wrong with the open page at any width, in any theme, with larger text or wider spacing."""
    found = list[str]()
    for width, theme, rules, within in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=theme)
        found += [f"{width} px {theme}: {line}" for line in check(page, rules, within)]
        if width == SMALL_PHONE:
            found += overflow(page, "320 px")
    page.evaluate(LARGER_TEXT)
    found += overflow(page, "text at 200 %")
    page.set_viewport_size({"width": SMALL_PHONE, "height": HEIGHT})
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.evaluate(SPACED_TEXT)
    found += overflow(page, "spaced text at 320 px")
    return found


def overflow(page: Page, when: str) -> list[str]:
    wide = page.evaluate(OVERFLOW)
    return [f"{when} overflows: {wide}"] if wide else []


@pytest.fixture
def session(transactional_db: None) -> Iterator[Session]:
    with session_under_way() as session:
        yield session


def test_what_opens_in_the_room(session: Session) -> None:
    """The list of keys, what waits to be sent, and the menu of a phone."""
    chair = session.open(session.side.chair)
    expect(chair.locator("[data-live-state]")).to_have_attribute("data-state", "open", timeout=15_000)
    chair.keyboard.press("?")
    expect(chair.locator("dialog[open]")).to_be_visible()
    wrong = [f"keys, {line}" for line in faults(chair)]
    chair.close()

    with line_to(session.address) as line:
        page = session.open(session.side.representatives[0], address=line.address, width=SMALL_PHONE)
        expect(page.locator("[data-outbox-user][data-ready]")).to_be_attached(timeout=15_000)
        line.cut()
        page.locator("#mine button").first.click()
        expect(page.locator("[data-entry]")).to_have_count(1, timeout=15_000)
        page.locator(".main-nav summary").click()
        expect(page.locator(".main-nav a").last).to_be_visible()
        wrong += [f"outbox and menu, {line}" for line in faults(page)]
    assert not wrong, "\n".join(wrong)
