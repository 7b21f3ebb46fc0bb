"""Whom the agenda's mails go to, and what they are given to say: the fourth step of its services."""

from typing import Any

from meetings.access import Actor, Role
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import addenda, running_order, starts, visible_items
from meetings.errors import NotFound
from meetings.network.models import User
from meetings.network.selectors import actor_for, memberships, recipients
from meetings.notifications.services import Recipient, notify
from meetings.scheduling.models import Meeting, MeetingState


def received(actor: Actor, item: AgendaItem) -> None:
    """The receipt of a proposal, to its municipality and whoever handed it in."""
    if item.proposer_id is None:
        return
    context = {**_about(item), "late": item.late, "submitted_at": item.submitted_at, "closes_at": item.meeting.intake_closes_at}
    people = _people(item, {item.proposer_id}, {actor.user_id})
    notify("receipt", people, key=f"{item.pk}:{item.version}", network_id=item.meeting.network_id, about=f"item:{item.pk}", context=context)


def answered(actor: Actor, item: AgendaItem) -> None:
    """What became of a proposal, to all who proposed it: with the answer in writing, and where it goes on."""
    seats = {item.proposer_id, *(row.pk for row in item.co_proposers.all())}
    people = [row for row in _people(item, seats, {item.created_by_id}) if row.user_id != actor.user_id]
    context = {**_about(item), "outcome": item.state, "answer": item.answer, "addendum": item.addendum, **_goes_on(item)}
    key = f"{item.pk}:{item.version}"
    notify("proposal_answered", people, key=key, network_id=item.meeting.network_id, about=f"item:{item.pk}", context=context)


def _goes_on(item: AgendaItem) -> dict[str, Any]:
    successor = item.carried_to.filter(taken_back=False).select_related("meeting").first() if item.state != ItemState.ACCEPTED else None
    on = {"next_item": successor.pk, "next_starts_at": successor.meeting.starts_at} if successor else {}
    return {**on, "into": item.merged_into_id, "into_title": item.merged_into.title if item.merged_into else ""}


def _about(item: AgendaItem) -> dict[str, Any]:
    meeting = item.meeting
    return {"item": item.pk, "title": item.title, "meeting": meeting.pk, "starts_at": meeting.starts_at, "time_zone": meeting.time_zone}


def _people(item: AgendaItem, seats: set[Any], users: set[Any]) -> list[Recipient]:
    """Who represents these seats today, and of these people those who may know of the item."""
    network = item.meeting.network
    rows = [row for row in memberships(network).filter(role=Role.REPRESENTATIVE, municipality__in=seats - {None})]
    others = [user for user in User.objects.filter(pk__in=users - {None}) if _may_know(user, item)]
    return list({row.user_id: row for row in [*recipients(rows), *map(_recipient, others)]}.values())


def _may_know(user: User, item: AgendaItem) -> bool:
    try:
        return visible_items(actor_for(user, item.meeting.network)).filter(pk=item.pk).exists()
    except NotFound:
        return False


def _recipient(user: User) -> Recipient:
    return Recipient(address=user.email, name=user.name, language=user.language, user_id=user.pk)


def published(meeting: Meeting) -> None:
    """The agenda, to everybody in the network: once."""
    people, about = recipients(memberships(meeting.network)), f"meeting:{meeting.pk}"
    notify("agenda_published", people, key=str(meeting.pk), network_id=meeting.network_id, about=about, context=_agenda(meeting))


def added(meeting: Meeting) -> None:
    """What has been added to a published agenda or struck from it, to everybody in the network."""
    if meeting.state != MeetingState.AGENDA_PUBLISHED:
        return
    rows = list(addenda(meeting))
    context = {**_agenda(meeting), "addenda": [{**_line(row), "struck": row.struck_at is not None, "number": row.addendum} for row in rows]}
    key = f"{meeting.pk}:{rows[-1].addendum}"
    people = recipients(memberships(meeting.network))
    notify("addendum", people, key=key, network_id=meeting.network_id, about=f"meeting:{meeting.pk}", context=context)


def _agenda(meeting: Meeting) -> dict[str, Any]:
    items = list(running_order(meeting))
    begins = starts(meeting, items)
    return {
        "meeting": meeting.pk,
        "title": meeting.title,
        "starts_at": meeting.starts_at,
        "time_zone": meeting.time_zone,
        "closes_at": meeting.intake_closes_at,
        "items": [{**_line(row), "begins": begins[row.pk]} for row in items],
    }


def _line(item: AgendaItem) -> dict[str, Any]:
    by = ", ".join(row.name for row in (item.proposer, *item.co_proposers.all()) if row)
    return {"position": item.position, "title": item.title, "by": by, "kind": item.kind, "minutes": item.duration_minutes}
