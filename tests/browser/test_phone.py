"""On a phone: what a representative needs stands in the first screen and a half of the room; forms ask for what the answer needs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.session import PHONE, SMALL_PHONE, Session, session_under_way
from tests.factories import Side

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(180)]
A_SCREEN_AND_A_HALF = 844 * 1.5
"""Pixels."""
LINES = """(heads) => heads.map((head) => {
  const text = document.createRange();
  text.selectNodeContents(head);
  return text.getClientRects().length;
})"""


@pytest.fixture
def voting(transactional_db: None) -> Iterator[Session]:
    with session_under_way() as session:
        session.read(lambda: factories.open_poll(session.side, session.meeting))
        yield session


@pytest.fixture
def invited(transactional_db: None) -> Iterator[Session]:
    with session_under_way(lambda side: side.meeting) as session:
        yield session


def bottom(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.evaluate("(element) => element.getBoundingClientRect().bottom + scrollY"))


def test_what_is_ones_own_stands_in_the_first_screen_and_a_half(voting: Session) -> None:
    side: Side = voting.side
    page = voting.open(side.representatives[1], width=PHONE)  # whose item is the next
    expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "open")
    for own in ("#current-item", "#vote .ballot", "#mine .card", "#mine .soon"):
        assert bottom(page, own) <= A_SCREEN_AND_A_HALF, own
    expect(page.get_by_role("link", name="Ask for the floor")).to_be_visible()
    expect(page.get_by_role("link", name="Projector view")).to_be_hidden()
    expect(page.locator("#vote table")).to_be_hidden()
    page.get_by_text("How it stands").click()
    expect(page.locator("#vote table")).to_be_visible()


def test_the_headings_of_a_tally_stay_whole_where_a_phone_is_very_narrow(voting: Session) -> None:
    page = voting.open(voting.side.observer, width=SMALL_PHONE)
    lines = page.locator("#vote thead th.number").evaluate_all(LINES)
    assert lines == [1, 1]
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE


def test_a_reply_asks_for_what_the_answer_needs(invited: Session) -> None:
    page = invited.visit(invited.side.representative)
    substitute, reason = page.get_by_label("Who comes instead"), page.get_by_label("Reason")
    asked = {"We attend": (False, False), "A substitute comes": (True, True), "We cannot come": (False, True)}
    expect(substitute).to_be_hidden()
    for answer, (names, says) in asked.items():
        page.get_by_role("radio", name=answer).check()
        expect(substitute).to_be_visible(visible=names)
        expect(reason).to_be_visible(visible=says)
