"""Who is told of changes in the calendar, and of what: one mail for an editing session, with what was before and what is in the end."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from meetings import clock
from meetings.access import Actor, Role
from meetings.network.models import Network
from meetings.network.selectors import memberships, recipients
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.notifications.services import Recipient, notify
from meetings.scheduling.models import Meeting, MeetingState

TOLD_AHEAD = timedelta(weeks=8)
"""A change of a meeting further away than this is seen in the calendar alone."""
MOVED, CANCELLED, RESTORED, SCHEDULED = "meeting_moved", "meeting_cancelled", "meeting_restored", "meeting_scheduled"
JOIN_LINK, SEVERAL = "join_link_changed", "meetings_changed"
KINDS = (MOVED, CANCELLED, RESTORED, SCHEDULED, JOIN_LINK, SEVERAL)
WHEN = ("starts_at", "time_zone", "duration_minutes")
HOW = ("join_url", "phone", "phone_pin")
News = dict[str, Any]
"""`{meeting, number, title, before, after, reason}`; `before` is none for a meeting that is new."""


def announce(meeting: Meeting) -> bool:
    """Whether the meeting's members are told what becomes of it; if so, from now on."""
    if meeting.announced_at is None and is_near(meeting):
        meeting.announced_at = clock.now()
    return meeting.announced_at is not None


def is_near(meeting: Meeting) -> bool:
    return meeting.starts_at <= clock.now() + TOLD_AHEAD


def shown(meeting: Meeting) -> News:
    """What a mail says of a meeting's time and place."""
    held = meeting.state != MeetingState.CANCELLED
    return _plain({**{name: getattr(meeting, name) for name in (*WHEN, *HOW)}, "is_held": held})


def news(meeting: Meeting, before: News | None, reason: str = "") -> News:
    """What has become of a meeting."""
    names = {"meeting": meeting.pk, "number": meeting.number, "title": meeting.title}
    return _plain({**names, "before": before, "after": shown(meeting), "reason": reason})


def members(network: Network, besides: UUID | None = None) -> list[Recipient]:
    """Everybody who takes part, observers too; not the auditors, and not the person who did it."""
    rows = memberships(network).exclude(role=Role.AUDITOR)
    return [person for person in recipients(rows) if person.user_id != besides]


def tell(*, actor: Actor, network: Network, series_id: UUID | None, changes: Sequence[News]) -> int:
    """Mails what has changed, joined with what still waits to be told of the same series; how many mails were put there or changed.

    What was changed back meanwhile is told to nobody who has not been told of the change.
    """
    if not changes:
        return 0
    about = f"series:{series_id}" if series_id else f"meeting:{changes[0]['meeting']}"
    rows = OutgoingEmail.objects.select_for_update(of=("self",), no_key=True).filter(about=about, kind__in=KINDS, state=MailState.QUEUED)
    waiting = {row.address: row for row in rows.order_by("pk")}
    everybody = [person for person in members(network) if person.user_id != actor.user_id or person.address in waiting]
    groups: dict[tuple[str, str], list[Recipient]] = defaultdict(list)
    outdated = []
    for person in everybody:
        row = waiting.get(person.address)
        net = _merged(row.context["changes"] if row else [], changes)
        kind = _kind(net)
        if row and row.kind != kind:
            outdated.append(row.pk)
        if kind:
            groups[kind, json.dumps(net)].append(person)
    OutgoingEmail.objects.filter(pk__in=outdated, state=MailState.QUEUED).update(state=MailState.DROPPED)
    key = f"{changes[0]['meeting']}:{Meeting.objects.values_list('version', flat=True).get(pk=changes[0]['meeting'])}"
    return sum(
        notify(kind, people, key=key, network_id=network.pk, about=about, context={"changes": json.loads(net)})
        for (kind, net), people in groups.items()
    )


def _merged(old: Iterable[News], new: Iterable[News]) -> list[News]:
    """What it was before the first of the changes, and what it is after the last; without what comes to nothing."""
    found = {change["meeting"]: change for change in old}
    for change in new:
        first = found.get(change["meeting"], change)
        found[change["meeting"]] = {**change, "before": first["before"]}
    net = [change for change in found.values() if _type(change)]
    return sorted(net, key=lambda change: (change["after"]["starts_at"], change["meeting"]))


def _kind(changes: Sequence[News]) -> str:
    """The kind of mail that tells of these; empty when there is nothing to tell."""
    types = {_type(change) for change in changes}
    if len(changes) == 1 or types == {JOIN_LINK}:
        return types.pop()
    return SEVERAL if changes else ""


def _type(change: News) -> str:
    """What has become of one meeting as far as people have been told; empty for nothing."""
    before, after = change["before"], change["after"]
    if before is None:
        return SCHEDULED if after["is_held"] else ""
    if before["is_held"] != after["is_held"]:
        return RESTORED if after["is_held"] else CANCELLED
    if not after["is_held"]:
        return ""
    if any(before[name] != after[name] for name in WHEN):
        return MOVED
    return JOIN_LINK if any(before[name] != after[name] for name in HOW) else ""


def _plain(values: News) -> News:
    plain: News = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return plain
