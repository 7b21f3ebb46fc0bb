from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.errors import Invalid
from meetings.scheduling.holidays import is_holiday
from meetings.scheduling.recurrence import Occurrence, Rule, deadline, is_nominal_date, occurrences, to_utc

THURSDAY = 3
ROME = "Europe/Rome"


def a_rule(**changes: Any) -> Rule:
    values: dict[str, Any] = {
        "weekday": THURSDAY,
        "local_start": time(10),
        "time_zone": ROME,
        "duration_minutes": 90,
        "starts_on": date(2026, 1, 1),
    }
    return Rule(**{**values, **changes})


def never(day: date) -> bool:
    return False


def only(*closed: date) -> Any:
    return lambda day: day in closed


def held(rule: Rule, since: date, until: date, holidays: Any = never) -> list[date]:
    return [o.local_date for o in occurrences(rule, since=since, until=until, holidays=holidays) if o.is_held]


# Properties

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    starts_on = draw(days)
    spans = draw(st.lists(st.tuples(days, st.integers(0, 40)), max_size=3))
    return a_rule(
        weekday=draw(st.integers(0, 6)),
        local_start=draw(st.times().filter(lambda t: t.hour != 2)),
        starts_on=starts_on,
        ends_on=draw(st.none() | st.dates(starts_on, date(2031, 12, 31))),
        interval_weeks=draw(st.integers(1, 4)),
        holiday_policy=draw(st.sampled_from(["skip", "shift"])),
        breaks=tuple((first, first + timedelta(days=length)) for first, length in spans),
    )


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Rule, Any, list[Occurrence]]:
    rule, since = draw(rules()), draw(days)
    modulus = draw(st.integers(2, 30))
    own = draw(st.sets(days, max_size=20))

    def holidays(day: date) -> bool:
        return is_holiday(day, "IT", "TO", own) or day.toordinal() % modulus == 0

    return rule, holidays, occurrences(rule, since=since, until=since + timedelta(days=500), holidays=holidays)


@given(schedules())
def test_dates_grow_strictly_so_that_no_two_meetings_share_one(schedule: tuple[Rule, Any, list[Occurrence]]) -> None:
    dates = [o.local_date for o in schedule[2] if o.is_held]
    assert dates == sorted(set(dates))


@given(schedules())
def test_every_meeting_is_on_the_weekday_unless_shifted(schedule: tuple[Rule, Any, list[Occurrence]]) -> None:
    rule, holidays, found = schedule
    for occurrence in found:
        assert occurrence.nominal_date.weekday() == rule.weekday
        assert not occurrence.is_shifted or (rule.holiday_policy == "shift" and holidays(occurrence.nominal_date))
        assert not occurrence.is_shifted or occurrence.local_date.weekday() < 5


@given(schedules())
def test_nominal_dates_keep_their_distance(schedule: tuple[Rule, Any, list[Occurrence]]) -> None:
    rule, _, found = schedule
    for before, after in pairwise(found):
        assert after.nominal_date - before.nominal_date == timedelta(weeks=rule.interval_weeks)
    for occurrence in found:
        assert (occurrence.nominal_date - rule.first_date).days % (7 * rule.interval_weeks) == 0


@given(schedules())
def test_none_is_held_in_a_break_on_a_holiday_or_outside_the_series(schedule: tuple[Rule, Any, list[Occurrence]]) -> None:
    rule, holidays, found = schedule
    for occurrence in found:
        if occurrence.is_held:
            day = occurrence.local_date
            assert not rule.in_break(day)
            assert not holidays(day)
            assert rule.starts_on <= day
            assert rule.ends_on is None or day <= rule.ends_on
        else:
            assert occurrence.local_date == occurrence.nominal_date


@given(rules(), days)
def test_two_windows_side_by_side_give_what_one_gives(rule: Rule, split: date) -> None:
    since, until = split - timedelta(days=200), split + timedelta(days=200)
    whole = occurrences(rule, since=since, until=until, holidays=never)
    left = occurrences(rule, since=since, until=split, holidays=never)
    right = occurrences(rule, since=split + timedelta(days=1), until=until, holidays=never)
    assert left + right == whole
    assert all(is_nominal_date(rule, o.nominal_date) for o in whole)


@given(days, st.times().filter(lambda t: t.hour != 2), st.sampled_from([ROME, "UTC", "Europe/Athens", "Asia/Kolkata"]))
def test_the_wall_time_survives_the_way_through_utc(day: date, start: time, zone: str) -> None:
    from_start = datetime.combine(day, start)
    try:
        instant = to_utc(day, start, zone)
    except Invalid as error:  # Athens jumps from 03:00 to 04:00
        assert (error.code, start.hour) == ("nonexistent_local_time", 3)
        return
    assert instant.tzinfo is UTC
    assert to_local(instant, zone) == from_start


def to_local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


# Clocks


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (date(2026, 3, 26), 9),
        (date(2026, 4, 2), 8),
        (date(2026, 10, 22), 8),
        (date(2026, 10, 29), 9),
        (date(2027, 3, 25), 9),
        (date(2027, 4, 1), 8),
    ],
)
def test_ten_oclock_stays_ten_oclock_on_thursdays_either_side_of_a_change(day: date, utc_hour: int) -> None:
    assert to_utc(day, time(10), ROME) == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)


def test_a_meeting_at_half_past_eleven_at_night_keeps_its_own_date() -> None:
    assert to_utc(date(2026, 3, 28), time(23, 30), ROME) == datetime(2026, 3, 28, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize("start", [time(2), time(2, 30), time(2, 59, 59)])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
def test_a_start_between_two_and_three_is_refused_on_every_day(day: date, start: time) -> None:
    with pytest.raises(Invalid) as refusal:
        to_utc(day, start, ROME)
    assert refusal.value.code == "refused_local_time"
    assert list(refusal.value.errors) == ["local_start"]


@pytest.mark.parametrize("start", [time(1, 59), time(3)])
def test_the_hours_beside_it_are_not(start: time) -> None:
    assert to_utc(date(2026, 3, 29), start, ROME)


def test_a_zone_that_jumps_at_another_hour_is_refused_on_that_day_only() -> None:
    with pytest.raises(Invalid) as refusal:
        to_utc(date(2026, 3, 29), time(1, 30), "Europe/London")
    assert refusal.value.code == "nonexistent_local_time"
    assert to_utc(date(2026, 3, 30), time(1, 30), "Europe/London")


def test_of_a_repeated_time_the_first_is_meant() -> None:
    assert to_utc(date(2026, 10, 25), time(1, 30), "Europe/London") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "Europe/Turin", "../../etc/passwd", "/etc/passwd", "Europe", "\0", "x" * 5000])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        to_utc(date(2026, 3, 30), time(10), name)
    assert refusal.value.code == "unknown_time_zone"


def test_a_deadline_is_so_many_elapsed_hours_before_the_start() -> None:
    monday = to_utc(date(2026, 3, 30), time(10), ROME)
    assert to_local(deadline(monday, 24), ROME) == datetime(2026, 3, 29, 10)  # noqa: DTZ001
    assert to_local(deadline(monday, 48), ROME) == datetime(2026, 3, 28, 9)  # noqa: DTZ001
    assert monday - deadline(monday, 48) == timedelta(hours=48)


def test_a_deadline_needs_an_aware_start() -> None:
    with pytest.raises(ValueError, match="aware"):
        deadline(datetime(2026, 3, 30, 10), 24)  # noqa: DTZ001


# Dates


def test_the_twenty_ninth_of_february() -> None:
    rule = a_rule(weekday=1, starts_on=date(2028, 2, 1))
    assert held(rule, date(2028, 2, 20), date(2028, 3, 10)) == [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]


def test_a_two_weekly_series_keeps_its_rhythm_through_week_53() -> None:
    rule = a_rule(starts_on=date(2026, 12, 3), interval_weeks=2)
    assert held(rule, date(2026, 12, 1), date(2027, 1, 31)) == [
        date(2026, 12, 3),
        date(2026, 12, 17),
        date(2026, 12, 31),
        date(2027, 1, 14),
        date(2027, 1, 28),
    ]
    assert date(2026, 12, 31).isocalendar().week == 53


def test_a_two_weekly_series_counts_from_its_first_date_whatever_the_window() -> None:
    rule = a_rule(starts_on=date(2026, 12, 1), interval_weeks=2)
    assert held(rule, date(2026, 12, 11), date(2026, 12, 31)) == [date(2026, 12, 17), date(2026, 12, 31)]


def test_a_fifth_thursday_is_a_thursday_like_the_others() -> None:
    assert held(a_rule(), date(2026, 10, 1), date(2026, 10, 31)) == [date(2026, 10, day) for day in (1, 8, 15, 22, 29)]


def test_the_first_and_last_days_count() -> None:
    rule = a_rule(starts_on=date(2026, 3, 5), ends_on=date(2026, 3, 19))
    assert held(rule, date(2026, 3, 5), date(2026, 3, 19)) == [date(2026, 3, day) for day in (5, 12, 19)]
    assert held(rule, date(2025, 1, 1), date(2027, 1, 1)) == [date(2026, 3, day) for day in (5, 12, 19)]


def test_a_series_shortened_then_extended_gives_its_old_dates_again() -> None:
    window = (date(2026, 1, 1), date(2026, 12, 31))
    before = held(a_rule(), *window)
    shortened = held(a_rule(ends_on=date(2026, 6, 30)), *window)
    assert shortened == [day for day in before if day <= date(2026, 6, 30)]
    assert held(a_rule(ends_on=date(2026, 12, 31)), *window) == before


def test_weekday_and_zone_may_change_mid_series() -> None:
    window = (date(2026, 3, 1), date(2026, 4, 10))
    before = a_rule(ends_on=date(2026, 3, 19))
    after = a_rule(weekday=1, time_zone="Europe/London", starts_on=date(2026, 3, 20))
    dates = [(day, to_utc(day, rule.local_start, rule.time_zone).hour) for rule in (before, after) for day in held(rule, *window)]
    assert dates == [
        (date(2026, 3, 5), 9),
        (date(2026, 3, 12), 9),
        (date(2026, 3, 19), 9),
        (date(2026, 3, 24), 10),
        (date(2026, 3, 31), 9),
        (date(2026, 4, 7), 9),
    ]


def test_a_window_before_or_after_the_series_is_empty() -> None:
    rule = a_rule(ends_on=date(2026, 12, 31))
    assert held(rule, date(2020, 1, 1), date(2025, 12, 31)) == []
    assert held(rule, date(2027, 1, 1), date(2030, 1, 1)) == []
    assert held(rule, date(2026, 3, 31), date(2026, 3, 1)) == []


# Breaks and holidays

AUGUST = ((date(2026, 8, 6), date(2026, 8, 27)),)


def test_a_break_leaves_out_its_first_and_last_days_too() -> None:
    rule = a_rule(breaks=AUGUST)
    assert held(rule, date(2026, 7, 25), date(2026, 9, 10)) == [date(2026, 7, 30), date(2026, 9, 3), date(2026, 9, 10)]


def test_what_is_left_out_says_why() -> None:
    found = occurrences(a_rule(breaks=AUGUST), since=date(2026, 8, 6), until=date(2026, 8, 6), holidays=never)
    assert found == [Occurrence(date(2026, 8, 6), date(2026, 8, 6), "break")]
    closed = only(date(2026, 1, 1))
    assert occurrences(a_rule(), since=date(2026, 1, 1), until=date(2026, 1, 7), holidays=closed) == [
        Occurrence(date(2026, 1, 1), date(2026, 1, 1), "holiday")
    ]


def test_a_holiday_shifts_to_the_next_working_day() -> None:
    rule = a_rule(weekday=4, holiday_policy="shift")
    friday, monday = date(2026, 12, 25), date(2026, 12, 28)
    assert occurrences(rule, since=friday, until=friday, holidays=is_holiday) == [Occurrence(friday, monday)]


def test_a_shift_passes_over_a_break_and_further_holidays() -> None:
    rule = a_rule(holiday_policy="shift", breaks=((date(2026, 1, 2), date(2026, 1, 2)),))
    closed = only(date(2026, 1, 1), date(2026, 1, 5))
    assert held(rule, date(2026, 1, 1), date(2026, 1, 1), closed) == [date(2026, 1, 6)]


def test_a_shift_never_reaches_the_next_meeting() -> None:
    rule = a_rule(holiday_policy="shift")
    week = only(*(date(2026, 1, 1) + timedelta(days=n) for n in range(7)))
    found = occurrences(rule, since=date(2026, 1, 1), until=date(2026, 1, 8), holidays=week)
    assert [o.skipped_reason for o in found] == ["holiday", None]


def test_a_shift_never_passes_the_end_of_the_series() -> None:
    rule = a_rule(holiday_policy="shift", ends_on=date(2026, 1, 1))
    assert held(rule, date(2026, 1, 1), date(2026, 1, 31), only(date(2026, 1, 1))) == []


def test_a_date_in_a_break_is_not_shifted_even_on_a_holiday() -> None:
    day = date(2026, 1, 1)
    rule = a_rule(holiday_policy="shift", breaks=((day, day),))
    assert occurrences(rule, since=day, until=day, holidays=only(day)) == [Occurrence(day, day, "break")]


# Refusals


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekday": 7}, "weekday"),
        ({"weekday": -1}, "weekday"),
        ({"local_start": time(2, 30)}, "local_start"),
        ({"local_start": time(10, tzinfo=UTC)}, "local_start"),
        ({"time_zone": "Europe/Turin"}, "time_zone"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 1441}, "duration_minutes"),
        ({"interval_weeks": 0}, "interval_weeks"),
        ({"interval_weeks": 53}, "interval_weeks"),
        ({"holiday_policy": "ignore"}, "holiday_policy"),
        ({"starts_on": date(9999, 12, 31)}, "starts_on"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"breaks": ((date(2026, 8, 2), date(2026, 8, 1)),)}, "breaks"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        a_rule(**changes)
    assert refusal.value.code == "invalid_recurrence"
    assert list(refusal.value.errors) == [field]
