"""Who was there: coming and going, the record and its correction, quorum at any instant, and the reports of video services."""

import json
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Thing, TwoKey, count, one_of, optional_text, reference, text
from api.live import seat_of
from api.meetings import meeting_and_actor
from api.schema import lists, writes
from api.uploads import Upload
from meetings import clock, validation
from meetings.access import Actor, Permission, can
from meetings.errors import nothing_here
from meetings.live import attendance, attendance_import, presence
from meetings.live import attendance_selectors as selectors
from meetings.live.attendance_import import Participant, Taken
from meetings.live.matching import Guess
from meetings.live.models import Attendance
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities, municipality_in, place_of
from meetings.scheduling.models import Meeting

MOST_ROWS = 5000


def _interval(name: str, **fields: Any) -> type[serializers.Serializer[Any]]:
    """`from` is a word of Python's, so it cannot be written as a class's attribute."""
    ends = serializers.DateTimeField(allow_null=True, required=False)
    return type(name, (serializers.Serializer,), {"from": serializers.DateTimeField(), "until": ends, **fields})


_SOURCE = one_of(Attendance.Source.values)
IntervalObject = _interval("IntervalObject", person=text(), office=text(), source=_SOURCE)
KnownInterval = _interval("KnownInterval", person=optional_text(), office=optional_text(), source=optional_text())
IntervalChange = _interval(
    "IntervalChange",
    person=text(required=False, help_text="left out: who acts for the seat at this meeting"),
    office=optional_text(),
    source=one_of(Attendance.Source.values, required=False, help_text="left out: declared"),
)


class AttendanceObject(Thing):
    """A municipality's presence; without intervals when the office has struck them all."""

    id = reference()
    meeting = reference()
    municipality = reference()
    municipality_name = text()
    person = text(help_text="of the last interval, as office and source")
    office = text()
    source = one_of(Attendance.Source.values)  # type: ignore[assignment]
    present = serializers.BooleanField()
    intervals = IntervalObject(many=True)


class AttendancePage(serializers.Serializer[Any]):
    """One page of the record, and what was present at an instant in both keys."""

    results = AttendanceObject(many=True)
    next = serializers.URLField(allow_null=True)
    at = serializers.DateTimeField(help_text="the instant asked for, or now")
    present = TwoKey()
    seats = TwoKey(help_text="all seats valid on the day")
    quorum = serializers.BooleanField()


class AttendanceQuery(serializers.Serializer[Any]):
    at = serializers.DateTimeField(required=False, help_text="only who was there then")


class Presence(serializers.Serializer[Any]):
    municipality = reference(required=False, help_text="left out: the caller's seat when there is only one")
    present = serializers.BooleanField(default=True)
    take_over = serializers.BooleanField(default=False, help_text="instead of who is in for the seat, by the titular or who goes before")
    source = one_of(  # type: ignore[assignment]
        Attendance.Source.values, required=False, help_text="for the office, of a caller by phone"
    )


class AttendanceCorrection(serializers.Serializer[Any]):
    municipality = reference()
    intervals = serializers.ListField(child=IntervalChange(), max_length=attendance.MOST, help_text="all that there are to be")
    known = serializers.ListField(child=KnownInterval(), help_text="those that the correction was made from")


class GuessObject(serializers.Serializer[Any]):
    municipality = reference()
    municipality_name = text()
    confidence = serializers.FloatField(help_text="from 0 to 1; a member's own address is 1")


class ReportRow(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="the participant's first line in the file")
    name = text()
    email = text()
    intervals = _interval("Stay")(many=True)
    match = GuessObject(allow_null=True)
    suggestions = GuessObject(many=True)


class ReportPreview(serializers.Serializer[Any]):
    rows = ReportRow(many=True)


class Added(serializers.Serializer[Any]):
    municipality = reference()
    municipality_name = text()
    intervals = _interval("AddedInterval")(many=True)


class ReportTaken(serializers.Serializer[Any]):
    added = Added(many=True)


class ReviewedRow(serializers.Serializer[Any]):
    row = count()
    municipality = reference(allow_null=True)


def _upload() -> serializers.Serializer[Any]:
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "file": serializers.FileField(),
        "dry_run": serializers.BooleanField(default=False, help_text="changes nothing, and answers with a ReportPreview"),
        "rows": serializers.CharField(required=False, help_text='the reviewed rows, as JSON: [{"row": 2, "municipality": id or null}]'),
    }
    return inline_serializer("AttendanceReportUpload", fields)


class Record(Rest):
    """What was and is."""

    @writes(AttendanceObject, takes=Presence)
    def presence(self, request: Request, id: UUID) -> Response:
        """Joins, or with `present: false` leaves."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(Presence)
        seat = seat_of(actor, values.get("municipality"))

        def act() -> dict[str, Any]:
            if values["present"]:
                source = {"source": values["source"]} if "source" in values else {}
                presence.join(actor=actor, meeting=meeting, municipality=seat, take_over=values["take_over"], **source)
            else:
                presence.leave(actor=actor, meeting=meeting, municipality=seat)
            rows = selectors.rows_of_seat(meeting.pk, seat.pk)
            if not rows:
                raise nothing_here()
            return _answer(actor, seat, selectors.attendance_as_object(rows), corrects=attendance.may_correct(actor, meeting))

        return self.write(act)

    @lists(AttendanceObject, query=AttendanceQuery, page=AttendancePage)
    def list(self, request: Request, id: UUID) -> Response:
        """Who was there at any time, or at one; with the count in both keys and whether it reaches the quorum."""
        meeting, actor = meeting_and_actor(self, id)
        asked = self.query(AttendanceQuery).get("at")
        rows = list(selectors.attendance_rows(meeting))
        at = asked or clock.now()
        there = {row.municipality_id for row in selectors.there_at(rows, at)}
        places = {seat.pk: seat for seat in municipalities(meeting.network, meeting.local.date())} | {
            row.municipality_id: row.municipality for row in rows
        }
        corrects = attendance.may_correct(actor, meeting)
        shown = [one for one in selectors.attendance_of(meeting) if asked is None or one["municipality"] in there]
        answer = self.short_list(
            shown, lambda one: _answer(actor, places.get(one["municipality"]), one, corrects=corrects), key="municipality"
        )
        answer.data |= _count(meeting, rows, at)
        return answer

    @writes(AttendanceObject, takes=AttendanceCorrection)
    def partial_update(self, request: Request, id: UUID) -> Response:
        """Replaces a municipality's intervals, by the office, until the minutes are approved. 409 when `known` is no longer what stands."""
        meeting, actor = meeting_and_actor(self, id)
        values = self.sent(AttendanceCorrection)
        seat = municipality_in(actor.network_id, values["municipality"])

        def act() -> dict[str, Any]:
            row = attendance.correct(actor=actor, meeting=meeting, municipality=seat, intervals=values["intervals"], known=values["known"])
            return _answer(actor, seat, row, corrects=True)

        return self.write(act)


class Reports(Upload):
    """Zoom's and Teams' attendance reports."""

    @writes(ReportTaken, takes={"multipart/form-data": _upload()}, previews=ReportPreview)
    def create(self, request: Request, id: UUID) -> Response:
        """With `dry_run` who the report names and which municipality that seems to be; without, adds what the reviewed `rows` say."""
        meeting, actor = meeting_and_actor(self, id)
        file, asked = self.sent_file()
        data = file.read(attendance_import.MOST_BYTES)
        if self._is_dry_run():
            people = attendance_import.preview(actor=actor, meeting=meeting, data=data)
            return self.read({"rows": [_row(one) for one in people]})
        sent = self._part("rows")
        reviewed = _reviewed(sent)

        def act() -> dict[str, Any]:
            return _taken(attendance_import.take_in(actor=actor, meeting=meeting, data=data, reviewed=reviewed))

        return self.write(act, asked=[*asked, str(sent)])

    def _part(self, name: str) -> Any:
        form: Any = self.request.data
        return form.get(name)

    def _is_dry_run(self) -> bool:
        return bool(serializers.BooleanField().run_validation(self._part("dry_run") or False))


def _answer(actor: Actor, seat: Municipality | None, row: dict[str, Any], *, corrects: bool) -> dict[str, Any]:
    acts = can(actor, Permission.TAKE_PART_BY_PHONE) or (seat is not None and can(actor, Permission.TAKE_PART, place_of(seat)))
    possible = ["leave" if row["present"] else "join"] if acts else []
    return able(row, [*(["correct"] if corrects else []), *possible])


def _count(meeting: Meeting, rows: list[Attendance], at: Any) -> dict[str, Any]:
    present, seats = selectors.present_at(rows, at), selectors.seats(meeting)
    quorum = selectors.reaches(present, seats, meeting.network)
    return {"at": at, "present": present._asdict(), "seats": seats._asdict(), "quorum": quorum}


def _reviewed(sent: Any) -> list[tuple[int, UUID | None]]:
    """Raises Invalid for what is no list of rows."""
    try:
        rows = json.loads(sent)
    except (TypeError, ValueError, RecursionError):
        raise validation.invalid("rows", _("Send the reviewed rows, as JSON.")) from None
    try:
        found = serializers.ListField(child=ReviewedRow(), max_length=MOST_ROWS).run_validation(rows)
    except serializers.ValidationError:
        raise validation.invalid("rows", _("Each row needs its number and a municipality, or null.")) from None
    return [(row["row"], row["municipality"]) for row in found]


def _guess(guess: Guess) -> dict[str, Any]:
    return {"municipality": guess.municipality, "municipality_name": guess.name, "confidence": guess.confidence}


def _row(one: Participant) -> dict[str, Any]:
    return {
        "row": one.row,
        "name": one.name,
        "email": one.email,
        "intervals": [{"from": stay.joined, "until": stay.left} for stay in one.stays],
        "match": _guess(one.found.match) if one.found.match else None,
        "suggestions": [_guess(guess) for guess in one.found.suggestions],
    }


def _taken(taken: Taken) -> dict[str, Any]:
    return {
        "added": [
            {
                "municipality": seat.pk,
                "municipality_name": seat.name,
                "intervals": [{"from": row.joined_at, "until": row.left_at} for row in rows],
            }
            for seat, rows in taken.added.items()
        ]
    }
