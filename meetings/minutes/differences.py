"""Two texts as one, word by word: what stays, what went and what came. Pure functions.

E. W. Myers, An O(ND) Difference Algorithm (1986): the time grows with the number of changes, which is bounded, so no text can make a
page slow. (difflib's grows with the square of the text: two long texts of few different words take it minutes.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

MOST_CHANGES = 400
"""Words that went or came: of texts that differ in more, all that lies between their common beginning and end is shown as replaced."""
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words: `same`, `removed` or `added`."""

    kind: str
    text: str


def words(old: str, new: str) -> tuple[Piece, ...]:
    """Without what was added it is `old`, without what was removed it is `new`."""
    return _pieces(_WORD.findall(old), _WORD.findall(new))


def lines(old: str, new: str) -> tuple[Piece, ...]:
    """The same line by line."""
    return _pieces(old.splitlines(keepends=True), new.splitlines(keepends=True))


def _pieces(before: Sequence[str], after: Sequence[str]) -> tuple[Piece, ...]:
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    removed, added = before[head : len(before) - tail], after[head : len(after) - tail]
    middle = _changes(removed, added) or [*(("removed", word) for word in removed), *(("added", word) for word in added)]
    same = [("same", word) for word in before[:head]], [("same", word) for word in before[len(before) - tail :]]
    return tuple(_joined([*same[0], *middle, *same[1]]))


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = zip(before, after, strict=False)
    return next((n for n, (old, new) in enumerate(pairs) if old != new), min(len(before), len(after)))


def _changes(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]] | None:
    """The fewest changes that make the one of the other; None when there are more than MOST_CHANGES."""
    farthest: dict[int, int] = {1: 0}  # by diagonal (words of `before` minus words of `after`): how far in `before`
    trace = []
    for count in range(min(MOST_CHANGES, len(before) + len(after)) + 1):
        trace.append(dict(farthest))
        for diagonal in range(-count, count + 1, 2):
            down = diagonal == -count or (diagonal != count and farthest[diagonal - 1] < farthest[diagonal + 1])
            x = farthest[diagonal + 1] if down else farthest[diagonal - 1] + 1
            while x < len(before) and x - diagonal < len(after) and before[x] == after[x - diagonal]:
                x += 1
            farthest[diagonal] = x
            if x >= len(before) and x - diagonal >= len(after):
                return list(_walk_back(before, after, trace))[::-1]
    return None


def _walk_back(before: Sequence[str], after: Sequence[str], trace: Sequence[dict[int, int]]) -> Iterator[tuple[str, str]]:
    """The changes from the last to the first."""
    x, y = len(before), len(after)
    for count in range(len(trace) - 1, -1, -1):
        farthest, diagonal = trace[count], x - y
        down = diagonal == -count or (diagonal != count and farthest[diagonal - 1] < farthest[diagonal + 1])
        came_from = diagonal + 1 if down else diagonal - 1
        start = farthest[came_from] if count else 0
        while x > max(start, 0) and y > max(start - came_from, 0) and before[x - 1] == after[y - 1]:
            x, y = x - 1, y - 1
            yield "same", before[x]
        if not count:
            return
        if down:
            y -= 1
            yield "added", after[y]
        else:
            x -= 1
            yield "removed", before[x]


def _joined(words: Sequence[tuple[str, str]]) -> Iterator[Piece]:
    """Runs of a kind; between two that stay, what went stands before what came."""
    for is_same, run in groupby(words, key=lambda word: word[0] == "same"):
        held = list(run)
        for kind in ("same",) if is_same else ("removed", "added"):
            if text := "".join(word for of, word in held if of == kind):
                yield Piece(kind, text)
