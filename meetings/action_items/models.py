"""What somebody promised to do, by when, and how far it is."""

import uuid
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.minutes.models import Decision
from meetings.network.models import Municipality, Network, User
from meetings.scheduling.models import Meeting
from meetings.states import Machine, Transition


class ActionState(models.TextChoices):
    OPEN = "open", _("open")
    IN_PROGRESS = "in_progress", _("in progress")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


_S = ActionState
UNFINISHED = (_S.OPEN, _S.IN_PROGRESS)
TRANSITIONS = Machine(
    {
        "edit": Transition(UNFINISHED, ""),
        "start": Transition(UNFINISHED, _S.IN_PROGRESS),
        "finish": Transition(UNFINISHED, _S.DONE),
        "drop": Transition(UNFINISHED, _S.DROPPED),
        "reopen": Transition((_S.DONE, _S.DROPPED), _S.OPEN),
    }
)
ACTIONS = {
    "edit": Permission.RECORD,
    "start": Permission.REPORT_PROGRESS,
    "finish": Permission.REPORT_PROGRESS,
    "drop": Permission.RECORD,
    "reopen": Permission.REPORT_PROGRESS,
}


class ActionItem(models.Model):
    """Owned by a municipality (none: the office) and, where known, a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="action_items")
    number = models.PositiveIntegerField()
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    owner = models.ForeignKey(Municipality, null=True, on_delete=models.PROTECT, related_name="action_items")
    person = models.CharField(_("person"), max_length=150, blank=True)
    due_on = models.DateField(_("due on"), null=True)
    state = models.CharField(max_length=12, choices=ActionState.choices, default=ActionState.OPEN)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="action_items")
    agenda_item = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="action_items")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="action_items")
    chase_on = models.DateField(null=True, help_text="the next day on which its owner is asked; none: as the due date says")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_on", "number"]
        constraints = [models.UniqueConstraint(fields=["network", "number"], name="one_action_a_number")]

    def __str__(self) -> str:
        return self.title

    def overdue_on(self, day: date) -> bool:
        """Whether it should have been finished before `day`."""
        return self.state in UNFINISHED and self.due_on is not None and self.due_on < day


class ProgressUpdate(models.Model):
    """A line in an action item's history, never changed."""

    action_item = models.ForeignKey(ActionItem, on_delete=models.PROTECT, related_name="updates")
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=5000, blank=True)
    state = models.CharField(max_length=12, choices=ActionState.choices)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text="") | ~Q(state="dropped"), name="a_reason_for_dropping")]

    def __str__(self) -> str:
        return self.text[:60]
