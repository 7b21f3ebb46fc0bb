"""Meeting series, the meetings they materialise into, and the municipalities' answers to the invitation."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.network.models import Municipality, Network, User
from meetings.states import Machine, Transition

LONGEST_REMINDER = 14 * 24
"""How many hours before the start people are reminded at most."""
MOST_REMINDERS = 5


def usual_reminders() -> list[int]:
    """How many hours before the start the silent are reminded, unless the series says otherwise."""
    return [96, 24]


class VideoProvider(models.TextChoices):
    """Who runs the video room beside a meeting, besides the join link."""

    JITSI = "jitsi", _("Jitsi Meet")
    BIG_BLUE_BUTTON = "bigbluebutton", _("BigBlueButton")


VIDEO_ROOM = RegexValidator(r"^[A-Za-z0-9_-]{4,80}\Z", _("Use 4 to 80 letters, digits, hyphens and underscores."))


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
    reminder_hours = models.JSONField(_("reminders, hours before"), default=usual_reminders, blank=True)
    join_url = models.URLField(_("join link"), max_length=400, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_pin = models.CharField(_("PIN"), max_length=20, blank=True)
    video_provider = models.CharField(_("video room"), max_length=13, choices=VideoProvider.choices, blank=True)
    video_room = models.CharField(_("name of the video room"), max_length=80, blank=True, validators=[VIDEO_ROOM])
    materialised_until = models.DateField(null=True)
    rules = models.JSONField(default=list, blank=True, help_text="what held and will hold from which week on; empty: this rule alone")
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
        "move": Transition((_S.SCHEDULED, _S.AGENDA_PUBLISHED), ""),
        "cancel": Transition((_S.SCHEDULED, _S.AGENDA_PUBLISHED), _S.CANCELLED),
        "restore": Transition((_S.CANCELLED,), ""),
        "publish_agenda": Transition((_S.SCHEDULED,), _S.AGENDA_PUBLISHED),
        "open": Transition((_S.AGENDA_PUBLISHED,), _S.IN_SESSION),
        "move_on": Transition((_S.IN_SESSION,), _S.IN_SESSION),
        "close": Transition((_S.IN_SESSION,), _S.CLOSED),
        "reopen": Transition((_S.CLOSED,), _S.IN_SESSION),
    }
)
ACTIONS = {
    "edit": Permission.SCHEDULE,
    "move": Permission.SCHEDULE,
    "cancel": Permission.SCHEDULE,
    "restore": Permission.SCHEDULE,
    "publish_agenda": Permission.TRIAGE,
    "open": Permission.RUN_SESSION,
    "move_on": Permission.RUN_SESSION,
    "close": Permission.RUN_SESSION,
    "reopen": Permission.RUN_SESSION,
}
ANNOUNCED = (_S.SCHEDULED, _S.AGENDA_PUBLISHED)
"""The states before the session, in which answers and proposals are collected."""


class Meeting(models.Model):
    """One session: a local date, time and zone, and the UTC instant they stood for when it was set."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="meetings")
    series = models.ForeignKey(MeetingSeries, null=True, on_delete=models.PROTECT, related_name="meetings")
    nominal_date = models.DateField(
        null=True, help_text="the date the series' rule gave when the row was made, which never changes; none for an extra meeting"
    )
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=150)
    local_start = models.CharField(max_length=16, help_text="wall clock, 2026-11-26T10:00")
    time_zone = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField(_("duration in minutes"))
    state = models.CharField(max_length=20, choices=MeetingState.choices, default=MeetingState.SCHEDULED)
    state_before = models.CharField(max_length=20, choices=MeetingState.choices, blank=True, help_text="what restoring returns to")
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text="why it was cancelled")
    cancelled_by_rule = models.BooleanField(default=False, help_text="its series left the date out, and may take it in again")
    moved = models.BooleanField(default=False, help_text="set by hand on another time than its series gives it")
    announced_at = models.DateTimeField(null=True, help_text="since when its members have been told of it")
    intake_opens_at = models.DateTimeField()
    intake_closes_at = models.DateTimeField()
    intake_opened_at = models.DateTimeField(null=True, help_text="when the log was told that proposals opened")
    intake_closed_at = models.DateTimeField(null=True, help_text="when the log was told that they closed")
    intake_told_at = models.DateTimeField(null=True, help_text="when people were told that they are open")
    reminded_for = models.DateTimeField(null=True, help_text="the latest instant of reminding that has been seen to")
    agenda_published_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    join_url = models.URLField(_("join link"), max_length=400, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    phone_pin = models.CharField(_("PIN"), max_length=20, blank=True)
    video_provider = models.CharField(_("video room"), max_length=13, choices=VideoProvider.choices, blank=True)
    video_room = models.CharField(_("name of the video room"), max_length=80, blank=True, validators=[VIDEO_ROOM])
    recording_url = models.URLField(_("recording"), max_length=400, blank=True, validators=[URLValidator(schemes=["https"])])
    current_item = models.ForeignKey("meetings.AgendaItem", null=True, on_delete=models.PROTECT, related_name="+")
    current_item_since = models.DateTimeField(null=True)
    current_item_extra_minutes = models.PositiveSmallIntegerField(default=0, help_text="what the chair has added to its minutes")
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


class GivenAnswers(models.Manager["Response"]):
    """Without the answers that were taken back: to everybody but the log they were never given."""

    def get_queryset(self) -> "models.QuerySet[Response]":
        return super().get_queryset().exclude(answer="")


class Response(models.Model):
    """A municipality's answer to the invitation. The reason is for coordinators alone and never enters an event.

    One that was taken back keeps its row with an empty answer, so that whoever follows the log learns of it.
    """

    class Answer(models.TextChoices):
        ATTENDING = "attending", _("attending")
        REGRETS = "regrets", _("regrets")
        SUBSTITUTE = "substitute", _("a substitute comes")

    class Source(models.TextChoices):
        SIGNED_IN = "signed_in", _("signed in")
        MAILED_LINK = "mailed_link", _("through the mailed link")
        ABSENCE = "absence", _("by an out-of-office period")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="responses")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="responses")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    source = models.CharField(max_length=11, choices=Source.choices, default=Source.SIGNED_IN)
    substitute_name = models.CharField(max_length=150, blank=True)
    substitute_email = models.EmailField(blank=True)
    substitute_office = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = GivenAnswers()
    every: ClassVar["models.Manager[Response]"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "municipality"], name="one_answer_a_seat"),
            models.CheckConstraint(condition=~Q(answer="substitute") | ~Q(substitute_name=""), name="a_substitute_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.answer}"


class DelegationState(models.TextChoices):
    ANNOUNCED = "announced", _("announced")
    CONFIRMED = "confirmed", _("confirmed")
    REVOKED = "revoked", _("revoked")
    ENDED = "ended", _("ended")


_D = DelegationState
DELEGATION_LIVE = (_D.ANNOUNCED, _D.CONFIRMED)
DELEGATION_TRANSITIONS = Machine(
    {
        "confirm": Transition((_D.ANNOUNCED,), _D.CONFIRMED),
        "revoke": Transition(DELEGATION_LIVE, _D.REVOKED),
        "end": Transition(DELEGATION_LIVE, _D.ENDED),
    }
)


class Delegation(models.Model):
    """Whom a municipality names to represent it, for one meeting or a period. Only a confirmed one gives any right."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="delegations")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="delegations")
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.PROTECT, related_name="delegations")
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"))
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"), max_length=254)
    office = models.CharField(_("office"), max_length=80, blank=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="delegations", help_text="known once confirmed")
    state = models.CharField(max_length=10, choices=DelegationState.choices, default=DelegationState.ANNOUNCED)
    named_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    through_link = models.BooleanField(default=False, help_text="named through a mailed link, which anybody may have forwarded")
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["valid_from", "named_at", "id"]
        indexes = [models.Index(fields=["network", "state", "valid_until"])]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"],
                condition=Q(meeting__isnull=False, state__in=["announced", "confirmed"]),
                name="one_delegate_a_seat_and_meeting",
            ),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="delegation_in_order"),
            models.CheckConstraint(condition=~Q(state="confirmed") | Q(user__isnull=False), name="a_confirmed_delegate_is_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.name}, {self.state}"


class OutOfOffice(models.Model):
    """Days on which a representative is away. The note is for coordinators alone and never enters an event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="absences")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"))
    note = models.CharField(_("note to the coordinators"), max_length=500, blank=True)
    declared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["valid_from", "id"]
        verbose_name_plural = "out-of-office periods"
        indexes = [models.Index(fields=["network", "valid_until"])]
        constraints = [models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="absence_in_order")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.valid_from} to {self.valid_until}"
