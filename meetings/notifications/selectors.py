"""Reads of the outbox: what a network's coordinators see of its mail, and what the demo shows to everybody."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from meetings.errors import found
from meetings.notifications.models import UNSETTLED, MailState, OutgoingEmail
from meetings.notifications.rendering import subject_of

PROBLEMS = {
    "refused": _("The mail server refused it: %(detail)s"),
    "unreachable": _("The mail server could not be reached: %(detail)s"),
    "lost": _("The connection broke while it was being handed over: %(detail)s"),
    "interrupted": _("Raccordo was interrupted while handing it over."),
    "restored": _("It was waiting in the backup that was restored: it may have been sent since."),
    "unwritten": _("It could not be written (%(detail)s). Whoever runs this installation finds the reason in the log."),
    "too_late": _("By the time it could be sent it was pointless."),
    "no_access": _("The person no longer has access."),
    "unsubscribed": _("The person has refused this kind of mail meanwhile."),
}


def problem_in_words(row: OutgoingEmail) -> str:
    """What went wrong at the last attempt; nothing when nothing did."""
    code, _separator, detail = row.error.partition(": ")
    return str(PROBLEMS[code]) % {"detail": detail} if code in PROBLEMS else row.error


def mail_of(network_id: UUID, state: str = "") -> QuerySet[OutgoingEmail]:
    """The network's mail, the newest first. Sign-in mail is no network's, so it is nobody's to see."""
    rows = OutgoingEmail.objects.filter(network=network_id, **({"state": state} if state else {}))
    return rows.select_related("network").order_by("-created_at", "-id")


def counts(network_id: UUID) -> dict[str, int]:
    """How many of the network's mails are in each state."""
    rows = OutgoingEmail.objects.filter(network=network_id).values("state").annotate(count=Count("pk")).order_by()
    return {**dict.fromkeys(MailState.values, 0), **{row["state"]: row["count"] for row in rows}}


def unsettled(network_id: UUID) -> int:
    """How many wait for a coordinator's decision."""
    return OutgoingEmail.objects.filter(network=network_id, state__in=UNSETTLED).count()


def email(email_id: UUID | str) -> OutgoingEmail:
    """A network's mail. Raises NotFound; whether the reader may know of it is `actor_for`'s to say."""
    return found(OutgoingEmail.objects.filter(pk=email_id, network__isnull=False).select_related("network").first())


def newest(most: int) -> list[OutgoingEmail]:
    """The newest mails of the whole installation, those that wait too: for the demo alone."""
    return list(OutgoingEmail.objects.exclude(address="").select_related("network", "user").order_by("-created_at", "-id")[:most])


def any_email(email_id: UUID) -> OutgoingEmail:
    """Any mail at all, for the demo alone. Raises NotFound."""
    return found(OutgoingEmail.objects.filter(pk=email_id).select_related("network", "user").first())


def email_as_object(row: OutgoingEmail) -> dict[str, Any]:
    """What a coordinator may see: whom it goes to and what it is about, never what it says. Needs `network` selected."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "subject": subject_of(row) if row.address else "",
        "name": row.name,
        "address": row.address,
        "language": row.language,
        "state": row.state,
        "created_at": row.created_at,
        "not_before": row.not_before,
        "attempts": row.attempts,
        "handed_at": row.handed_at,
        "sent_at": row.sent_at,
        "error": row.error,
    }


def as_recorded(row: OutgoingEmail) -> dict[str, Any]:
    """The same for the log, which keeps everything for good: without the address, and without what the server said of it."""
    return {"id": row.pk, "kind": row.kind, "user": row.user_id, "state": row.state, "created_at": row.created_at, "sent_at": row.sent_at}
