"""The safe text layer: literal, nothing vanishes, nothing is followed."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.platypus import Paragraph

from meetings.documents.pdf import design, fonts, markdown
from meetings.documents.pdf.canvas import Furniture, build
from meetings.documents.pdf.text import BLOCK_LIMIT, CUT_MARK, LINE_LIMIT, NAME_LIMIT, Typesetter, clean
from tests.documents.reading import links_of, reader, squeezed, text_of

PAGES = Furniture("Title", "Author", "en", "Page %(page)s of %(total)s|")


def shown(text: str) -> str:
    """What a Markdown text looks like on paper."""
    typesetter = Typesetter()
    pdf = build(markdown.paragraphs(typesetter, text, design.BODY), PAGES, typesetter)
    return re.sub(r"Page\d+of\d+\|", "", text_of(pdf))


def fonts_and_texts(text: str, missing: set[str]) -> list[tuple[str, str]]:
    return [(run.font, run.text) for run in fonts.runs(text, fonts.REGULAR, missing)]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("e\N{COMBINING GRAVE ACCENT}", "è"),
        ("a\0b\x07c\x1bd", "abcd"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("tab\there", "tab here"),
        ("\u202ereversed\u202c and soft\xadhyphen and \u200bspace", "reversed and softhyphen and space"),
        ("क्\u200dष", "क्\u200dष"),
        ("\ud800 lone", "\ufffd lone"),
        ("Agliè", "Agliè"),
        ("", ""),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text())
def test_clean_leaves_no_control_characters(text: str) -> None:
    assert all(character.isprintable() or character in "\n\u200c\u200d" or not character.isascii() for character in clean(text))


@given(st.text())
def test_runs_keep_every_character_or_its_replacement(text: str) -> None:
    missing: set[str] = set()
    runs = fonts.runs(text, fonts.SEMIBOLD, missing)
    joined = "".join(run.text for run in runs)
    assert joined == "".join(fonts.REPLACEMENT if character in missing else character for character in text)
    assert all(fonts.covers(run.font, run.text) for run in runs)


def test_a_word_that_needs_the_fallback_stays_whole() -> None:
    missing: set[str] = set()
    assert fonts_and_texts("Agliè Žižkov", missing) == [(fonts.REGULAR, "Agliè Žižkov")]
    assert fonts_and_texts("il Привет qui", missing) == [(fonts.REGULAR, "il "), (fonts.FALLBACK, "Привет "), (fonts.REGULAR, "qui")]
    assert missing == set()


def test_missing_characters_are_replaced_and_reported() -> None:
    typesetter = Typesetter()
    typesetter.line("中 and 😀", design.BODY)
    assert typesetter.findings.missing == {"中"}
    assert shown("中 and 😀") == "\ufffdand😀"


def test_right_to_left_text_is_reported() -> None:
    typesetter = Typesetter()
    typesetter.line("שלום", design.BODY)
    assert typesetter.findings.right_to_left
    assert typesetter.findings


def test_long_texts_are_cut_visibly_and_reported() -> None:
    typesetter = Typesetter()
    assert typesetter.one_line("x " * LINE_LIMIT).endswith(CUT_MARK)
    assert typesetter.findings.shortened
    assert typesetter.name("x" * NAME_LIMIT) == "x" * NAME_LIMIT
    assert typesetter.name("x" * (NAME_LIMIT + 1)) == "x" * NAME_LIMIT + CUT_MARK
    assert not Typesetter().findings
    assert shown("word " * BLOCK_LIMIT).endswith("word[…]")


def test_cells_are_plain_strings_only_where_that_loses_nothing() -> None:
    typesetter = Typesetter()
    assert typesetter.cell("Agliè", design.CELL, 100) == "Agliè"
    assert isinstance(typesetter.cell("Привет", design.CELL, 100), Paragraph)
    assert isinstance(typesetter.cell("a name too long for its column", design.CELL, 40), Paragraph)
    assert typesetter.cell("two\nlines", design.CELL, 100) == "two lines"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("**strong** and *slanted* and ***both***", "strongandslantedandboth"),
        ("- one\n- two\n  1. three", "•one•two1.three"),
        ("first\nsecond\n\nthird", "firstsecondthird"),
        ("[site](https://a.example)", "site(https://a.example)"),
        ("<https://a.example>", "https://a.example"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](file:///etc/passwd)", "[x](file:///etc/passwd)"),
        ("# no heading", "#noheading"),
        ("> no quote", ">noquote"),
        ("`no code`", "`nocode`"),
        ("<b>no html</b> &amp; &lt;", "<b>nohtml</b>&amp;&lt;"),
        ("-", "•"),
        ("a < b & c > d", "a<b&c>d"),
        ("5 * 3 * 2", "5*3*2"),
    ],
)
def test_the_markdown_subset(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_text_nested_too_deep_for_the_parser_is_shown_as_written() -> None:
    assert "THEEND" in shown("- " * 40 + "THE END")


def test_only_allowed_links_become_links() -> None:
    text = (
        "[a](https://a.example) [b](http://b.example) [c](mailto:c@example.org) [d](javascript:x) [e](data:x) [f](/etc/passwd) [g](ftp://g)"
    )
    typesetter = Typesetter()
    pdf = build(markdown.paragraphs(typesetter, text, design.BODY), PAGES, typesetter)
    assert set(links_of(pdf)) == {"https://a.example", "http://b.example", "mailto:c@example.org"}


def test_a_document_without_a_story_has_one_page() -> None:
    assert len(reader(build([], PAGES, Typesetter())).pages) <= 1


def test_squeezed_words_survive_narrow_columns() -> None:
    word = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 8
    assert squeezed(word) in shown(word)


def test_the_fonts_are_small_and_come_with_their_licences() -> None:
    folder = Path(fonts.__file__).parent / "fonts"
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert sum(size for name, size in sizes.items() if name.startswith("Titillium")) < 500_000
    assert sum(size for name, size in sizes.items() if name.startswith("DejaVu")) < 800_000
    assert "SIL Open Font License" in (folder / "TitilliumWeb-OFL.txt").read_text(encoding="utf-8")
    assert "Bitstream Vera" in (folder / "DejaVuSans-LICENSE.txt").read_text(encoding="utf-8")
