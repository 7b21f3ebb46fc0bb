"""The log: streams of events that are audit trail, live message and replay at once (ARCHITECTURE.md, The event log)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Audience(models.TextChoices):
    """Who is sent an event: `members` ⊂ `staff` (chair, coordinators); `audit` is recorded and never pushed."""

    MEMBERS = "members"
    STAFF = "staff"
    AUDIT = "audit"


class EventStream(models.Model):
    """One order of events: a meeting's, or a network's for what is no meeting's. Its row is the lock that orders them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey("meetings.Network", on_delete=models.PROTECT, related_name="streams")
    meeting = models.OneToOneField("meetings.Meeting", null=True, on_delete=models.PROTECT, related_name="stream")
    last_sequence = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network"], condition=Q(meeting__isnull=True), name="one_stream_of_a_network")]

    def __str__(self) -> str:
        return f"{self.meeting_id or self.network_id} at {self.last_sequence}"


class Event(models.Model):
    """One fact. `hash` covers the previous hash, sequence, type, actor, time and `payload_digest` = H(salt + payload)."""

    stream = models.ForeignKey(EventStream, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    type = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    audience = models.CharField(max_length=10, choices=Audience.choices)
    payload = models.TextField(blank=True)
    salt = models.CharField(max_length=32, blank=True)
    payload_digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["stream", "sequence"]
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="one_event_a_sequence")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type}"


class IdempotencyKey(models.Model):
    """The first answer to a write, kept in the write's own transaction, so that a retry gets it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return self.key
