"""The session itself: opening and closing it, presence, the current item, and its whole state."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, count, one_of, reference, text
from api.meetings import MeetingObject, meeting_and_actor, meeting_now
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities, can
from meetings.agenda import selectors as agenda
from meetings.errors import found
from meetings.live import selectors, services
from meetings.live.models import Attendance
from meetings.network.models import Municipality
from meetings.network.selectors import municipality_in, place_of
from meetings.scheduling.models import Meeting


class AttendanceObject(Thing):
    id = reference()
    meeting = reference()
    municipality = reference()
    municipality_name = text()
    person = text()
    office = text()
    source = one_of(Attendance.Source.values)  # type: ignore[assignment]
    present = serializers.BooleanField()
    intervals = serializers.ListField(
        child=serializers.DictField(child=serializers.DateTimeField(allow_null=True)), help_text="from, until"
    )


class CurrentItem(serializers.Serializer[Any]):
    agenda_item = reference(allow_null=True)


class Presence(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    present = serializers.BooleanField(default=True)
    source = one_of(  # type: ignore[assignment]
        Attendance.Source.values, required=False, help_text="for the office, of a caller by phone"
    )


class LiveState(Thing):
    """The whole state by collection, as the snapshot of the live socket has it, and the last event it is as new as."""

    sequence = count()
    state = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))


def seat_of(actor: Actor, municipality: UUID | None) -> Municipality:
    """The seat named, or the actor's only one. Raises NotFound; whether the actor acts for it, the service says."""
    return municipality_in(actor.network_id, municipality or (next(iter(actor.seats)) if len(actor.seats) == 1 else None))


def _attendance_answer(actor: Actor, municipality: Municipality, row: dict[str, Any]) -> dict[str, Any]:
    acts = can(actor, Permission.TAKE_PART, place_of(municipality)) or can(actor, Permission.TAKE_PART_BY_PHONE)
    return able(row, ["leave" if row["present"] else "join"] if acts else [])


def _attendance(actor: Actor, meeting: Meeting, municipality: Municipality) -> dict[str, Any]:
    """Raises NotFound when the municipality was never there."""
    rows = found(list(selectors.attendance_rows(meeting).filter(municipality=municipality)) or None)
    return _attendance_answer(actor, municipality, selectors.attendance_as_object(rows))


class Live(Rest):
    @writes(MeetingObject)
    def open(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            services.open_session(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject)
    def close(self, request: Request, id: UUID) -> Response:
        """Carries over what was not reached, and drafts the minutes."""
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            services.close_session(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject)
    def reopen(self, request: Request, id: UUID) -> Response:
        """A session closed by mistake goes on, while its minutes are a draft; what was carried over is taken back."""
        meeting, actor = meeting_and_actor(self, id)

        def act() -> dict[str, Any]:
            services.reopen(actor=actor, meeting=meeting)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(MeetingObject, takes=CurrentItem)
    def current_item(self, request: Request, id: UUID) -> Response:
        """Moves on to an item of the agenda, or with null to none."""
        meeting, actor = meeting_and_actor(self, id)
        chosen = self.sent(CurrentItem)["agenda_item"]
        item = agenda.item(actor, chosen) if chosen else None

        def act() -> dict[str, Any]:
            services.move_on(actor=actor, meeting=meeting, item=item)
            return meeting_now(actor, meeting)

        return self.write(act)

    @writes(AttendanceObject, takes=Presence)
    def presence(self, request: Request, id: UUID) -> Response:
        """Joins, or with `present: false` leaves."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(Presence)
        seat = seat_of(actor, values.get("municipality"))

        def act() -> dict[str, Any]:
            if values["present"]:
                source = {"source": values["source"]} if "source" in values else {}
                services.join(actor=actor, meeting=meeting, municipality=seat, **source)
            else:
                services.leave(actor=actor, meeting=meeting, municipality=seat)
            return _attendance(actor, meeting, seat)

        return self.write(act)

    @lists(AttendanceObject)
    def attendance(self, request: Request, id: UUID) -> Response:
        meeting, actor = meeting_and_actor(self, id)
        seats = {row.municipality_id: row.municipality for row in selectors.attendance_rows(meeting)}
        return self.short_list(
            selectors.attendance_of(meeting), lambda row: _attendance_answer(actor, seats[row["municipality"]], row), key="municipality"
        )

    @reads(LiveState)
    def state(self, request: Request, id: UUID) -> Response:
        """Everything the live room shows. The sequence is read first, so the state is at least as new."""
        meeting, actor = meeting_and_actor(self, id)
        possible = abilities(actor, {"join_room": Permission.JOIN_ROOM}, {"join_room"})
        return self.read(able({"sequence": meeting.stream.last_sequence, "state": selectors.state(actor, meeting)}, possible))
