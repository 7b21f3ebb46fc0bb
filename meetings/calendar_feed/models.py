"""A person's private calendar address."""

import uuid

from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """One secret address for one person and network; only the token's digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds")
    network = models.ForeignKey("meetings.Network", on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=80, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    hide_cancelled = models.BooleanField(default=False)
    alarm_minutes = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label or str(self.id)
