"""Writes of the questions that municipalities ask, before a session or in it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, can, require
from meetings.action_items.chasing import successor
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.agenda.writing import lock_meetings
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.live import telling
from meetings.live.models import QUESTION_ACTIONS, QUESTION_TRANSITIONS, Question, QuestionState, Support
from meetings.live.question_selectors import ANSWERED_LIVE_IN, ASKED_IN, question_as_object, takes_questions, with_supports
from meetings.live.taking_part import person_for, require_part
from meetings.network.models import Municipality
from meetings.network.selectors import place_of
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.selectors import following, meeting_as_object

MOST_OPEN = 5
"""Open questions of one seat in one meeting."""


@transaction.atomic
def ask(
    *, actor: Actor, meeting: Meeting, municipality: Municipality, text: str, agenda_item: AgendaItem | None = None, person: str = ""
) -> Question:
    """A municipality asks, about an item of the published agenda or in general. `person` names a caller by phone.

    Raises NotAllowed for another's seat; Conflict `takes_no_questions`, `not_on_the_agenda`, `too_many_questions`; Invalid.
    """
    meeting = scheduling.locked_alone(meeting)
    require_part(actor, meeting, municipality)
    if not takes_questions(meeting):
        raise Conflict("takes_no_questions", _("This meeting takes no questions now."), current=meeting_as_object(meeting))
    if agenda_item and not _is_published(agenda_item, meeting):
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    _require_few(meeting, municipality)
    row = Question(meeting=meeting, municipality=municipality, agenda_item=agenda_item, asked_at=clock.now())
    validation.apply(row, {"text": text, "person": person_for(actor, meeting, municipality, person)})
    row.save()
    return _told(actor, row, types.QuestionAsked)


def _is_published(item: AgendaItem, meeting: Meeting) -> bool:
    return item.meeting_id == meeting.pk and item.state in ON_THE_AGENDA and meeting.agenda_published_at is not None


def _require_few(meeting: Meeting, municipality: Municipality) -> None:
    if Question.objects.filter(meeting=meeting, municipality=municipality, state=QuestionState.OPEN).count() >= MOST_OPEN:
        text = _("Your municipality has %(n)s questions open already. Wait for an answer, or withdraw one.") % {"n": MOST_OPEN}
        raise Conflict("too_many_questions", text)


@transaction.atomic
def support(*, actor: Actor, question: Question, municipality: Municipality, support: bool = True) -> Question:
    """Another municipality wants it answered too, or with `support=False` no longer; saying so twice changes nothing.

    Raises NotAllowed for another's seat; Conflict `wrong_state`, `own_question`; Invalid.
    """
    meeting, row = _locked(question)
    require_part(actor, meeting, municipality)
    QUESTION_TRANSITIONS.target("support", row.state)
    if meeting.state not in ASKED_IN:
        raise Conflict("wrong_state", _("The session is over: questions are answered in writing now."), current=_object(row))
    if row.municipality_id == municipality.pk:
        raise Conflict("own_question", _("A municipality does not support its own question."), current=_object(row))
    given = Support.objects.filter(question=row, municipality=municipality)
    if support == given.exists():
        return _fresh(row)
    if support:
        Support.objects.create(question=row, municipality=municipality)
    else:
        given.delete()
    return _told(actor, row, types.QuestionSupported)


@transaction.atomic
def answer(*, actor: Actor, question: Question, answer: str, way: str, expected_version: int | None = None) -> Question:
    """Answers, or with the version of an answer already given changes it. One given in the session may be without words.

    Raises Conflict `wrong_state`, `answered_already`; Invalid without words in writing; StaleVersion.
    """
    meeting, row = _locked(question)
    require(actor, QUESTION_ACTIONS["answer"], network_id=meeting.network_id)
    versions.check(row, expected_version, lambda: _object(row))
    target = QUESTION_TRANSITIONS.target("answer", row.state)
    if row.state == QuestionState.ANSWERED and expected_version is None:
        raise Conflict("answered_already", _("Somebody has answered this question already."), current=_object(row))
    if way == Question.Way.LIVE and meeting.state not in ANSWERED_LIVE_IN:
        raise validation.invalid("way", _("The session has not begun: answer in writing."))
    validation.apply(row, {"answer": answer, "answered_way": way})
    if not row.answered_way:
        raise validation.invalid("way", _("Say whether it was answered in the session or is answered in writing."))
    if row.answered_way == Question.Way.WRITTEN and not row.answer:
        raise validation.invalid("answer", _("Write the answer."))
    row.state, row.answered_by_id, row.answered_at = target, actor.user_id, clock.now()
    row = _save(actor, row, types.QuestionAnswered)
    if row.answer:
        telling.question_answered(actor, row)
    return row


@transaction.atomic
def withdraw(*, actor: Actor, question: Question) -> Question:
    """By its own seat, or by the office for a caller. Raises NotAllowed, Conflict `wrong_state`."""
    meeting, row = _locked(question)
    by_phone = can(actor, Permission.TAKE_PART_BY_PHONE)
    place = None if by_phone else place_of(row.municipality)
    require(actor, Permission.TAKE_PART_BY_PHONE if by_phone else QUESTION_ACTIONS["withdraw"], network_id=meeting.network_id, place=place)
    row.state = QUESTION_TRANSITIONS.target("withdraw", row.state)
    return _save(actor, row, types.QuestionWithdrawn)


@transaction.atomic
def carry(*, actor: Actor, question: Question) -> Question:
    """To the next meeting of the series, where it is asked anew with its supports; returns it as it is there.

    Raises Conflict `wrong_state`, `no_next_meeting`.
    """
    require(actor, QUESTION_ACTIONS["carry"], network_id=question.meeting.network_id)
    to = following(question.meeting)
    if to is None:
        raise Conflict("no_next_meeting", _("There is no later meeting of the series to carry it to."))
    _here, to = lock_meetings(question.meeting, to)
    _meeting, row = _locked(question)
    row.state = QUESTION_TRANSITIONS.target("carry", row.state)
    seat = successor(row.municipality, to.local.date())
    kept: dict[str, Any] = {"person": row.person, "text": row.text, "asked_at": row.asked_at, "origin": row}
    there = Question.objects.create(meeting=to, municipality=seat, **kept)
    _copy_supports(row, there)
    _save(actor, row, types.QuestionCarried)
    return _told(actor, there, types.QuestionAsked)


def _copy_supports(row: Question, to: Question) -> None:
    """Of the same seats, or of what they have merged into by then."""
    day = to.meeting.local.date()
    given = row.supports.select_related("municipality__merged_into")
    seats = {successor(support.municipality, day).pk for support in given} - {to.municipality_id}
    Support.objects.bulk_create(Support(question=to, municipality_id=pk) for pk in sorted(seats))


def _locked(question: Question) -> tuple[Meeting, Question]:
    meeting = scheduling.locked_alone(question.meeting)
    rows = Question.objects.select_for_update(of=("self",), no_key=True).select_related("municipality__merged_into", "meeting__network")
    return meeting, rows.get(pk=question.pk)


def _fresh(row: Question) -> Question:
    """As the reads give it, its supports counted."""
    return with_supports().get(pk=row.pk)


def _object(row: Question) -> dict[str, Any]:
    return question_as_object(_fresh(row))


def _save(actor: Actor, row: Question, event: type[types.EventType]) -> Question:
    row.version += 1
    row.save()
    return _told(actor, row, event)


def _told(actor: Actor, row: Question, event: type[types.EventType]) -> Question:
    row = _fresh(row)
    record(actor, event(question_as_object(row)), meeting_id=row.meeting_id)
    return row
