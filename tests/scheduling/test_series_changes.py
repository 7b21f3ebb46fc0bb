"""A series changed after it was made: its rows keep their UUIDs whatever happens, and nobody's work is rewritten."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meetings import clock
from meetings.agenda.models import AgendaItem
from meetings.agenda.series import change_series
from meetings.agenda.services import cancel_meeting, restore_meeting
from meetings.errors import DomainError, Invalid, StaleVersion
from meetings.network import services as network_services
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.scheduling import calendar, schedules, series_changes, services
from meetings.scheduling.models import Meeting, MeetingSeries
from meetings.scheduling.previews import Preview
from meetings.scheduling.recurrence import Rule, to_utc
from tests import factories
from tests.factories import COORDINATOR, NOW, Side

Ask = Callable[[MeetingSeries], series_changes.Asked]


def change_from(side: Side, since: date, **changes: Any) -> Ask:
    return lambda row: series_changes.asked_change(actor=side.actor(COORDINATOR), series=row, since=since, changes=changes)


def extend(side: Side, ends_on: date | None) -> Ask:
    return lambda row: series_changes.asked_end(actor=side.actor(COORDINATOR), series=row, ends_on=ends_on)


def breaks(side: Side, *spans: tuple[str, str], **more: Any) -> Ask:
    rows = [{"from": first, "until": last} for first, last in spans]
    return lambda row: series_changes.asked_breaks(actor=side.actor(COORDINATOR), series=row, breaks=rows, **more)


def skip(side: Side, day: date) -> Ask:
    return lambda row: series_changes.asked_skip(actor=side.actor(COORDINATOR), series=row, day=day)


def do(side: Side, ask: Ask, reason: str = "") -> MeetingSeries:
    return change_series(actor=side.actor(COORDINATOR), series=side.series, ask=ask, reason=reason)


def look(side: Side, ask: Ask) -> Preview:
    return series_changes.preview_series(side.actor(COORDINATOR), ask(MeetingSeries.objects.get(pk=side.series.pk)))


def rows(side: Side) -> list[Meeting]:
    return list(side.series.meetings.order_by("nominal_date", "number"))


def shown(side: Side) -> dict[str, str]:
    """The meetings' starts by their nominal date; empty for those not held."""
    return {f"{row.nominal_date:%m-%d}": "" if row.state == "cancelled" else row.local_start[5:] for row in rows(side)}


def uids(side: Side) -> list[Any]:
    return [row.pk for row in rows(side)]


def sequences(side: Side) -> list[int]:
    return [row.calendar_sequence for row in rows(side)]


def sent() -> None:
    OutgoingEmail.objects.filter(state=MailState.QUEUED).update(state=MailState.SENT)


START = {"11-26": "11-26T10:00", "12-03": "12-03T10:00", "12-10": "12-10T10:00", "12-17": "12-17T10:00"}


# --- from here on ---


@pytest.mark.parametrize(
    ("since", "first"), [(date(2026, 11, 20), 0), (date(2026, 11, 26), 0), (date(2026, 11, 27), 1), (date(2026, 12, 17), 3)]
)
def test_from_here_on_changes_the_first_date_on_or_after_the_day_and_all_that_follow(side: Side, since: date, first: int) -> None:
    before = uids(side)
    do(side, change_from(side, since, local_start=time(15, 30), duration_minutes=60))
    assert uids(side) == before
    assert [row.local_start[11:] for row in rows(side)] == ["10:00"] * first + ["15:30"] * (4 - first)
    assert [row.duration_minutes for row in rows(side)] == [90] * first + [60] * (4 - first)
    assert sequences(side) == [0] * first + [1] * (4 - first)
    assert not services.materialise(series=side.series)


def test_from_here_on_twice_and_undone(side: Side) -> None:
    before = uids(side)
    do(side, change_from(side, date(2026, 12, 3), weekday=1))
    do(side, change_from(side, date(2026, 12, 15), local_start=time(9)))
    assert shown(side) == {**START, "12-03": "12-01T10:00", "12-10": "", "12-17": "12-15T09:00"}  # 8 December is a holiday
    series = MeetingSeries.objects.get(pk=side.series.pk)
    assert [(rule["week"], rule["weekday"], rule["local_start"]) for rule in series.rules] == [
        ("2026-11-23", 3, "10:00"),
        ("2026-11-30", 1, "10:00"),
        ("2026-12-14", 1, "09:00"),
    ]
    do(side, change_from(side, date(2026, 12, 15), local_start=time(10)))
    do(side, change_from(side, date(2026, 12, 3), weekday=3))
    assert shown(side) == START and uids(side) == before
    assert len(MeetingSeries.objects.get(pk=side.series.pk).rules) == 1
    assert not services.materialise(series=side.series)


def test_a_weekday_before_the_last_day_of_the_series_ends_it_a_week_earlier(side: Side) -> None:
    do(side, change_from(side, date(2026, 12, 17), weekday=5))
    assert shown(side) == {**START, "12-17": ""}
    do(side, change_from(side, date(2026, 12, 17), weekday=3))
    assert shown(side) == START and sequences(side) == [0, 0, 0, 2]


def test_from_here_on_leaves_what_people_set_by_hand(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    calendar.move(actor=actor, meeting=side.meetings[1], values={"local_start": "2026-12-04T18:00"})
    cancel_meeting(actor=actor, meeting=side.meetings[2], reason="Snow")
    services.change_meeting(actor=actor, meeting=side.meetings[3], values={"duration_minutes": 30})
    found = look(side, change_from(side, date(2026, 11, 26), local_start=time(9), duration_minutes=120))
    assert [(row.number, row.what, row.why) for row in found.changes] == [(1, "moved", ""), (2, "stays", "by_hand"), (4, "moved", "")]
    do(side, change_from(side, date(2026, 11, 26), local_start=time(9), duration_minutes=120))
    assert shown(side) == {"11-26": "11-26T09:00", "12-03": "12-04T18:00", "12-10": "", "12-17": "12-17T09:00"}
    assert [row.duration_minutes for row in rows(side)] == [120, 90, 90, 30]


def test_a_meeting_moved_to_before_the_change_is_still_the_meeting_of_its_week(side: Side) -> None:
    calendar.move(actor=side.actor(COORDINATOR), meeting=side.meetings[1], values={"local_start": "2026-11-27T09:00"})
    found = look(side, change_from(side, date(2026, 12, 3), weekday=4))
    assert found.made == 0 and (found.changes[0].number, found.changes[0].what) == (2, "stays")
    do(side, change_from(side, date(2026, 12, 3), weekday=4))
    assert shown(side) == {"11-26": "11-26T10:00", "12-03": "11-27T09:00", "12-10": "12-11T10:00", "12-17": "12-18T10:00"}


def test_a_cancelled_meeting_returns_at_its_own_time(side: Side) -> None:
    actor = side.actor(COORDINATOR)
    cancel_meeting(actor=actor, meeting=side.meetings[2], reason="Snow")
    do(side, change_from(side, date(2026, 11, 26), local_start=time(9)))
    restored = restore_meeting(actor=actor, meeting=side.meetings[2])
    assert (restored.local_start, restored.moved) == ("2026-12-10T10:00", True)


def test_what_is_published_in_session_or_past_stays(side: Side) -> None:
    factories.agenda_published(side)
    found = look(side, change_from(side, date(2026, 11, 20), weekday=4))
    assert next((row.number, row.what, row.why) for row in found.changes) == (1, "stays", "published")
    do(side, change_from(side, date(2026, 11, 20), weekday=4))
    assert shown(side) == {"11-26": "11-26T10:00", "12-03": "12-04T10:00", "12-10": "12-11T10:00", "12-17": "12-18T10:00"}
    with clock.at(datetime(2026, 12, 5, tzinfo=UTC)):
        do(side, extend(side, date(2026, 12, 1)))
    assert list(shown(side).values()) == ["11-26T10:00", "12-04T10:00", "", ""]


def test_a_new_time_that_has_passed_leaves_the_meeting(side: Side) -> None:
    with clock.at(datetime(2026, 11, 25, 12, tzinfo=UTC)):
        found = look(side, change_from(side, date(2026, 11, 25), weekday=0))
        assert next((row.number, row.what, row.why) for row in found.changes) == (1, "stays", "past")
        do(side, change_from(side, date(2026, 11, 25), weekday=0))
    assert shown(side)["11-26"] == "11-26T10:00" and shown(side)["12-03"] == "11-30T10:00"


@pytest.mark.parametrize(
    ("since", "changes", "field"),
    [
        (date(2026, 11, 19), {"weekday": 1}, "from"),
        (date(2026, 12, 18), {"weekday": 1}, "from"),
        (date(2026, 11, 26), {"local_start": time(2, 30)}, "local_start"),
        (date(2026, 11, 26), {"time_zone": "Europe/Turin"}, "time_zone"),
        (date(2026, 11, 26), {"duration_minutes": 0}, "duration_minutes"),
        (date(2026, 11, 26), {"interval_weeks": 53}, "interval_weeks"),
        (date(2026, 11, 26), {"weekday": 7}, "weekday"),
    ],
)
def test_changes_that_make_no_sense_are_refused(side: Side, since: date, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        do(side, change_from(side, since, **changes))
    assert list(refused.value.errors) == [field]
    assert shown(side) == START


def test_who_has_not_seen_what_was_saved_cannot_change_the_series(side: Side) -> None:
    do(side, change_from(side, date(2026, 12, 3), weekday=1))
    with pytest.raises(StaleVersion):
        change_series(actor=side.actor(COORDINATOR), series=side.series, ask=extend(side, None), expected_version=1)


def test_another_interval_cancels_every_second_meeting_and_gives_it_back(side: Side) -> None:
    before = uids(side)
    do(side, change_from(side, date(2026, 12, 3), interval_weeks=2))
    assert shown(side) == {**START, "12-10": ""}
    do(side, change_from(side, date(2026, 12, 3), interval_weeks=1))
    assert shown(side) == START and uids(side) == before and sequences(side) == [0, 0, 2, 0]


def test_weekday_and_zone_change_mid_series_across_the_change_of_the_clocks(side: Side) -> None:
    do(side, extend(side, date(2027, 4, 16)))
    do(side, change_from(side, date(2027, 3, 19), weekday=1, time_zone="Europe/London"))
    starts = [row.starts_at for row in rows(side) if date(2027, 3, 8) < row.starts_at.date() < date(2027, 4, 8)]
    assert [f"{start:%m-%d %H}" for start in starts] == ["03-11 09", "03-18 09", "03-23 10", "03-30 09", "04-06 09"]


# --- shorten, extend ---


def test_shortened_then_extended_gives_the_old_rows_back(side: Side) -> None:
    before = uids(side)
    do(side, extend(side, date(2026, 12, 4)))
    assert shown(side) == {**START, "12-10": "", "12-17": ""}
    assert not services.materialise(series=side.series)
    found = look(side, extend(side, date(2027, 1, 8)))
    assert [(row.number, row.what) for row in found.changes] == [(3, "restored"), (4, "restored")] and found.made == 3
    do(side, extend(side, date(2027, 1, 8)))
    assert uids(side)[:4] == before
    assert shown(side) == {**START, "12-24": "12-24T10:00", "12-31": "12-31T10:00", "01-07": "01-07T10:00"}
    assert [row.number for row in rows(side)] == list(range(1, len(rows(side)) + 1))


def test_a_series_without_end_is_made_eighteen_months_ahead(side: Side) -> None:
    do(side, extend(side, None))
    assert 70 < len(rows(side)) < 80
    assert not services.materialise(series=side.series)
    do(side, extend(side, date(2026, 12, 18)))
    assert sum(row.state != "cancelled" for row in rows(side)) == 4


def test_items_of_a_meeting_that_the_series_leaves_out_go_on_and_come_back(side: Side) -> None:
    meeting = factories.scheduled(side)
    do(side, breaks(side, ("2026-11-26", "2026-11-26")))
    titles = set(AgendaItem.objects.filter(meeting=side.meetings[1]).values_list("title", flat=True))
    assert {"School buses home", "Civil protection home", "Waste collection home", "Unfinished thought home"} <= titles
    do(side, breaks(side))
    assert factories.fresh(meeting).state == "scheduled"
    states = sorted(factories.fresh(meeting).agenda_items.values_list("state", flat=True))
    assert states == ["accepted", "accepted", "draft", "proposed"]


# --- breaks, skipping, holidays ---


def test_breaks_can_be_made_and_taken_back(side: Side) -> None:
    calendar.move(actor=side.actor(COORDINATOR), meeting=side.meetings[0], values={"local_start": "2026-12-04T15:00"})
    do(side, breaks(side, ("2026-12-01", "2026-12-11")), reason="Elections")
    assert shown(side) == {**START, "11-26": "", "12-03": "", "12-10": ""}
    assert {row.reason for row in rows(side) if row.state == "cancelled"} == {"Elections"}
    do(side, breaks(side, ("2026-12-05", "2026-12-05")))
    assert shown(side) == {**START, "11-26": "12-04T15:00"}
    assert rows(side)[0].moved


def test_skipping_an_announced_date_cancels_it_for_good(side: Side) -> None:
    with pytest.raises(Invalid) as refused:
        do(side, skip(side, date(2026, 12, 3)))
    assert "reason" in refused.value.errors
    do(side, skip(side, date(2026, 12, 3)), reason="Snow")
    assert shown(side) == {**START, "12-03": ""}
    do(side, breaks(side))
    assert shown(side) == {**START, "12-03": ""}
    assert MeetingSeries.objects.get(pk=side.series.pk).breaks == []


def test_skipping_a_date_far_away_is_a_break_of_a_day(side: Side) -> None:
    do(side, extend(side, None))
    do(side, skip(side, date(2027, 5, 6)))
    row = side.series.meetings.get(nominal_date=date(2027, 5, 6))
    assert (row.state, row.cancelled_by_rule, row.announced_at) == ("cancelled", True, None)
    assert MeetingSeries.objects.get(pk=side.series.pk).breaks == [{"from": "2027-05-06", "until": "2027-05-06"}]
    do(side, breaks(side))
    assert side.series.meetings.get(pk=row.pk).state == "scheduled"


@pytest.mark.parametrize("day", [date(2026, 12, 4), date(2026, 11, 12), date(2026, 12, 24), date(1900, 1, 1)])
def test_a_day_without_a_meeting_cannot_be_skipped(side: Side, day: date) -> None:
    with pytest.raises(Invalid) as refused:
        do(side, skip(side, day), reason="Snow")
    assert list(refused.value.errors) == ["date"]


def test_another_holiday_policy_moves_what_falls_on_holidays(side: Side) -> None:
    do(side, extend(side, date(2027, 1, 8)))
    do(side, change_from(side, date(2026, 12, 21), weekday=4))
    assert "01-01" not in shown(side)
    do(side, breaks(side, holiday_policy="shift"))
    held = [row.local_start[5:10] for row in rows(side) if row.state != "cancelled"]
    assert "12-28" in held and "01-04" in held


def test_the_patrons_day_closes_one_network_only(home: Side, away: Side) -> None:
    """San Giovanni, 24 June 2027, is a Thursday."""
    town = home.seats[0]
    actor = home.actor(COORDINATOR)
    network_services.change_municipality(actor=actor, municipality=town, values={"patron_day": "06-24", "patron_name": "San Giovanni"})
    network_services.change_network(actor=actor, network=home.network, values={"seat": town})
    for side in (home, away):
        do(side, extend(side, None))
    days = {side.network.slug: {row.nominal_date for row in rows(side)} for side in (home, away)}
    assert date(2027, 6, 24) not in days["home"] and date(2027, 6, 24) in days["away"]
    fresh = MeetingSeries.objects.get(pk=home.series.pk).network
    found = calendar.preview_extra(actor=actor, network=fresh, series=home.series, values={"local_start": "2027-06-24T10:00"})
    assert [row.text for row in found.warnings] == [
        "24 June 2027 is a holiday: San Giovanni.",
        "24 June 2027 is the patron’s day in one municipality.",
    ]


def test_a_holiday_that_comes_to_be_known_later_counts_with_the_next_change_of_breaks(home: Side) -> None:
    actor = home.actor(COORDINATOR)
    network_services.change_municipality(actor=actor, municipality=home.seats[0], values={"patron_day": "12-10"})
    network_services.change_network(actor=actor, network=home.network, values={"seat": home.seats[0]})
    assert shown(home) == START
    assert [(row.number, row.why) for row in look(home, breaks(home)).changes] == [(3, "holiday")]
    do(home, breaks(home))
    assert shown(home) == {**START, "12-10": ""}


def test_a_series_change_is_one_mail_and_nothing_when_undone(side: Side) -> None:
    found = look(side, change_from(side, date(2026, 11, 26), local_start=time(9)))
    do(side, change_from(side, date(2026, 11, 26), local_start=time(9)))
    mails = OutgoingEmail.objects.filter(state=MailState.QUEUED, kind="meetings_changed")
    assert mails.count() == found.told > 0
    do(side, change_from(side, date(2026, 11, 26), local_start=time(10)))
    assert not OutgoingEmail.objects.filter(state=MailState.QUEUED, kind="meetings_changed").exists()


# --- pure dates ---


def test_a_leap_day_and_week_53_and_the_change_of_the_clocks() -> None:
    rule = Rule(
        weekday=3, local_start=time(10), time_zone="Europe/Rome", duration_minutes=90, starts_on=date(2026, 12, 3), interval_weeks=2
    )
    schedule = schedules.only(rule).changed_from(date(2028, 2, 20), {"weekday": 1, "interval_weeks": 1})
    slots = schedule.slots(since=date(2026, 12, 1), until=date(2028, 4, 1), holidays=lambda _day: False)
    days = [slot.occurrence.nominal_date for slot in slots]
    assert days[:3] == [date(2026, 12, 3), date(2026, 12, 17), date(2026, 12, 31)]
    assert date(2028, 2, 29) in days and date(2028, 3, 7) in days
    either_side = {day: slot.starts_at.hour for day, slot in zip(days, slots, strict=True)}
    assert either_side[date(2028, 3, 21)] == 9 and either_side[date(2028, 3, 28)] == 8
    assert schedules.from_json(schedule.as_json(), rule).stretches == schedule.stretches


def test_a_holiday_is_not_shifted_onto_the_next_rules_date() -> None:
    rule = Rule(
        weekday=4, local_start=time(10), time_zone="Europe/Rome", duration_minutes=90, starts_on=date(2026, 12, 4), holiday_policy="shift"
    )
    schedule = schedules.only(rule).changed_from(date(2027, 1, 1), {"weekday": 0})
    slots = schedule.slots(since=date(2026, 12, 21), until=date(2027, 1, 8), holidays=lambda day: day == date(2026, 12, 25))
    assert [(slot.occurrence.nominal_date.day, slot.is_held) for slot in slots] == [(25, False), (28, True), (4, True)]


# --- whatever order things happen in ---

DAYS = st.dates(date(2026, 11, 21), date(2027, 2, 10))
STARTS = st.times().filter(lambda moment: moment.hour != 2).map(lambda moment: moment.replace(second=0, microsecond=0))
STEPS = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 20), DAYS, STARTS),
    st.tuples(st.just("cancel"), st.integers(0, 20)),
    st.tuples(st.just("restore"), st.integers(0, 20)),
    st.tuples(st.just("extra"), DAYS, STARTS),
    st.tuples(st.just("skip"), DAYS),
    st.tuples(st.just("breaks"), st.lists(st.tuples(DAYS, st.integers(0, 20)), max_size=2), st.sampled_from(["skip", "shift"])),
    st.tuples(st.just("extend"), st.dates(date(2026, 11, 26), date(2027, 2, 20))),
    st.tuples(
        st.just("change"),
        DAYS,
        st.fixed_dictionaries(
            {},
            optional={
                "weekday": st.integers(0, 6),
                "local_start": STARTS,
                "interval_weeks": st.integers(1, 3),
                "time_zone": st.sampled_from(["Europe/Rome", "Europe/London"]),
                "duration_minutes": st.integers(30, 120),
            },
        ),
    ),
    st.tuples(st.just("materialise")),
    st.tuples(st.just("wait"), st.integers(1, 10)),
)


def _step(side: Side, step: tuple[Any, ...]) -> None:
    actor, known = side.actor(COORDINATOR), rows(side)
    match step:
        case ("move", place, day, start):
            calendar.move(actor=actor, meeting=known[place % len(known)], values={"local_start": schedules.wall(day, start)})
        case ("cancel", place):
            cancel_meeting(actor=actor, meeting=known[place % len(known)], reason="Snow")
        case ("restore", place):
            restore_meeting(actor=actor, meeting=known[place % len(known)])
        case ("extra", day, start):
            calendar.extra(actor=actor, network=side.network, series=side.series, values={"local_start": schedules.wall(day, start)})
        case ("skip", day):
            do(side, skip(side, day), reason="Snow")
        case ("breaks", spans, policy):
            ends = [(first.isoformat(), (first + timedelta(days=length)).isoformat()) for first, length in spans]
            do(side, breaks(side, *ends, holiday_policy=policy))
        case ("extend", ends_on):
            do(side, extend(side, ends_on))
        case ("change", since, changes):
            do(side, change_from(side, since, **changes))
        case ("materialise",):
            services.materialise(series=side.series)


@pytest.mark.one_database
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([("move", 3, date(2026, 11, 22), time(8, 13)), ("wait", 10), ("breaks", [], "skip")])
@example([("move", 1, date(2026, 11, 27), time(9)), ("change", date(2026, 12, 3), {"weekday": 4}), ("extend", date(2027, 1, 8))])
@given(st.lists(STEPS, min_size=3, max_size=9))
def test_whatever_happens_rows_stay_themselves(side: Side, steps: list[tuple[Any, ...]]) -> None:
    now = NOW
    with transaction.atomic():
        for step in steps:
            before = {row.pk: row for row in rows(side)}
            now += timedelta(days=step[1]) if step[0] == "wait" else timedelta(minutes=1)
            with clock.at(now):
                try:
                    with transaction.atomic():
                        _step(side, step)
                except DomainError:
                    pass
                _hold(side, before, now, by_hand=step[0] == "move")
        transaction.set_rollback(True)


def _hold(side: Side, before: dict[Any, Meeting], now: datetime, *, by_hand: bool) -> None:
    """`by_hand`: somebody may hold a meeting later that was missed; nothing else moves what has passed."""
    found = rows(side)
    assert set(before) <= {row.pk for row in found}
    nominal = [schedules.monday(row.nominal_date) for row in found if row.nominal_date]
    assert len(nominal) == len(set(nominal))
    for row in found:
        was = before.get(row.pk)
        local = datetime.fromisoformat(row.local_start)
        assert row.starts_at == to_utc(local.date(), local.time(), row.time_zone)
        assert (row.state == "cancelled") == bool(row.state_before)
        assert was is None or row.nominal_date == was.nominal_date
        assert was is None or row.calendar_sequence >= was.calendar_sequence
        changed = was is not None and (row.starts_at, row.duration_minutes, row.state) != (was.starts_at, was.duration_minutes, was.state)
        assert not changed or (row.calendar_sequence > was.calendar_sequence and row.changed_at >= was.changed_at)  # type: ignore[union-attr]
        assert was is None or was.starts_at > now or by_hand or row.starts_at == was.starts_at
    services.materialise(series=side.series)
    assert not services.materialise(series=side.series)
