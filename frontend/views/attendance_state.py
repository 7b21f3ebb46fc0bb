"""The record of who was there, ready to be shown: every seat, the count over time, and its picture."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from uuid import UUID

from frontend.views.poll_parts import needed
from frontend.views.room_parts import summed
from meetings import clock
from meetings.live.attendance_selectors import TwoKey, attendance_rows, present_at, quorum_over_time, reaches, there_at
from meetings.live.models import Attendance
from meetings.network.models import Municipality, Zone
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting, Response
from meetings.scheduling.seats import acting_for
from meetings.scheduling.selectors import responses

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 200, 54, 8, 10, 26
LEGIBLE = 50  # between the beginnings of two labels
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat, when somebody was there for it, what it had answered, and who acts for it."""

    municipality: Municipality
    intervals: list[Attendance]
    response: Response | None
    acting: str

    @property
    def there(self) -> Attendance | None:
        return next((row for row in self.intervals if row.left_at is None), None)

    @property
    def answer(self) -> str:
        """attending, regrets, substitute, or empty: it has said nothing."""
        return self.response.answer if self.response else ""


@dataclass(frozen=True, slots=True)
class ZoneLines:
    zone: Zone
    seats: list[SeatLine]

    @property
    def present(self) -> int:
        return sum(seat.there is not None for seat in self.seats)

    @property
    def came(self) -> int:
        return sum(bool(seat.intervals) for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was present from an instant on."""

    at: datetime
    count: TwoKey
    reached: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """The shares of both keys over time as steps, in the picture's own units, with the height of each threshold."""

    municipalities: str
    population: str
    enough: float
    more_than: float
    moments: list[tuple[float, datetime]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


class Record:
    """Three queries for any number of seats, each made when it is first needed, and three for who acts for them."""

    def __init__(self, meeting: Meeting, at: datetime | None = None) -> None:
        self.meeting, self.network, self.at, self.now = meeting, meeting.network, at, clock.now()

    @cached_property
    def rows(self) -> list[Attendance]:
        return list(attendance_rows(self.meeting))

    @cached_property
    def seats(self) -> list[Municipality]:
        return list(municipalities(self.network, self.meeting.local.date()))

    @cached_property
    def all_seats(self) -> TwoKey:
        return summed(TwoKey(1, seat.population) for seat in self.seats)

    @property
    def needed(self) -> TwoKey:
        return needed(self.all_seats, self.network)

    @property
    def instant(self) -> datetime:
        return self.at or min(self.now, self.meeting.closed_at or self.now)

    @property
    def present(self) -> TwoKey:
        return present_at(self.rows, self.instant)

    @property
    def has_quorum(self) -> bool:
        return reaches(self.present, self.all_seats, self.network)

    @property
    def there(self) -> list[Attendance]:
        return there_at(self.rows, self.instant)

    @property
    def zones(self) -> list[ZoneLines]:
        """By the zone's number: every seat, whatever became of it."""
        came: dict[UUID, list[Attendance]] = defaultdict(list)
        for row in self.rows:
            came[row.municipality_id].append(row)
        answers = {row.municipality_id: row for row in responses(self.meeting)}
        acting = acting_for(self.meeting)
        lines = [
            SeatLine(seat, came[seat.pk], answers.get(seat.pk), acting[seat.pk].user.name if seat.pk in acting else "")
            for seat in self.seats
        ]
        ordered = sorted(lines, key=lambda line: (line.municipality.zone.number, line.municipality.name))
        return [ZoneLines(zone, list(found)) for zone, found in groupby(ordered, key=lambda line: line.municipality.zone)]

    @cached_property
    def readings(self) -> list[Reading]:
        """The last of each minute in which something changed."""
        last: dict[datetime, tuple[datetime, TwoKey]] = {}
        for at, count in quorum_over_time(self.rows):
            last[at.replace(second=0, microsecond=0)] = (at, count)
        return [Reading(at, count, reaches(count, self.all_seats, self.network)) for at, count in last.values()]

    @cached_property
    def graph(self) -> Graph | None:
        """None while nobody has come."""
        if not self.readings or not self.all_seats.population:
            return None
        begins, ends = self.readings[0].at, max(self.instant if self.at is None else self.now, self.readings[-1].at + MINUTE)
        if self.meeting.closed_at:
            ends = max(self.meeting.closed_at, self.readings[-1].at)
        ends = max(ends, begins + MINUTE)
        enough, more_than = (float(share) for share in self.network.thresholds)
        opened = [self.meeting.opened_at] if self.meeting.opened_at and begins < self.meeting.opened_at < ends else []
        moments = [(self._across(at, begins, ends), at) for at in (begins, *opened, ends)]
        if opened and moments[1][0] - moments[0][0] < LEGIBLE:
            del moments[0]
        return Graph(self._line(0, begins, ends), self._line(1, begins, ends), _up(enough), _up(more_than), moments)

    def _line(self, key: int, begins: datetime, ends: datetime) -> str:
        points = [(self._across(row.at, begins, ends), row.count[key] / self.all_seats[key]) for row in self.readings]
        return _steps(points, self._across(ends, begins, ends))

    @staticmethod
    def _across(at: datetime, begins: datetime, ends: datetime) -> float:
        return round(LEFT + (at - begins) / (ends - begins) * (WIDTH - LEFT - RIGHT), 1)


def _up(share: float) -> float:
    """How high a share stands, from the top."""
    return round(TOP + (1 - share) * (HEIGHT - TOP - BOTTOM), 1)


def _steps(points: Sequence[tuple[float, float]], end: float) -> str:
    """A line that stays at each share until the next."""
    path = [f"M{points[0][0]} {_up(0)}"]
    for x, share in points:
        path.append(f"H{x}V{_up(share)}")
    return "".join([*path, f"H{end}"])
