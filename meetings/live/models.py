"""The session itself: who is there, who speaks, and what they vote."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.network.models import Municipality, User
from meetings.scheduling.models import Meeting
from meetings.states import Machine, Transition


class Attendance(models.Model):
    """One interval of one municipality's presence; an open one has no end."""

    class Source(models.TextChoices):
        WEB = "web", _("web")
        VIDEO = "video", _("video")
        PHONE = "phone", _("phone")
        DECLARED = "declared", _("declared")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendance")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="attendance")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.CharField(max_length=150)
    office = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.WEB)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["joined_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "municipality"], condition=Q(left_at__isnull=True), name="present_once"),
            models.CheckConstraint(condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")), name="left_after_joining"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.joined_at:%H:%M}"


class SpeakerState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SPEAKING = "speaking", _("speaking")
    SPOKEN = "spoken", _("has spoken")
    WITHDRAWN = "withdrawn", _("withdrawn")


SPEAKER_TRANSITIONS = Machine(
    {
        "give": Transition((SpeakerState.WAITING,), SpeakerState.SPEAKING),
        "end": Transition((SpeakerState.SPEAKING,), SpeakerState.SPOKEN),
        "withdraw": Transition((SpeakerState.WAITING,), SpeakerState.WITHDRAWN),
    }
)
SPEAKER_ACTIONS = {"give": Permission.RUN_SESSION, "end": Permission.RUN_SESSION, "withdraw": Permission.TAKE_PART}


class SpeakerRequest(models.Model):
    """A place in the list of speakers."""

    class Kind(models.TextChoices):
        NEW_POINT = "new_point", _("new point")
        REPLY = "reply", _("reply")
        CLARIFICATION = "clarification", _("clarification")
        POINT_OF_ORDER = "point_of_order", _("point of order")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="speakers")
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="speakers")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="speakers")
    person = models.CharField(max_length=150)
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.NEW_POINT)
    state = models.CharField(max_length=10, choices=SpeakerState.choices, default=SpeakerState.WAITING)
    requested_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["requested_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="speaking"), name="one_speaker_at_a_time"),
            models.UniqueConstraint(
                fields=["agenda_item", "municipality", "kind"], condition=Q(state="waiting"), name="one_place_in_the_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.kind})"


class PollState(models.TextChoices):
    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


POLL_TRANSITIONS = Machine(
    {
        "open": Transition((PollState.DRAFT,), PollState.OPEN),
        "vote": Transition((PollState.OPEN,), PollState.OPEN),
        "close": Transition((PollState.OPEN,), PollState.CLOSED),
    }
)
POLL_ACTIONS = {"open": Permission.RUN_SESSION, "close": Permission.RUN_SESSION, "vote": Permission.TAKE_PART}


class Poll(models.Model):
    """A question put to the vote. The roll is frozen at opening; a closed poll never changes."""

    class Secrecy(models.TextChoices):
        NAMED = "named", _("named")

    class RollPolicy(models.TextChoices):
        PRESENT = "present", _("seats present")
        ALL = "all", _("all seats")

    class Outcome(models.TextChoices):
        CARRIED = "carried", _("carried")
        NOT_CARRIED = "not_carried", _("not carried")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="polls")
    question = models.CharField(_("question"), max_length=300)
    choices = models.JSONField(default=list, help_text='[{"id": "yes", "label": "In favour"}, …]; the first is the motion')
    secrecy = models.CharField(max_length=15, choices=Secrecy.choices, default=Secrecy.NAMED)
    roll_policy = models.CharField(max_length=8, choices=RollPolicy.choices, default=RollPolicy.PRESENT)
    advisory = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=PollState.choices, default=PollState.DRAFT)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    roll_checksum = models.CharField(max_length=64, blank=True)
    roll_municipalities = models.PositiveIntegerField(default=0)
    roll_population = models.PositiveIntegerField(default=0)
    seats_municipalities = models.PositiveIntegerField(default=0, help_text="all seats valid on the day, the shares' denominator")
    seats_population = models.PositiveIntegerField(default=0)
    quorum = models.BooleanField(null=True)
    tally = models.JSONField(default=list)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.question


class RollEntry(models.Model):
    """A seat that may vote in a poll, with its population as it was when the poll opened."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="roll")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    population = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "municipality"], name="on_the_roll_once")]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.population}"


class Vote(models.Model):
    """One seat's vote; the database allows no second."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="votes")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=20)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "municipality"], name="one_vote_a_seat")]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.choice}"
