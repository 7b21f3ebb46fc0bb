"""What is authored is what is printed, in embedded fonts, twice the same."""

import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from PIL import Image

from meetings.documents import action_tracker_pdf, agenda_pdf, minutes_pdf
from meetings.documents import content as c
from tests.documents import samples
from tests.documents.reading import fonts_of, links_of, outline_of, reader, squeezed, text_of, texts_of

# What a document leaves out on purpose: the minutes show an action's owner and due date, the tracker all of it.
NOT_PRINTED = {"minutes": {"ActionRow.zone", "ActionRow.progress", "ActionRow.origin"}, "agenda": set(), "tracker": set()}
MARKDOWN_SIGNS = str.maketrans("", "", "*[]<>()-\n ")
DOCUMENTS: dict[str, tuple[Callable[[Any], bytes], Callable[..., Any]]] = {
    "minutes": (minutes_pdf.render, samples.minutes),
    "agenda": (agenda_pdf.render, samples.agenda),
    "tracker": (action_tracker_pdf.render, samples.tracker),
}


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> tuple[str, Any, bytes]:
    render, sample = DOCUMENTS[request.param]
    content = sample()
    return request.param, content, render(content)


def test_every_authored_text_is_in_the_pdf(document: tuple[str, Any, bytes]) -> None:
    name, content, pdf = document
    printed = text_of(pdf)
    plain = printed.translate(MARKDOWN_SIGNS).replace("•", "")
    authored = [(path, text) for path, text in texts_of(content) if path not in NOT_PRINTED[name]]
    assert len(authored) > 10
    missing = [
        (path, text) for path, text in authored if squeezed(text) not in printed and squeezed(text).translate(MARKDOWN_SIGNS) not in plain
    ]
    assert missing == []


def test_every_font_is_embedded(document: tuple[str, Any, bytes]) -> None:
    fonts = fonts_of(document[2])
    assert fonts
    for font in fonts:
        assert font["/Subtype"] == "/TrueType"
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font


def test_the_same_content_gives_the_same_bytes(document: tuple[str, Any, bytes]) -> None:
    name, content, pdf = document
    assert DOCUMENTS[name][0](content) == pdf


def test_metadata(document: tuple[str, Any, bytes]) -> None:
    file = reader(document[2])
    assert file.metadata is not None
    assert file.metadata.author == "Città metropolitana di Torino"
    assert file.metadata.title
    assert str(file.root_object["/Lang"]) == "en"
    assert file.viewer_preferences is not None
    assert file.viewer_preferences.display_doctitle


def test_pages_are_a4_and_numbered(document: tuple[str, Any, bytes]) -> None:
    pages = reader(document[2]).pages
    for number, page in enumerate(pages, 1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        assert f"Page{number}of{len(pages)}" in squeezed(page.extract_text())


def test_the_outline_starts_at_the_title_and_skips_no_level(document: tuple[str, Any, bytes]) -> None:
    outline = outline_of(document[2])
    depths = [depth for depth, _title in outline]
    assert depths[0] == 0
    assert depths.count(0) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(depths))


def test_minutes_outline_has_every_item(full_minutes: bytes) -> None:
    titles = [title for depth, title in outline_of(full_minutes) if depth == 1]
    assert titles[:5] == ["Attendance", "Quorum", "Agenda", "Introduction", "1. Approval of the minutes of meeting 46/2026"]
    assert titles[-3:] == ["Approval", "Annex: attendance by municipality", "Annex: votes by name"]


def test_minutes_list_all_municipalities(full_minutes: bytes) -> None:
    seats = [seat for zone in samples.attendance() for seat in zone.seats]
    assert len(seats) == 312
    assert "All zones" in "".join(page.extract_text() for page in reader(full_minutes).pages)
    printed = text_of(full_minutes)
    assert not [seat.municipality for seat in seats if squeezed(seat.municipality) not in printed]


def test_minutes_show_exact_shares_and_local_times(full_minutes: bytes) -> None:
    printed = text_of(full_minutes)
    assert "190/312=60.89%" in printed
    assert "1,604,112/2,247,780=71.36%" in printed
    assert "10:00–11:31(Europe/Rome,CET)" in printed
    assert "Advisoryonly:therewasnoquorum" in printed


def test_a_secret_poll_shows_no_population() -> None:
    item = replace(samples.items()[2], notes=())
    pdf = minutes_pdf.render(samples.minutes(items=(item,), quorum=c.Quorum(c.Count(312, 2_247_780), samples.LIMITS)))
    printed = text_of(pdf)
    assert "Secretvote" in printed
    assert "Populationrepresented" not in printed.split("Vote:")[1]


def test_a_missed_threshold_never_rounds_up() -> None:
    choice = c.ChoiceResult("In favour", c.Count(103, 1_123_890), in_favour=True)
    poll = replace(samples.poll(), choices=(choice,), outcome=c.PollOutcome.REJECTED, named_votes=())
    printed = text_of(minutes_pdf.render(samples.minutes(items=(replace(samples.items()[1], polls=(poll,)),))))
    assert "1,123,890/2,247,780=50.00%" in printed
    assert "103/312=33.01%" in printed
    assert "Result:✕Notadopted" in printed


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (c.MinutesState.DRAFT, "Draft, not approved"),
        (c.MinutesState.IN_CORRECTION, "Open for corrections, not approved"),
    ],
)
def test_minutes_that_are_not_approved_say_so_on_every_page(state: c.MinutesState, words: str) -> None:
    pdf = minutes_pdf.render(samples.minutes(state=state, approval=None))
    for page in reader(pdf).pages:
        assert squeezed(words) in squeezed(page.extract_text())
    assert squeezed(f"These minutes are not approved: {words}.") in text_of(pdf)


def test_a_translation_says_so() -> None:
    assert "Thisisatranslation" not in text_of(minutes_pdf.render(samples.minutes(sealed_language="en")))
    assert "inthislanguage:Italian." in text_of(minutes_pdf.render(samples.minutes(sealed_language="it")))
    assert "inthislanguage:xx." in text_of(minutes_pdf.render(samples.minutes(sealed_language="xx")))


def test_dates_are_in_the_documents_language() -> None:
    assert "giovedì19novembre2026" in text_of(minutes_pdf.render(samples.minutes(language="it"))).lower()
    assert "jeudi19novembre2026" in text_of(agenda_pdf.render(samples.agenda(language="fr"))).lower()


def test_the_agenda_gives_start_times_links_and_marks() -> None:
    pdf = agenda_pdf.render(samples.agenda())
    printed = text_of(pdf)
    assert "10:05·30min·Decision" in printed
    assert "Carriedoverfrommeeting44/2026,21daysago·▲deferred3times" in printed
    assert "Addendum:addedaftertheagendawaspublished." in printed
    assert "PIN47110815" in printed
    assert links_of(pdf) == ["https://example.org/winter-plan", "mailto:roads@example.org"]


def test_an_agenda_that_is_not_published_is_provisional() -> None:
    assert "Provisionalagenda" in text_of(agenda_pdf.render(samples.agenda(published_at=None, items=())))


def test_the_tracker_starts_with_what_is_overdue() -> None:
    content = samples.tracker()
    printed = text_of(action_tracker_pdf.render(content))
    overdue = [row.number for row in content.rows if row.overdue]
    body = printed[printed.index("LastprogressFrom") : printed.index("1·Torinocittà")]
    assert overdue
    assert all(number in body for number in overdue)


def test_zones_come_in_the_order_of_their_numbers() -> None:
    titles = [title for _depth, title in outline_of(action_tracker_pdf.render(samples.tracker()))]
    numbers = [int(title.split(" ")[0]) for title in titles if title[0].isdigit()]
    assert numbers == sorted(numbers)
    assert numbers[-1] >= 10


def _image(kind: str, size: int = 200) -> bytes:
    output = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", (size, size), (11, 79, 138)).save(output, kind)
    return output.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_arms_are_printed(kind: str) -> None:
    network = replace(samples.NETWORK, arms=_image(kind))
    pdf = agenda_pdf.render(samples.agenda(network=network))
    assert pdf == agenda_pdf.render(samples.agenda(network=network))
    assert len(reader(pdf).pages[0].images) == 1


@pytest.mark.parametrize(
    "arms", [b"", b"no image", b"\x89PNG\r\n\x1a\n broken", _image("PNG")[:200], _image("JPEG")[:700], _image("PNG", 2001)]
)
def test_arms_that_cannot_be_read_give_way_to_the_mark(arms: bytes) -> None:
    pdf = agenda_pdf.render(samples.agenda(network=replace(samples.NETWORK, arms=arms)))
    assert "CTCittà" in text_of(pdf)


def test_all_municipalities_may_propose_one_item() -> None:
    names = tuple(seat.name for seat in samples.seats())
    printed = text_of(minutes_pdf.render(samples.minutes(items=(replace(samples.items()[0], proposers=names),), attendance=())))
    assert "[…]" not in printed
    assert squeezed(f"proposed by {', '.join(names[:3])}") in printed


def test_empty_contents_render() -> None:
    nothing = c.Quorum(c.Count(0, 0), c.Thresholds(Fraction(1, 3), Fraction(1, 2)))
    empty = samples.minutes(attendance=(), quorum=nothing, items=(), actions=(), carried_over=(), corrections=(), approval=None)
    assert "Therewerenoitems." in text_of(minutes_pdf.render(empty))
    assert "Thereareno" in text_of(agenda_pdf.render(samples.agenda(items=())))
    assert "Nothingisoverdue." in text_of(action_tracker_pdf.render(samples.tracker(rows=())))


def test_rows_beyond_one_table_are_all_there() -> None:
    rows = tuple(replace(samples.actions(1)[0], number=f"B-{n:04}") for n in range(600))
    printed = text_of(action_tracker_pdf.render(samples.tracker(rows=rows)))
    assert not [row.number for row in rows if row.number not in printed]
