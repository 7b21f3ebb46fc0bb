"""Who is told of the minutes: those who were there, that they can be corrected; who asked, what came of it; everybody, the approval."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from meetings.access import Actor, Role
from meetings.minutes.models import Correction, Minutes
from meetings.minutes.selectors import open_corrections
from meetings.network.models import Municipality
from meetings.network.selectors import memberships, recipients
from meetings.notifications.services import Recipient, drop, notify


def _context(minutes: Minutes) -> Mapping[str, Any]:
    meeting = minutes.meeting
    return {
        "meeting": meeting.pk,
        "title": meeting.title,
        "number": meeting.number,
        "starts_at": meeting.starts_at,
        "time_zone": meeting.time_zone,
        "edition": minutes.edition,
        "reason": minutes.edition_reason,
        "until": minutes.correction_until,
    }


def to_correct(actor: Actor, minutes: Minutes) -> None:
    """Who represents a seat that attended, or what it has merged into, and the chair: they may ask for corrections. When there is more
    time they are told again, unless the first mail still waits: then it says the new time.
    """
    meeting = minutes.meeting
    rows = memberships(meeting.network)
    attended = Municipality.objects.filter(attendance__meeting=meeting.pk, attendance__struck_at__isnull=True).values("pk")
    there = rows.filter(Q(municipality__in=attended) | Q(municipality__predecessors__in=attended), role=Role.REPRESENTATIVE)
    people = recipients([*there, *rows.filter(role=Role.CHAIR)])
    _notify("minutes_to_correct", minutes, _others(actor, people), key=f"{minutes.pk}:{minutes.edition}:{_until(minutes)}")


def _until(minutes: Minutes) -> str:
    return minutes.correction_until.isoformat() if minutes.correction_until else ""


def window_closed(minutes: Minutes) -> None:
    """The office: what is still to be answered before the approval."""
    office = recipients(memberships(minutes.meeting.network).filter(role=Role.COORDINATOR))
    waiting = {"open": open_corrections(minutes).count()}
    _notify("corrections_closed", minutes, office, key=f"{minutes.pk}:{minutes.edition}:{_until(minutes)}", more=waiting)


def approved(actor: Actor, minutes: Minutes) -> None:
    """Everybody in the network. Nobody is asked for corrections any more."""
    drop(kind="minutes_to_correct", about=f"minutes:{minutes.pk}")
    people = recipients(memberships(minutes.meeting.network).exclude(role=Role.AUDITOR))
    _notify("minutes_approved", minutes, _others(actor, people), key=f"{minutes.pk}:{minutes.edition}")


def answered(actor: Actor, correction: Correction) -> None:
    """Whoever asked for the correction, while they take part in the network."""
    asked = memberships(correction.minutes.meeting.network).filter(user=correction.asked_by_id)
    more = {"state": correction.state, "text": correction.text, "answer": correction.reason}
    _notify("correction_answered", correction.minutes, _others(actor, recipients(asked)), key=str(correction.pk), more=more)


def _others(actor: Actor, people: list[Recipient]) -> list[Recipient]:
    return [row for row in people if row.user_id != actor.user_id]


def _notify(kind: str, minutes: Minutes, people: list[Recipient], *, key: str, more: Mapping[str, Any] | None = None) -> None:
    notify(
        kind,
        people,
        key=key,
        network_id=minutes.meeting.network_id,
        about=f"minutes:{minutes.pk}",
        context={**_context(minutes), **(more or {})},
    )
