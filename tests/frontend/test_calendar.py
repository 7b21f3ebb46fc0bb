"""Acts on the calendar in two steps: nothing happens before it is confirmed, and everything works without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from meetings.network.models import User
from meetings.scheduling.models import Meeting, MeetingSeries
from tests import factories
from tests.factories import Side
from tests.frontend.pages import hidden, post, url

Browser = Callable[[User | None], Client]
MOVE = {"day": "2026-12-08", "local_start": "10:30", "duration_minutes": 60, "reason": "The hall is taken"}


def again(html: str, *names: str) -> dict[str, str]:
    """The fields that the preview carries."""
    return {name: hidden(html, name) for name in (*names, "idempotency_key")}


def test_a_move_is_looked_at_then_done(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "move")
    version = hidden(client.get(address).content.decode(), "version")
    looked = post(client, address, **MOVE, version=version)
    text = looked.content.decode()
    assert looked.status_code == 200
    for said in (
        "Nothing is changed yet",
        "Thursday 26 November 2026, 10:00",
        "Tuesday 8 December 2026, 10:30",
        "is a holiday",
        "people get a mail",
    ):
        assert said in text, said
    assert factories.fresh(home.meeting).calendar_sequence == 0
    fields = again(text, *MOVE, "version")
    assert fields["reason"] == "The hall is taken"
    done = client.post(address, {**fields, "confirmed": "1"})
    assert done.status_code == 303
    assert factories.fresh(home.meeting).local_start == "2026-12-08T10:30"
    assert client.post(address, {**fields, "confirmed": "1"}).status_code == 303  # sent twice on a bad line
    assert factories.fresh(home.meeting).calendar_sequence == 1
    assert "Holiday: Immacolata Concezione." in client.get(done["Location"]).content.decode()


def test_what_was_typed_can_be_changed_again(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "move")
    back = post(client, address, **MOVE, version=1, again="1")
    assert back.status_code == 200 and 'value="2026-12-08"' in back.content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"local_start": "02:30"}, "between 02:00 and 02:59"),
        ({"day": "2026-11-19"}, "This time has passed."),
        ({"day": "tomorrow"}, "Enter a valid date"),
        ({"duration_minutes": 0}, "greater than or equal to 1"),
    ],
)
def test_a_move_that_makes_no_sense_comes_back(home: Side, browser_of: Browser, changes: dict[str, Any], said: str) -> None:
    address = url(home.network, "meetings", home.meeting.pk, "move")
    for step in ({}, {"confirmed": "1"}):
        response = post(browser_of(home.coordinator), address, **{**MOVE, **changes}, version=1, **step)
        assert response.status_code == 422 and said in response.content.decode()
    assert factories.fresh(home.meeting).calendar_sequence == 0


def test_a_stale_move_is_refused_in_both_steps(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk, "move")
    assert post(client, address, **MOVE, version=1, confirmed="1").status_code == 303
    for step in ({}, {"confirmed": "1"}):
        assert post(client, address, **MOVE, version=1, **step).status_code == 412


def test_cancelling_and_restoring(home: Side, browser_of: Browser) -> None:
    client, page = browser_of(home.coordinator), url(home.network, "meetings", home.meeting.pk)
    assert post(client, page + "cancel/").status_code == 422
    assert "Nothing is changed yet" in post(client, page + "cancel/", reason="Snow").content.decode()
    assert post(client, page + "cancel/", reason="Snow", confirmed="1").status_code == 303
    text = client.get(page).content.decode()
    assert "This meeting is not held." in text and "Snow" in text and "Restore the meeting" in text
    looked = client.get(page + "restore/").content.decode()
    assert "held after all" in looked
    assert client.post(page + "restore/", {**again(looked), "confirmed": "1"}).status_code == 303
    assert "This meeting is not held." not in client.get(page).content.decode()
    assert client.get(page + "restore/").status_code == 409


def test_a_further_meeting(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "meetings", "new")
    values = {"day": "2026-12-03", "local_start": "11:00", "duration_minutes": 60, "series": str(home.series.pk)}
    looked = post(client, address, **values)
    assert "One meeting is made." in looked.content.decode() and "overlaps" in looked.content.decode()
    assert "Thursday 3 December 2026, 11:00 (Europe/Rome)" in looked.content.decode()
    assert post(client, address, **values, confirmed="1").status_code == 303
    assert Meeting.objects.get(series=home.series, number=5).local_start == "2026-12-03T11:00"
    assert post(client, address, **{**values, "series": ""}).status_code == 422


def test_from_here_on(home: Side, browser_of: Browser) -> None:
    client, page = browser_of(home.coordinator), url(home.network, "series", home.series.pk)
    text = client.get(page + "change-from/").content.decode()
    assert 'value="2026-11-26"' in text
    values = {
        "since": "2026-12-03",
        "weekday": 4,
        "local_start": "10:00",
        "time_zone": "Europe/Rome",
        "duration_minutes": 90,
        "interval_weeks": 1,
    }
    looked = post(client, page + "change-from/", **values, version=1).content.decode()
    assert "Friday 4 December 2026, 10:00" in looked and "Meeting no. 1" not in looked
    assert MeetingSeries.objects.get(pk=home.series.pk).rules == []
    assert client.post(page + "change-from/", {**again(looked, *values, "version"), "confirmed": "1"}).status_code == 303
    text = client.get(page).content.decode()
    assert "From the week of 30 November 2026: every Friday" in text
    refused = post(client, page + "change-from/", **{**values, "local_start": "02:30"}, version=2)
    assert refused.status_code == 422 and "between 02:00 and 02:59" in refused.content.decode()


@pytest.mark.parametrize(
    ("name", "values", "held"),
    [
        ("end", {"ends_on": "2026-12-04"}, 2),
        ("breaks", {"breaks": "2026-12-01 2026-12-12", "holiday_policy": "skip"}, 2),
        ("skip", {"date": "2026-12-03", "reason": "Snow"}, 3),
    ],
)
def test_ends_breaks_and_skips(home: Side, browser_of: Browser, name: str, values: dict[str, str], held: int) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "series", home.series.pk, name)
    assert client.get(address).status_code == 200
    looked = post(client, address, **values, version=1).content.decode()
    assert "cancelled" in looked
    assert client.post(address, {**again(looked, *values, "version"), "confirmed": "1"}).status_code == 303
    assert home.series.meetings.exclude(state="cancelled").count() == held


def test_breaks_are_shown_as_they_are_typed(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "series", home.series.pk, "breaks")
    lines = "2026-12-01 2026-12-12\r\n2026-12-24 2026-12-25"
    looked = post(client, address, breaks=lines, holiday_policy="skip", version=1).content.decode()
    assert client.post(address, {**again(looked, "breaks", "holiday_policy", "version"), "confirmed": "1"}).status_code == 303
    assert "2026-12-01 2026-12-12\n2026-12-24 2026-12-25" in client.get(address).content.decode()


def test_a_preview_takes_as_many_queries_for_a_year_as_for_a_month(home: Side, browser_of: Browser) -> None:
    client, page = browser_of(home.coordinator), url(home.network, "series", home.series.pk)
    values = {"since": "2026-12-03", "weekday": 4, "local_start": "10:00", "time_zone": "Europe/Rome", "duration_minutes": 90}
    taken = []
    for ends_on in ("2026-12-18", "2027-12-18"):
        version = MeetingSeries.objects.get(pk=home.series.pk).version
        assert post(client, page + "end/", ends_on=ends_on, version=version, confirmed="1").status_code == 303
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            looked = post(client, page + "change-from/", **values, interval_weeks=1, version=version + 1)
        assert looked.status_code == 200
        taken.append(len(found))
    assert taken[0] == taken[1] <= 14


def test_holidays(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "settings", "holidays")
    assert "None yet." in client.get(address).content.decode()
    town = str(home.seats[0].pk)
    assert post(client, address + "patron/", municipality=town, patron_day="24/06").status_code == 422
    assert post(client, address + "patron/", municipality=town, patron_day="06-24", patron_name="San Giovanni").status_code == 303
    assert post(client, address, seat=town, version=1).status_code == 303
    text = client.get(address).content.decode()
    assert "24 June 2027: San Giovanni" in text and "Town 001 home: 06-24, San Giovanni" in text
