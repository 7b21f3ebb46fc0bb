from datetime import date, timedelta

import pytest

from meetings.errors import Invalid
from meetings.scheduling.holidays import check_region, holiday_name, is_holiday

NATIONAL = [
    (date(2026, 1, 1), "Capodanno"),
    (date(2026, 1, 6), "Epifania"),
    (date(2026, 4, 6), "Lunedì dell'Angelo"),
    (date(2028, 4, 17), "Lunedì dell'Angelo"),
    (date(2026, 6, 2), "Festa della Repubblica"),
    (date(2026, 12, 26), "Santo Stefano"),
]


@pytest.mark.parametrize(("day", "name"), NATIONAL)
def test_national_holidays_have_their_italian_names(day: date, name: str) -> None:
    assert is_holiday(day)
    assert holiday_name(day) == name


def test_the_patrons_day_closes_one_province_only() -> None:
    saint_john = date(2026, 6, 24)
    assert is_holiday(saint_john, "IT", "TO")
    assert holiday_name(saint_john, "IT", "TO") == "San Giovanni Battista"
    assert not is_holiday(saint_john, "IT", "CN")
    assert not is_holiday(saint_john)


def test_a_networks_own_day_closes_that_network_only_every_year_or_once() -> None:
    every_year, once = [(11, 11)], [date(2026, 11, 12)]
    assert is_holiday(date(2026, 11, 11), extra_days=every_year)
    assert is_holiday(date(2031, 11, 11), extra_days=every_year)
    assert is_holiday(date(2026, 11, 12), extra_days=once)
    assert not is_holiday(date(2027, 11, 12), extra_days=once)
    assert not is_holiday(date(2026, 11, 11))
    assert holiday_name(date(2026, 11, 11), extra_days=every_year) == "Local holiday"


def test_a_public_holidays_own_name_goes_first() -> None:
    assert holiday_name(date(2026, 1, 1), extra_days=[(1, 1)]) == "Capodanno"


def test_an_ordinary_day_has_no_name() -> None:
    assert holiday_name(date(2026, 11, 12)) == ""
    assert not is_holiday(date(2026, 11, 12))


def test_every_year_has_the_same_number_of_national_holidays_give_or_take_one() -> None:
    counts = {sum(is_holiday(date(year, 1, 1) + timedelta(days=n)) for n in range(365)) for year in range(2027, 2040)}
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("IT", "ZZ"), ("", None)])
def test_an_unknown_region_is_refused(country: str, subdivision: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        check_region(country, subdivision)
    assert refusal.value.code == "unknown_holiday_region"


def test_a_known_region_is_not() -> None:
    check_region("IT", "TO")
    check_region("FR")
