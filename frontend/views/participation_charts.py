"""Pictures of participation, in their own units: plain numbers that a template draws as SVG. Each has a table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from meetings.network.models import Network
from meetings.reporting.figures import MeetingFigures, OwnMeeting

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 200, 54, 8, 10, 26
WIDEST, GAP = 36.0, 0.25
"""A bar's greatest width, and how much of its place it leaves free."""
CELL, PER_ROW, PLACE = 14, 26, 18
"""Of the strip: a square's side, how many stand in a row (half a year of weeks), and how far they are apart."""


class Bar(NamedTuple):
    """`reached`: whether the meeting had its quorum, which fills the bar."""

    x: float
    y: float
    width: float
    height: float
    reached: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars for the municipalities, a line for the population, a dashed line for what each must reach (none: of one zone alone)."""

    bars: list[Bar]
    line: str
    dots: list[tuple[float, float]]
    enough: float | None
    more_than: float | None
    days: list[tuple[float, date, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart(rows: Sequence[MeetingFigures], network: Network, *, whole: bool) -> Chart | None:
    """None without meetings. `whole`: of the whole network, so that the thresholds mean something."""
    if not rows:
        return None
    place = (WIDTH - LEFT - RIGHT) / len(rows)
    centres = [LEFT + place * (n + 0.5) for n in range(len(rows))]
    width = min(place * (1 - GAP), WIDEST)
    points = [(round(x, 1), _up(float(row.population_share))) for x, row in zip(centres, rows, strict=True)]
    enough, more_than = (_up(float(share)) for share in network.thresholds)
    return Chart(
        bars=[_bar(x, width, row) for x, row in zip(centres, rows, strict=True)],
        line="M" + "L".join(f"{x} {y}" for x, y in points),
        dots=points if len(points) <= PER_ROW * 2 else [],
        enough=enough if whole else None,
        more_than=more_than if whole else None,
        days=_days(centres, rows),
    )


def _bar(x: float, width: float, row: MeetingFigures) -> Bar:
    y = _up(float(row.figures.share))
    return Bar(round(x - width / 2, 1), y, round(width, 1), round(HEIGHT - BOTTOM - y, 1), row.quorum)


def _up(share: float) -> float:
    """How high a share stands, from the top."""
    return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)


def _days(centres: Sequence[float], rows: Sequence[MeetingFigures]) -> list[tuple[float, date, str]]:
    """Where the first and the last day are written, and how the words stand there."""
    found = [(float(LEFT), rows[0].meeting.local.date(), "start")]
    if len(rows) > 1:
        found.append((float(WIDTH - RIGHT), rows[-1].meeting.local.date(), "end"))
    return found if len(rows) > 1 else [(round(centres[0], 1), found[0][1], "middle")]


class Square(NamedTuple):
    """`outcome`: present, excused or absent, each drawn in its own shape."""

    x: int
    y: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A square a meeting, oldest first, in rows."""

    squares: list[Square]
    width: int
    height: int
    side: int = CELL


def strip(rows: Sequence[OwnMeeting]) -> Strip | None:
    """None without meetings."""
    if not rows:
        return None
    squares = [Square(n % PER_ROW * PLACE + 2, n // PER_ROW * PLACE + 2, row.outcome) for n, row in enumerate(rows)]
    return Strip(squares, min(len(rows), PER_ROW) * PLACE, ((len(rows) - 1) // PER_ROW + 1) * PLACE)
