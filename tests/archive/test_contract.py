"""Both databases find the same: these run on SQLite and on PostgreSQL."""

from datetime import date
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.agenda.models import AgendaItem
from meetings.archive.kinds import Kind
from meetings.archive.selectors import hits, spot_of
from meetings.archive.words import LONGEST_WORD, words_of
from tests import factories
from tests.archive.finding import ask, find, kinds, titles
from tests.factories import COORDINATOR, Side

TEXTS = {
    "Trasporto scolastico: fermate da rivedere": (
        "trasporto",
        "TRASPORTO",
        "tras",
        "fermate scol",
        "rivedere fermate",
        "scolastico trasporto",
    ),
    "Città più sicura, perché no?": ("citta", "CITTÀ", "citta\u0300", "piu sicura", "PERCHE", "perché no"),
    "L’acqua di Sant'Anna": ("acqua", "l'acqua", "l’acqua", "sant anna", "Sant’Anna", "anna acq"),
    "Règlement général, œuvre, Ådalsøren, Łódź, Straße": ("reglement", "general", "œuvre", "adalsøren", "łodz", "LODZ", "straße"),
    "bilancio_2026-v2.FINALE.pdf": ("bilancio", "2026", "v2", "finale", "pdf", "bilancio_2026-v2.FINALE.pdf"),
    "Covid-19: punto 3/2026, art. 1bis, 1e5 euro (50%)": ("covid 19", "covid-19", "3/2026", "1bis", "1e5", "50", "art 1b"),
    "scrivere a ufficio@comune.example.it o www.example.it/x?y=1": (
        "ufficio",
        "example",
        "comune.example",
        "www",
        "ufficio@comune.example.it",
    ),
    "Ελληνικά ΣΟΦΙΑ и Кириллица": ("ελληνικά", "σοφια", "ΣΟΦΙΑ", "кирил", "КИРИЛЛИЦА"),
    "macchine e\u0301lectriques (decomposed)": ("électriques", "electriques", "ELECTRIQ"),
    "\u202eda destra\u202c 🚌 bus🚌scuola": ("destra", "bus", "scuola", "🚌 bus"),
}
NOT_FOUND = {
    "Trasporto scolastico: fermate da rivedere": ("trasporti", "sport", "trasporto aereo", "ferm trasporto", "NOT trasporto"),
    "Città più sicura, perché no?": ("cit sicura", "cittadino"),
}
LODZ = "LODZ"  # Ł is a letter of its own, on either database


@pytest.fixture
def written(side: Side) -> dict[str, AgendaItem]:
    return {text: factories.accepted(side, "Untitled", text=text) for text in TEXTS}


def at_meeting(side: Side, number: int, title: str, **values: Any) -> AgendaItem:
    """An item on the agenda of a meeting for which proposals are not open yet."""
    item = factories.accepted(side, title, **values)
    AgendaItem.objects.filter(pk=item.pk).update(meeting=side.meetings[number])
    return item


def test_words_are_found_whatever_their_accents_and_capitals(side: Side, written: dict[str, AgendaItem]) -> None:
    actor, missed, wrong = side.actor(COORDINATOR), [], []
    for text, queries in TEXTS.items():
        for query in queries:
            found = {hit.id for hit in find(actor, query)}
            if (written[text].pk in found) != (query != LODZ):
                missed.append((text, query))
    for text, queries in NOT_FOUND.items():
        wrong += [(text, query) for query in queries if written[text].pk in {hit.id for hit in find(actor, query)}]
    assert missed == []
    assert wrong == []


def test_what_was_sought_is_marked(side: Side, written: dict[str, AgendaItem]) -> None:
    [hit] = find(side.actor(COORDINATOR), "piu CIT")
    assert [piece.text for piece in hit.excerpt if piece.hit] == ["Città", "più"]
    assert "".join(piece.text for piece in hit.excerpt) == "Città più sicura, perché no?"


def test_the_title_comes_first_then_the_latest(side: Side) -> None:
    in_text = at_meeting(side, 2, "Second", text="About bridges")
    old = factories.accepted(side, "Bridges, old")
    new = at_meeting(side, 1, "Bridges, new")
    actor = side.actor(COORDINATOR)
    assert [hit.id for hit in find(actor, "bridges")] == [new.pk, old.pk, in_text.pk]


def test_a_cursor_goes_through_all_of_it_once(side: Side) -> None:
    for n in range(7):
        at_meeting(side, n % 3, f"Bridge {n}")
        factories.accepted(side, f"Item {n}", text="a bridge")
    factories.closed(side)
    actor = side.actor(COORDINATOR)
    whole, walked, after = find(actor, "bridge"), [], None
    assert len(whole) >= 14
    while page := hits(actor, ask("bridge"), size=3, after=after):
        walked += [hit.id for hit in page]
        after = spot_of(page[-1].spot.as_cursor())
    assert walked == [hit.id for hit in whole]


def test_filters(side: Side) -> None:
    mine = factories.accepted(side, "Bridge one", seat=0)
    at_meeting(side, 1, "Bridge two", seat=1)
    factories.question(side, side.meeting, "Which bridge?")
    actor = side.actor(COORDINATOR)
    assert kinds(actor, "bridge") == ["agenda_item", "agenda_item", "question"]
    assert kinds(actor, "bridge", kind=Kind.QUESTION) == ["question"]
    assert kinds(actor, "bridge", state="accepted") == ["agenda_item", "agenda_item"]
    assert kinds(actor, "bridge", state="nonsense") == []
    assert [hit.id for hit in find(actor, "bridge", municipality=side.seats[0].pk) if hit.kind == Kind.AGENDA_ITEM] == [mine.pk]
    day = side.meeting.local.date()
    assert titles(find(actor, "bridge", since=day, until=day)) == ["Bridge one"]
    assert kinds(actor, "bridge", until=date(2026, 1, 1)) == []


def test_a_word_that_is_cut_is_a_beginning(side: Side) -> None:
    item = factories.accepted(side, "Long", text="a" * (LONGEST_WORD + 30) + " b")
    assert [hit.id for hit in find(side.actor(COORDINATOR), "a" * 5000)] == [item.pk]
    assert [hit.id for hit in find(side.actor(COORDINATOR), "a" * 90 + " b")] == [item.pk]


HOSTILE = (
    "",
    " ",
    '"',
    "'",
    "';--",
    "*",
    ":",
    "a:b",
    "title:x",
    "key : 1",
    "NEAR(a b, 3)",
    "a AND",
    "OR",
    "NOT",
    "(a",
    "{title} : x",
    "^a",
    "a + b",
    "a & | ! b:*",
    "<->",
    "a <2> b",
    "\\",
    "a\0b",
    "\0",
    "%s %(x)s {}",
    "\ud800",
    "x" * 10_000,
    " ".join("abcdefghij" * 1000),
    "\u202e\u2066abc",
    "🚌🚌",
    "e" + "\u0301" * 5000,
    "²½Ⅷ①",
    "ﬁﬂ ǅ İıſß",
    "\U0001f100 \U000e0041",
    "ประเทศไทย 日本語 العربية हिन्दी",
    "1e999 0x1F -5 +3 1_000",
)


def test_no_query_is_an_error(side: Side) -> None:
    factories.accepted(side, "Near or not", text="and " + " ".join(HOSTILE[16:22]))
    actor = side.actor(COORDINATOR)
    for query in HOSTILE:
        assert isinstance(find(actor, query), list), query


@settings(max_examples=120)
@given(query=st.text(max_size=60))
def test_nothing_but_letters_and_digits_becomes_a_query(query: str) -> None:
    for word in words_of(query):
        assert word.isalnum()
        assert len(word) <= LONGEST_WORD


@pytest.mark.django_db
def test_any_text_may_be_sought_and_written(side: Side) -> None:
    """What was written is found by each of its own words, and no text is refused as a query.

    Latin letters with two accents are left out: SQLite folds those that it lists, such as Vietnamese ones, and not Ǡ.
    """
    item = factories.accepted(side, "Anything")
    actor = side.actor(COORDINATOR)
    one_accent = st.characters(min_codepoint=32, max_codepoint=0x24F).filter(lambda one: len(normalize("NFD", one)) < 3)
    letters = one_accent | st.sampled_from("’“”«»–—…€№\u0301\u00a0\u202e🚌αΩжЖ")

    @settings(max_examples=60)
    @given(text=st.text(alphabet=letters, max_size=40), query=st.text(max_size=40))
    def anything(text: str, query: str) -> None:
        AgendaItem.objects.filter(pk=item.pk).update(text=text)
        find(actor, query)
        for word in words_of(text):
            assert item.pk in {hit.id for hit in hits(actor, ask(word), size=1000)}, (text, word)

    anything()
