"""French from end to end: what mails, documents, calendars and the REST interface say, and how its dates, numbers and marks are set."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from meetings.documents import action_tracker_csv, action_tracker_pdf, agenda_pdf, minutes_pdf, wording
from meetings.documents.content import ActionState, PollOutcome
from meetings.network.models import User
from meetings.notifications.letters import Letter, day
from meetings.notifications.rendering import write
from meetings.typography import date_in_words, mark, pair
from meetings.validation import clean_line
from tests.api.client import Api
from tests.calendar_feed.test_ics import a_feed, a_meeting, render, unfolded
from tests.documents import samples
from tests.documents.reading import reader, squeezed, text_of
from tests.factories import Side
from tests.notifications.samples import SAMPLES
from tests.notifications.test_letters import CASES, parts, row_of, sent

pytestmark = pytest.mark.usefixtures("compiled")
# A mark of ours beside data, set as English does it; times and addresses have theirs inside a word
ENGLISH_COLON = re.compile(r"[^\W\d_]:(?=\s|$)|[^\W\d_][;?!](?=\s|$)", re.MULTILINE)


@pytest.fixture
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


def _written(kind: str, number: int, language: str) -> Letter:
    with translation.override(language):
        return write(row_of(kind, number))


def test_every_kind_of_mail_has_french_words() -> None:
    for kind, number in CASES:
        english, french = (_written(kind, number, language) for language in ("en", "fr"))
        typed = {str(value) for value in SAMPLES[kind][number].values()}
        assert {*french.paragraphs, *french.closing} & {*english.paragraphs, *english.closing} <= typed, kind
        assert french.subject != english.subject or french.subject in typed, kind


def test_every_mail_sets_its_marks_as_french_does() -> None:
    for kind, number in CASES:
        letter, (plain, _html) = _written(kind, number, "fr"), parts(sent(row_of(kind, number, language="fr")))
        plain = plain.replace("\r\n", "\n")
        for name, value in letter.facts:
            assert f"{clean_line(name)}\u00a0: {value.splitlines()[0] if value else ''}" in plain, kind
        if letter.button:
            assert f"\n{clean_line(letter.button[0])}\u00a0:\n" in plain, kind
        ours = re.sub(r"(?m)^>.*$|https?://\S+", "", plain)
        assert not ENGLISH_COLON.search(ours), (kind, ENGLISH_COLON.search(ours))


DOCUMENTS: dict[str, tuple[Callable[[Any], bytes], Callable[..., Any], list[str]]] = {
    "agenda": (agenda_pdf.render, samples.agenda, ["Ordre du jour", "Participer en ligne", "Propositions jusqu’au", "Les points"]),
    "minutes": (
        minutes_pdf.render,
        samples.minutes,
        [
            "Procès-verbal",
            "Secrétaire de séance",
            "Population représentée",
            "Vote nominal",
            "Annexe : présence par commune",
            "Suite donnée",
        ],
    ),
    "tracker": (
        action_tracker_pdf.render,
        samples.tracker,
        ["Actions", "Dernier avancement", "En retard", "Terminée", "Réunion d’origine"],
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_in_french(name: str) -> None:
    make, sample, words = DOCUMENTS[name]
    pdf = make(sample(language="fr"))
    printed = text_of(pdf)
    for said in words:
        assert squeezed(said) in printed, said
    assert re.search(r"(19|20)novembre2026", printed)
    for english in ("Overdue", "Owner", "Proposedby", "inhabitants", "Runningorder", "Carriedover"):
        assert english not in printed
    title = str(reader(pdf).metadata.title)  # type: ignore[union-attr]
    assert " : " in title and reader(pdf).trailer["/Root"]["/Lang"] == "fr"
    assert "caractèresquimanquent" not in printed  # the fonts have the signs that French asks for


def test_the_table_of_action_items_is_in_french(french: None) -> None:
    first = action_tracker_csv.render(samples.tracker(language="fr")).decode("utf-8-sig").splitlines()[0]
    assert "Échéance" in first and "Dernier avancement" in first and "Réunion d’origine" in first


def test_french_words_dates_and_numbers(french: None) -> None:
    assert wording.long_date(date(2026, 11, 19)) == "jeudi 19 novembre 2026"
    assert wording.short_date(date(2026, 12, 19)) == "19 déc. 2026"
    assert wording.number(1_900_000).replace("\u202f", "\u00a0") == "1\u00a0900\u00a0000"
    assert wording.municipalities(0) == "0 commune" and wording.municipalities(1) == "1 commune"
    assert wording.municipalities(2) == "2 communes"
    assert wording.word(ActionState.OPEN) == "Ouverte" and wording.word(PollOutcome.ADOPTED) == "Adoptée"
    assert day("2026-11-19") == "jeudi 19 novembre 2026"


@pytest.mark.parametrize(
    ("language", "first", "eleventh"),
    [
        ("en", "Tuesday 1 December 2026", "Friday 11 December 2026"),
        ("it", "martedì 1º dicembre 2026", "venerdì 11 dicembre 2026"),
        ("fr", "mardi 1er décembre 2026", "vendredi 11 décembre 2026"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_where_the_language_says_so(language: str, first: str, eleventh: str) -> None:
    with translation.override(language):
        assert date_in_words(date(2026, 12, 1), "l j F Y") == first
        assert date_in_words(date(2026, 12, 11), "l j F Y") == eleventh


@pytest.mark.parametrize(("language", "said"), [("en", "Reason: illness"), ("it", "Reason: illness"), ("fr", "Reason\u00a0: illness")])
def test_a_mark_between_two_things_is_the_language_s(language: str, said: str) -> None:
    with translation.override(language):
        assert pair("Reason", "illness") == said
        assert mark("?") == ("\u00a0?" if language == "fr" else "?")


def test_a_calendar_speaks_french() -> None:
    feed = a_feed(a_meeting(), a_meeting(date(2026, 12, 3), state="cancelled", sequence=1), language="fr")
    body = "\n".join(unfolded(render(feed)))
    assert "Participer en ligne\u00a0: https://meet.example" in body
    assert "Ordre du jour\u00a0:\\n1. Minutes of the last meeting" in body
    assert "SUMMARY:Annulée\u00a0: Weekly coordination" in body
    assert "Join online" not in body and "Agenda" not in body


def test_the_rest_interface_answers_in_french(home: Side, browser_of: Callable[[User | None], Client]) -> None:
    client = Api(browser_of(home.representative), {"Accept-Language": "fr"})
    problem = client.get("networks/none/").json()
    assert problem["detail"] == "Il n’y a rien ici."
    refused = client.send("POST", "networks/home/agenda-items/", raw=b"{")
    assert "JSON" in refused.json()["detail"] or refused.json()["detail"].endswith(".")
    assert not re.search(r"\b(the|this|there|request)\b", refused.json()["detail"])
