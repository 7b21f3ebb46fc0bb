"""How user texts, instants, dates and numbers are written."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from frontend.templatetags import texts

INSTANT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # an hour before the clocks change in Italy


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "<p>plain</p>"),
        ("*a* **b**", "<p><em>a</em> <strong>b</strong></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("[x](https://example.org)", '<p><a rel="nofollow noopener" href="https://example.org">x</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>"),
        ('[x](https://e.org/"onmouseover="y)', '<p><a rel="nofollow noopener" href="https://e.org/%22onmouseover=%22y">x</a></p>'),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
        ("# no heading\n![no](picture.png)", "<p># no heading<br>\n![no](picture.png)</p>"),
    ],
)
def test_markdown_subset(text: str, html: str) -> None:
    assert texts.prose(text).strip() == html


def test_long_and_deep_texts_take_no_time() -> None:
    for text in ("*" * 10_000, "[" * 10_000, "- " * 5_000, "<https://" * 1_000):
        assert texts.prose(text)


@pytest.mark.parametrize(
    ("language", "form", "text"),
    [
        ("en", "long", "Sunday 29 March 2026, 01:30 (Europe/Rome)"),
        ("it", "long", "domenica 29 marzo 2026, 01:30 (Europe/Rome)"),
        ("en", "time", "01:30"),
    ],
)
def test_instants_have_date_time_and_zone(language: str, form: str, text: str) -> None:
    with translation.override(language):
        assert texts.moment(INSTANT, "Europe/Rome", form) == f'<time datetime="2026-03-29T01:30+01:00">{text}</time>'


def test_no_instant_is_nothing() -> None:
    assert texts.moment(None) == "" and texts.day(None) == ""


def test_days_and_numbers_in_the_readers_language() -> None:
    with translation.override("it"):
        assert (texts.day(date(2026, 5, 1)), texts.number(1234567), texts.weekday(0)) == ("1º maggio 2026", "1.234.567", "lunedì")
    with translation.override("en"):
        assert (texts.day(date(2026, 5, 1)), texts.number(1234567), texts.weekday(0)) == ("1 May 2026", "1,234,567", "Monday")
