"""Merging two people's texts: what each changed is there, and whoever changed nothing takes nothing away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.minutes.merging import merge

WORDS = st.sampled_from(["bus", "train", "snow", "mayor", "pays", "\n", "the", "Region.", "\n\n"])
TEXTS = st.lists(WORDS, max_size=14).map(lambda words: " ".join(words).replace(" \n", "\n").replace("\n ", "\n").strip())


@given(TEXTS, TEXTS)
def test_who_changed_nothing_gets_the_other_s_text(base: str, other: str) -> None:
    assert merge(base, base, other) == other
    assert merge(base, other, base) == other
    assert merge(base, other, other) == other


@given(TEXTS, TEXTS, TEXTS)
def test_no_word_that_anybody_added_is_missing(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs).split()
    for text in (mine, theirs):
        added = set(text.split()) - set(base.split())
        assert added <= set(merged)


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ("One two THREE\nfour", "ONE two three\nfour", "ONE two THREE\nfour"),
        ("One two three\nfour\nfive", "One two three\nfour", "One two three\nfour\nfive"),
        ("One two 3\nfour", "One two three\nIV", "One two 3\nIV"),
        ("One 2 three\nfour", "One II three\nfour", "One II three\nOne 2 three\nfour"),
        ("One two three\nfour\nmine", "One two three\nfour\ntheirs", "One two three\nfour\ntheirs\nmine"),
        ("", "One two three\nfour\nfive", "One two three\nfour\nfive"),
        ("One two three", "One two\nfour", "One two"),
    ],
)
def test_in_different_places_both_and_in_the_same_the_lines_of_both(mine: str, theirs: str, merged: str) -> None:
    assert merge("One two three\nfour", mine, theirs) == merged


def test_without_a_common_text_both_are_kept_one_after_the_other() -> None:
    assert merge("", "Mine.", "Theirs.") == "Theirs.\nMine."


def test_long_texts_without_a_word_in_common_take_no_time() -> None:
    mine, theirs = (" ".join(f"{letter}{n}" for n in range(4000)) for letter in "mt")
    merged = merge("base " * 4000, mine, theirs)
    assert mine in merged and theirs in merged
