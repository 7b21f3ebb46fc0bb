"""Everything that people typed is as wide and as wild as its field takes: at 320 px no screen overflows, and none runs what it shows."""

from collections.abc import Iterator
from itertools import groupby

import pytest
from playwright.sync_api import Page

from tests.browser.session import SMALL_PHONE
from tests.browser.showing import View, showing
from tests.hostile import MARKUP
from tests.hostile_stage import hostile_stage, wide
from tests.screens import ANYBODY

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(300)]
WIDEST = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return null;
  const clipped = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  const end = (one) => one.getBoundingClientRect().left + Math.max(one.getBoundingClientRect().width, one.scrollWidth);
  const out = [...document.body.querySelectorAll("*")].filter((one) => end(one) > width + 1 && !clipped(one));
  const last = out.at(-1);
  return last ? `${last.tagName}.${last.className} in ${last.parentElement.tagName}.${last.parentElement.className}: `
    + `${Math.round(end(last))} px, ${(last.textContent || "").trim().slice(0, 30)}` : "something";
}"""


@pytest.mark.parametrize("part", [0, 1])
def test_no_screen_overflows_or_runs_anything(transactional_db: None, part: int) -> None:
    faults: list[str] = []
    with showing(hostile_stage(wide)) as shown:
        views = shown.views(every_role=False)[part::2]
        for role, seen in groupby(views, key=lambda view: view.role):
            context = shown.context(role, SMALL_PHONE)
            faults += _faults(context.new_page(), shown.address, list(seen))
            context.close()
        _is_heard(shown.context(ANYBODY, SMALL_PHONE).new_page(), shown.address)
    assert not faults, "\n".join(faults)


def _faults(page: Page, address: str, views: list[View]) -> Iterator[str]:
    said = _listening(page)
    for view in views:
        name, expected = view.screen.name, 404 if view.screen.name == "not-found" else 200
        response = page.goto(address + view.path, wait_until="domcontentloaded")
        assert response
        if response.status != expected:
            yield f"{name}: {response.status}"
        widest = page.evaluate(WIDEST)
        if widest:
            yield f"{name}: {widest}"
        yield from (f"{name}: {text}" for text in said if f"status of {expected}" not in text)
        said.clear()


def _listening(page: Page) -> list[str]:
    """What the page says that it should not: refusals of the CSP, errors, dialogs."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    return said


def _is_heard(page: Page, address: str) -> None:
    """What the test looks for would be found."""
    said = _listening(page)
    page.goto(address + "/it/privacy/")
    assert not said and not page.evaluate(WIDEST)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {MARKUP!r})")
    page.evaluate("document.querySelector('h1').textContent = 'W'.repeat(99)")
    page.evaluate("document.querySelector('h1').style.whiteSpace = document.querySelector('h1').style.overflowWrap = 'normal'")
    page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("alert('told')")
    assert "H1" in page.evaluate(WIDEST)
    assert all(any(words in text for text in said) for words in ("Content Security Policy", "thrown", "dialog told")), said
