"""`questions/`: what municipalities ask before and during a session."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, one_of, optional_text, reference, text
from api.live import seat_of
from api.meetings import meeting_and_actor
from api.schema import lists, reads, writes
from meetings.access import Actor
from meetings.agenda import selectors as agenda
from meetings.live import question_selectors as selectors
from meetings.live import questions
from meetings.live.models import Question, QuestionState


class QuestionObject(Thing):
    id = reference()
    meeting = reference()
    agenda_item = reference(allow_null=True)
    origin = reference(allow_null=True, help_text="the question it was at the meeting it was carried from")
    asked_by = reference(help_text="the municipality")
    asked_by_name = text()
    person = text()
    answer = text()
    text = text()
    state = one_of(QuestionState.values)
    asked_at = serializers.DateTimeField()
    supports = serializers.IntegerField(help_text="how many other municipalities want it answered")
    supported_by = serializers.ListField(child=reference(), help_text="the caller's seats among them")
    answered_way = one_of(Question.Way.values, allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    version = count()


class QuestionBody(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    text = serializers.CharField(trim_whitespace=False)
    agenda_item = reference(required=False, allow_null=True)
    person = optional_text()


class SupportBody(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    support = serializers.BooleanField(default=True)


class AnswerBody(serializers.Serializer[Any]):
    answer = optional_text()
    way = one_of(Question.Way.values)
    version = serializers.IntegerField(
        required=False, min_value=0, max_value=2_147_483_647, help_text="of the question, to change an answer that was given already"
    )


def question_answer(actor: Actor, row: Question, own: set[UUID] | None = None) -> dict[str, Any]:
    """`own`: the actor's seats that support it, where the caller knows."""
    seats = selectors.supported_by(actor, [row]).get(row.pk, set()) if own is None else own
    found = {**selectors.question_as_object(row), "supported_by": sorted(seats)}
    return able(found, selectors.question_abilities(actor, row))


class Questions(Rest):
    @lists(QuestionObject)
    def list(self, request: Request, id: UUID) -> Response:
        """The open ones first, then by how many support them, then by time."""
        meeting, actor = meeting_and_actor(self, id)
        rows = list(selectors.questions_of(meeting))
        supported = selectors.supported_by(actor, rows)
        return self.short_list(rows, lambda row: question_answer(actor, row, supported.get(row.pk, set())))

    @writes(QuestionObject, takes=QuestionBody, status=201)
    def create(self, request: Request, id: UUID) -> Response:
        """Asks for a municipality: from when proposals open until the session closes."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(QuestionBody)
        seat, about = seat_of(actor, values.pop("municipality", None)), values.pop("agenda_item", None)
        item = agenda.item(actor, about) if about else None
        return self.write(
            lambda: question_answer(
                actor, questions.ask(actor=actor, meeting=meeting, municipality=seat, agenda_item=item, **values), set()
            ),
            status=201,
        )

    @reads(QuestionObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        actor, row = self._row(id)
        return self.read(question_answer(actor, row))

    @writes(QuestionObject, takes=SupportBody)
    def support(self, request: Request, id: UUID) -> Response:
        """One seat wants it answered too, or no longer does."""
        actor, row = self._row(id)
        values = self.sent(SupportBody)
        seat = seat_of(actor, values.get("municipality"))
        return self.write(
            lambda: question_answer(actor, questions.support(actor=actor, question=row, municipality=seat, support=values["support"]))
        )

    @writes(QuestionObject, takes=AnswerBody)
    def answer(self, request: Request, id: UUID) -> Response:
        """In the session, with words or without; or in writing, also after it."""
        actor, row = self._row(id)
        values = {"answer": "", **self.sent(AnswerBody)}
        version = values.pop("version", None)
        return self.write(lambda: question_answer(actor, questions.answer(actor=actor, question=row, expected_version=version, **values)))

    @writes(QuestionObject)
    def withdraw(self, request: Request, id: UUID) -> Response:
        return self._act(id, questions.withdraw)

    @writes(QuestionObject)
    def carry(self, request: Request, id: UUID) -> Response:
        """To the next meeting of the series; answers with the question as it is asked there."""
        return self._act(id, questions.carry)

    def _row(self, id: UUID) -> tuple[Actor, Question]:
        actor = self.actor(selectors.network_of(id))
        return actor, selectors.question(actor, id)

    def _act(self, id: UUID, service: Callable[..., Question]) -> Response:
        actor, row = self._row(id)
        return self.write(lambda: question_answer(actor, service(actor=actor, question=row)))
