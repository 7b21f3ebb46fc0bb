"""The action tracker: filters, history, progress, changes."""

from datetime import date, timedelta

import pytest

from meetings import clock
from meetings.action_items import services
from meetings.action_items.models import ActionItem, ActionState
from tests import factories
from tests.factories import Side, World
from tests.frontend.pages import hidden, post, queries, url
from tests.frontend.sessions import ROLES, Browser, page, press
from tests.hostile import TYPED


def made(side: Side, title: str, *, seat: int | None = 0, due_on: date | None = None) -> ActionItem:
    meeting = factories.fresh(side.meeting)
    if meeting.state == "scheduled":
        meeting = factories.in_session(side)
    owner = None if seat is None else side.seats[seat]
    return services.create(actor=side.actor("chair"), meeting=meeting, values={"title": title, "due_on": due_on}, owner=owner)


def tracker(side: Side, query: str = "") -> str:
    return url(side.network, "action-items") + query


@pytest.mark.parametrize("who", ROLES)
def test_everybody_reads_the_list_and_the_item(home: Side, browser_of: Browser, who: str) -> None:
    item = made(home, "Write to the operators")
    client = browser_of(getattr(home, who))
    assert "Write to the operators" in page(client, tracker(home))
    shown = page(client, url(home.network, "action-items", item.pk))
    assert ("Save the report" in shown) is (who in ("representative", "chair", "coordinator"))
    assert ("dropped (say why)" in shown) is (who in ("chair", "coordinator"))
    assert (f"/action-items/{item.pk}/edit/" in shown) is (who in ("chair", "coordinator"))


def test_filters_stand_in_the_address(home: Side, browser_of: Browser) -> None:
    made(home, "Mine and late", due_on=date(2026, 11, 1))
    done = made(home, "Done long ago", seat=1)
    services.progress(actor=home.actor("chair"), action_item=done, action="finish")
    made(home, "The office’s", seat=None, due_on=date(2026, 12, 1))
    client = browser_of(home.representative)
    shown = {
        "?whose=": {"Mine and late", "Done long ago", "The office’s"},
        "?state=done": {"Done long ago"},
        "?state=unfinished": {"Mine and late", "The office’s"},
        "?whose=mine": {"Mine and late"},
        "?overdue=on": {"Mine and late"},
        f"?owner={home.seats[1].pk}": {"Done long ago"},
        f"?owner={home.seats[1].pk}&state=open": set(),
    }
    for query, titles in shown.items():
        text = page(client, tracker(home, query))
        assert {title for title in shown["?whose="] if title in text} == titles, query
    assert "Nothing matches these filters" in page(client, tracker(home, "?whose=mine&state=done"))


def test_a_representative_begins_with_their_own(home: Side, browser_of: Browser) -> None:
    made(home, "Ours"), made(home, "Another’s", seat=1)
    client = browser_of(home.representative)
    for address in (tracker(home), tracker(home, "?view=board")):
        shown = page(client, address)
        assert "Ours" in shown and "Another’s" not in shown and 'whose="' in shown
        assert "action-items.csv?mine=true" in shown
    assert "Another’s" in page(client, tracker(home, "?whose=")) and "Another’s" in page(client, tracker(home, "?state=open"))
    for who in (home.chair, home.coordinator, home.observer, home.spokesperson):
        assert "Another’s" in page(browser_of(who), tracker(home))
    nothing = page(browser_of(home.representatives[4]), tracker(home))
    assert "Your municipalities have no action items" in nothing and 'href="?whose="' in nothing


def test_filters_are_folded_up_until_one_is_set(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.representative)
    for query, is_open in (("", False), ("?whose=", False), ("?state=open", True), ("?text=bus", True)):
        assert ('<details class="folds-small" open>' in page(client, tracker(home, query))) is is_open, query


def test_the_report_stands_before_the_history(home: Side, browser_of: Browser) -> None:
    shown = page(browser_of(home.representative), url(home.network, "action-items", made(home, "Write").pk))
    assert shown.index("Save the report") < shown.index("History")


def test_an_empty_tracker_says_where_items_come_from(home: Side, browser_of: Browser) -> None:
    assert "They are recorded in the live room" in page(browser_of(home.observer), tracker(home))


def test_the_list_comes_in_pages_that_keep_the_filters(home: Side, browser_of: Browser) -> None:
    for n in range(30):
        made(home, f"Task {n:02}")
    shown = page(browser_of(home.observer), tracker(home, "?state=open"))
    assert "30 action items" in shown and "Task 24" in shown and "Task 25" not in shown
    assert "?state=open&amp;page=2" in shown
    assert "Task 29" in page(browser_of(home.observer), tracker(home, "?state=open&page=2"))


def test_documents_are_linked(home: Side, browser_of: Browser) -> None:
    shown = page(browser_of(home.observer), tracker(home))
    for ending in ("csv", "pdf"):
        assert f'href="/api/v1/networks/{home.network.slug}/action-items.{ending}"' in shown


def test_the_owner_reports_until_it_is_done(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators", due_on=date(2026, 11, 27))
    client, address = browser_of(home.representative), url(home.network, "action-items", item.pk)
    press(client, address, action="start", text="The letter is drafted.")
    press(client, address, action="finish", text="Sent.")
    item.refresh_from_db()
    assert item.state == ActionState.DONE
    shown = page(browser_of(home.observer), address)
    assert "The letter is drafted." in shown and "Sent." in shown and home.representative.name in shown
    press(client, address, action="reopen", text="It came back.")
    item.refresh_from_db()
    assert item.state == ActionState.OPEN


def test_another_seat_does_not_report(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators")
    address = url(home.network, "action-items", item.pk)
    for who in ("other_representative", "observer", "auditor", "spokesperson"):
        assert post(browser_of(getattr(home, who)), address, action="finish", text="x").status_code == 403


def test_dropping_needs_a_reason_and_the_staff(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators")
    address = url(home.network, "action-items", item.pk)
    assert post(browser_of(home.representative), address, action="drop", text="No.").status_code == 422
    refused = post(browser_of(home.coordinator), address, action="drop", text="")
    assert refused.status_code == 422 and b"Say why it is dropped." in refused.content
    press(browser_of(home.coordinator), address, action="drop", text="No longer needed.")
    item.refresh_from_db()
    assert item.state == ActionState.DROPPED


def test_overdue_is_by_the_networks_day(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators", due_on=date(2026, 11, 20))
    client, address = browser_of(home.observer), url(home.network, "action-items", item.pk)
    assert "overdue" not in page(client, address)
    with clock.at(factories.NOW + timedelta(days=1)):
        assert "overdue" in page(client, address)


def test_the_staff_edits_with_the_version(home: Side, browser_of: Browser) -> None:
    item = made(home, "Write to the operators")
    client, address = browser_of(home.coordinator), url(home.network, "action-items", item.pk, "edit")
    version = hidden(page(client, address), "version")
    fields = {"title": "Write a letter", "text": "", "person": "Anna", "due_on": "2026-12-24", "owner": home.seats[4].pk}
    press(client, address, version=version, **fields)
    item.refresh_from_db()
    assert (item.title, item.person, item.due_on, item.owner) == ("Write a letter", "Anna", date(2026, 12, 24), home.seats[4])
    stale = post(client, address, version=version, **{**fields, "title": "Something else", "owner": home.seats[0].pk})
    assert stale.status_code == 412
    for text in ("Write a letter", "Something else", home.seats[4].name, home.seats[0].name):
        assert text.encode() in stale.content
    assert browser_of(home.representative).get(address).status_code == 403


def test_another_networks_items_are_not_found(world: World, browser_of: Browser) -> None:
    foreign = made(world.away, "Foreign")
    client = browser_of(world.home.coordinator)
    assert client.get(url(world.home.network, "action-items", foreign.pk)).status_code == 404
    assert client.get(url(world.home.network, "action-items", foreign.pk, "edit")).status_code == 404
    assert "Foreign" not in page(client, tracker(world.home))


@pytest.mark.parametrize("name", ["state", "whose", "owner", "overdue", "page"])
def test_hostile_filters_give_a_page(home: Side, browser_of: Browser, name: str) -> None:
    client = browser_of(home.observer)
    for value in TYPED:
        assert client.get(tracker(home), {name: value[:3000]}).status_code == 200


@pytest.mark.one_database
@pytest.mark.timeout(300)
def test_queries_do_not_grow(few_and_many: tuple[Side, Side], browser_of: Browser) -> None:
    sides = few_and_many
    item = [made(side, "One") for side in sides]
    for n in range(60):
        services.progress(actor=sides[1].actor("chair"), action_item=made(sides[1], f"Task {n}", seat=n), action="start", text="x")
    pages = [(tracker(side), url(side.network, "action-items", row.pk)) for side, row in zip(sides, item, strict=True)]
    for who in ("coordinator", "representative"):
        few = [queries(browser_of(getattr(sides[0], who)), address) for address in pages[0]]
        many = [queries(browser_of(getattr(sides[1], who)), address) for address in pages[1]]
        assert few == many and max(few) <= 12, (who, few, many)
