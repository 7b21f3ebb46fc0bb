"""The outbox: mails as rows of the transaction that caused them, and what people no longer want to be sent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meetings.access import Permission
from meetings.states import Machine, Transition


class MailState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    UNDELIVERABLE = "undeliverable", _("undeliverable")
    UNCERTAIN = "uncertain", _("uncertain")
    DROPPED = "dropped", _("not sent")


UNSETTLED = (MailState.UNDELIVERABLE, MailState.UNCERTAIN)
"""What a coordinator decides on; `settle` makes an uncertain mail `sent`, an undeliverable one `dropped`."""
TRANSITIONS = Machine({"send_again": Transition(UNSETTLED, MailState.QUEUED), "settle": Transition(UNSETTLED, "")})
ACTIONS = dict.fromkeys(TRANSITIONS.table, Permission.MANAGE_PEOPLE)


class OutgoingEmail(models.Model):
    """One mail to one person. What it says is made when it is sent, of `kind` and `context`, in the person's language.

    `handed_at` is set just before the server is given the text: a row that was left there may or may not have arrived (`uncertain`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey("meetings.Network", null=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=5)
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60, blank=True, help_text="what it tells of: the same for all mails of one editing session")
    key = models.CharField(max_length=200, unique=True)
    context = models.JSONField(default=dict)
    chase_day = models.DateField(null=True, help_text="nobody is chased twice in a day")
    state = models.CharField(max_length=15, choices=MailState.choices, default=MailState.QUEUED)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.CharField(max_length=36, blank=True)
    leased_until = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["not_before", "created_at", "id"]
        indexes = [
            models.Index(fields=["state", "not_before"]),
            models.Index(fields=["kind", "about"]),
            models.Index(fields=["kind", "address"]),
            models.Index(fields=["network", "state"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "address", "chase_day"], condition=Q(chase_day__isnull=False), name="nobody_is_chased_twice_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"


class Unsubscription(models.Model):
    """A kind of mail that a person no longer wants (RFC 8058). Mails that somebody must have cannot be refused."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="unsubscriptions")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_refusal_a_kind")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"
