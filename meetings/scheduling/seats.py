"""Reads of who represents a seat: delegations, out-of-office periods, and who acts for each municipality at a meeting."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from meetings.access import Actor, Permission, Role, can
from meetings.errors import found
from meetings.network.models import Membership, Municipality, Network, User, valid_on
from meetings.network.selectors import place_of, today
from meetings.scheduling.models import (
    ANNOUNCED,
    DELEGATION_LIVE,
    DELEGATION_TRANSITIONS,
    Delegation,
    DelegationState,
    Meeting,
    MeetingState,
    OutOfOffice,
)

STILL_TO_BE_HELD = (*ANNOUNCED, MeetingState.IN_SESSION)
FIRST = 1
"""The order of a seat's titular."""

_DELEGATIONS = Delegation.objects.select_related("network", "municipality__zone", "meeting", "named_by", "confirmed_by")


def acting_for(meeting: Meeting, seats: Collection[UUID] | None = None) -> dict[UUID, Membership]:
    """Who represents each seat at this meeting, one person at most, by municipality id (`seats`: only these). Users come with it.

    A confirmed delegate: one for this meeting before one for a period, the last confirmed first. Else the first in the seat's order.
    Who is out of office that day is passed over; a seat that is left without anybody is not there.
    """
    day = meeting.local.date()
    rows = Membership.objects.filter(valid_on(day), network=meeting.network_id, role=Role.REPRESENTATIVE, user__is_active=True)
    if seats is not None:
        rows = rows.filter(municipality__in=seats)
    away, delegates = absent_on(meeting.network_id, day), _delegates(meeting, day)
    by_seat: dict[UUID, list[Membership]] = defaultdict(list)
    for row in rows.select_related("user").order_by("municipality_id", "order", "id"):
        if row.municipality_id and row.user_id not in away:
            by_seat[row.municipality_id].append(row)
    acting = {seat: _first(there, delegates.get(seat, [])) for seat, there in by_seat.items()}
    return {seat: row for seat, row in acting.items() if row}


def _delegates(meeting: Meeting, day: date) -> dict[UUID, list[UUID]]:
    """The people confirmed for each seat, the one who goes before the others first."""
    rows = Delegation.objects.filter(
        Q(meeting=meeting) | Q(meeting__isnull=True, valid_from__lte=day, valid_until__gte=day),
        network=meeting.network_id,
        state=DelegationState.CONFIRMED,
    )
    named: dict[UUID, list[UUID]] = defaultdict(list)
    confirmed = rows.order_by("confirmed_at", "id").values_list("municipality_id", "user_id", "meeting_id")
    for seat, user, _meeting in sorted(confirmed, key=lambda row: row[2] is not None):
        if user:
            named[seat].insert(0, user)
    return named


def _first(there: list[Membership], delegates: list[UUID]) -> Membership | None:
    by_user: dict[UUID, Membership] = {}
    for row in there:
        by_user.setdefault(row.user_id, row)
    chosen = next((by_user[user] for user in delegates if user in by_user), None)
    return chosen or next((row for row in there if not row.by_delegation), None)


def absent_on(network_id: UUID, day: date) -> set[UUID]:
    """The people who are out of office on that day."""
    rows = OutOfOffice.objects.filter(network=network_id, withdrawn_at__isnull=True, valid_from__lte=day, valid_until__gte=day)
    return set(rows.values_list("user_id", flat=True))


def titulars_of(seat: Municipality, day: date) -> QuerySet[Membership]:
    """Who holds the seat in their own right that day: order 1, not by delegation. Users come with it."""
    rows = Membership.objects.filter(valid_on(day), municipality=seat, role=Role.REPRESENTATIVE, order=FIRST, by_delegation=False)
    return rows.select_related("user").order_by("id")


def is_titular(actor: Actor, seat: Municipality, day: date) -> bool:
    """Whether the actor holds the seat in their own right that day."""
    return actor.user_id is not None and titulars_of(seat, day).filter(user=actor.user_id).exists()


def may_confirm(actor: Actor, seat: Municipality, day: date) -> bool:
    """The signed-in titular or a coordinator makes somebody a delegate; nobody else does (domain.md)."""
    if actor.network_id != seat.network_id:
        return False
    return can(actor, Permission.MANAGE_PEOPLE) or is_titular(actor, seat, day)


def delegations(actor: Actor, network: Network) -> QuerySet[Delegation]:
    """Those of the actor's own seats; for who answers for all, and for auditors, everybody's. The latest days first."""
    rows = _DELEGATIONS.filter(network=network)
    if not (can(actor, Permission.ANSWER) or can(actor, Permission.AUDIT)):
        rows = rows.filter(Q(municipality__in=actor.seats) | Q(user=actor.user_id))
    return rows.order_by("-valid_from", "-named_at", "id")


def delegation(delegation_id: Any) -> Delegation:
    """One with its network. Raises NotFound; whether the reader may know of it is `visible_delegation`'s to say."""
    return found(_DELEGATIONS.filter(pk=delegation_id).first())


def visible_delegation(actor: Actor, row: Delegation) -> Delegation:
    """The delegation, for who may see the seat's and for the delegate. Raises NotFound."""
    seen = can(actor, Permission.AUDIT) or can(actor, Permission.ANSWER, place_of(row.municipality)) or row.user_id == actor.user_id
    return found(row if actor.network_id == row.network_id and seen else None)


def waiting(actor: Actor, network: Network) -> list[Delegation]:
    """What waits for this actor's confirmation: the office's is everything, a titular's what concerns their seats."""
    rows = _DELEGATIONS.filter(network=network, state=DelegationState.ANNOUNCED, valid_until__gte=today(network))
    rows = rows.filter(Q(meeting__isnull=True) | Q(meeting__state__in=STILL_TO_BE_HELD))
    if not can(actor, Permission.MANAGE_PEOPLE):
        if not actor.seats:
            return []
        rows = rows.filter(municipality__in=_held(actor, network))
    return list(rows.order_by("valid_from", "named_at", "id"))


def titular_in(actor: Actor, network: Network) -> set[UUID]:
    """The seats that the actor holds as titular today."""
    return {seat for seat in _held(actor, network) if seat} if actor.seats else set()


def _held(actor: Actor, network: Network) -> QuerySet[Membership, UUID | None]:
    mine = Membership.objects.filter(valid_on(today(network)), user=actor.user_id, municipality__in=actor.seats)
    return mine.filter(order=FIRST, by_delegation=False).values_list("municipality_id", flat=True)


def delegations_for(meeting: Meeting, seats: Iterable[UUID]) -> dict[UUID, Delegation]:
    """What stands for this very meeting, announced or confirmed, by municipality id."""
    rows = _DELEGATIONS.filter(meeting=meeting, municipality__in=list(seats), state__in=DELEGATION_LIVE)
    return {row.municipality_id: row for row in rows}


def delegation_abilities(actor: Actor, row: Delegation, held: Collection[UUID] | None = None) -> list[str]:
    """What the actor may do with it now: `confirm`, `revoke`. `held`: the seats they hold as titular, asked once for a list."""
    possible = DELEGATION_TRANSITIONS.possible(row.state) & {"confirm", "revoke"}
    if not possible or not can(actor, Permission.ANSWER, place_of(row.municipality)):
        return []
    day = today(row.network)
    judge = may_confirm(actor, row.municipality, day) if held is None else _judges(actor, row, held)
    if not judge or row.valid_until < day:
        possible -= {"confirm"}
    if not judge and not may_take_back(actor, row):
        possible -= {"revoke"}
    return sorted(possible)


def _judges(actor: Actor, row: Delegation, held: Collection[UUID]) -> bool:
    return can(actor, Permission.MANAGE_PEOPLE) or row.municipality_id in held


def may_take_back(actor: Actor, row: Delegation) -> bool:
    """Whoever named somebody may think again until it is confirmed."""
    return row.state == DelegationState.ANNOUNCED and row.named_by_id == actor.user_id and row.municipality_id in actor.seats


def absences(actor: Actor, network: Network) -> QuerySet[OutOfOffice]:
    """The actor's own; for who sees reasons, everybody's. The latest days first; those withdrawn are not among them."""
    rows = OutOfOffice.objects.filter(network=network, withdrawn_at__isnull=True).select_related("user", "network")
    if not can(actor, Permission.SEE_REASONS):
        rows = rows.filter(user=actor.user_id)
    return rows.order_by("-valid_from", "id")


def absence(absence_id: Any) -> OutOfOffice:
    """One with its network and person. Raises NotFound; whether the reader may know of it is `own_absence`'s to say."""
    return found(OutOfOffice.objects.select_related("network", "user").filter(pk=absence_id).first())


def may_see_absence(actor: Actor, row: OutOfOffice) -> bool:
    """One's own, or with the right to see reasons everybody's."""
    return actor.network_id == row.network_id and (actor.user_id == row.user_id or can(actor, Permission.SEE_REASONS))


def people_with_a_seat(network: Network, day: date) -> QuerySet[User]:
    """Who represents a municipality that day."""
    rows = Membership.objects.filter(valid_on(day), network=network, role=Role.REPRESENTATIVE)
    return User.objects.filter(pk__in=rows.values("user")).order_by("name", "id")


def delegation_as_object(row: Delegation) -> dict[str, Any]:
    """Needs `municipality` and `named_by` selected."""
    return {
        "id": row.pk,
        "municipality": row.municipality_id,
        "municipality_name": row.municipality.name,
        "meeting": row.meeting_id,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "delegate": {"name": row.name, "email": row.email, "office": row.office},
        "state": row.state,
        "named_by": row.named_by_id,
        "named_by_name": row.named_by.name if row.named_by else "",
        "named_at": row.named_at,
        "through_link": row.through_link,
        "confirmed_by": row.confirmed_by_id,
        "confirmed_at": row.confirmed_at,
        "finished_at": row.finished_at,
        "version": row.version,
    }


def absence_as_object(row: OutOfOffice, *, note: bool = False) -> dict[str, Any]:
    """Needs `user` selected. `note`: only for who may see reasons, and never in an event."""
    shown = {
        "id": row.pk,
        "user": row.user_id,
        "user_name": row.user.name,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "declared_at": row.declared_at,
        "withdrawn_at": row.withdrawn_at,
    }
    return {**shown, "note": row.note} if note else shown
