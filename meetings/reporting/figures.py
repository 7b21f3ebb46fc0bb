"""What a report of participation holds: plain figures, for a meeting, a municipality, a zone or all together."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple, Self

from meetings.live.attendance_selectors import TwoKey
from meetings.network.models import Municipality, Zone
from meetings.scheduling.models import Meeting


class Period(NamedTuple):
    """From one day to another on the network's calendar; both belong to it."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of invitations (one for each meeting held and each seat valid that day) and of what was done.

    Each invitation stands once among the answers (`attending`, `substitute`, `regrets`, `silent`) and once among `present`, `excused`
    (not there, regrets sent) and `absent` (not there, and no regrets).
    """

    invited: int = 0
    attending: int = 0
    substitute: int = 0
    regrets: int = 0
    present: int = 0
    excused: int = 0
    speeches: int = 0
    votes: int = 0
    proposals: int = 0

    @property
    def silent(self) -> int:
        return self.invited - self.attending - self.substitute - self.regrets

    @property
    def answered(self) -> int:
        return self.invited - self.silent

    @property
    def absent(self) -> int:
        """Without notice: whoever sent no regrets was awaited."""
        return self.invited - self.present - self.excused

    @property
    def share(self) -> Fraction:
        """Of the invitations that were followed."""
        return Fraction(self.present, self.invited or 1)

    @classmethod
    def total(cls, parts: Iterable[Self]) -> Self:
        rows = list(parts)
        return cls(**{field.name: sum(getattr(row, field.name) for row in rows) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class MeetingFigures:
    """`most`: the most municipalities that were there at once; `quorum`: at some moment those there reached both thresholds."""

    meeting: Meeting
    figures: Figures
    seats: TwoKey
    present: TwoKey
    most: int
    quorum: bool
    speakers: int
    polls: int

    @property
    def population_share(self) -> Fraction:
        return Fraction(self.present.population, self.seats.population or 1)


@dataclass(frozen=True, slots=True)
class SeatFigures:
    municipality: Municipality
    figures: Figures


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """`seats`: how many municipalities of the zone were invited at all."""

    zone: Zone
    seats: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """`zone`: the one that all figures but the quorum are of; none: the whole network. Meetings by start, seats by name."""

    period: Period
    zone: Zone | None
    meetings: list[MeetingFigures]
    zones: list[ZoneFigures]
    municipalities: list[SeatFigures]
    figures: Figures
    made_at: datetime

    @property
    def with_quorum(self) -> int:
        return sum(row.quorum for row in self.meetings)


@dataclass(frozen=True, slots=True)
class OwnMeeting:
    """What became of one municipality's invitation to one meeting. `answer`: empty when it gave none."""

    meeting: Meeting
    answer: str
    present: bool
    speeches: int
    votes: int
    proposals: int

    @property
    def outcome(self) -> str:
        """present, excused or absent."""
        if self.present:
            return "present"
        return "excused" if self.answer == "regrets" else "absent"


@dataclass(frozen=True, slots=True)
class OwnReport:
    """One municipality's line, and what it is made of, by start."""

    municipality: Municipality
    period: Period
    figures: Figures
    meetings: list[OwnMeeting]
