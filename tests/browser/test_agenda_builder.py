"""The running order under a coordinator's hands: dragged, moved by keys, undone, and moved by somebody else meanwhile."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from meetings.agenda.services import order
from tests import factories
from tests.browser.session import Session, session_under_way
from tests.factories import COORDINATOR, Side

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.timeout(180)]


@pytest.fixture
def intake(transactional_db: None) -> Iterator[Session]:
    """Three items on the agenda."""

    def bring(side: Side) -> object:
        meeting = factories.scheduled(side)
        factories.accepted(side, "Night buses", seat=2)
        return factories.fresh(meeting)

    with session_under_way(bring) as session:  # type: ignore[arg-type]
        yield session


def builder(session: Session) -> Page:
    return session.visit(session.side.coordinator, f"/en/{session.side.network.slug}/meetings/{session.meeting.pk}/agenda/")


def saved(session: Session) -> list[str]:
    return session.read(lambda: [item.title for item in factories.items(session.meeting)])


def shown(page: Page) -> list[str]:
    return [str(row.get_attribute("data-title")) for row in page.locator("[data-order] > [data-item]").all()]


def drag_to_the_top(page: Page, row: int) -> None:
    """The mouse is held until the row has come there, however slowly the others make room."""
    title = shown(page)[row]
    handle, first = page.locator("[data-order-handle]").nth(row), page.locator("[data-order] > [data-item]").first
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), first.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 20, end["y"] + 40, steps=12)
    for nudge in range(50):
        page.mouse.move(end["x"] + 20, end["y"] + 4 + nudge % 2)
        if shown(page)[0] == title:
            break
        page.wait_for_timeout(50)
    page.mouse.up()


def test_an_item_is_dragged_and_put_back(intake: Session) -> None:
    before = saved(intake)
    page = builder(intake)
    drag_to_the_top(page, 2)
    expect(page.locator("[data-order-status]")).to_contain_text("is now no. 1 of 3")
    assert shown(page) == saved(intake) == [before[2], before[0], before[1]]

    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-order-status]")).to_contain_text("as it was before")
    assert shown(page) == saved(intake) == before

    page.locator("[data-order-handle]").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-order-status]")).to_contain_text("is now no. 2 of 3")
    assert saved(intake) == [before[1], before[0], before[2]]


def test_somebody_elses_order_is_shown_beside_ones_own(intake: Session) -> None:
    before = saved(intake)
    page = builder(intake)

    def other() -> None:
        rows = factories.items(intake.meeting)
        other_order = [rows[1].pk, rows[0].pk, rows[2].pk]
        order(actor=intake.side.actor(COORDINATOR), meeting=factories.fresh(intake.meeting), item_ids=other_order)

    intake.read(other)
    drag_to_the_top(page, 2)
    expect(page.locator("[data-order-stale]")).to_be_visible()
    assert saved(intake) == [before[1], before[0], before[2]]

    page.get_by_role("button", name="Save mine over theirs").click()
    expect(page.locator("[data-order-stale]")).to_be_hidden()
    expect(page.locator("[data-order-status]")).to_contain_text("Saved.")
    assert saved(intake) == [before[2], before[0], before[1]]
