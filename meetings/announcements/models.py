"""What the office, the chair or a zone's spokesperson tells everybody, or a zone, between the meetings."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from meetings.network.models import Network, User, Zone


class Announcement(models.Model):
    """Said once, to those who then belonged to the network or the zone, and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="announcements")
    zone = models.ForeignKey(Zone, null=True, on_delete=models.PROTECT, related_name="announcements", help_text="none: to all")
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), max_length=10_000)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    told = models.PositiveIntegerField(help_text="how many people it was mailed to")

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["network", "sent_at"])]

    def __str__(self) -> str:
        return self.title
