"""The audit log's pages: entries with links that open, filters and cursors in the address, the file, the check."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client

from meetings.announcements.services import announce
from meetings.reporting import audit
from meetings.reporting.audit import Asked, every
from meetings.scheduling import absences
from tests import factories
from tests.factories import COORDINATOR, Side
from tests.frontend.pages import hidden, post, queries, url
from tests.frontend.sessions import Browser, page
from tests.hostile import MARKUP, TYPED


def log(side: Side, query: str = "") -> str:
    return url(side.network, "audit") + query


def entries(html: str) -> list[str]:
    return re.findall(r'<tr class="log-entry" id="entry-([0-9]+)">', html)


def test_what_happened_stands_there_in_words(home: Side, browser_of: Browser) -> None:
    factories.proposal(home, "School buses")
    shown = page(browser_of(home.coordinator), log(home))
    assert "Handed in the proposal “School buses”." in shown and home.representative.name in shown
    assert "Times are those of Europe/Rome." in shown
    assert f'href="{url(home.network, "audit")}"' in page(browser_of(home.auditor), url(home.network))
    assert f'href="{url(home.network, "audit")}"' not in page(browser_of(home.chair), url(home.network))


@pytest.mark.parametrize("who", ["coordinator", "auditor"])
def test_every_link_of_an_entry_opens(home: Side, browser_of: Browser, who: str) -> None:
    factories.circulated(home)
    client, seen = browser_of(getattr(home, who)), set()
    shown = page(client, log(home))
    while True:
        seen |= set(re.findall(r'<th scope="row"><a href="([^"]+)"', shown))
        further = re.search(r'rel="next" href="([^"]+)"', shown)
        if not further:
            break
        shown = page(client, log(home, further[1].replace("&amp;", "&")))
    assert len(seen) > 15
    broken = {address: status for address in seen if (status := client.get(address).status_code) not in (200, 302)}
    assert broken == {}


def test_filters_and_cursors_stand_in_the_address(home: Side, browser_of: Browser) -> None:
    for n in range(60):
        announce(actor=home.actor(COORDINATOR), network=home.network, values={"title": f"Snow {n:02}", "text": "Stay in."})
    client = browser_of(home.auditor)
    first = page(client, log(home, "?kind=announcement"))
    assert len(entries(first)) == 50 and "Snow 59" in first and "Snow 09" not in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older and "kind=announcement" in older[1]
    second = page(client, log(home, older[1].replace("&amp;", "&")))
    assert len(entries(second)) == 10 and "Snow 09" in second
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer and entries(page(client, log(home, newer[1].replace("&amp;", "&")))) == entries(first)
    assert "Nothing matches these filters" in page(client, log(home, "?kind=announcement&person=nobody-at-all"))


def test_the_file_has_what_the_filters_leave(home: Side, browser_of: Browser) -> None:
    announce(actor=home.actor(COORDINATOR), network=home.network, values={"title": "=1+1", "text": "Stay in."})
    factories.proposal(home, "School buses")
    response = browser_of(home.auditor).get(url(home.network, "audit", "file"))
    assert isinstance(response, StreamingHttpResponse)
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"), newline=""), strict=True))  # type: ignore[arg-type]
    whole = list(every(home.actor("auditor"), home.network, Asked()))
    assert rows[0][:3] == ["When", "Who", "What"] and len(rows) == len(whole) + 1
    assert rows[1][0] == "2026-11-20T09:00:00.000+01:00" and rows[1][2] == "Handed in the proposal “School buses”."
    assert [row[-1] for row in rows[1:]] == [entry.event.hash for entry in whole]
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    some = browser_of(home.auditor).get(url(home.network, "audit", "file"), {"kind": "announcement"})
    assert b"".join(some).count(b"\r\n") == 2  # type: ignore[arg-type]


async def sent_by_asgi(signed_in: Client, address: str, on_body: Callable[[bytes], None]) -> None:
    client = AsyncClient()
    client.cookies = signed_in.cookies
    response: Any = await client.get(address)
    assert response.status_code == 200
    async for part in response:
        on_body(part)


@pytest.mark.parametrize("language", ["en", "it"])
def test_a_long_file_is_sent_while_it_is_read(home: Side, browser_of: Browser, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """By either server, and the same: never the whole of it in memory."""
    monkeypatch.setattr("meetings.documents.audit_csv.PORTION", 4)
    monkeypatch.setitem(every.__kwdefaults__, "size", 4)  # type: ignore[arg-type]
    happened: list[str] = []
    read = audit.read
    monkeypatch.setattr(audit, "read", lambda *args: happened.append("read") or read(*args))
    client, address = browser_of(home.auditor), url(home.network, "audit", "file", language=language)
    whole = b"".join(client.get(address))  # type: ignore[arg-type]
    happened.clear()
    bodies: list[bytes] = []

    def body(part: bytes) -> None:
        bodies.append(part)
        happened.append("sent")

    async_to_sync(sent_by_asgi)(client, address, body)
    assert b"".join(bodies) == whole
    assert happened.count("read") > 5 and max(len(part) for part in bodies) < len(whole) / 3
    assert happened.index("sent") == 0 and "read,read,read" not in ",".join(happened)


def test_the_auditor_learns_of_nobody_that_they_are_away(home: Side, browser_of: Browser) -> None:
    """Whose days away are whose is known to the office alone (domain.md)."""
    day = factories.NOW.date() + timedelta(days=30)
    absences.declare_absence(actor=home.actor(home.representative), network=home.network, valid_from=day, valid_until=day)
    office = home.actor(COORDINATOR)
    absences.declare_absence(actor=office, network=home.network, valid_from=day, valid_until=day, user=home.other_representative)
    names = (home.representative.name, home.other_representative.name)
    for query in ("?kind=absence", "?kind=absence&person=", "?kind=absence&from=2026-01-01"):
        shown = page(browser_of(home.auditor), log(home, query))
        assert shown.count("Declared days away for a person.") == 2 and not any(name in shown for name in names)
        assert home.coordinator.name in shown
    for name in names:
        assert "Nothing matches" in page(browser_of(home.auditor), log(home, f"?kind=absence&person={name}"))
    file = b"".join(browser_of(home.auditor).get(url(home.network, "audit", "file"), {"kind": "absence"}))  # type: ignore[arg-type]
    assert not any(name.encode() in file for name in names)
    theirs = page(browser_of(home.coordinator), log(home, "?kind=absence"))
    assert all(f"Declared days away for {name}." in theirs for name in names)


def test_the_check_says_plainly_what_it_found(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.auditor), url(home.network, "audit", "verify")
    asked = page(client, address)
    assert home.network.streams.get(meeting=None).head in asked
    whole = post(client, address, what="all")
    assert whole.status_code == 200 and b"Nobody has changed the log" in whole.content
    one = post(client, address, what="meeting", meeting=home.meeting.pk)
    assert b"1 record with" in one.content
    assert post(client, address, what="network").status_code == 200
    for wrong in ({"what": "meeting"}, {"what": "x"}, {}):
        assert post(client, address, **wrong).status_code == 422


def test_a_long_check_goes_on_with_a_button(home: Side, browser_of: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meetings.reporting.verifying.monotonic", iter(range(0, 10_000, 60)).__next__)
    client, address = browser_of(home.auditor), url(home.network, "audit", "verify")
    answer = post(client, address, what="all").content.decode()
    steps = 1
    while "Go on" in answer:
        fields = {name: hidden(answer, name) for name in ("after", "streams", "events")}
        assert fields["streams"] == str(steps)
        answer, steps = post(client, address, what="all", **fields).content.decode(), steps + 1
    assert "Nobody has changed the log" in answer and steps == home.network.streams.count()


@pytest.mark.parametrize("name", ["from", "to", "person", "kind", "meeting", "before", "after"])
def test_hostile_filters_give_a_page(home: Side, browser_of: Browser, name: str) -> None:
    client = browser_of(home.auditor)
    for value in TYPED:
        assert client.get(log(home), {name: value[:3000]}).status_code == 200


def test_markup_in_what_was_done_is_text(home: Side, browser_of: Browser) -> None:
    announce(actor=home.actor(COORDINATOR), network=home.network, values={"title": MARKUP, "text": MARKUP})
    shown = page(browser_of(home.coordinator), log(home))
    assert MARKUP not in shown and "&lt;script&gt;" in shown


@pytest.mark.one_database
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("db", "now")
def test_queries_do_not_grow(browser_of: Browser) -> None:
    small, large = factories.make_side("small"), factories.make_side("large", seats=312)
    factories.in_session(large)
    factories.in_session(small)
    for who in ("coordinator", "auditor"):
        for query in ("", "?kind=attendance", "?person=rita"):
            few, many = (queries(browser_of(getattr(side, who)), log(side, query)) for side in (small, large))
            assert few == many <= 12, (who, query, few, many)
        few, many = (queries(browser_of(getattr(side, who)), url(side.network, "audit", "verify")) for side in (small, large))
        assert few == many <= 12
