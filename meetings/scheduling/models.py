"""Meeting series, the meetings they materialise into, and the municipalities' answers to the invitation."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.network.models import Municipality, Network, User
from meetings.states import Machine, Transition


class MeetingSeries(models.Model):
    """A weekly rule. Its meetings are materialised as rows; a change here never rewrites what was announced."""

    class HolidayPolicy(models.TextChoices):
        SKIP = "skip", _("skip the week")
        SHIFT = "shift", _("move to the next working day")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="series")
    title = models.CharField(_("title"), max_length=150)
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    local_start = models.TimeField(_("start"))
    time_zone = models.CharField(_("time zone"), max_length=60)
    duration_minutes = models.PositiveSmallIntegerField(_("duration in minutes"), default=90)
    interval_weeks = models.PositiveSmallIntegerField(_("every how many weeks"), default=1)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    holiday_policy = models.CharField(_("on holidays"), max_length=5, choices=HolidayPolicy.choices, default=HolidayPolicy.SKIP)
    breaks = models.JSONField(_("breaks"), default=list, blank=True)
    intake_opens_hours = models.PositiveSmallIntegerField(_("proposals open, hours before"), default=162)
    intake_closes_hours = models.PositiveSmallIntegerField(_("proposals close, hours before"), default=48)
    join_url = models.URLField(_("join link"), max_length=400, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_pin = models.CharField(_("PIN"), max_length=20, blank=True)
    materialised_until = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title", "id"]
        verbose_name_plural = "meeting series"

    def __str__(self) -> str:
        return self.title


class MeetingState(models.TextChoices):
    SCHEDULED = "scheduled", _("scheduled")
    AGENDA_PUBLISHED = "agenda_published", _("agenda published")
    IN_SESSION = "in_session", _("in session")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


_S = MeetingState
TRANSITIONS = Machine(
    {
        "edit": Transition((_S.SCHEDULED, _S.AGENDA_PUBLISHED), ""),
        "publish_agenda": Transition((_S.SCHEDULED,), _S.AGENDA_PUBLISHED),
        "open": Transition((_S.AGENDA_PUBLISHED,), _S.IN_SESSION),
        "move_on": Transition((_S.IN_SESSION,), _S.IN_SESSION),
        "close": Transition((_S.IN_SESSION,), _S.CLOSED),
    }
)
ACTIONS = {
    "edit": Permission.SCHEDULE,
    "publish_agenda": Permission.TRIAGE,
    "open": Permission.RUN_SESSION,
    "move_on": Permission.RUN_SESSION,
    "close": Permission.RUN_SESSION,
}
ANNOUNCED = (_S.SCHEDULED, _S.AGENDA_PUBLISHED)
"""The states before the session, in which answers and proposals are collected."""


class Meeting(models.Model):
    """One session: a local date, time and zone, and the UTC instant they stood for when it was set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="meetings")
    series = models.ForeignKey(MeetingSeries, null=True, on_delete=models.PROTECT, related_name="meetings")
    nominal_date = models.DateField(help_text="the date the series' rule gave, which never changes")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=150)
    local_start = models.CharField(max_length=16, help_text="wall clock, 2026-11-26T10:00")
    time_zone = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField(_("duration in minutes"))
    state = models.CharField(max_length=20, choices=MeetingState.choices, default=MeetingState.SCHEDULED)
    intake_opens_at = models.DateTimeField()
    intake_closes_at = models.DateTimeField()
    agenda_published_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    join_url = models.URLField(_("join link"), max_length=400, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_pin = models.CharField(_("PIN"), max_length=20, blank=True)
    recording_url = models.URLField(_("recording"), max_length=400, blank=True)
    current_item = models.ForeignKey("meetings.AgendaItem", null=True, on_delete=models.PROTECT, related_name="+")
    current_item_since = models.DateTimeField(null=True)
    calendar_sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    running_order_version = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.UniqueConstraint(fields=["series", "nominal_date"], name="one_meeting_a_date")]
        indexes = [models.Index(fields=["network", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.title} {self.local_start}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def local(self) -> datetime:
        """The start on the network's clocks, aware."""
        return self.starts_at.astimezone(self.zone)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.duration_minutes)


class Response(models.Model):
    """A municipality's answer to the invitation. The reason is for coordinators alone and never enters an event."""

    class Answer(models.TextChoices):
        ATTENDING = "attending", _("attending")
        REGRETS = "regrets", _("regrets")
        SUBSTITUTE = "substitute", _("a substitute comes")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="responses")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="responses")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    substitute_name = models.CharField(max_length=150, blank=True)
    substitute_email = models.EmailField(blank=True)
    substitute_office = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "municipality"], name="one_answer_a_seat"),
            models.CheckConstraint(condition=~Q(answer="substitute") | ~Q(substitute_name=""), name="a_substitute_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.answer}"
