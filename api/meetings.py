"""`meetings/`: the sessions themselves, their agenda's publication and order."""

from datetime import datetime, time, timedelta
from typing import Any, get_args
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, TimeZone, count, one_of, optional_text, reference, text, whole
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.agenda import selectors as agenda
from meetings.agenda import services as agenda_services
from meetings.network.models import Network
from meetings.scheduling import calendar, plans, previews, recurrence, selectors, services
from meetings.scheduling.models import Meeting, MeetingState, VideoProvider


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
    state_before = text(help_text="what a cancelled meeting returns to when it is restored")
    reason = text(help_text="why it was cancelled")
    intake_opens_at = serializers.DateTimeField()
    intake_closes_at = serializers.DateTimeField()
    agenda_published_at = serializers.DateTimeField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    join_url = text()
    phone = text()
    phone_pin = text()
    video_provider = one_of(VideoProvider.values, allow_blank=True)
    video_room = text(help_text="empty: a name made of the meeting's id")
    recording_url = text()
    current_item = reference(allow_null=True)
    current_item_since = serializers.DateTimeField(allow_null=True)
    current_item_extra_minutes = serializers.IntegerField(help_text="what the chair has added to the current item's own minutes")
    last_event = serializers.IntegerField(help_text="the sequence of the newest event in the meeting's log")
    version = count()


class MeetingChange(serializers.Serializer[Any]):
    title = serializers.CharField()
    duration_minutes = whole(recurrence.LONGEST_MEETING, 1)
    join_url = text()
    phone = text()
    phone_pin = text()
    video_provider = one_of(VideoProvider.values, allow_blank=True)
    video_room = text()
    recording_url = text(help_text="https:// only; the one thing that may change after the session")


class Asked(serializers.Serializer[Any]):
    """Of every act on the calendar."""

    reason = optional_text()
    dry_run = serializers.BooleanField(default=False, help_text="changes nothing, and answers with a Preview")


class Move(Asked):
    local_start = serializers.CharField(required=False, help_text="on the clocks of the zone, such as 2026-11-26T10:00")
    time_zone = TimeZone(required=False)
    duration_minutes = whole(recurrence.LONGEST_MEETING, 1, required=False)


class ExtraMeeting(Move):
    local_start = serializers.CharField(help_text="on the clocks of the zone, such as 2026-11-26T10:00")
    series = reference(required=False, allow_null=True)
    title = optional_text()
    join_url = optional_text()
    phone = optional_text()
    phone_pin = optional_text()
    video_provider = one_of(VideoProvider.values, allow_blank=True, required=False)
    video_room = optional_text()


class Times(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    local_start = serializers.CharField()
    time_zone = text()
    duration_minutes = count()
    is_held = serializers.BooleanField()


class PlannedChange(serializers.Serializer[Any]):
    meeting = reference()
    number = count()
    what = one_of(get_args(plans.What))
    why = one_of(filter(None, get_args(plans.Why)), allow_blank=True, help_text="why it is left out, or stays as it is")
    before = Times()
    after = Times()


class PlanWarning(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="such as holiday, patron_day, overlap, short_notice")
    text = serializers.CharField()
    meeting = reference(allow_null=True)


class PreviewObject(serializers.Serializer[Any]):
    """What an act would do."""

    changes = PlannedChange(many=True)
    made = serializers.IntegerField(help_text="how many meetings would be made")
    told = serializers.IntegerField(help_text="how many people would be mailed")
    warnings = PlanWarning(many=True)


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

    @writes(MeetingObject, takes=ExtraMeeting, status=201, previews=PreviewObject)
    def create(self, request: Request, slug: str) -> Response:
        """A further meeting, of a series or of none."""
        network, actor = self.network(slug)
        sent = self.sent(ExtraMeeting)
        series = selectors.series_in(network.pk, sent["series"]) if sent.get("series") else None
        if sent["dry_run"]:
            found = calendar.preview_extra(actor=actor, network=network, series=series, values=sent)
            return self.read(previews.as_object(found))

        def act() -> dict[str, Any]:
            reason = sent.get("reason", "")
            return meeting_now(actor, calendar.extra(actor=actor, network=network, series=series, values=sent, reason=reason))

        return self.write(act, status=201)

    @writes(MeetingObject, takes=Move, previews=PreviewObject)
    def move(self, request: Request, id: UUID) -> Response:
        """Another time; the state stays, and proposals that are still to close move along."""
        meeting, actor = meeting_and_actor(self, id)
        sent = self.sent(Move)
        if sent["dry_run"]:
            return _previewed(self, actor, meeting, calendar.move_plan(actor=actor, meeting=meeting, values=sent))

        def act() -> dict[str, Any]:
            calendar.move(actor=actor, meeting=meeting, values=sent, reason=sent.get("reason", ""))
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject, takes=Asked, previews=PreviewObject)
    def cancel(self, request: Request, id: UUID) -> Response:
        """Needs a reason. What is on its agenda and what was proposed goes on to the following meeting."""
        meeting, actor = meeting_and_actor(self, id)
        sent = self.sent(Asked)
        if sent["dry_run"]:
            return _previewed(self, actor, meeting, calendar.cancel_plan(actor=actor, meeting=meeting))

        def act() -> dict[str, Any]:
            agenda_services.cancel_meeting(actor=actor, meeting=meeting, reason=sent.get("reason", ""))
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject, takes=Asked, previews=PreviewObject)
    def restore(self, request: Request, id: UUID) -> Response:
        """Takes a cancellation back, to the state before."""
        meeting, actor = meeting_and_actor(self, id)
        if self.sent(Asked)["dry_run"]:
            return _previewed(self, actor, meeting, calendar.restore_plan(actor=actor, meeting=meeting))

        def act() -> dict[str, Any]:
            agenda_services.restore_meeting(actor=actor, meeting=meeting)
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


def _previewed(view: Rest, actor: Actor, meeting: Meeting, plan: plans.Plan) -> Response:
    return view.read(previews.as_object(previews.preview(actor=actor, network=meeting.network, plan=plan)))


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
