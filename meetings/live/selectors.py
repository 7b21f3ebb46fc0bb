"""Reads of the session: the state that the live room shows, and its parts."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, QuerySet

from meetings.access import Actor
from meetings.action_items import selectors as action_items
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.agenda.selectors import WITH_SUCCESSOR, item_as_object, running_order_as_object
from meetings.live.attendance_selectors import TwoKey as TwoKey
from meetings.live.attendance_selectors import attendance_as_object as attendance_as_object
from meetings.live.attendance_selectors import attendance_of as attendance_of
from meetings.live.attendance_selectors import attendance_rows as attendance_rows
from meetings.live.attendance_selectors import has_quorum as has_quorum
from meetings.live.attendance_selectors import present as present
from meetings.live.attendance_selectors import present_at as present_at
from meetings.live.attendance_selectors import quorum_over_time as quorum_over_time
from meetings.live.attendance_selectors import reaches as reaches
from meetings.live.attendance_selectors import seats as seats
from meetings.live.poll_selectors import WITH_LISTS
from meetings.live.poll_selectors import own_votes as own_votes
from meetings.live.poll_selectors import poll as poll
from meetings.live.poll_selectors import poll_abilities as poll_abilities
from meetings.live.poll_selectors import poll_as_object as poll_as_object
from meetings.live.poll_selectors import polls_of as polls_of
from meetings.live.poll_selectors import receipt_as_object as receipt_as_object
from meetings.live.poll_selectors import tally as tally
from meetings.live.poll_selectors import votes_in as votes_in
from meetings.live.poll_selectors import votes_of as votes_of
from meetings.live.question_selectors import question_as_object, questions_of
from meetings.live.speaker_selectors import floor_as_object as floor_as_object
from meetings.live.speaker_selectors import floor_of as floor_of
from meetings.live.speaker_selectors import kept_by
from meetings.live.speaker_selectors import speaker as speaker
from meetings.live.speaker_selectors import speaker_abilities as speaker_abilities
from meetings.live.speaker_selectors import speaker_as_object as speaker_as_object
from meetings.live.speaker_selectors import speakers_of as speakers_of
from meetings.minutes import selectors as minutes
from meetings.minutes.models import Correction, Minutes, MinutesState, Note
from meetings.scheduling.models import Meeting
from meetings.scheduling.selectors import every_response, meeting_as_object, response_as_object


def state(actor: Actor, meeting: Meeting) -> dict[str, list[dict[str, Any]]]:
    """The whole state of a meeting as the actor's audience (members, or staff) sees it: by collection, objects in a stable order.

    Replaying the audience's events over an earlier state gives this one (tests/test_events.py).
    """
    staff, floor = actor.is_staff, floor_of(meeting)
    return {
        "meeting": [meeting_as_object(meeting)],
        "running_order": [running_order_as_object(meeting)] if staff or meeting.agenda_published_at else [],
        "agenda_item": [item_as_object(row) for row in _items(meeting, staff)],
        "response": [response_as_object(row) for row in every_response(meeting)],
        "attendance": attendance_of(meeting),
        "floor": [floor_as_object(floor)] if floor else [],
        "speaker_request": [speaker_as_object(row) for row in kept_by(floor, meeting)],
        "poll": [poll_as_object(row, staff=staff) for row in polls_of(meeting, staff=staff).prefetch_related(*WITH_LISTS)],
        "question": [question_as_object(row) for row in questions_of(meeting)],
        "note": [minutes.note_as_object(row) for row in _notes(meeting, staff)],
        "decision": [minutes.decision_as_object(row) for row in minutes.decisions_of(meeting)],
        "action_item": [action_items.as_object(row) for row in action_items.action_items_of(meeting.pk)],
        "minutes": [minutes.minutes_as_object(row) for row in _minutes(meeting, staff)],
        "correction": [minutes.correction_as_object(row) for row in _corrections(meeting)],
    }


def _items(meeting: Meeting, staff: bool) -> QuerySet[AgendaItem]:
    rows = AgendaItem.objects.select_related("proposer").prefetch_related("co_proposers", "attachments", WITH_SUCCESSOR)
    rows = rows.filter(meeting=meeting)
    published = Q(state__in=ON_THE_AGENDA) | Q(struck_at__isnull=False) if meeting.agenda_published_at else Q(pk__in=[])
    seen = Q(submitted_at__isnull=False) if staff else published
    return rows.filter(seen).order_by(F("position").asc(nulls_last=True), "submitted_at", "id")


def _notes(meeting: Meeting, staff: bool) -> Iterable[Note]:
    if not staff and not minutes.circulates(meeting):
        return []
    return Note.objects.filter(agenda_item__meeting=meeting).select_related("author").order_by("created_at", "id")


def _corrections(meeting: Meeting) -> Iterable[Correction]:
    """Nobody can have asked for one before the minutes circulate: then everybody may read them."""
    rows = Correction.objects.filter(minutes__meeting=meeting).select_related("municipality", "asked_by", "decided_by")
    return rows.order_by("asked_at", "id")


def _minutes(meeting: Meeting, staff: bool) -> Iterable[Minutes]:
    rows = Minutes.objects.filter(meeting=meeting)
    return rows if staff else rows.exclude(state=MinutesState.DRAFT)
