import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from dateutil.tz import tzical

from meetings.calendar_feed.vtimezone import vtimezone

EUROPEAN = ["Europe/Rome", "Europe/Paris", "Europe/London", "Europe/Dublin", "Europe/Athens", "Europe/Lisbon", "Atlantic/Azores"]
OTHERS = ["UTC", "Asia/Kolkata", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe"]


@pytest.mark.parametrize("name", EUROPEAN + OTHERS)
def test_the_component_says_what_the_zone_says_hour_by_hour(name: str) -> None:
    component = vtimezone(name)
    assert component is not None
    read = tzical(io.StringIO(component.to_ical().decode())).get(name)
    zone = ZoneInfo(name)
    for hour in range(2 * 366 * 24):
        at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        assert at.astimezone(read).replace(tzinfo=None) == at.astimezone(zone).replace(tzinfo=None), at


@pytest.mark.parametrize("name", ["Africa/Casablanca", "America/Santiago"])
def test_a_zone_without_a_yearly_rule_has_none(name: str) -> None:
    assert vtimezone(name) is None


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        vtimezone("Europe/Turin")
