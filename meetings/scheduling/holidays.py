"""Public holidays: national and regional days from the ``holidays`` package, and a network's own closed days."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache

import holidays as public_holidays
from django.utils.translation import gettext as _

from meetings.errors import Invalid

LANGUAGE = "it_IT"

# A date closed once, or a (month, day) closed every year: a patron's day is the latter.
ExtraDays = Collection[date | tuple[int, int]]


def check_region(country: str, subdivision: str | None = None) -> None:
    """Refuse a country or province the holiday tables do not know (ISO 3166-1 and 3166-2 codes).

    Raises Invalid(``unknown_holiday_region``).
    """
    try:
        public_holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as error:
        detail = _("There is no table of public holidays for this region.")
        raise Invalid("unknown_holiday_region", detail, {"holiday_region": [detail]}) from error


def is_holiday(day: date, country: str = "IT", subdivision: str | None = None, extra_days: ExtraDays = ()) -> bool:
    """Whether offices are closed that day: a public holiday or one of the network's own days. Weekends are not holidays."""
    return _is_extra(day, extra_days) or day in _year(country, subdivision, day.year)


def holiday_name(day: date, country: str = "IT", subdivision: str | None = None, extra_days: ExtraDays = ()) -> str:
    """The holiday's official name (Italian for Italy), a general one for a network's own day, empty on any other day."""
    public = _year(country, subdivision, day.year).get(day, "")
    if not public and _is_extra(day, extra_days):
        return _("Local holiday")
    return public


def _is_extra(day: date, extra_days: ExtraDays) -> bool:
    return day in extra_days or (day.month, day.day) in extra_days


@lru_cache(maxsize=256)
def _year(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    language = LANGUAGE if country == "IT" else None
    return dict(public_holidays.country_holidays(country, subdiv=subdivision, years=year, language=language))
