"""`series/`: the weekly rules that meetings are made by."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Rest, able
from api.fields import Day, Thing, TimeZone, count, one_of, optional_text, reference, text, whole
from api.meetings import Asked, PreviewObject
from api.schema import lists, reads, writes
from meetings.access import Actor, Permission, abilities
from meetings.agenda.series import change_series
from meetings.scheduling import previews, selectors, series_changes, services
from meetings.scheduling.models import LONGEST_REMINDER, MOST_REMINDERS, MeetingSeries, VideoProvider

MOST_BREAKS = 100
A_DAY = 24 * 60  # minutes
A_YEAR = 366 * 24  # hours


Break: Any = type("Break", (serializers.Serializer,), {"from": Day(), "until": Day()})
"""Both days belong to it."""


class SeriesRule(serializers.Serializer[Any]):
    """What holds from a week on."""

    week = serializers.DateField(help_text="its Monday")
    since = serializers.DateField(help_text="the day that the change was asked for")
    counts_from = serializers.DateField(help_text="the Monday from which the interval counts")
    weekday = count()
    local_start = text()
    time_zone = text()
    duration_minutes = count()
    interval_weeks = count()


class SeriesObject(Thing):
    id = reference()
    title = text()
    weekday = serializers.IntegerField(help_text="0 = Monday")
    local_start = serializers.CharField(help_text="such as 10:00")
    time_zone = text()
    duration_minutes = count()
    interval_weeks = count()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    holiday_policy = one_of(MeetingSeries.HolidayPolicy.values)
    breaks = Break(many=True)
    intake_opens_hours = serializers.IntegerField(help_text="before the start")
    intake_closes_hours = serializers.IntegerField(help_text="before the start")
    reminder_hours = serializers.ListField(child=count(), help_text="before the start, when the silent are reminded")
    join_url = text()
    phone = text()
    phone_pin = text()
    video_provider = one_of(VideoProvider.values, allow_blank=True)
    video_room = text()
    rules = SeriesRule(many=True, help_text="what held and will hold; empty while the series has never changed")
    version = count()


class SeriesBody(serializers.Serializer[Any]):
    title = serializers.CharField()
    weekday = whole(6, help_text="0 = Monday")
    local_start = serializers.TimeField()
    time_zone = TimeZone(required=False)
    duration_minutes = whole(A_DAY, 1, required=False)
    interval_weeks = whole(52, 1, required=False)
    starts_on = Day()
    ends_on = Day(required=False, allow_null=True)
    holiday_policy = one_of(MeetingSeries.HolidayPolicy.values, required=False)
    breaks = Break(many=True, required=False, max_length=MOST_BREAKS)
    intake_opens_hours = whole(A_YEAR, required=False)
    intake_closes_hours = whole(A_YEAR, required=False)
    reminder_hours = serializers.ListField(child=whole(LONGEST_REMINDER, 1), max_length=MOST_REMINDERS, required=False)
    join_url = optional_text()
    phone = optional_text()
    phone_pin = optional_text()
    video_provider = one_of(VideoProvider.values, allow_blank=True, required=False)
    video_room = optional_text()


class Skip(Asked):
    date = Day()


class Breaks(Asked):
    breaks = Break(many=True, max_length=MOST_BREAKS)
    holiday_policy = one_of(MeetingSeries.HolidayPolicy.values, required=False)


class Extend(Asked):
    ends_on = Day(allow_null=True, help_text="later or earlier; null for no end")


_CHANGE = {
    "from": Day(help_text="the first date on or after it changes, and all that follow"),
    "weekday": whole(6, required=False, help_text="0 = Monday"),
    "local_start": serializers.TimeField(required=False),
    "time_zone": TimeZone(required=False),
    "duration_minutes": whole(A_DAY, 1, required=False),
    "interval_weeks": whole(52, 1, required=False),
}
ChangeFrom: type[serializers.Serializer[Any]] = type("ChangeFrom", (Asked,), _CHANGE)


def series_answer(actor: Actor, series: MeetingSeries) -> dict[str, Any]:
    return able(selectors.series_as_object(series), abilities(actor, ACTIONS, ACTIONS))


ACTIONS = dict.fromkeys(("edit", "skip", "change_from", "extend", "change_breaks"), Permission.SCHEDULE)
"""A series never ends for good: one that has can be extended."""


def _values(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Breaks are kept as the text that they are in JSON."""
    values = dict(sent)
    if "breaks" in values:
        values["breaks"] = [{edge: day.isoformat() for edge, day in pause.items()} for pause in values["breaks"]]
    return values


class Series(Rest):
    @lists(SeriesObject)
    def list(self, request: Request, slug: str) -> Response:
        network, actor = self.network(slug)
        return self.page(selectors.series_of(network), lambda row: series_answer(actor, row), by=("title", "id"))

    @writes(SeriesObject, takes=SeriesBody, status=201)
    def create(self, request: Request, slug: str) -> Response:
        """A new series; its meetings are made 18 months ahead."""
        network, actor = self.network(slug)
        values = _values(self.sent(SeriesBody))
        return self.write(lambda: series_answer(actor, services.create_series(actor=actor, network=network, values=values)), status=201)

    @reads(SeriesObject)
    def retrieve(self, request: Request, id: UUID) -> Response:
        series = selectors.series(id)
        return self.read(series_answer(self.actor(series.network), series))

    @writes(SeriesObject, takes=SeriesBody, edit=True)
    def partial_update(self, request: Request, id: UUID) -> Response:
        """Holds for meetings not made yet."""
        series = selectors.series(id)
        actor, version, values = self.actor(series.network), self.expected_version, _values(self.sent(SeriesBody, partial=True))

        def act() -> dict[str, Any]:
            return series_answer(actor, services.change_series(actor=actor, series=series, values=values, expected_version=version))

        return self.write(act)

    @writes(SeriesObject, takes=Skip, previews=PreviewObject)
    def skip(self, request: Request, id: UUID) -> Response:
        """Leaves out a single date: its meeting is cancelled (with a reason), or it becomes a break of one day."""
        sent = self.sent(Skip)
        return self._change(id, sent, lambda actor, row: series_changes.asked_skip(actor=actor, series=row, day=sent["date"]))

    @writes(SeriesObject, takes=Breaks, previews=PreviewObject)
    def breaks(self, request: Request, id: UUID) -> Response:
        """Replaces the breaks, and with them what is done on holidays."""
        sent = self.sent(Breaks)
        breaks, policy = _values(sent)["breaks"], sent.get("holiday_policy", "")
        return self._change(
            id, sent, lambda actor, row: series_changes.asked_breaks(actor=actor, series=row, breaks=breaks, holiday_policy=policy)
        )

    @writes(SeriesObject, takes=Extend, previews=PreviewObject)
    def extend(self, request: Request, id: UUID) -> Response:
        """Another last day. What an earlier one cancels, a later one restores."""
        sent = self.sent(Extend)
        return self._change(id, sent, lambda actor, row: series_changes.asked_end(actor=actor, series=row, ends_on=sent["ends_on"]))

    @writes(SeriesObject, takes=ChangeFrom, previews=PreviewObject)
    def change_from(self, request: Request, id: UUID) -> Response:
        """Another weekday, start, zone, length or interval from a day on."""
        sent = self.sent(ChangeFrom)
        return self._change(
            id, sent, lambda actor, row: series_changes.asked_change(actor=actor, series=row, since=sent["from"], changes=sent)
        )

    def _change(self, id: UUID, sent: Mapping[str, Any], ask: Callable[[Actor, MeetingSeries], series_changes.Asked]) -> Response:
        series = selectors.series(id)
        actor = self.actor(series.network)
        if sent["dry_run"]:
            return self.read(previews.as_object(series_changes.preview_series(actor, ask(actor, series))))

        def act() -> dict[str, Any]:
            reason = sent.get("reason", "")
            return series_answer(actor, change_series(actor=actor, series=series, ask=lambda row: ask(actor, row), reason=reason))

        return self.write(act)
