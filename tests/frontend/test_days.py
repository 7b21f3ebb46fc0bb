"""Days at the ends of what calendars know, in the addresses of lists that have a period: a page, never an error of ours."""

from collections.abc import Callable

import pytest
from django.test import Client

from meetings.network.models import User
from tests.factories import Side
from tests.frontend.pages import url

Browser = Callable[[User | None], Client]
DAYS = (
    "0001-01-01",
    "9999-12-31",
    "1899-12-31",
    "1900-01-01",
    "2999-12-31",
    "3000-01-01",
    "2026-02-30",
    "0000-00-00",
    "10000-01-01",
    "2026-11-20T00:00",
    "",
)
LISTS = ("archive", "participation", "participation/of", "audit", "audit/file")


@pytest.mark.parametrize("name", LISTS)
def test_days_at_the_ends_give_a_page(side: Side, browser_of: Browser, name: str) -> None:
    client = browser_of(side.coordinator)
    address = url(side.network, "participation", side.seats[0].pk) if name == "participation/of" else url(side.network, name)
    wrong = []
    for first in DAYS:
        for last in ("", first, "2026-11-20"):
            for period in ({"from": first, "to": last}, {"from": last, "to": first}):
                response = client.get(address, {"q": "a", **period})
                body = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
                if response.status_code != 200 or not body:
                    wrong.append((period, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("name", LISTS[1:4])
@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "3000-01-01", "2026-02-30"])
def test_a_day_that_cannot_be_says_so(side: Side, browser_of: Browser, name: str, day: str) -> None:
    address = url(side.network, "participation", side.seats[0].pk) if name == "participation/of" else url(side.network, name)
    shown = browser_of(side.coordinator).get(address, {"q": "a", "from": day}).content.decode()
    assert "Give a year from 1900 to 2999." in shown or "Enter a valid date." in shown
