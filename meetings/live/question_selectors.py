"""Reads of the questions that municipalities ask."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, QuerySet, Value, When

from meetings import clock
from meetings.access import Actor, Permission, abilities, can
from meetings.errors import found
from meetings.live.models import QUESTION_ACTIONS, QUESTION_TRANSITIONS, Question, QuestionState, Support
from meetings.network.models import Network
from meetings.network.selectors import place_of
from meetings.scheduling.models import ANNOUNCED, Meeting, MeetingState

ASKED_IN = (*ANNOUNCED, MeetingState.IN_SESSION)
ANSWERED_LIVE_IN = (MeetingState.IN_SESSION, MeetingState.CLOSED)
_ORDER = {QuestionState.OPEN: 0, QuestionState.ANSWERED: 1, QuestionState.CARRIED: 2, QuestionState.WITHDRAWN: 3}


def with_supports() -> QuerySet[Question]:
    """Questions as `question_as_object` needs them."""
    rows = Question.objects.select_related("meeting__network", "municipality", "agenda_item", "answered_by")
    return rows.annotate(support_count=Count("supports"))


def questions_of(meeting: Meeting) -> QuerySet[Question]:
    """All of a meeting's: open ones first, then by how many support them, then by time."""
    place = Case(*(When(state=state, then=Value(n)) for state, n in _ORDER.items()), output_field=IntegerField())
    return with_supports().filter(meeting=meeting).order_by(place, F("support_count").desc(), "asked_at", "id")


def shown_questions(meeting: Meeting) -> QuerySet[Question]:
    """The same without those withdrawn, as pages and minutes list them."""
    return questions_of(meeting).exclude(state=QuestionState.WITHDRAWN)


def question_counts(meeting: Meeting) -> dict[str, int]:
    """How many are in which state."""
    counted = Question.objects.filter(meeting=meeting).order_by().values_list("state").annotate(n=Count("id"))
    return {str(state): int(n) for state, n in counted}


def question(actor: Actor, question_id: Any) -> Question:
    """Raises NotFound."""
    return found(with_supports().filter(meeting__network=actor.network_id, pk=question_id).first())


def network_of(question_id: Any) -> Network:
    """The network a question belongs to, to know who is asking. Raises NotFound."""
    return found(Question.objects.select_related("meeting__network").filter(pk=question_id).first()).meeting.network


def takes_questions(meeting: Meeting) -> bool:
    """From when proposals open until the session closes."""
    return meeting.state in ASKED_IN and clock.now() >= meeting.intake_opens_at


def supported_by(actor: Actor, questions: Iterable[Question]) -> dict[UUID, set[UUID]]:
    """Which of the actor's seats support which question: question → municipalities."""
    rows = Support.objects.filter(question__in=[row.pk for row in questions], municipality__in=actor.seats)
    by_question: dict[UUID, set[UUID]] = {}
    for question_id, municipality_id in rows.values_list("question_id", "municipality_id"):
        by_question.setdefault(question_id, set()).add(municipality_id)
    return by_question


def with_support_of(rows: QuerySet[Question], seats: Sequence[UUID]) -> list[tuple[Question, set[UUID]]]:
    """The same in the questions' own query, for the few seats of one reader: each question with those that support it."""
    supports = Support.objects.filter(question=OuterRef("pk"))
    found = rows.annotate(**{f"support_{n}": Exists(supports.filter(municipality=seat)) for n, seat in enumerate(seats)})
    return [(row, {seat for n, seat in enumerate(seats) if getattr(row, f"support_{n}")}) for row in found]


def question_abilities(actor: Actor, row: Question) -> list[str]:
    """Its own seat withdraws it, other seats support it, the staff answer it or carry it over; the office acts for callers by phone."""
    possible = QUESTION_TRANSITIONS.possible(row.state)
    by_phone = can(actor, Permission.TAKE_PART_BY_PHONE)
    able = set(abilities(actor, QUESTION_ACTIONS, possible - {"support", "withdraw"}))
    if "withdraw" in possible and (by_phone or can(actor, Permission.TAKE_PART, place_of(row.municipality))):
        able.add("withdraw")
    if "support" in possible and row.meeting.state in ASKED_IN and (by_phone or actor.seats - {row.municipality_id}):
        able.add("support")
    return sorted(able)


def question_as_object(row: Question) -> dict[str, Any]:
    """Needs `with_supports`."""
    names = "person text state asked_at answer answered_way answered_at version"
    return {
        "id": row.pk,
        "meeting": row.meeting_id,
        "agenda_item": row.agenda_item_id,
        "origin": row.origin_id,
        "asked_by": row.municipality_id,
        "asked_by_name": row.municipality.name,
        "supports": row.support_count,  # type: ignore[attr-defined]
        **{name: getattr(row, name) for name in names.split()},
    }
