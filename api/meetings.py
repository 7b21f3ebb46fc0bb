"""`meetings/`: the sessions themselves, their agenda's publication and order."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, count, one_of, reference, text, whole
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.agenda import selectors as agenda
from meetings.agenda import services as agenda_services
from meetings.network.models import Network
from meetings.scheduling import recurrence, selectors, services
from meetings.scheduling.models import Meeting, MeetingState


class MeetingObject(Thing):
    id = reference()
    series = reference(allow_null=True)
    number = count()
    title = text()
    starts_at = serializers.DateTimeField()
    local_start = serializers.CharField(help_text="on the network's clocks, such as 2026-11-26T10:00")
    time_zone = text()
    duration_minutes = count()
    state = one_of(MeetingState.values)
    intake_opens_at = serializers.DateTimeField()
    intake_closes_at = serializers.DateTimeField()
    agenda_published_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    join_url = text()
    phone = text()
    phone_pin = text()
    recording_url = text()
    current_item = reference(allow_null=True)
    current_item_since = serializers.DateTimeField(allow_null=True)
    last_event = serializers.IntegerField(help_text="the sequence of the newest event in the meeting's log")
    version = count()


class MeetingChange(serializers.Serializer[Any]):
    title = serializers.CharField()
    duration_minutes = whole(recurrence.LONGEST_MEETING, 1)
    join_url = text()
    phone = text()
    phone_pin = text()
    recording_url = text()


_QUERY = {"from": Day(required=False), "to": Day(required=False), "state": one_of(MeetingState.values, required=False)}
MeetingQuery: type[serializers.Serializer[Any]] = type("MeetingQuery", (serializers.Serializer,), _QUERY)
"""Days on the network's clocks; both belong to the span."""


class RunningOrder(serializers.Serializer[Any]):
    items = serializers.ListField(child=reference(), max_length=500)


class RunningOrderObject(RunningOrder, Thing):
    version = serializers.IntegerField(help_text="of the running order, not of the meeting")


def meeting_answer(actor: Actor, meeting: Meeting) -> dict[str, Any]:
    """Needs `stream` selected."""
    return able(selectors.with_last_event(meeting), selectors.meeting_abilities(actor, meeting))


def meeting_now(actor: Actor, meeting: Meeting) -> dict[str, Any]:
    """The answer about the meeting as it now is."""
    return meeting_answer(actor, selectors.meeting(meeting.pk))


def meeting_and_actor(view: Rest, id: UUID) -> tuple[Meeting, Actor]:
    """A meeting of one of the caller's networks. Raises NotFound."""
    meeting = selectors.meeting(id)
    return meeting, view.actor(meeting.network)


class Meetings(Rest):
    @lists(MeetingObject, query=MeetingQuery)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.page(_found(network, self.query(MeetingQuery)), lambda row: meeting_answer(actor, row), by=("starts_at", "id"))

    @reads(MeetingObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        return self.read(meeting_answer(actor, meeting))

    @writes(MeetingObject, takes=MeetingChange, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        version, values = self.expected_version, self.sent(MeetingChange, partial=True)

        def act() -> dict[str, Any]:
            services.change_meeting(actor=actor, meeting=meeting, values=values, expected_version=version)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject)
    def publish_agenda(self, request: Request, id: UUID) -> Response:
        """Every proposal must be answered first; from then on the agenda is frozen."""
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            agenda_services.publish(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @reads(RunningOrderObject)
    def running_order(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        return self.read(_running_order(actor, meeting))

    @writes(RunningOrderObject, takes=RunningOrder, edit=True)
    def set_running_order(self, request: Request, id: UUID) -> Response:
        """Names every item on the agenda once. `If-Match` is the running order's own version."""
        meeting, actor = meeting_and_actor(self, id)
        version, items = self.expected_version, self.sent(RunningOrder)["items"]

        def act() -> dict[str, Any]:
            agenda_services.order(actor=actor, meeting=meeting, item_ids=items, expected_version=version)
            return _running_order(actor, selectors.meeting(meeting.pk))

        return self.write(act)


def _found(network: Network, asked: dict[str, Any]) -> QuerySet[Meeting]:
    since, until = asked.get("from"), asked.get("to")
    return selectors.meetings(
        network,
        since=datetime.combine(since, time.min, network.zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, network.zone) if until else None,
        state=asked.get("state", ""),
    )


def _running_order(actor: Actor, meeting: Meeting) -> dict[str, Any]:
    """Of the items that the caller may know of."""
    items = [item.pk for item in agenda.items_of(actor, meeting) if item.position is not None]
    possible = {"order"} if meeting.state == MeetingState.SCHEDULED else set()
    return able({"items": items, "version": meeting.running_order_version}, abilities(actor, {"order": Permission.TRIAGE}, possible))
