"""The list of speakers of the current item, ready to be shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from meetings.live.models import Floor, SpeakerRequest, SpeakerState
from meetings.live.speaker_selectors import ZoneFigures, by_zone, can_be_undone, figures, kept_by
from meetings.live.speaking_order import Figures
from meetings.network.models import Municipality
from meetings.scheduling.models import Meeting

KEYS = 9
WARNED = 30
"""Seconds before the end of a contribution."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody's place in the list, and how much their municipality has spoken in this meeting."""

    place: int
    request: SpeakerRequest
    spoken: Figures

    @property
    def key(self) -> str:
        """With which the chair gives the floor."""
        return str(self.place) if self.place <= KEYS else ""


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A zone's figures with the bars of the picture, in percent of the longest of all."""

    zone: ZoneFigures
    seats_bar: int
    time_bar: int


class SpeakersPart:
    """Two queries, how the list is kept and everybody on it; one when the meeting's `floor` is selected."""

    def __init__(self, meeting: Meeting, now: datetime) -> None:
        self.meeting, self.now, self.warned = meeting, now, WARNED

    @cached_property
    def rule(self) -> Floor | None:
        return getattr(self.meeting, "floor", None)

    @cached_property
    def rows(self) -> list[SpeakerRequest]:
        return kept_by(self.rule, self.meeting)

    def _on_this_item(self, state: str) -> list[SpeakerRequest]:
        return [row for row in self.rows if row.state == state and row.agenda_item_id == self.meeting.current_item_id]

    @property
    def speaking(self) -> SpeakerRequest | None:
        return next((row for row in self.rows if row.state == SpeakerState.SPEAKING), None)

    @cached_property
    def waiting(self) -> list[Waiting]:
        rows = self._on_this_item(SpeakerState.WAITING)
        return [Waiting(n, row, self.figures.get(row.municipality_id, Figures())) for n, row in enumerate(rows, start=1)]

    @property
    def spoken(self) -> list[SpeakerRequest]:
        return sorted(self._on_this_item(SpeakerState.SPOKEN), key=lambda row: row.given_at or row.requested_at)

    @property
    def undoable(self) -> SpeakerRequest | None:
        """With whom the last act on the list was done."""
        return next((row for row in self.rows if can_be_undone(row)), None)

    @cached_property
    def figures(self) -> dict[UUID, Figures]:
        return figures(self.rows, self.now)

    def zones(self, seats: Iterable[Municipality]) -> list[ZoneLine]:
        rows = by_zone(seats, self.figures)
        longest = max((max(row.share_of_seats, row.share_of_time) for row in rows), default=0) or 1
        return [ZoneLine(row, round(100 * row.share_of_seats / longest), round(100 * row.share_of_time / longest)) for row in rows]
