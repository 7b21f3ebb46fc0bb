"""What is written down: notes on an item, decisions, and the minutes that gather them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.network.models import Network, User
from meetings.scheduling.models import Meeting
from meetings.states import Machine, Transition


class MinutesState(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_CORRECTION = "in_correction", _("in correction")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")


_S = MinutesState
TRANSITIONS = Machine(
    {
        "edit": Transition((_S.DRAFT, _S.IN_CORRECTION), ""),
        "circulate": Transition((_S.DRAFT,), _S.IN_CORRECTION),
        "approve": Transition((_S.IN_CORRECTION,), _S.APPROVED),
        "publish": Transition((_S.APPROVED,), _S.PUBLISHED),
    }
)
ACTIONS = {
    "edit": Permission.RECORD,
    "circulate": Permission.CIRCULATE_MINUTES,
    "approve": Permission.APPROVE_MINUTES,
    "publish": Permission.CIRCULATE_MINUTES,
}


class Minutes(models.Model):
    """The record of one meeting. `version` counts edits; `edition` grows only by a correction after approval."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    state = models.CharField(max_length=15, choices=MinutesState.choices, default=MinutesState.DRAFT)
    introduction = models.TextField(_("introduction"), max_length=10_000, blank=True)
    chaired_by = models.CharField(_("chair"), max_length=150, blank=True)
    recorded_by = models.CharField(_("secretary"), max_length=150, blank=True)
    edition = models.PositiveSmallIntegerField(default=1)
    correction_until = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    content_digest = models.CharField(max_length=64, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "minutes"

    def __str__(self) -> str:
        return f"minutes of {self.meeting_id}"


class SealedDocument(models.Model):
    """The approved minutes as they were sealed: stored, never rebuilt."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="sealed")
    edition = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5)
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["minutes", "edition"], name="one_seal_an_edition")]

    def __str__(self) -> str:
        return self.sha256


class Note(models.Model):
    """What was said on an item. For staff until the minutes circulate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(_("note"), max_length=20_000)
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Decision(models.Model):
    """What was decided, numbered per network and year."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="decisions")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="decisions")
    text = models.TextField(_("decision"), max_length=10_000)
    poll = models.ForeignKey("meetings.Poll", null=True, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["year", "number"]
        constraints = [models.UniqueConstraint(fields=["network", "year", "number"], name="one_decision_a_number")]

    def __str__(self) -> str:
        return f"{self.number}/{self.year}"
