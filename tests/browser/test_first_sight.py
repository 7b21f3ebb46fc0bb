"""Nothing moves when the style sheet itself comes: each page has the rules that it needs (docs/adr/0025-critical-css-and-offline.md)."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route

from tests.browser.session import PHONE
from tests.browser.showing import Showing, showing
from tests.stage import make_stage

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(600)]
MOST = 0.02
LATE = 0.3
"""Seconds that the style sheet takes."""
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"


@pytest.fixture
def shown(transactional_db: None) -> Iterator[Showing]:
    with showing(make_stage()) as shown:
        yield shown


def late(route: Route) -> None:
    time.sleep(LATE)
    route.continue_()


def shift(page: Page, address: str) -> float:
    """CLS of a page whose style sheet comes late, and whether it was painted before."""
    page.goto(address)
    page.evaluate(PAINTED)
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity")
    sheet = page.evaluate("performance.getEntriesByType('resource').find(({ name }) => name.endsWith('raccordo.css'))?.responseEnd ?? 0")
    assert first < sheet, f"{address} waits for its style sheet"
    return float(page.evaluate("window.shifted"))


def test_no_screen_moves_while_it_is_loaded(shown: Showing) -> None:
    found = {}
    pages: dict[str, Page] = {}
    for view in shown.views(every_role=False):
        if view.role not in pages:
            context = shown.context(view.role, PHONE)
            context.add_init_script(SHIFTS)
            pages[view.role] = context.new_page()
            pages[view.role].route("**/raccordo.css", late)
        found[view.screen.name] = shift(pages[view.role], shown.address + view.path)
    assert len(found) > 50
    assert {name: moved for name, moved in found.items() if moved > MOST} == {}
