"""How the list of speakers is kept: its order as a pure function of the state, the rules the chair chooses, who has spoken how much."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings import clock
from meetings.errors import Conflict, Invalid, NotAllowed, NotFound, StaleVersion
from meetings.events.models import Event
from meetings.live import floor, speaker_selectors, speakers
from meetings.live.models import Floor, SpeakerRequest
from meetings.live.speaking_order import Figures, in_order, spoken
from meetings.scheduling.models import Meeting
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RULES = ("first_come", "fewest_times", "least_time")
KINDS = ("new_point", "reply", "clarification", "point_of_order")

instants = st.integers(0, 400).map(lambda n: NOW + n * SECOND)


@st.composite
def _request(draw: Any, number: int, state: str) -> dict[str, Any]:
    asked = draw(instants)
    later = [asked + draw(st.integers(0, 200)) * SECOND for _ in range(2)]
    given = min(later) if state in ("speaking", "spoken") else None
    ended = max(later) if state in ("spoken", "withdrawn") else None
    names = {"id": f"{number:04}", "agenda_item": draw(st.sampled_from("ab")), "municipality": draw(st.sampled_from("RSTUV"))}
    return {**names, "kind": draw(st.sampled_from(KINDS)), "state": state, "requested_at": asked, "given_at": given, "ended_at": ended}


@st.composite
def _lists(draw: Any) -> list[dict[str, Any]]:
    states = draw(st.lists(st.sampled_from(["waiting", "waiting", "spoken", "withdrawn"]), max_size=10))
    return [draw(_request(n, state)) for n, state in enumerate([*states, *(["speaking"] if draw(st.booleans()) else [])])]


@st.composite
def _floors(draw: Any) -> dict[str, Any] | None:
    rule = {"order_rule": draw(st.sampled_from(RULES)), "protected_places": draw(st.integers(0, 4)), "changed_at": draw(instants)}
    return draw(st.sampled_from([rule, rule, None]))


def waiting(requests: list[dict[str, Any]], rule: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [row for row in in_order(requests, rule, "a") if row["state"] == "waiting" and row["agenda_item"] == "a"]


def ordinary(rows: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in rows if row["kind"] != "point_of_order"]


@given(_lists(), _floors(), st.randoms())
def test_it_is_one_order_whatever_order_the_state_comes_in(rows: list[dict[str, Any]], rule: dict[str, Any] | None, chance: Any) -> None:
    found = in_order(rows, rule, "a")
    shuffled = chance.sample(rows, len(rows))
    assert in_order(shuffled, rule, "a") == found == in_order(found, rule, "a")
    assert sorted(row["id"] for row in found) == sorted(row["id"] for row in rows)


@given(_lists(), _floors())
def test_who_speaks_stands_first_and_points_of_order_before_all_that_wait(rows: list[dict[str, Any]], rule: dict[str, Any] | None) -> None:
    states = [row["state"] for row in in_order(rows, rule, "a")]
    assert states == sorted(states, key=["speaking", "waiting", "spoken", "withdrawn"].index)
    kinds = [row["kind"] == "point_of_order" for row in waiting(rows, rule)]
    assert kinds == sorted(kinds, reverse=True)


@given(_lists(), _floors(), st.data())
def test_whoever_comes_later_overtakes_nobody_on_a_protected_place(
    rows: list[dict[str, Any]], rule: dict[str, Any] | None, data: Any
) -> None:
    places = rule["protected_places"] if rule else 0
    before = ordinary(waiting(rows, rule))
    late = {**data.draw(_request(99, "waiting")), "agenda_item": "a", "requested_at": NOW + timedelta(hours=1)}
    after = waiting([*rows, late], rule)
    assert ordinary(after)[:places][: len(before)] == before[:places]
    assert [n for n in ordinary(after) if n != late["id"]] == before


@given(_lists(), _floors(), st.data())
def test_when_somebody_speaks_or_leaves_the_protected_stay_before_the_others(
    rows: list[dict[str, Any]], rule: dict[str, Any] | None, data: Any
) -> None:
    places = rule["protected_places"] if rule else 0
    before = ordinary(waiting(rows, rule))
    if not before:
        return
    gone, at = data.draw(st.sampled_from(before)), NOW + timedelta(hours=1)
    change = data.draw(st.sampled_from([{"state": "speaking", "given_at": at}, {"state": "withdrawn", "ended_at": at}]))
    others = [row if row["state"] != "speaking" else {**row, "state": "spoken", "ended_at": at} for row in rows]
    after = ordinary(waiting([{**row, **change} if row["id"] == gone else row for row in others], rule))
    kept = [name for name in before[:places] if name != gone]
    assert after[: len(kept)] == kept


@given(_lists(), st.sampled_from(RULES[1:]), st.sampled_from("RSTUV"), instants, st.integers(1, 300))
def test_having_spoken_more_never_helps(rows: list[dict[str, Any]], rule: str, seat: str, at: datetime, seconds: int) -> None:
    free = {"order_rule": rule, "protected_places": 0, "changed_at": NOW}
    more = {**_spoke("9999", seat, at, seconds), "agenda_item": "b"}
    before, after = waiting(rows, free), waiting([*rows, more], free)
    for row in before:
        if row["municipality"] == seat:
            assert _ahead(before, row) <= _ahead(after, row)
        else:
            assert _ahead(before, row) >= _ahead(after, row)


def _ahead(rows: list[dict[str, Any]], row: dict[str, Any]) -> int:
    """How many of other municipalities stand before this one."""
    names = [other["id"] for other in rows]
    return sum(other["municipality"] != row["municipality"] for other in rows[: names.index(row["id"])])


def _spoke(name: str, seat: str, at: datetime, seconds: int) -> dict[str, Any]:
    base = {"id": name, "agenda_item": "a", "municipality": seat, "kind": "reply", "state": "spoken"}
    return {**base, "requested_at": at, "given_at": at, "ended_at": at + seconds * SECOND}


@given(_lists(), instants)
def test_fewer_figures_stand_before_more(rows: list[dict[str, Any]], at: datetime) -> None:
    for rule, which in (("fewest_times", 0), ("least_time", 1)):
        free = {"order_rule": rule, "protected_places": 0, "changed_at": at}
        had = spoken(rows)
        numbers = [had.get(row["municipality"], Figures())[which] for row in waiting(rows, free) if row["kind"] != "point_of_order"]
        assert numbers == sorted(numbers)


def test_who_speaks_has_spoken_until_now() -> None:
    running = {**_spoke("1", "R", NOW, 0), "state": "speaking", "ended_at": None}
    assert spoken([running, _spoke("2", "R", NOW, 30)], now=NOW + 90 * SECOND) == {"R": Figures(2, 120)}
    assert spoken([running]) == {"R": Figures(1, 0)}


# --- the rules that the chair chooses ---


def ask(side: Side, meeting: Meeting, seat: int, at: int, **more: Any) -> SpeakerRequest:
    with clock.at(factories.NOW + at * SECOND):
        return speakers.request(actor=side.actor(side.representatives[seat]), meeting=meeting, municipality=side.seats[seat], **more)


def order(side: Side, meeting: Meeting) -> list[int]:
    rows = speaker_selectors.speakers_of(factories.fresh(meeting))
    return [side.seats.index(row.municipality) for row in rows if row.state == "waiting"]


def talk(side: Side, meeting: Meeting, seat: int, at: int, seconds: int) -> None:
    row = ask(side, meeting, seat, at)
    with clock.at(factories.NOW + at * SECOND):
        row = speakers.give(actor=side.actor(CHAIR), speaker=row)
    with clock.at(factories.NOW + (at + seconds) * SECOND):
        speakers.end(actor=side.actor(CHAIR), speaker=row)


def test_the_chair_chooses_the_order(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    talk(side, meeting, 0, 1, 60)
    talk(side, meeting, 1, 100, 5)
    talk(side, meeting, 1, 200, 5)
    for n, seat in enumerate((0, 1, 2)):
        ask(side, meeting, seat, 300 + n)
    assert order(side, meeting) == [0, 1, 2]
    for rule, expected in (("fewest_times", [2, 0, 1]), ("least_time", [2, 1, 0]), ("first_come", [0, 1, 2])):
        floor.change(actor=chair, meeting=meeting, values={"order_rule": rule})
        assert order(side, meeting) == expected


def test_a_protected_place_is_the_one_that_was_shown(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    talk(side, meeting, 0, 1, 60)
    floor.change(actor=chair, meeting=meeting, values={"order_rule": "fewest_times"})
    ask(side, meeting, 0, 100)
    ask(side, meeting, 1, 110)
    assert order(side, meeting) == [1, 0]
    with clock.at(factories.NOW + 120 * SECOND):
        floor.change(actor=chair, meeting=meeting, values={"protected_places": 2})
    ask(side, meeting, 2, 130)
    assert order(side, meeting) == [1, 0, 2]  # although seat 2 has not spoken yet
    ask(side, meeting, 3, 140, kind="point_of_order")
    assert order(side, meeting) == [3, 1, 0, 2]


def test_each_change_is_told_and_counted(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    row = floor.change(actor=chair, meeting=meeting, values={"limit_seconds": 180}, expected_version=0)
    assert (row.version, row.order_rule, row.changed_at) == (1, "first_come", factories.NOW)
    with clock.at(factories.NOW + SECOND):
        row = floor.change(actor=chair, meeting=meeting, values={"limit_seconds": 120}, expected_version=1)
        assert (row.version, row.changed_at) == (2, factories.NOW)  # places are protected since then
        row = floor.change(actor=chair, meeting=meeting, values={"protected_places": 1}, expected_version=2)
        assert (row.version, row.changed_at) == (3, factories.NOW + SECOND)
        assert floor.change(actor=chair, meeting=meeting, values={"protected_places": 1}).version == 3
    for stale in (0, 2):
        with pytest.raises(StaleVersion):
            floor.change(actor=chair, meeting=meeting, values={"limit_seconds": 60}, expected_version=stale)
    assert Event.objects.filter(type="floor.changed").count() == 3 and Floor.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [{"order_rule": "loudest"}, {"protected_places": 51}, {"limit_seconds": -1}, {"limit_seconds": 3601}, {"protected_places": None}],
)
def test_what_makes_no_sense_is_refused_by_field(side: Side, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        floor.change(actor=side.actor(CHAIR), meeting=factories.in_session(side), values=values)
    assert set(refused.value.errors) == set(values) and not Floor.objects.exists()


def test_who_may_choose_and_when(home: Side, away: Side) -> None:
    meeting = factories.scheduled(home)
    for who in (home.observer, home.representative, home.spokesperson, home.auditor):
        with pytest.raises(NotAllowed):
            floor.change(actor=home.actor(who), meeting=meeting, values={"limit_seconds": 60})
    with pytest.raises(NotFound):
        floor.change(actor=away.actor(COORDINATOR), meeting=meeting, values={"limit_seconds": 60})
    floor.change(actor=home.actor(COORDINATOR), meeting=meeting, values={"limit_seconds": 60})
    with pytest.raises(Conflict):
        floor.change(actor=away.actor(CHAIR), meeting=factories.closed(away), values={"limit_seconds": 60})


def test_who_is_given_the_floor_has_until_the_limit(side: Side) -> None:
    meeting, chair = factories.in_session(side), side.actor(CHAIR)
    first = speakers.give(actor=chair, speaker=ask(side, meeting, 0, 1))
    assert first.deadline is None
    floor.change(actor=chair, meeting=meeting, values={"limit_seconds": 90})
    first.refresh_from_db()
    assert first.deadline is None  # it was given without a limit
    with clock.at(factories.NOW + 10 * SECOND):
        second = speakers.give(actor=chair, speaker=ask(side, meeting, 1, 2))
    assert second.deadline == factories.NOW + 100 * SECOND


# --- who has spoken how much ---


def test_the_figures_by_seat_and_zone(side: Side) -> None:
    meeting = factories.in_session(side)
    talk(side, meeting, 0, 1, 60)
    talk(side, meeting, 1, 100, 20)
    talk(side, meeting, 4, 200, 20)
    with clock.at(factories.NOW + 300 * SECOND):
        speakers.give(actor=side.actor(CHAIR), speaker=ask(side, meeting, 0, 300))
    found = speaker_selectors.fairness(meeting, factories.NOW + 330 * SECOND)
    assert [(row["municipality"], row["times"], row["seconds"]) for row in found["municipalities"]] == [
        (side.seats[0].pk, 2, 90),
        (side.seats[1].pk, 1, 20),
        (side.seats[4].pk, 1, 20),
    ]
    assert [(row["seats"], row["times"], row["seconds"]) for row in found["zones"]] == [(4, 3, 110), (3, 1, 20), (3, 0, 0)]


def test_the_figures_take_two_queries(side: Side, django_assert_num_queries: Any) -> None:
    meeting = factories.in_session(side)
    for seat in range(3):
        talk(side, meeting, seat, 100 * seat, 50)
    with django_assert_num_queries(2):
        speaker_selectors.fairness(meeting, factories.NOW)
