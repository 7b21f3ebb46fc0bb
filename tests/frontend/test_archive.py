"""The archive: searching, browsing, and getting from there to the very place."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meetings.agenda import attachments
from meetings.agenda.models import AgendaItem
from meetings.live import services as live
from meetings.minutes import services as minutes
from meetings.network.models import User
from tests import factories
from tests.archive.test_contract import HOSTILE
from tests.factories import CHAIR, Side
from tests.frontend.pages import queries, url
from tests.hostile import MARKUP

Browser = Callable[[User | None], Client]


def found(client: Client, side: Side, **query: Any) -> str:
    response = client.get(url(side.network, "archive"), query)
    assert response.status_code == 200
    return response.content.decode()


def links(html: str) -> list[str]:
    """Where the results lead."""
    return re.findall(r'<li class="found">\s*<h2><a href="([^"]+)"', html)


def test_without_words_it_shows_what_was_held(side: Side, browser_of: Browser) -> None:
    assert "No meeting has been held yet." in found(browser_of(side.observer), side)
    meeting = factories.closed(side)
    html = found(browser_of(side.observer), side)
    assert "1 meeting in 2026" in html
    assert f"/api/v1/meetings/{meeting.pk}/agenda.pdf" in html
    assert "minutes.pdf" not in html and "not to be read yet" in html
    assert "minutes.pdf" in found(browser_of(side.chair), side)
    cells = re.findall(r'<td data-label="(?:Items|Decisions)" class="tabular">(\d+)</td>', html)
    assert cells == ["3", "1"]


def test_circulating_minutes_are_linked_for_all(side: Side, browser_of: Browser) -> None:
    record = factories.circulated(side)
    html = found(browser_of(side.observer), side, year="2026")
    assert url(side.network, "meetings", record.meeting_id, "minutes") in html
    assert "in correction" in html


def test_the_field_has_the_focus_until_something_is_asked(side: Side, browser_of: Browser) -> None:
    client = browser_of(side.observer)
    for query, has_focus in (("", True), ("?q=bus", False), ("?year=2026", False)):
        assert ("autofocus" in client.get(url(side.network, "archive") + query).content.decode()) is has_focus


@pytest.mark.parametrize("year", ["1999", "x", "-1", "99999999", "²"])
def test_a_year_in_which_nobody_met_shows_the_latest(side: Side, browser_of: Browser, year: str) -> None:
    factories.closed(side)
    assert "1 meeting in 2026" in found(browser_of(side.observer), side, year=year)


def test_each_result_leads_to_its_place(side: Side, browser_of: Browser) -> None:
    """Whatever is found, the page behind the link has the place that the link names."""
    record = factories.circulated(side)
    item = factories.items(record.meeting)[0]
    AgendaItem.objects.filter(pk=item.pk).update(text="home")
    client = browser_of(side.chair)
    seen = links(found(client, side, q="home"))
    kinds = {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", link.partition(side.network.slug)[2]) for link in seen}
    assert {"/agenda-items/…/", "/meetings/…/minutes/#decision-…", "/meetings/…/minutes/#note-…", "/action-items/…/"} <= kinds
    for link in seen:
        address, _hash, place = link.partition("#")
        html = client.get(address).content.decode()
        assert not place or f'id="{place}"' in html, link


def test_a_file_and_a_question_have_a_place(side: Side, browser_of: Browser) -> None:
    item = factories.proposal(side)
    file = SimpleUploadedFile("x.pdf", b"%PDF-1.7\n")
    attachments.attach(actor=side.actor(side.representative), item=item, name="Canary plan.pdf", file=file)
    factories.question(side, side.meeting, "Who pays the canary?")
    client = browser_of(side.representative)
    seen = links(found(client, side, q="canary"))
    assert len(seen) == 2
    for link in seen:
        address, _hash, place = link.partition("#")
        assert f'id="{place}"' in client.get(address).content.decode(), link


def test_a_decision_is_read_on_its_item_while_the_minutes_are_a_draft(side: Side, browser_of: Browser) -> None:
    meeting = factories.closed(side)
    client = browser_of(side.observer)
    [link] = [link for link in links(found(client, side, q="lines stay")) if "#decision" in link]
    address, _hash, place = link.partition("#")
    assert address == url(side.network, "agenda-items", factories.items(meeting)[0].pk)
    html = client.get(address).content.decode()
    assert f'id="{place}"' in html and "The lines stay." in html


def test_filters_stand_in_the_address(side: Side, browser_of: Browser) -> None:
    factories.circulated(side)
    client = browser_of(side.chair)
    html = found(client, side, q="home", kind="decision")
    assert len(links(html)) == 1
    assert 'aria-current="true">Decisions' in html
    assert "Agenda items" in html  # what there is of other kinds is counted too
    assert links(found(client, side, q="home", kind="decision", to="2026-01-01")) == []
    assert len(links(found(client, side, q="home", kind="agenda_item", state="discussed"))) == 3
    assert links(found(client, side, q="home", kind="pigeon", state="x", municipality="y", page="z", **{"from": "w"})) != []


def test_nothing_found_says_what_to_try(side: Side, browser_of: Browser) -> None:
    html = found(browser_of(side.observer), side, q="xyzzy")
    assert "Nothing was found" in html and "Try fewer words" in html and "Search without filters" not in html
    assert "Search without filters" in found(browser_of(side.observer), side, q="xyzzy", kind="note")


def test_many_results_come_in_pages(side: Side, browser_of: Browser) -> None:
    made = [factories.draft(side, f"Bridge {n}", seat=0) for n in range(45)]
    client = browser_of(side.representative)
    pages = [links(found(client, side, q="bridge", page=n)) for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert len({link for page in pages for link in page}) == len(made)
    assert found(client, side, q="bridge", page=1).count("45 results") == 1


def test_what_is_hostile_is_text(side: Side, browser_of: Browser) -> None:
    item = factories.draft(side, "Scriptword", seat=0, text=f"scriptword {MARKUP} [x](javascript:alert(1)) **bold**")
    AgendaItem.objects.filter(pk=item.pk).update(title=f"<b>Scriptword</b> {MARKUP}"[:150])
    client = browser_of(side.representative)
    html = found(client, side, q="scriptword alert")
    assert len(links(html)) == 1
    assert "<script>alert" not in html and "<img" not in html and "javascript:" not in html
    assert "<mark>Scriptword</mark>" in html
    for query in (*HOSTILE, MARKUP):
        if "\ud800" not in query:
            assert "<script>alert" not in found(client, side, q=query), query[:40]


def test_every_page_of_a_network_leads_there(side: Side, browser_of: Browser) -> None:
    html = browser_of(side.observer).get(url(side.network)).content.decode()
    address = url(side.network, "archive")
    assert f'action="{address}"' in html
    assert html.count(f'href="{address}"') == 2  # the icon of a phone, and the menu
    assert html.count('role="search"') == 1
    assert found(browser_of(side.observer), side).count('role="search"') == 1


def held(side: Side) -> None:
    """A session without a quorum, with a note and a decision."""
    meeting = factories.in_session(side)
    chair, item = side.actor(CHAIR), factories.items(meeting)[0]
    minutes.write_note(actor=chair, item=item, text="The operators were heard.")
    minutes.record_decision(actor=chair, item=item, text="The lines stay.")
    live.close_session(actor=chair, meeting=factories.fresh(meeting))


@pytest.mark.one_database
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("db", "now")
def test_it_takes_few_queries_and_as_many_for_312_seats(browser_of: Browser) -> None:
    small, large = factories.make_side("small"), factories.make_side("large", seats=312)
    taken: dict[tuple[str, str], list[int]] = {}
    for side in (small, large):
        held(side)
        for who in ("observer", CHAIR):
            client = browser_of(side.people[who])
            for query in ("", "?q=school", "?q=the", "?q=lines&kind=decision&state=", "?q=nothing"):
                taken.setdefault((who, query), []).append(queries(client, url(side.network, "archive") + query))
    assert all(few == many for few, many in taken.values()), taken
    assert max(few for few, _many in taken.values()) <= 12, taken
    browsed = browser_of(large.observer).get(url(large.network, "archive")).content
    assert len(gzip.compress(browsed)) <= 14_000
