"""The board of action items: columns, cards, buttons that keep the filters, undo, few queries."""

import re
from datetime import date, timedelta

import pytest

from meetings import clock
from meetings.action_items import services
from meetings.action_items.models import ActionState
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import post, queries, url
from tests.frontend.sessions import Browser, page, press
from tests.frontend.test_action_items import made, tracker
from tests.hostile import TYPED

BOARD = "?view=board"


def columns(html: str) -> dict[str, list[str]]:
    """The titles of the cards by state."""
    found = re.findall(r'<section class="board-column" aria-labelledby="column-([a-z_]+)">(.*?)</section>', html, re.DOTALL)
    return {state: re.findall(r"<h3><a [^>]*>[0-9]+\. ([^<]*)</a></h3>", cards) for state, cards in found}


def move(side: Side, item: object, browser: Browser, who: str, action: str, query: str = "view=board") -> str:
    client = browser(getattr(side, who))
    address = url(side.network, "action-items", item.pk, "move")  # type: ignore[attr-defined]
    return press(client, address, action=action, query=query).headers["Location"]


def test_cards_stand_by_state_in_their_order(home: Side, browser_of: Browser) -> None:
    later, sooner, undated = (
        made(home, "Later", due_on=date(2026, 12, 9)),
        made(home, "Sooner", due_on=date(2026, 11, 1)),
        made(home, "Undated"),
    )
    for item, action in ((made(home, "Begun"), "start"), (made(home, "Finished"), "finish"), (made(home, "Given up"), "drop")):
        services.progress(actor=home.actor("chair"), action_item=item, action=action, text="So it is.")
    shown = page(browser_of(home.observer), tracker(home, BOARD))
    assert columns(shown) == {
        "open": [sooner.title, later.title, undated.title],
        "in_progress": ["Begun"],
        "done": ["Finished"],
        "dropped": ["Given up"],
    }
    assert "overdue by 19 days" in shown and "1 overdue" in shown and shown.count("So it is.") == 3
    assert "/move/" not in shown, "an observer moves nothing"


def test_buttons_are_those_of_what_one_may_do(home: Side, browser_of: Browser) -> None:
    item, other = made(home, "Mine"), made(home, "Another’s", seat=4)
    shown = page(browser_of(home.representative), tracker(home, f"{BOARD}&whose="))
    assert "Another’s" in shown
    assert f"/action-items/{item.pk}/move/" in shown and f"/action-items/{other.pk}/move/" not in shown
    assert 'value="start"' in shown and 'value="finish"' in shown and 'value="reopen"' not in shown
    refused = post(browser_of(home.representative), url(home.network, "action-items", other.pk, "move"), action="finish", query="")
    assert refused.status_code == 403


def test_a_card_moves_and_the_filters_stay(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators")
    back = move(home, item, browser_of, "representative", "start", f"view=board&whose=mine&zone={home.zones[0].pk}")
    item.refresh_from_db()
    assert item.state == ActionState.IN_PROGRESS
    assert "whose=mine" in back and f"zone={home.zones[0].pk}" in back and back.startswith(tracker(home) + "?")
    assert columns(page(browser_of(home.representative), back))["in_progress"] == ["Write to the operators"]


def test_done_by_mistake_is_taken_back_with_one_button(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators")
    client = browser_of(home.representative)
    back = press(client, url(home.network, "action-items", item.pk, "move"), action="finish", query="view=board&state=open").headers[
        "Location"
    ]
    shown = page(client, back)
    assert "marked as done by mistake?" in shown and "Undo: open it again" in shown
    move(home, item, browser_of, "representative", "reopen")
    item.refresh_from_db()
    assert item.state == ActionState.OPEN
    assert [update.state for update in item.updates.all()] == ["done", "open"]


def test_what_is_no_longer_possible_says_so(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators")
    services.progress(actor=home.actor("chair"), action_item=item, action="finish")
    address = url(home.network, "action-items", item.pk, "move")
    refused = post(browser_of(home.representative), address, action="start", query="view=board")
    assert refused.status_code == 409 and b"Back to the board" in refused.content
    for action in ("drop", "edit", "", "x"):
        assert post(browser_of(home.coordinator), address, action=action, query="").status_code == 422


@pytest.mark.parametrize("query", ["//evil.example.org", "view=board&next=https://evil.example.org", *TYPED])
def test_the_way_back_never_leaves_the_site(home: Side, browser_of: Browser, query: str) -> None:
    item = made(home, "Write to the operators")
    client = browser_of(home.representative)
    response = post(client, url(home.network, "action-items", item.pk, "move"), action="start", query=query)
    assert response.status_code in (303, 422)
    if response.status_code == 303:
        assert response.headers["Location"].startswith(tracker(home) + "?")
        assert client.get(response.headers["Location"]).status_code == 200


def test_the_table_and_the_board_share_their_filters(home: Side, browser_of: Browser) -> None:
    made(home, "In zone one"), made(home, "In zone three", seat=9), made(home, "The office’s", seat=None)
    client = browser_of(home.observer)
    for query, titles in (
        (f"zone={home.zones[2].pk}", {"In zone three"}),
        ("text=zone", {"In zone one", "In zone three"}),
        ("text=2", {"In zone three"}),
        ("", {"In zone one", "In zone three", "The office’s"}),
    ):
        board = page(client, tracker(home, f"{BOARD}&{query}"))
        assert set(columns(board)["open"]) == titles, query
        table = page(client, tracker(home, f"?{query}"))
        assert {title for title in ("In zone one", "In zone three", "The office’s") if title in table} == titles, query
    of_zone = page(client, tracker(home, f"?zone={home.zones[2].pk}"))
    assert f"zone={home.zones[2].pk}&amp;view=board" in of_zone
    assert f"action-items.xlsx?zone={home.zones[2].pk}" in of_zone


def test_overdue_is_said_by_word_and_sign(home: Side, browser_of: Browser) -> None:
    made(home, "Late", due_on=date(2026, 11, 19)), made(home, "On its day", due_on=date(2026, 11, 20))
    shown = page(browser_of(home.observer), tracker(home, BOARD))
    assert re.findall(r'<span class="badge badge-danger">([^<]*)</span>', shown) == ["overdue by 1 day"]
    with clock.at(factories.NOW + timedelta(days=1)):
        assert "2 overdue" in page(browser_of(home.observer), tracker(home, BOARD))


def test_another_networks_items_do_not_move(world: World, browser_of: Browser) -> None:
    foreign = made(world.away, "Foreign")
    address = url(world.home.network, "action-items", foreign.pk, "move")
    assert post(browser_of(world.home.coordinator), address, action="finish", query="").status_code == 404


@pytest.mark.one_database
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("db", "now")
def test_queries_do_not_grow_and_a_long_column_leads_to_the_table(browser_of: Browser) -> None:
    small, large = factories.make_side("small"), factories.make_side("large", seats=312)
    made(small, "One")
    for n in range(40):
        services.progress(actor=large.actor("chair"), action_item=made(large, f"Task {n}", seat=n), action="start", text="x")
    for who in ("coordinator", "representative"):
        few, many = (queries(browser_of(getattr(side, who)), tracker(side, BOARD)) for side in (small, large))
        assert few == many <= 12, (who, few, many)
    shown = page(browser_of(large.observer), tracker(large, BOARD))
    assert len(columns(shown)["in_progress"]) == 30 and "10 more in the table" in shown
