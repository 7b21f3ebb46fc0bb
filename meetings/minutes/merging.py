"""Two people's texts as one, where both began from the same. Pure functions.

Changes in different places are both taken, word by word. Where both have changed the same place, whole lines of both are kept, theirs
before mine: nothing that anybody typed is missing, and whoever merges takes out what is too much.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from meetings.minutes.differences import Piece, lines, words

Compare = Callable[[str, str], tuple[Piece, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """The characters from `start` to `end` of the common text are `text` now."""

    start: int
    end: int
    text: str


def merge(base: str, mine: str, theirs: str) -> str:
    """Both texts' changes of `base`. Whoever changed nothing gets the other's text."""
    if merged := _merged(base, mine, theirs, words, None):
        return merged
    return (_merged(_ended(base), _ended(mine), _ended(theirs), lines, _both) or "").rstrip("\n")


def _ended(text: str) -> str:
    """Its last line ended as the others are."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def _both(theirs: str, mine: str) -> str:
    """Lines of both, those that they share once."""
    return "".join(piece.text for piece in lines(theirs, mine))


def _merged(base: str, mine: str, theirs: str, compare: Compare, settle: Callable[[str, str], str] | None) -> str | None:
    """`settle` makes one text of two changes of the same place; None without it, when there is such a place."""
    result, at = [], 0
    for start, end, by_them, by_me in _places(base, list(_changes(compare(base, theirs))), list(_changes(compare(base, mine)))):
        if by_them == by_me or by_me == base[start:end]:
            chosen = by_them
        elif by_them == base[start:end]:
            chosen = by_me
        elif settle is None:
            return None
        else:
            chosen = settle(by_them, by_me)
        result += [base[at:start], chosen]
        at = end
    return "".join([*result, base[at:]])


def _changes(pieces: Iterable[Piece]) -> Iterator[Change]:
    at, removed, added = 0, "", ""
    for piece in chain(pieces, [Piece("same", "")]):
        if piece.kind == "removed":
            removed += piece.text
        elif piece.kind == "added":
            added += piece.text
        else:
            if removed or added:
                yield Change(at, at + len(removed), added)
            at, removed, added = at + len(removed) + len(piece.text), "", ""


def _places(base: str, theirs: list[Change], mine: list[Change]) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, what they made of it, what I made of it) for each place that somebody has changed; changes that overlap are one."""
    waiting = sorted([*theirs, *mine], key=lambda change: (change.start, change.end))
    while waiting:
        last = waiting.pop(0)
        start, end = last.start, last.end
        while waiting and (waiting[0].start < end or (waiting[0].start == end and _inserts(waiting[0], last))):
            last = waiting.pop(0)
            end = max(end, last.end)
        yield start, end, _applied(base, start, end, theirs), _applied(base, start, end, mine)


def _inserts(*changes: Change) -> bool:
    """Whether one of them only adds: at the edge of another's place it is part of that place."""
    return any(change.start == change.end for change in changes)


def _applied(base: str, start: int, end: int, changes: Iterable[Change]) -> str:
    result, at = "", start
    for change in changes:
        if start <= change.start and change.end <= end:
            result, at = result + base[at : change.start] + change.text, change.end
    return result + base[at:end]
