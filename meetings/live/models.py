"""The session itself: who is there, who speaks, what they vote, and what they ask."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.network.models import Municipality, User
from meetings.scheduling.models import Meeting
from meetings.states import Machine, Transition


class StandingRows(models.Manager["Attendance"]):
    """Without the intervals that the office has struck."""

    def get_queryset(self) -> "models.QuerySet[Attendance]":
        return super().get_queryset().filter(struck_at__isnull=True)


class Attendance(models.Model):
    """One interval of one municipality's presence; an open one has no end.

    One that the office struck keeps its row, so that whoever follows the log learns of it.
    """

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
    seen_at = models.DateTimeField(null=True, help_text="the last proof of presence, of who came in over the web")
    lapsed = models.BooleanField(default=False, help_text="ended at the last proof of presence, since no other came")
    struck_at = models.DateTimeField(null=True, help_text="when the office corrected it away")

    objects = StandingRows()
    every: ClassVar["models.Manager[Attendance]"] = models.Manager()

    class Meta:
        ordering = ["joined_at", "id"]
        base_manager_name = "every"
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "municipality"], condition=Q(left_at__isnull=True, struck_at__isnull=True), name="present_once"
            ),
            models.CheckConstraint(condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")), name="left_after_joining"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.joined_at:%H:%M}"


class Floor(models.Model):
    """How the chair keeps the list of speakers of one meeting; without a row, first come first served and no limit."""

    class Order(models.TextChoices):
        FIRST_COME = "first_come", _("first come")
        FEWEST_TIMES = "fewest_times", _("fewest times spoken")
        LEAST_TIME = "least_time", _("least time spoken")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="floor")
    order_rule = models.CharField(_("order"), max_length=12, choices=Order.choices, default=Order.FIRST_COME)
    protected_places = models.PositiveSmallIntegerField(_("protected places"), default=0)
    limit_seconds = models.PositiveSmallIntegerField(_("time limit"), default=0, help_text="of one contribution; 0: none")
    changed_at = models.DateTimeField(help_text="since when places are protected")
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.order_rule}"


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
        "undo_give": Transition((SpeakerState.SPEAKING,), SpeakerState.WAITING),
        "undo_end": Transition((SpeakerState.SPOKEN,), SpeakerState.SPEAKING),
        "undo_withdraw": Transition((SpeakerState.WITHDRAWN,), SpeakerState.WAITING),
    }
)
SPEAKER_ACTIONS = {
    "give": Permission.RUN_SESSION,
    "end": Permission.RUN_SESSION,
    "withdraw": Permission.TAKE_PART,
    "undo": Permission.RUN_SESSION,
}


class SpeakerRequest(models.Model):
    """A place in the list of speakers."""

    class Kind(models.TextChoices):
        NEW_POINT = "new_point", _("new point")
        REPLY = "reply", _("reply")
        CLARIFICATION = "clarification", _("clarification")
        POINT_OF_ORDER = "point_of_order", _("point of order")

    class Undoable(models.TextChoices):
        GIVE = "give"
        END = "end"
        WITHDRAW = "withdraw"
        TAKEN = "taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="speakers")
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="speakers")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="speakers")
    person = models.CharField(max_length=150)
    by_phone = models.BooleanField(default=False, help_text="the office asked for a caller")
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.NEW_POINT)
    state = models.CharField(max_length=10, choices=SpeakerState.choices, default=SpeakerState.WAITING)
    requested_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    deadline = models.DateTimeField(null=True, help_text="by the limit there was when the floor was given")
    ended_at = models.DateTimeField(null=True, help_text="of one withdrawn, when it left the list")
    undoable = models.CharField(
        max_length=8, choices=Undoable.choices, blank=True, help_text="what was done with it in the list's last act"
    )

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
    PUBLISHED = "published", _("published")


COUNTED = (PollState.CLOSED, PollState.PUBLISHED)
"""The states of a poll that is over."""
POLL_TRANSITIONS = Machine(
    {
        "edit": Transition((PollState.DRAFT,), PollState.DRAFT),
        "open": Transition((PollState.DRAFT,), PollState.OPEN),
        "take_out": Transition((PollState.DRAFT, PollState.OPEN), ""),
        "vote": Transition((PollState.OPEN,), PollState.OPEN),
        "close": Transition((PollState.OPEN,), PollState.CLOSED),
        "publish": Transition((PollState.CLOSED,), PollState.PUBLISHED),
    }
)
POLL_ACTIONS = {
    "edit": Permission.RUN_SESSION,
    "take_out": Permission.RUN_SESSION,
    "open": Permission.RUN_SESSION,
    "close": Permission.RUN_SESSION,
    "publish": Permission.RUN_SESSION,
    "vote": Permission.TAKE_PART,
}


class Poll(models.Model):
    """A question put to the vote. The roll is frozen at opening; a closed poll never changes, but that a secret one is published."""

    class Secrecy(models.TextChoices):
        NAMED = "named", _("named")
        SECRET = "secret", _("secret")
        SILENT_ASSENT = "silent_assent", _("silent assent")

    class RollPolicy(models.TextChoices):
        PRESENT = "present", _("seats present")
        ALL = "all", _("all seats")
        CHOSEN = "chosen", _("by hand")

    class Outcome(models.TextChoices):
        CARRIED = "carried", _("carried")
        NOT_CARRIED = "not_carried", _("not carried")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="polls")
    question = models.CharField(_("question"), max_length=300)
    choices = models.JSONField(default=list, help_text='[{"id": "yes", "label": "In favour"}, …]; the first is the motion')
    secrecy = models.CharField(max_length=15, choices=Secrecy.choices, default=Secrecy.NAMED)
    roll_policy = models.CharField(max_length=8, choices=RollPolicy.choices, default=RollPolicy.PRESENT)
    chosen = models.ManyToManyField(Municipality, related_name="+", blank=True, help_text="the roll when it is made by hand")
    covers = models.ManyToManyField(AgendaItem, related_name="covered_by", blank=True, help_text="the items of a block vote")
    advisory = models.BooleanField(default=False)
    silence_seconds = models.PositiveSmallIntegerField(_("seconds to object"), default=60, help_text="of silent assent")
    state = models.CharField(max_length=10, choices=PollState.choices, default=PollState.DRAFT)
    opened_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True, help_text="of silent assent: an objection counts before this instant")
    closed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    roll_checksum = models.CharField(max_length=64, blank=True)
    roll_municipalities = models.PositiveIntegerField(default=0)
    roll_population = models.PositiveIntegerField(default=0)
    seats_municipalities = models.PositiveIntegerField(default=0, help_text="all seats valid on the day, the shares' denominator")
    seats_population = models.PositiveIntegerField(default=0)
    quorum = models.BooleanField(null=True)
    tally = models.JSONField(default=list)
    turnout = models.PositiveIntegerField(default=0, help_text="municipalities that had voted when it closed")
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.question

    @property
    def is_secret(self) -> bool:
        return self.secrecy == self.Secrecy.SECRET

    @property
    def is_silent(self) -> bool:
        """Silence is assent: only objections are voted."""
        return self.secrecy == self.Secrecy.SILENT_ASSENT

    @property
    def awaits_publication(self) -> bool:
        """Counted in secret, and the result still the staff's alone."""
        return self.is_secret and self.state == PollState.CLOSED

    def is_about(self, item_id: uuid.UUID) -> bool:
        """Whether it was taken on this item, alone or in a block."""
        return self.agenda_item_id == item_id or any(row.pk == item_id for row in self.covers.all())


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
    by_phone = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "municipality"], name="one_vote_a_seat")]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.choice}"


class Mark(models.Model):
    """That a seat has voted in a secret poll, and nothing of what. Its key is the receipt."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="marks")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "municipality"], name="one_mark_a_seat")]

    def __str__(self) -> str:
        return str(self.municipality_id)


class Ballot(models.Model):
    """A vote in a secret poll: whose and when, nobody knows. All are shuffled when the poll closes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots")
    choice = models.CharField(max_length=20)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.choice


class QuestionState(models.TextChoices):
    OPEN = "open", _("not yet answered")
    ANSWERED = "answered", _("answered")
    CARRIED = "carried", _("carried over")
    WITHDRAWN = "withdrawn", _("withdrawn")


QUESTION_TRANSITIONS = Machine(
    {
        "support": Transition((QuestionState.OPEN,), QuestionState.OPEN),
        "answer": Transition((QuestionState.OPEN, QuestionState.ANSWERED), QuestionState.ANSWERED),
        "carry": Transition((QuestionState.OPEN,), QuestionState.CARRIED),
        "withdraw": Transition((QuestionState.OPEN,), QuestionState.WITHDRAWN),
    }
)
QUESTION_ACTIONS = {
    "support": Permission.TAKE_PART,
    "answer": Permission.RECORD,
    "carry": Permission.RUN_SESSION,
    "withdraw": Permission.TAKE_PART,
}


class Question(models.Model):
    """Asked before or during a session, supported by others, answered there or later in writing."""

    class Way(models.TextChoices):
        LIVE = "live", _("in the session")
        WRITTEN = "written", _("in writing")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="questions")
    agenda_item = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="questions")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="questions")
    person = models.CharField(max_length=150)
    text = models.TextField(_("question"), max_length=1000)
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.OPEN)
    asked_at = models.DateTimeField()
    answer = models.TextField(_("answer"), max_length=5000, blank=True)
    answered_way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    origin = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="carried_to")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["asked_at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Support(models.Model):
    """A municipality wants a question answered that another one asked."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="supports")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "municipality"], name="one_support_a_seat")]

    def __str__(self) -> str:
        return str(self.municipality_id)
