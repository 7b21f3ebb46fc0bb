"""What a network says about privacy and how long it keeps things, and who has asked to be erased."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from meetings.network.models import Network, User
from meetings.states import Machine, Transition


class PrivacyPolicy(models.Model):
    """A network's own; one that never chose anything has the defaults. The texts stand in its privacy notice."""

    network = models.OneToOneField(Network, primary_key=True, on_delete=models.PROTECT, related_name="privacy_policy")
    controller = models.CharField(_("controller"), max_length=200, blank=True)
    contact = models.TextField(_("contact"), max_length=1000, blank=True)
    legal_basis = models.TextField(_("legal basis"), max_length=2000, blank=True)
    contacts_days = models.PositiveSmallIntegerField(_("contacts"), default=365)
    reasons_days = models.PositiveSmallIntegerField(_("reasons"), default=180)
    drafts_days = models.PositiveSmallIntegerField(_("drafts"), default=365)
    last_run_on = models.DateField(null=True, help_text="the network's day on which retention was last applied")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "privacy policies"

    def __str__(self) -> str:
        return f"privacy of {self.network_id}"


class RequestState(models.TextChoices):
    OPEN = "open", _("open")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "withdrawn")
    DECLINED = "declined", pgettext_lazy("request", "declined")
    DONE = "done", _("carried out")


_S = RequestState
TRANSITIONS = Machine(
    {
        "withdraw": Transition((_S.OPEN,), _S.WITHDRAWN),
        "decline": Transition((_S.OPEN,), _S.DECLINED),
        "carry_out": Transition((_S.OPEN,), _S.DONE),
    }
)


class ErasureRequest(models.Model):
    """Somebody's wish to be erased (GDPR art. 17), put to one network; `recorded_by` is the coordinator whom it reached on paper."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="erasure_requests")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="erasure_requests")
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    asked_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=1000, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["network", "user"], condition=Q(state="open"), name="one_open_erasure_request")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"
