"""The agenda builder: what its script sends and reads, both orders when two people have moved items, the keys, an item at once."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from meetings import clock
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.network.models import User
from tests import factories
from tests.factories import Side
from tests.frontend.pages import post, url

Browser = Callable[[User | None], Client]


@pytest.fixture
def three(side: Side) -> list[AgendaItem]:
    return [factories.accepted(side, title, seat=n) for n, title in enumerate(("Buses", "Snow", "Waste"))]


def builder(side: Side) -> str:
    return url(side.network, "meetings", side.meeting.pk, "agenda")


def version(side: Side) -> int:
    return factories.fresh(side.meeting).running_order_version


def sent(client: Client, side: Side, items: list[AgendaItem], at: int, **more: Any) -> Any:
    ids = ",".join(str(item.pk) for item in items)
    return post(client, builder(side) + "order/", items=ids, version=at, script="1", **more)


def test_the_script_is_told_the_version_and_when_each_item_begins(side: Side, three: list[AgendaItem], browser_of: Browser) -> None:
    client, (buses, snow, waste), before = browser_of(side.coordinator), three, version(side)
    answer = sent(client, side, [waste, buses, snow], before)
    assert answer.status_code == 200 and answer.json()["version"] == version(side) == before + 1
    assert answer.json()["starts"][str(waste.pk)] == ["2026-11-26T10:00+01:00", "10:00"]
    assert [start[1] for start in answer.json()["starts"].values()] == ["10:00", "10:10", "10:20"]
    assert [item.title for item in factories.items(side.meeting)] == ["Waste", "Buses", "Snow"]


def test_sent_twice_under_one_key_it_moves_once(side: Side, three: list[AgendaItem], browser_of: Browser) -> None:
    client, before, key = browser_of(side.coordinator), version(side), str(uuid4())
    first, again = (sent(client, side, three[::-1], before, idempotency_key=key) for _ in range(2))
    assert first.content == again.content and version(side) == before + 1


def test_somebody_elses_move_is_told_with_its_order(side: Side, three: list[AgendaItem], browser_of: Browser) -> None:
    client, before = browser_of(side.coordinator), version(side)
    agenda.order(actor=side.actor("coordinator"), meeting=side.meeting, item_ids=[item.pk for item in three[::-1]])
    answer = sent(client, side, [three[1], three[0], three[2]], before)
    assert answer.status_code == 412
    assert answer.json()["current"]["items"] == [str(item.pk) for item in three[::-1]]
    forced = sent(client, side, [three[1], three[0], three[2]], answer.json()["current"]["version"])
    assert forced.status_code == 200
    assert [item.title for item in factories.items(side.meeting)] == ["Snow", "Buses", "Waste"]


def test_what_is_no_order_and_what_is_published_is_refused(side: Side, three: list[AgendaItem], browser_of: Browser) -> None:
    client = browser_of(side.coordinator)
    assert sent(client, side, three[:2], version(side)).status_code == 422
    assert post(client, builder(side) + "order/", items="x", version=1, script="1").status_code == 422
    agenda.publish(actor=side.actor("coordinator"), meeting=side.meeting)
    answer = sent(client, side, three[::-1], version(side))
    assert answer.status_code == 409 and answer.json()["detail"]


def test_without_a_script_both_orders_are_shown_and_mine_can_be_saved(side: Side, three: list[AgendaItem], browser_of: Browser) -> None:
    client, before = browser_of(side.coordinator), version(side)
    agenda.order(actor=side.actor("coordinator"), meeting=side.meeting, item_ids=[item.pk for item in three[::-1]])
    mine = ",".join(str(three[n].pk) for n in (1, 0, 2))
    answer = post(client, builder(side) + "order/", items=mine, version=before)
    text = answer.content.decode()
    assert answer.status_code == 412 and "Somebody else has moved items meanwhile" in text
    assert f'name="items" value="{mine}"' in text and "Save mine over theirs" in text
    assert post(client, builder(side) + "order/", items=mine, version=version(side)).status_code == 303
    assert [item.title for item in factories.items(side.meeting)] == ["Snow", "Buses", "Waste"]


def test_the_page_holds_what_its_script_needs(side: Side, three: list[AgendaItem], browser_of: Browser) -> None:
    waiting = factories.proposal(side, "Lamps", seat=4)
    text = browser_of(side.coordinator).get(builder(side)).content.decode()
    for wanted in ("data-order-save", "data-order-status", "data-order-undo", "data-order-stale", "agenda-sort.js", 'data-key="j"'):
        assert wanted in text
    assert text.count("data-order-handle hidden") == 3
    scope = text[text.index(f'id="waiting-{waiting.pk}" data-key-scope') :].partition("</article>")[0]
    assert [key for key in "arpdm" if f'data-key="{key}"' in scope] == list("arpdm")
    agenda.withdraw(actor=side.actor(side.representatives[4]), item=waiting)
    agenda.publish(actor=side.actor("coordinator"), meeting=side.meeting)
    frozen = browser_of(side.coordinator).get(builder(side)).content.decode()
    assert "data-order-save" not in frozen and "data-order-handle" not in frozen


class TestAtOnce:
    FIELDS = {"title": "Welcome", "kind": "discussion", "duration_minutes": 5, "at_once": "1"}

    def test_the_office_puts_an_item_on_the_agenda(self, side: Side, browser_of: Browser) -> None:
        client, address = browser_of(side.coordinator), url(side.network, "meetings", side.meeting.pk, "propose")
        assert "Put it on the agenda at once" in client.get(address).content.decode()
        assert post(client, address, **self.FIELDS)["Location"] == builder(side)
        assert [item.title for item in factories.items(side.meeting)] == ["Welcome"]

    def test_a_draft_of_the_office_goes_on_the_same_way(self, side: Side, browser_of: Browser) -> None:
        draft = factories.draft(side, "Welcome", seat=None)
        address = url(side.network, "agenda-items", draft.pk, "edit")
        client = browser_of(side.coordinator)
        assert "Put it on the agenda at once" in client.get(address).content.decode()
        assert post(client, address, **self.FIELDS, version=draft.version)["Location"] == builder(side)
        assert AgendaItem.objects.get(pk=draft.pk).state == ItemState.ACCEPTED

    def test_nobody_else_can(self, side: Side, browser_of: Browser) -> None:
        address = url(side.network, "meetings", side.meeting.pk, "propose")
        for who, proposer in ((side.representative, side.seats[0].pk), (side.chair, "")):
            client = browser_of(who)
            assert "Put it on the agenda at once" not in client.get(address).content.decode()
            assert post(client, address, **self.FIELDS, proposer=proposer)["Location"] != builder(side)
        assert set(side.meeting.agenda_items.values_list("state", flat=True)) == {ItemState.DRAFT}

    def test_past_the_deadline_it_takes_the_usual_way(self, side: Side, browser_of: Browser) -> None:
        address = url(side.network, "meetings", side.meeting.pk, "propose")
        with clock.at(side.meeting.intake_closes_at + clock.now().resolution):
            client = browser_of(side.coordinator)
            assert "Put it on the agenda at once" not in client.get(address).content.decode()
            post(client, address, **self.FIELDS)
        assert side.meeting.agenda_items.get().state == ItemState.DRAFT
