"""Whom the outbox has told already, for who is about to tell them more."""

from datetime import date
from uuid import UUID

from meetings.notifications.models import MailState, OutgoingEmail


def chased(network_id: UUID, day: date) -> set[str]:
    """The addresses that were asked for something late on this day of the network's clock: they are left alone for the rest of it."""
    return set(OutgoingEmail.objects.filter(network=network_id, chase_day=day).values_list("address", flat=True))


def is_waiting(kind: str, about: str) -> bool:
    """Whether a mail of this kind about a thing has not been sent yet."""
    return OutgoingEmail.objects.filter(kind=kind, about=about, state=MailState.QUEUED).exists()
