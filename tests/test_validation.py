"""Text that people type, state machines and versions: whatever goes in, what comes out keeps its promises."""

import unicodedata
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings import validation, versions
from meetings.action_items.models import ACTIONS as ACTION_ACTIONS
from meetings.action_items.models import TRANSITIONS as ACTION_TRANSITIONS
from meetings.action_items.models import ActionItem, ActionState
from meetings.agenda.models import ACTIONS as ITEM_ACTIONS
from meetings.agenda.models import TRANSITIONS as ITEM_TRANSITIONS
from meetings.agenda.models import AgendaItem, ItemState
from meetings.errors import Conflict, Invalid, StaleVersion
from meetings.live.models import (
    POLL_ACTIONS,
    POLL_TRANSITIONS,
    SPEAKER_ACTIONS,
    SPEAKER_TRANSITIONS,
    PollState,
    SpeakerState,
)
from meetings.minutes.models import ACTIONS as MINUTES_ACTIONS
from meetings.minutes.models import TRANSITIONS as MINUTES_TRANSITIONS
from meetings.minutes.models import MinutesState
from meetings.scheduling.models import ACTIONS as MEETING_ACTIONS
from meetings.scheduling.models import TRANSITIONS as MEETING_TRANSITIONS
from meetings.scheduling.models import MeetingState
from meetings.states import Machine

NASTY = st.text() | st.text(alphabet="ae\u0301\u0308 \t\r\n\x00\x0b\x7f\x85\u2028\ud800\u200d\u202e\ufeffﬁÅ가", max_size=30)


@settings(max_examples=500)
@given(NASTY)
def test_text_is_clean_once_and_for_all(text: str) -> None:
    clean = validation.clean_text(text)
    assert validation.clean_text(clean) == clean == clean.strip()
    assert unicodedata.is_normalized("NFC", clean)
    assert not {c for c in clean if unicodedata.category(c) in ("Cc", "Cs")} - {"\n", "\t"}
    clean.encode()


@settings(max_examples=500)
@given(NASTY)
def test_a_line_is_one_line(text: str) -> None:
    line = validation.clean_line(text)
    assert validation.clean_line(line) == line
    assert len(line.splitlines()) <= 1
    assert unicodedata.is_normalized("NFC", line)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P")), min_size=1))
def test_plain_words_stay_as_they_are(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert validation.clean_text(text) == validation.clean_line(text) == normal


VALUES: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.integers())
FIELDS = ("title", "text", "kind", "duration_minutes", "motive", "answer")


@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3))
def test_whatever_is_sent_is_taken_or_refused_by_field(values: dict[str, Any]) -> None:
    item = AgendaItem(title="Before")
    try:
        changed = validation.apply(item, values)
    except Invalid as error:
        assert set(error.errors) <= set(values) and error.errors
    else:
        assert set(changed) <= set(values)
        assert len(item.title) <= 150 and len(item.text) <= 10_000
        assert isinstance(item.duration_minutes, int)


@pytest.mark.parametrize(("field", "most"), [("title", 150), ("text", 10_000), ("motive", 500)])
def test_lengths_are_counted_after_cleaning(field: str, most: int) -> None:
    item = AgendaItem(title="Before")
    assert validation.apply(item, {field: " " + "e\u0301" * most + "\x00 "}) == [field]
    assert getattr(item, field) == "é" * most
    with pytest.raises(Invalid) as refused:
        validation.apply(item, {field: "é" * (most + 1)})
    assert list(refused.value.errors) == [field]


def test_what_may_be_unknown_may_be_emptied() -> None:
    assert validation.apply(ActionItem(title="Write"), {"due_on": None, "person": ""}) == []


# --- states ---

MACHINES = {
    "meeting": (MEETING_TRANSITIONS, MEETING_ACTIONS, MeetingState),
    "agenda item": (ITEM_TRANSITIONS, ITEM_ACTIONS, ItemState),
    "minutes": (MINUTES_TRANSITIONS, MINUTES_ACTIONS, MinutesState),
    "action item": (ACTION_TRANSITIONS, ACTION_ACTIONS, ActionState),
    "poll": (POLL_TRANSITIONS, POLL_ACTIONS, PollState),
    "speaker request": (SPEAKER_TRANSITIONS, SPEAKER_ACTIONS, SpeakerState),
}
BEYOND = {"agenda item": {"draft"}, "meeting": {"scheduled", "cancelled"}, "poll": {"draft"}, "minutes": {"draft"}}
"""States that things begin in, or that no action of this version reaches."""


@pytest.mark.parametrize("name", MACHINES)
def test_each_machine_is_closed_and_every_action_has_its_permission(name: str) -> None:
    machine, actions, states = MACHINES[name]
    assert {action if action in actions else action.partition("_")[0] for action in machine.table} == set(actions)
    for action, (sources, target) in machine.table.items():
        assert sources, action
        assert set(sources) <= set(states.values) and target in {*states.values, ""}, action
        for state in states.values:
            if state in sources:
                assert machine.target(action, state) == target and action in machine.possible(state)
            else:
                assert action not in machine.possible(state)
                with pytest.raises(Conflict) as refused:
                    machine.target(action, state)
                assert refused.value.code == "wrong_state"
    begins = states.values[0]
    reached, frontier = {begins}, {begins}
    while frontier:
        frontier = {machine.table[a].target for state in frontier for a in machine.possible(state)} - reached - {""}
        reached |= frontier
    assert set(states.values) - reached <= BEYOND.get(name, set())


@given(st.text(), st.text())
def test_an_unknown_state_allows_nothing(action: str, state: str) -> None:
    machine = Machine({"close": MEETING_TRANSITIONS.table["close"]})
    if state != "in_session":
        assert machine.possible(state) == set()


# --- versions ---


@dataclass
class Row:
    version: int


@given(st.integers(1, 10**6), st.none() | st.integers(1, 10**6))
def test_only_who_has_seen_the_present_version_may_save(version: int, expected: int | None) -> None:
    current = {"version": version}
    if expected in (None, version):
        versions.check(Row(version), expected, lambda: current)
    else:
        with pytest.raises(StaleVersion) as refused:
            versions.check(Row(version), expected, lambda: current)
        assert refused.value.current == current and refused.value.status == 412
