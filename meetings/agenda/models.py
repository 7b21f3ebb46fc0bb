"""Agenda items, from a municipality's draft to what the session made of them, and their attachments."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.network.models import Municipality, User
from meetings.scheduling.models import Meeting
from meetings.states import Machine, Transition


class ItemState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PROPOSED = "proposed", _("proposed")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    DEFERRED = "deferred", _("deferred")
    MERGED = "merged", _("merged with another")
    WITHDRAWN = "withdrawn", _("withdrawn")
    DISCUSSED = "discussed", _("discussed")
    NOT_REACHED = "not_reached", _("not reached")
    POSTPONED = "postponed", _("postponed")


_S = ItemState
TRANSITIONS = Machine(
    {
        "edit": Transition((_S.DRAFT, _S.PROPOSED), ""),
        "revise": Transition((_S.ACCEPTED,), ""),
        "submit": Transition((_S.DRAFT,), _S.PROPOSED),
        "move": Transition((_S.DRAFT,), ""),
        "withdraw": Transition((_S.PROPOSED, _S.ACCEPTED), _S.WITHDRAWN),
        "accept": Transition((_S.PROPOSED,), _S.ACCEPTED),
        "return": Transition((_S.PROPOSED,), _S.DRAFT),
        "decline": Transition((_S.PROPOSED,), _S.DECLINED),
        "defer": Transition((_S.PROPOSED, _S.ACCEPTED), _S.DEFERRED),
        "merge": Transition((_S.PROPOSED, _S.ACCEPTED), _S.MERGED),
        "separate": Transition((_S.MERGED,), _S.PROPOSED),
        "discuss_instead": Transition((_S.ACCEPTED,), ""),
        "discuss": Transition((_S.ACCEPTED,), _S.DISCUSSED),
        "pass_over": Transition((_S.ACCEPTED,), _S.NOT_REACHED),
        "postpone": Transition((_S.ACCEPTED,), _S.POSTPONED),
        "resume": Transition((_S.NOT_REACHED,), _S.ACCEPTED),
    }
)
ACTIONS = {
    "edit": Permission.PROPOSE,
    "revise": Permission.TRIAGE,
    "submit": Permission.PROPOSE,
    "move": Permission.PROPOSE,
    "withdraw": Permission.PROPOSE,
    "accept": Permission.TRIAGE,
    "return": Permission.TRIAGE,
    "decline": Permission.TRIAGE,
    "defer": Permission.TRIAGE,
    "merge": Permission.TRIAGE,
    "separate": Permission.TRIAGE,
    "discuss_instead": Permission.TRIAGE,
    "discuss": Permission.RUN_SESSION,
    "pass_over": Permission.RUN_SESSION,
    "postpone": Permission.RUN_SESSION,
    "resume": Permission.RUN_SESSION,
}
ON_THE_AGENDA = (_S.ACCEPTED, _S.DISCUSSED, _S.NOT_REACHED, _S.POSTPONED)
"""The states of an item that stands in the running order."""
PUT_OFF = (_S.NOT_REACHED, _S.POSTPONED)
"""What the session left for the next meeting."""
FLAGGED_AT = 3
"""The deferral from which an item is flagged."""


class AgendaItem(models.Model):
    """Something a municipality, or the office, brings before the meeting."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("information")
        DISCUSSION = "discussion", _("discussion")
        DECISION = "decision", _("decision")
        CONSENT = "consent", _("consent")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="agenda_items")
    proposer = models.ForeignKey(
        Municipality, null=True, on_delete=models.PROTECT, related_name="agenda_items", help_text="none: the office"
    )
    co_proposers = models.ManyToManyField(Municipality, related_name="+", blank=True)
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.DISCUSSION)
    duration_minutes = models.PositiveSmallIntegerField(_("minutes wanted"), default=10)
    state = models.CharField(max_length=12, choices=ItemState.choices, default=ItemState.DRAFT)
    position = models.PositiveSmallIntegerField(null=True, help_text="place in the running order, from 1")
    late = models.BooleanField(default=False)
    motive = models.CharField(_("why it is late"), max_length=500, blank=True)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    origin = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="carried_to")
    deferrals = models.PositiveSmallIntegerField(default=0)
    first_proposed_on = models.DateField(null=True, help_text="the day of the meeting it was first proposed for; none: this one")
    taken_back = models.BooleanField(default=False, help_text="carried here by what was undone; a later carry-over takes it up again")
    handed_version = models.PositiveIntegerField(default=0, help_text="its version when it was carried here; untouched while it is that")
    before_cancelling = models.CharField(max_length=12, blank=True, help_text="the state to restore with a cancelled meeting")
    moved_from = models.ForeignKey(Meeting, null=True, on_delete=models.PROTECT, related_name="+", help_text="a draft's cancelled meeting")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged_from")
    brought = models.JSONField(default=dict, blank=True, help_text="what the item it was merged into took from it")
    addendum = models.PositiveSmallIntegerField(null=True, help_text="number of the addendum that added or struck it")
    added_at = models.DateTimeField(null=True, help_text="when it came on a published agenda")
    struck_at = models.DateTimeField(null=True, help_text="when it was struck from a published agenda")
    approves_minutes_of = models.ForeignKey(Meeting, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position", "created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "discussed", "not_reached", "postponed"]) | Q(position__isnull=False),
                name="on_the_agenda_means_in_order",
            ),
            models.UniqueConstraint(fields=["origin", "meeting"], condition=Q(origin__isnull=False), name="carried_over_once"),
            models.UniqueConstraint(fields=["origin"], condition=Q(origin__isnull=False, taken_back=False), name="carried_to_one_place"),
            models.CheckConstraint(condition=Q(state="merged") | Q(merged_into__isnull=True), name="merged_into_something"),
            models.UniqueConstraint(
                fields=["meeting", "approves_minutes_of"], condition=Q(approves_minutes_of__isnull=False), name="one_approval_of_minutes"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_flagged(self) -> bool:
        """Deferred so often that somebody should ask why."""
        return self.deferrals >= FLAGGED_AT

    @property
    def successor(self) -> "AgendaItem | None":
        """The item at a later meeting that this one goes on as. One query unless `carried_to` is at hand."""
        return next((row for row in self.carried_to.all() if not row.taken_back), None)


class Attachment(models.Model):
    """A file that goes with an item, kept under a random name and served as an attachment only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="attachments", max_length=120)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name
