"""The list of speakers in the live room, leaving an item, more time for it, and one's own item coming."""

from datetime import timedelta
from typing import Any

import pytest

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.live import floor, speakers
from meetings.live.models import Floor, SpeakerRequest, SpeakerState
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, Side
from tests.frontend.pages import hidden, post, queries
from tests.frontend.sessions import Browser, page, press, room


def ask(side: Side, meeting: Meeting, seat: int = 0, **more: Any) -> SpeakerRequest:
    return speakers.request(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat], **more)


def give(side: Side, row: SpeakerRequest) -> SpeakerRequest:
    return speakers.give(actor=side.actor(CHAIR), speaker=row)


def test_the_chair_undoes_the_last_act(home: Side, browser_of: Browser) -> None:
    meeting, chair = factories.in_session(home), browser_of(home.chair)
    row = ask(home, meeting)
    assert "Undo" not in page(chair, room(home))
    press(chair, room(home, "speakers", row.pk, "give"))
    assert 'data-key="ctrl+z">Undo' in page(chair, room(home)) and "Undo" not in page(browser_of(home.representative), room(home))
    press(chair, room(home, "speakers", row.pk, "undo"))
    row.refresh_from_db()
    assert row.state == SpeakerState.WAITING
    again = post(chair, room(home, "speakers", row.pk, "undo"))
    assert again.status_code == 409 and b"Only the last act" in again.content


def test_the_chair_works_the_list_from_the_keyboard(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    rows = []
    for n in range(3):
        with clock.at(factories.NOW + timedelta(seconds=n)):
            rows.append(ask(home, meeting, n))
    give(home, rows[0])
    shown = page(browser_of(home.chair), room(home))
    for key, row, act in (("1", rows[1], "give"), ("2", rows[2], "give"), ("s", rows[0], "end")):
        form = shown.partition(room(home, "speakers", row.pk, act))[2].partition("</form>")[0]
        assert f'data-key="{key}"' in form
    assert 'data-key="' not in page(browser_of(home.representative), room(home)).partition('id="speakers"')[2].partition("</section>")[0]


def test_how_the_list_is_kept(home: Side, browser_of: Browser) -> None:
    meeting, chair = factories.in_session(home), browser_of(home.chair)
    address = room(home, "list")
    assert browser_of(home.representative).get(address).status_code == 403
    version = hidden(page(chair, address), "version")
    values = {"order_rule": "least_time", "protected_places": "2", "limit_seconds": "150"}
    assert post(chair, address, version=version, **{**values, "limit_seconds": "-1"}).status_code == 422
    press(chair, address, version=version, **values)
    row = Floor.objects.get(meeting=meeting)
    assert (row.order_rule, row.protected_places, row.limit_seconds, row.version) == ("least_time", 2, 150, 1)
    assert post(chair, address, version=version, **values).status_code == 412
    shown = page(browser_of(home.observer), room(home))
    assert "Order: least time spoken" in shown and "the first 2 places are protected" in shown and "2:30 minutes each" in shown


def test_the_limit_is_shown_with_its_deadline(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    floor.change(actor=home.actor(CHAIR), meeting=meeting, values={"limit_seconds": 90})
    give(home, ask(home, meeting))
    shown = page(browser_of(home.observer), room(home))
    assert 'data-deadline="2026-11-20T09:01:30+01:00" data-warn-seconds="30"' in shown and "until 09:01:30" in shown


def test_the_chair_sees_who_has_spoken_how_much(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    row = give(home, ask(home, meeting))
    with clock.at(factories.NOW + timedelta(seconds=75)):
        speakers.end(actor=home.actor(CHAIR), speaker=row)
    ask(home, meeting)
    ask(home, meeting, 1)
    shown = page(browser_of(home.chair), room(home))
    assert "has spoken once, 1:15 minutes" in shown and "has not spoken yet" in shown
    assert "Who has spoken how much, by zone" in shown and '<td class="number">1:15</td>' in shown and "shares-time" in shown
    member = page(browser_of(home.representative), room(home))
    assert "has spoken once" not in member and "by zone</summary><p" not in member


@pytest.mark.parametrize("act", ["discuss", "postpone"])
def test_leaving_is_asked_about_without_javascript(home: Side, browser_of: Browser, act: str) -> None:
    meeting, chair = factories.in_session(home), browser_of(home.chair)
    first, second = factories.items(meeting)[:2]
    ask(home, meeting)
    address = room(home, "items", (second if act == "discuss" else first).pk, act)
    asked = post(chair, address, sure="on")
    text = " ".join(asked.content.decode().split())
    assert asked.status_code == 409 and "Leave this item?" in text and home.seats[0].name in text
    assert factories.fresh(meeting).current_item == first
    press(chair, address, confirmed="on", idempotency_key=hidden(text, "idempotency_key"))
    assert factories.fresh(meeting).current_item != first


def test_somebody_waiting_on_another_item_is_not_in_this_ones_list(home: Side, browser_of: Browser) -> None:
    meeting, chair = factories.in_session(home), browser_of(home.chair)
    ask(home, meeting)
    first, second = factories.items(meeting)[:2]
    press(chair, room(home, "items", second.pk, "discuss"), confirmed="on")
    for who in (home.chair, home.representative):
        shown = page(browser_of(who), room(home))
        assert "Nobody has asked for the floor" in shown and "Withdraw" not in shown
    press(chair, room(home, "items", first.pk, "discuss"))
    assert "Give the floor" in page(chair, room(home))


def test_five_minutes_more(home: Side, browser_of: Browser) -> None:
    meeting, chair = factories.in_session(home), browser_of(home.chair)
    press(chair, room(home, "extend"))
    assert factories.fresh(meeting).current_item_extra_minutes == 5
    shown = page(browser_of(home.observer), room(home))
    assert "of 15 planned" in shown and "until 09:15" in shown and "expected at 09:15" in shown
    assert post(browser_of(home.representative), room(home, "extend")).status_code == 403


def test_whose_item_comes_soon_is_told(home: Side, browser_of: Browser) -> None:
    meeting = factories.in_session(home)
    second, third = factories.items(meeting)[1:]
    clients = [browser_of(row) for row in home.representatives[:5]]
    AgendaItem.objects.get(pk=third.pk).co_proposers.add(home.seats[4])
    for seat, words in ((1, "Your item is next: 2."), (2, "One more, then it is your item: 3."), (4, "One more, then it is your item: 3.")):
        shown = page(clients[seat], room(home))
        assert words in shown and "data-live-notice" in shown
    assert "data-live-notice" not in page(clients[0], room(home)) and "data-live-notice" not in page(clients[3], room(home))
    assert "Expected at about 09:20" in page(clients[2], room(home))
    press(browser_of(home.chair), room(home, "items", second.pk, "discuss"))
    assert "Your item is next: 3." in page(clients[2], room(home)) and "data-live-notice" not in page(clients[1], room(home))


def test_what_comes_first_on_a_phone(home: Side, browser_of: Browser) -> None:
    factories.open_poll(home, factories.in_session(home))
    shown = page(browser_of(home.representative), room(home))
    regions = ["current-item", "vote", "mine", "speakers", "running-order", "presence"]
    places = [shown.index(f'id="{region}" data-live-region') for region in regions]
    assert places == sorted(places)


def test_the_pages_that_do_not_refresh_are_linked(home: Side, browser_of: Browser) -> None:
    poll = factories.open_poll(home, factories.in_session(home))
    client, seat = browser_of(home.representative), home.seats[0].pk
    shown = page(client, room(home))
    for parts in (("room", "polls", poll.pk, "seats", seat), ("room", "seats", seat, "floor"), ("questions", "new")):
        address = "/".join([room(home).removesuffix("/room/"), *map(str, parts), ""])
        assert f'href="{address}"' in shown and "http-equiv" not in page(client, address)


def test_the_page_about_the_list_takes_few_queries(home: Side, browser_of: Browser) -> None:
    factories.in_session(home)
    assert queries(browser_of(home.chair), room(home, "list")) <= 8
