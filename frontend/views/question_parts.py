"""The questions of a meeting, ready to be shown to one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from meetings.access import Actor, Permission, can
from meetings.live.models import Question, QuestionState
from meetings.live.question_selectors import question_abilities, shown_questions, takes_questions, with_support_of
from meetings.network.models import Municipality
from meetings.scheduling.models import Meeting

MOST_IN_ROOM = 20


@dataclass(frozen=True, slots=True)
class Supporter:
    """A seat of the reader's, and whether it supports the question."""

    municipality: Municipality
    supports: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A question, whether a seat of the reader's asked it, which of their seats may support it, and what else they may do with it."""

    question: Question
    is_own: bool
    supporters: list[Supporter]
    can: list[str]


class Questions:
    """One query. `seats`: the reader's on the day."""

    def __init__(self, actor: Actor, meeting: Meeting, seats: Sequence[Municipality]) -> None:
        self.actor, self.meeting, self.seats = actor, meeting, seats
        self.may_answer = can(actor, Permission.RECORD)

    @property
    def may_ask(self) -> bool:
        return takes_questions(self.meeting) and bool(self.seats or can(self.actor, Permission.TAKE_PART_BY_PHONE))

    @cached_property
    def lines(self) -> list[Line]:
        rows = with_support_of(shown_questions(self.meeting), [seat.pk for seat in self.seats])
        return [self._line(row, supported) for row, supported in rows]

    def _line(self, row: Question, supported: set[UUID]) -> Line:
        able = question_abilities(self.actor, row)
        others = [seat for seat in self.seats if seat.pk != row.municipality_id] if "support" in able else []
        return Line(row, row.municipality_id in self.actor.seats, [Supporter(seat, seat.pk in supported) for seat in others], able)

    @property
    def open(self) -> list[Line]:
        return [line for line in self.lines if line.question.state == QuestionState.OPEN]

    @property
    def open_in_room(self) -> list[Line]:
        """Those most wanted, and the reader's own."""
        return [line for n, line in enumerate(self.open) if n < MOST_IN_ROOM or line.is_own]

    @property
    def more(self) -> int:
        """How many the room leaves out."""
        return len(self.open) - len(self.open_in_room)

    @property
    def answered(self) -> list[Line]:
        return [line for line in self.lines if line.question.state == QuestionState.ANSWERED]

    @property
    def carried(self) -> list[Line]:
        return [line for line in self.lines if line.question.state == QuestionState.CARRIED]
