"""Making and changing a series."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from meetings.network.models import User
from meetings.scheduling.models import MeetingSeries
from tests import factories
from tests.factories import Side
from tests.frontend.pages import hidden, post, url

Browser = Callable[[User | None], Client]
VALUES: dict[str, Any] = {
    "title": "Mayors' Tuesday",
    "weekday": 1,
    "local_start": "09:30",
    "duration_minutes": 60,
    "interval_weeks": 1,
    "starts_on": "2026-12-01",
    "ends_on": "2027-01-31",
    "holiday_policy": "skip",
    "breaks": "2026-12-24 2027-01-04",
    "intake_opens_hours": 162,
    "intake_closes_hours": 48,
}


def test_a_new_series_shows_its_meetings_and_what_was_left_out(home: Side, browser_of: Browser) -> None:
    client = browser_of(home.coordinator)
    response = post(client, url(home.network, "series", "new"), **VALUES)
    assert response.status_code == 303
    text = client.get(response["Location"]).content.decode()
    series = MeetingSeries.objects.get(title="Mayors' Tuesday")
    assert f"{series.meetings.count()} meetings have been made" in text
    assert "8 December 2026: public holiday" in text  # the Immaculate Conception
    assert "29 December 2026: in a break" in text
    assert "Every Tuesday at 09:30 (Europe/Rome), 60 minutes" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"local_start": "02:30"}, "between 02:00 and 02:59"),
        ({"ends_on": "2026-11-01"}, "The last day comes before the first."),
        ({"intake_closes_hours": 200}, "Proposals must open before they close."),
        ({"breaks": "Christmas"}, "is no break"),
        ({"breaks": "2027-01-04 2026-12-24"}, "is no break"),
        ({"duration_minutes": 0}, "greater than or equal to 1"),
        ({"weekday": 9}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_comes_back(home: Side, browser_of: Browser, wrong: dict[str, Any], said: str) -> None:
    response = post(browser_of(home.coordinator), url(home.network, "series", "new"), **{**VALUES, **wrong})
    text = response.content.decode()
    assert response.status_code == 422
    assert said in text and "Mayors&#x27; Tuesday" in text
    assert MeetingSeries.objects.filter(network=home.network).count() == 1


def test_changing_a_series(home: Side, browser_of: Browser) -> None:
    client, address = browser_of(home.coordinator), url(home.network, "series", home.series.pk, "edit")
    version = hidden(client.get(address).content.decode(), "version")
    names = ("title", "duration_minutes", "intake_opens_hours", "intake_closes_hours")
    values = {name: VALUES[name] for name in names} | {"join_url": "https://meet.example.org/new"}
    assert post(client, address, **values, version=version).status_code == 303
    stale = post(client, address, **{**values, "title": "Mine"}, version=version)
    text = stale.content.decode()
    assert stale.status_code == 412
    assert "Somebody has saved while you were writing" in text and "Save mine over theirs" in text
    home.series.refresh_from_db()
    assert home.series.title == "Mayors' Tuesday"
    assert factories.fresh(home.meeting).join_url == "https://meet.example.org/new"


def test_series_are_the_coordinators(home: Side, browser_of: Browser) -> None:
    for user in (home.representative, home.chair, home.observer):
        for parts in (("series",), ("series", "new"), ("series", home.series.pk), ("series", home.series.pk, "edit")):
            assert browser_of(user).get(url(home.network, *parts)).status_code == 403
