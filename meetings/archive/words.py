"""Texts as words that can be compared, as either database keeps them: without accents and capitals. And how a text is shown."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LONGEST_QUERY = 200
MOST_WORDS = 8
LONGEST_WORD = 40
EXCERPT = 220
"""How many characters of a text are shown, and how many of them before the first word that was found."""
BEFORE = 60

SEPARATORS = (
    r"\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B8\u00BB\u00BF\u00D7\u00F7"
    r"\u02C2-\u02C5\u02D2-\u02DF\u2000-\u206F\u20A0-\u20CF\u2190-\u245F\u2500-\u2775\u2794-\u2BFF\u2E00-\u2E7F\u3000-\u3004\u3008-\u3020\u3030"
    r"\uFE00-\uFE6F\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\uFFE0-\uFFFD\U0001F000-\U0001FAFF\U000E0000-\U000E01EF"
)
"""What stands between words, as Python and PostgreSQL spell a class of characters; SQLite's tokenizer has the same of its own."""
ACCENTED = r"([A-Za-z])[\u0300-\u036F]+"
"""A Latin letter with its accents, decomposed: the letter stays."""
_PLAIN = re.compile(ACCENTED)
_BETWEEN = re.compile(f"[{SEPARATORS}]+")
_WORD = re.compile(rf"[^{SEPARATORS}\x00]+")
# Whatever the text, each reads it once: no run of signs is tried again from each of its places
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+\)")
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_+|(?<!_)_++(?!\w)|\\(?=\W)")


def _lowered() -> tuple[str, str]:
    """Capitals of the Latin, Greek and Cyrillic scripts that have no accent, and what they become; and the sigma that ends a word."""
    codes = (*range(0xC0, 0x180), *range(0x370, 0x460))
    pairs = [(chr(code), chr(code).lower()) for code in codes]
    plain = [(one, low) for one, low in pairs if low != one and len(low) == 1 and unicodedata.normalize("NFD", one) == one]
    return "".join(one for one, _low in plain) + "ẞς", "".join(low for _one, low in plain) + "ßσ"


CAPITALS, SMALL = _lowered()
_LOWER = str.maketrans(CAPITALS, SMALL) | {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def folded(text: str) -> str:
    """The text with one space between words, in small letters, Latin letters without accents: as `search_fold` makes it in PostgreSQL."""
    letters = _PLAIN.sub(r"\1", unicodedata.normalize("NFD", text))
    return _BETWEEN.sub(" ", unicodedata.normalize("NFC", letters.translate(_LOWER))).strip()


def words_of(query: str) -> tuple[str, ...]:
    """What is sought: letters and digits alone, so that no language of any index can be in it. The last may be the beginning of a word."""
    plain = folded(query[:LONGEST_QUERY])
    kept = "".join(one if one.isalnum() else " " for one in plain)
    words = [word for word in kept.split() if any(one.isalpha() or one.isdecimal() for one in word)]  # ½ alone is one in SQLite only
    return tuple(word[:LONGEST_WORD] for word in words[:MOST_WORDS])


class Piece(NamedTuple):
    """A stretch of a text; `hit` when it is a word that was sought."""

    text: str
    hit: bool


def marked(text: str, words: Sequence[str]) -> list[Piece]:
    """The text in pieces, those that were sought apart."""
    pieces, done = [], 0
    for start, end in _hits(text, words):
        pieces += [Piece(text[done:start], False), Piece(text[start:end], True)]
        done = end
    return [piece for piece in (*pieces, Piece(text[done:], False)) if piece.text]


def excerpt(texts: Sequence[str], words: Sequence[str]) -> list[Piece]:
    """Some lines of the first of these texts in which something was found; the beginning of the first one when nothing was."""
    plain = [_as_plain(text) for text in texts if text.strip()]
    for text in plain:
        if (first := next(_hits(text, words), None)) is not None:
            return marked(_cut(text, first[0]), words)
    return marked(_cut(plain[0], 0), words) if plain else []


def _hits(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where words that were sought stand. A word that was cut stands for all that begin with it, as the last one does."""
    beginnings = tuple({*words[-1:], *(word for word in words if len(word) == LONGEST_WORD)})
    whole = set(words)
    for found in _WORD.finditer(text):
        word = folded(found[0])
        if word in whole or (beginnings and word.startswith(beginnings)):
            yield found.span()


def _as_plain(text: str) -> str:
    """Without the marks of emphasis and the addresses of links, on one line."""
    return " ".join(_EMPHASIS.sub("", _LINK.sub(r"\1", text)).split())


def _cut(text: str, hit: int) -> str:
    """The text around `hit`, begun and ended between words as far as they are not very long."""
    start = max(0, hit - BEFORE)
    if start:
        start = min(hit, text.find(" ", start) + 1 or hit)
    end = start + EXCERPT
    if end < len(text) and (space := text.rfind(" ", hit + LONGEST_WORD, end)) > 0:
        end = space
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")
