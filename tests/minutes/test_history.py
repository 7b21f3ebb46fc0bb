"""What changed between two moments: from the log, by who may know of them, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.documents.services import approve_minutes
from meetings.errors import NotFound
from meetings.events.models import Event
from meetings.events.services import redact
from meetings.minutes import differences, history, services
from meetings.minutes.models import Decision, Minutes, Note
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side


def record(pk: object) -> Minutes:
    return Minutes.objects.select_related("meeting__network", "meeting__series", "meeting__stream").get(pk=pk)


def names(side: Side, who: str, row: Minutes) -> list[str]:
    return [moment.name.partition("-")[0] for moment in history.moments(side.actor(getattr(side, who)), row)]


def changes(side: Side, row: Minutes, old: str = "", new: str = "", who: str = "observer") -> list[tuple[str, str, str]]:
    chosen = history.chosen(history.moments(side.actor(getattr(side, who)), row), old, new)
    return [(change.kind, change.before, change.after) for change in history.compare(row, *chosen)]


def circulated_and_changed(side: Side) -> Minutes:
    """A note, the decision and the introduction changed while they circulate."""
    row = record(factories.circulated(side).pk)
    services.edit_note(actor=side.actor(CHAIR), note=Note.objects.get(), text="The operators were heard twice.")
    services.edit_decision(actor=side.actor(CHAIR), decision=Decision.objects.get(), text="The lines stay until May.")
    services.edit_minutes(actor=side.actor(CHAIR), minutes=row, values={"introduction": "Good morning."})
    return record(row.pk)


def test_the_frame_first_then_each_item(side: Side) -> None:
    row = circulated_and_changed(side)
    assert changes(side, row) == [
        ("introduction", "", "Good morning."),
        ("note", "The operators were heard. home", "The operators were heard twice."),
        ("decision", "The lines stay. home", "The lines stay until May."),
    ]
    assert changes(side, row, "now", "circulated-1")[0] == ("introduction", "Good morning.", "")
    assert changes(side, row, "now", "now") == []


def test_every_saved_version_can_be_chosen(side: Side) -> None:
    row = circulated_and_changed(side)
    assert names(side, "observer", row) == ["circulated", "saved", "saved", "saved", "now"]
    first = history.moments(side.actor(side.observer), row)[1]
    assert changes(side, row, "circulated-1", first.name) == [("note", "The operators were heard. home", "The operators were heard twice.")]


def test_what_was_saved_before_they_circulated_is_the_staffs(side: Side) -> None:
    row = circulated_and_changed(side)
    staff = history.moments(side.actor(CHAIR), row)
    assert names(side, "chair", row)[0] == "saved" and len(staff) > len(history.moments(side.actor(side.observer), row))
    with pytest.raises(NotFound):
        changes(side, row, staff[0].name)
    assert changes(side, row, staff[0].name, who="coordinator")


def test_editions_are_compared(side: Side) -> None:
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    services.amend(actor=side.actor(CHAIR), minutes=record(row.pk), reason="A line was wrong")
    services.edit_note(actor=side.actor(CHAIR), note=Note.objects.get(), text="Another line.")
    approve_minutes(actor=side.actor(CHAIR), minutes_record=record(row.pk))
    assert names(side, "observer", row) == ["circulated", "approved", "amended", "saved", "approved", "now"]
    found = changes(side, row, "approved-1", "approved-2")
    assert found == [("note", "The operators were heard. home", "Another line.")]
    for wrong in ("approved-3", "saved-0", "x", "saved-9999999999999999999999"):
        with pytest.raises(NotFound):
            changes(side, row, wrong)


def test_what_was_removed_from_the_log_is_not_shown(side: Side) -> None:
    row = circulated_and_changed(side)
    first = history.moments(side.actor(side.observer), row)[1]
    event = Event.objects.get(stream__meeting=row.meeting, sequence=first.sequence)
    services.edit_note(actor=side.actor(CHAIR), note=Note.objects.get(), text="Nothing of it.")
    redact(actor=side.actor(COORDINATOR), event=event, reason="asked for erasure")
    moments = history.moments(side.actor(side.observer), row)
    assert "removed from the log" in moments[1].label
    for old in moments:
        for new in moments:
            assert "heard twice" not in repr(history.compare(row, old, new))
    assert history.removed(row, moments[-1]) == 1 and history.removed(row, moments[0]) == 0


def test_the_log_is_read_whatever_else_stands_in_it(side: Side) -> None:
    """A redaction of the minutes' own events: the moments stay, each under its edition's name."""
    row = circulated_and_changed(side)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    services.amend(actor=side.actor(CHAIR), minutes=record(row.pk), reason="A line was wrong")
    approve_minutes(actor=side.actor(CHAIR), minutes_record=record(row.pk))
    for event in Event.objects.filter(stream__meeting=row.meeting, type__in=["minutes.circulated", "minutes.approved"]):
        redact(actor=side.actor(COORDINATOR), event=event, reason="asked for erasure")
    moments = history.moments(side.actor(side.observer), row)
    assert [one.name for one in moments if not one.is_save] == ["circulated-1", "approved-1", "amended-2", "approved-2", "now"]
    assert [kind for kind, _before, _after in changes(side, row, "circulated-1")][-2:] == ["note", "decision"]


TEXTS = st.text(alphabet="ab \n", max_size=80)


@given(TEXTS, TEXTS)
def test_nothing_of_either_text_is_lost(old: str, new: str) -> None:
    pieces = differences.words(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new
    assert all(piece.text for piece in pieces)
    assert old != new or {piece.kind for piece in pieces} <= {"same"}


def test_words_and_not_letters_are_compared() -> None:
    pieces = [(piece.kind, piece.text) for piece in differences.words("The lines stay until May.", "The lines will stay until June.")]
    assert pieces == [
        ("same", "The lines "),
        ("added", "will "),
        ("same", "stay until "),
        ("removed", "May."),
        ("added", "June."),
    ]


def test_two_long_texts_of_few_words_are_shown_as_replaced() -> None:
    """The square of their length is never spent on them."""
    old, new = "start " + "a b " * 5000 + "end", "start " + "b b a " * 3300 + "end"
    assert [piece.kind for piece in differences.words(old, new)] == ["same", "removed", "added", "same"]
