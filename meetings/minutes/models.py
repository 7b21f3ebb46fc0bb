"""What is written down: notes on an item, decisions, and the minutes that gather them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.network.models import Municipality, Network, User
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
        "extend": Transition((_S.IN_CORRECTION,), _S.IN_CORRECTION),
        "approve": Transition((_S.IN_CORRECTION,), _S.APPROVED),
        "publish": Transition((_S.APPROVED,), _S.PUBLISHED),
        "amend": Transition((_S.APPROVED, _S.PUBLISHED), _S.IN_CORRECTION),
    }
)
ACTIONS = {
    "edit": Permission.RECORD,
    "circulate": Permission.CIRCULATE_MINUTES,
    "extend": Permission.CIRCULATE_MINUTES,
    "approve": Permission.APPROVE_MINUTES,
    "publish": Permission.CIRCULATE_MINUTES,
    "amend": Permission.RECORD,
}


class CorrectionState(models.TextChoices):
    OPEN = "open", _("open")
    ACCEPTED = "accepted", pgettext_lazy("correction", "accepted")
    REJECTED = "rejected", _("rejected")


CORRECTION_TRANSITIONS = Machine(
    {
        "accept": Transition((CorrectionState.OPEN,), CorrectionState.ACCEPTED),
        "reject": Transition((CorrectionState.OPEN,), CorrectionState.REJECTED),
    }
)
CORRECTION_ACTIONS = {"accept": Permission.RECORD, "reject": Permission.RECORD}


class Minutes(models.Model):
    """The record of one meeting. `version` counts edits; `edition` grows only by a correction after approval."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    state = models.CharField(max_length=15, choices=MinutesState.choices, default=MinutesState.DRAFT)
    introduction = models.TextField(_("introduction"), max_length=10_000, blank=True)
    chaired_by = models.CharField(_("chair"), max_length=150, blank=True)
    recorded_by = models.CharField(_("secretary"), max_length=150, blank=True)
    edition = models.PositiveSmallIntegerField(default=1)
    edition_reason = models.CharField(_("why there is a new edition"), max_length=500, blank=True)
    circulated_at = models.DateTimeField(null=True)
    correction_until = models.DateTimeField(null=True)
    correction_closed_at = models.DateTimeField(null=True, help_text="when the end of the window was recorded")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_in = models.ForeignKey(Meeting, null=True, on_delete=models.PROTECT, related_name="+", help_text="the approving meeting")
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
    reason = models.CharField(max_length=500, blank=True, help_text="why there was a new edition")
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["minutes", "edition"], name="one_seal_an_edition")]

    def __str__(self) -> str:
        return self.sha256


class Correction(models.Model):
    """What somebody who was there asks to be changed in circulating minutes, and what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="corrections")
    edition = models.PositiveSmallIntegerField(help_text="the edition that came of it")
    agenda_item = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="corrections")
    municipality = models.ForeignKey(Municipality, null=True, on_delete=models.PROTECT, related_name="+", help_text="none: the staff")
    text = models.TextField(_("what is wrong"), max_length=5000)
    proposed = models.TextField(_("what it should say"), max_length=5000, blank=True)
    state = models.CharField(max_length=8, choices=CorrectionState.choices, default=CorrectionState.OPEN)
    reason = models.CharField(_("answer"), max_length=1000, blank=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(state="rejected") | ~models.Q(reason=""), name="a_reason_for_rejecting")]

    def __str__(self) -> str:
        return self.text[:60]


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


class NoteDraft(models.Model):
    """What somebody is typing and has not saved: a note on an item, or over one (`note`) whose text was `base` at `version`.

    It is nobody else's to read and makes no event; saving the note ends it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agenda_item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="note_drafts")
    note = models.ForeignKey(Note, null=True, on_delete=models.PROTECT, related_name="drafts")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("note"), max_length=20_000)
    base = models.TextField(max_length=20_000, blank=True)
    based_on = models.PositiveIntegerField(default=0, help_text="the note's version, 0 for a new one")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["saved_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["author", "note"], condition=Q(note__isnull=False), name="one_draft_a_note"),
            models.UniqueConstraint(fields=["author", "agenda_item"], condition=Q(note__isnull=True), name="one_draft_of_a_new_note"),
        ]

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
