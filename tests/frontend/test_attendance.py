"""The pages of attendance: the record, corrections with undo, and the taking in of a report."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from frontend.forms.people import packed
from meetings import clock
from meetings.access import Role
from meetings.live import presence
from meetings.live.attendance_selectors import rows_of_seat
from meetings.live.models import Attendance
from meetings.network.models import User
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import NOW, Side

Browser = Callable[[User | None], Client]
MINUTE = timedelta(minutes=1)
CSV = b"Name,Email,Join time,Leave time\nTown 009 home,,2026-11-20 08:30,2026-11-20 09:00\niPhone,,2026-11-20 08:30,2026-11-20 09:00\n"


@pytest.fixture
def meeting(home: Side) -> Meeting:
    return factories.in_session(home)


def address(home: Side, meeting: Meeting, path: str = "attendance/") -> str:
    return f"/en/{home.network.slug}/meetings/{meeting.pk}/{path}"


def seat_path(home: Side, number: int) -> str:
    return f"attendance/seats/{home.seats[number].pk}/"


def known_on(client: Client, url: str) -> dict[str, Any]:
    """What the form would send if nothing were typed."""
    page = client.get(url).content.decode()
    form = page[page.index('<fieldset class="card mb-3 interval">') :]
    found = dict(re.findall(r'<input type="(?:text|datetime-local)" name="([^"]+)" value="([^"]*)"', form))
    sources = dict.fromkeys(re.findall(r'<select name="([^"]+)"', form), "web")
    [known] = re.findall(r'name="known" value="([^"]*)"', page)
    return {**found, **sources, "known": html.unescape(known)}


def test_the_record_has_every_seat_and_the_same_number_of_queries(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    client = browser_of(home.chair)
    page = client.get(address(home, meeting)).content.decode()
    assert all(seat.name in page for seat in home.seats)
    assert page.count(">present<") == 8 and "Quorum reached" in page and "<svg" in page
    assert "attendance/seats/" not in page, "the chair reads, the coordinator corrects"
    assert "attendance/seats/" in browser_of(home.coordinator).get(address(home, meeting)).content.decode()
    asked = []
    for number in (8, 9):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(home, meeting))
        asked.append(len(queries))
        presence.join(actor=home.actor(home.coordinator), meeting=meeting, municipality=home.seats[number], source="phone")
    assert asked[0] == asked[1] <= 22


def test_who_was_there_at_another_moment(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    client = browser_of(home.chair)
    assert "Nobody." in client.get(address(home, meeting), {"at": "2026-11-20T08:30"}).content.decode()
    assert home.representative.name in client.get(address(home, meeting), {"at": "2026-11-20T09:00"}).content.decode()
    assert client.get(address(home, meeting), {"at": "noon"}).status_code == 200


def test_a_correction_on_the_page_and_back(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    client, url = browser_of(home.coordinator), address(home, meeting, seat_path(home, 0))
    sent = {**known_on(client, url), "until-0": "2026-11-20T09:00:00", "from-1": "2026-11-20T08:00:00", "until-1": "2026-11-20T08:30:00"}
    sent["person-1"] = "Bea B."
    response = client.post(url, sent)
    assert response.status_code == 303, response.content.decode()
    rows = rows_of_seat(meeting.pk, home.seats[0].pk)
    assert [(row.person, row.joined_at, row.left_at) for row in rows] == [
        ("Bea B.", NOW - 60 * MINUTE, NOW - 30 * MINUTE),
        (home.representative.name, NOW, NOW),
    ]
    assert "Before the last correction" in client.get(url).content.decode()
    assert client.post(url + "undo/", {"idempotency_key": "u"}).status_code == 303
    [row] = rows_of_seat(meeting.pk, home.seats[0].pk)
    assert (row.joined_at, row.left_at, row.user_id) == (NOW, None, home.representative.pk)


def test_an_office_is_read_and_written_in_the_readers_language(home: Side, browser_of: Browser, meeting: Meeting, compiled: None) -> None:
    client, url = browser_of(home.coordinator), address(home, meeting, seat_path(home, 0)).replace("/en/", "/it/", 1)
    sent = known_on(client, url)
    assert sent["office-0"] == "sindaco", "not “mayor”, the code"
    more = {"from-1": "2026-11-20T08:00:00", "until-1": "2026-11-20T08:30:00", "person-1": "Bea B.", "office-1": "Consigliere"}
    assert client.post(url, sent | more).status_code == 303
    assert client.post(url, {**known_on(client, url), "office-1": "segretaria"}).status_code == 303
    assert [row.office for row in rows_of_seat(meeting.pk, home.seats[0].pk)] == ["councillor", "segretaria"]


def test_what_is_wrong_stands_at_its_line_and_what_changed_meanwhile_is_told(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    client, url = browser_of(home.coordinator), address(home, meeting, seat_path(home, 0))
    sent = known_on(client, url)
    refused = client.post(url, {**sent, "from-2": "2026-11-20T06:00:00", "until-2": "2026-11-20T06:30:00"})
    assert refused.status_code == 422 and list(refused.context["form"].errors) == ["from-2"]
    presence.leave(actor=home.actor(home.representative), meeting=meeting, municipality=home.seats[0])
    refused = client.post(url, {**sent, "strike-0": "on"})
    assert refused.status_code == 409 and "has changed meanwhile" in refused.content.decode()
    assert client.post(url, {**known_on(client, url), "strike-0": "on"}).status_code == 303
    assert rows_of_seat(meeting.pk, home.seats[0].pk) == []


def test_a_report_is_looked_at_reviewed_and_taken_in(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    client, url = browser_of(home.coordinator), address(home, meeting, "attendance/import/")
    with clock.at(NOW + 60 * MINUTE):
        looked = client.post(url, {"file": SimpleUploadedFile("r.csv", CSV)})
        page = looked.content.decode()
        assert looked.status_code == 200 and "by the name of the municipality" in page and "not known" in page
        assert not Attendance.objects.filter(source="video").exists()
        sent = {"content": packed(CSV), "row-2": "Town 009 home", "row-3": "Nowhere"}
        assert client.post(url + "confirm/", sent).status_code == 422
        done = client.post(url + "confirm/", {**sent, "row-3": "town 010 HOME"}, follow=True).content.decode()
        assert "2 intervals were added. They concern 2 municipalities." in done
        again = client.post(url + "confirm/", {**sent, "row-3": ""}, follow=True).content.decode()
        assert "Nothing was added" in again
        refused = client.post(url, {"file": SimpleUploadedFile("r.csv", CSV + b"X,,2026-11-20 20:00,2026-11-20 21:00\n")})
        assert refused.status_code == 422 and "Line 4:" in refused.content.decode()


def test_the_page_that_reloads_itself_proves_presence_and_no_other_request_does(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    client, url = browser_of(home.representative), address(home, meeting, "room/")

    def seen(path: str, seconds: int, ask: Any = client.get) -> Any:
        with clock.at(NOW + timedelta(seconds=seconds)):
            assert ask(path).status_code == 200
        return rows_of_seat(meeting.pk, home.seats[0].pk)[0].seen_at - NOW

    assert seen(url, 60) == seen(url + "?still", 60) == seen(url + "?refresh=1", 60, client.head) == timedelta(0)
    assert seen(url + "?refresh=1", 20) == timedelta(0), "not more often than every half minute"
    assert seen(url + "?refresh=1", 60) == MINUTE
    assert f"url={url}?refresh=1" in client.get(url).content.decode()


def test_a_seat_that_somebody_else_holds_is_shown_and_may_be_taken_over(home: Side, browser_of: Browser, meeting: Meeting) -> None:
    seat = {"municipality": home.seats[9], "office": "councillor", "order": 2}
    second = factories.add_member(home.network, "Bruno Bassi", Role.REPRESENTATIVE, **seat)
    presence.join(actor=home.actor(second), meeting=meeting, municipality=home.seats[9])
    client, join = browser_of(home.representatives[9]), address(home, meeting, f"room/seats/{home.seats[9].pk}/join/")
    room = client.get(address(home, meeting, "room/")).content.decode()
    assert "Bruno Bassi" in room and "Take over from them" in room and "Ask for the floor" not in room
    refused = client.post(join, {"idempotency_key": "a"})
    assert refused.status_code == 409 and "Bruno Bassi is in for" in refused.content.decode()
    assert client.post(join, {"idempotency_key": "b", "take_over": "1"}).status_code == 303
    below = browser_of(second).get(address(home, meeting, "room/")).content.decode()
    assert "one voice and one vote" in below and "Take over" not in below
