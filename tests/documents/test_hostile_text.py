"""Hostile text in every field of every document: no exception, shown literally, nothing followed."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings.documents import action_tracker_csv, action_tracker_pdf, agenda_pdf, minutes_pdf
from tests.documents import samples
from tests.documents.reading import is_printed, links_of, reader, text_of, texts_of, with_texts
from tests.documents.test_documents import NOT_PRINTED
from tests.hostile import PRINTED, TOLERATED

SHORT = 1_000
OVERLONG = [text for text in TOLERATED if len(text) > SHORT]


def small_contents() -> dict[str, Any]:
    """Every field of every document filled, in few rows."""
    seats = samples.attendance()[1:3]
    item = samples.items()[1]
    return {
        "minutes": samples.minutes(attendance=seats, items=(item,), actions=samples.actions(2)),
        "agenda": samples.agenda(),
        "tracker": samples.tracker(rows=samples.actions(6), scope="All of it"),
    }


RENDER: dict[str, Callable[[Any], bytes]] = {
    "minutes": minutes_pdf.render,
    "agenda": agenda_pdf.render,
    "tracker": action_tracker_pdf.render,
}


@pytest.mark.parametrize("name", RENDER)
@pytest.mark.parametrize("text", PRINTED)
def test_markup_is_shown_as_it_was_written_in_every_field(name: str, text: str) -> None:
    numbers = itertools.count()
    content = with_texts(small_contents()[name], lambda old: f"Q{next(numbers)}q {text}" if old else "")
    pdf = RENDER[name](content)
    printed = text_of(pdf)
    lost = [path for path, written in texts_of(content) if path not in NOT_PRINTED[name] and not is_printed(written, printed)]
    assert lost == []
    assert links_of(pdf) == []
    assert all(not page.images for page in reader(pdf).pages)


@pytest.mark.parametrize("name", RENDER)
@pytest.mark.parametrize("text", [text for text in TOLERATED if len(text) <= SHORT])
def test_no_text_in_every_field_breaks_a_document(name: str, text: str) -> None:
    content = with_texts(small_contents()[name], lambda old: text)
    assert len(reader(RENDER[name](content)).pages) >= 1


@pytest.mark.parametrize("text", OVERLONG, ids=[repr(text[:8]) for text in OVERLONG])
def test_overlong_text_in_every_kind_of_field_is_cut_and_said_to_be(text: str) -> None:
    content = samples.agenda(items=samples.agenda().items[1:2])
    pdf = agenda_pdf.render(with_texts(content, lambda old: text))
    assert "toolongtobeprintedinfull" in text_of(pdf)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_text_in_any_field(data: st.DataObject) -> None:
    texts = st.text(max_size=60)
    content = with_texts(samples.agenda(), lambda old: data.draw(texts))
    pdf = agenda_pdf.render(content)
    assert len(reader(pdf).pages) >= 1
    assert pdf == agenda_pdf.render(content)


@pytest.mark.parametrize("text", PRINTED + TOLERATED, ids=[repr(text[:12]) for text in PRINTED + TOLERATED])
def test_csv_takes_any_text(text: str) -> None:
    assert action_tracker_csv.render(with_texts(samples.tracker(rows=samples.actions(2)), lambda old: text))
