"""Who may do what. One table (domain.md, Roles); when a thing is possible stands beside the states in each slice.

This module judges a plain Actor and imports no slice; `network.selectors` builds actors from memberships.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from meetings.errors import NotAllowed, NotFound


class Role(StrEnum):
    OBSERVER = "observer"
    REPRESENTATIVE = "representative"
    SPOKESPERSON = "spokesperson"
    CHAIR = "chair"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    READ = "read"
    ANSWER = "answer"
    PROPOSE = "propose"
    TRIAGE = "triage"
    SCHEDULE = "schedule"
    TAKE_PART = "take_part"
    TAKE_PART_BY_PHONE = "take_part_by_phone"
    RUN_SESSION = "run_session"
    RECORD = "record"
    APPROVE_MINUTES = "approve_minutes"
    CIRCULATE_MINUTES = "circulate_minutes"
    REPORT_PROGRESS = "report_progress"
    MANAGE_PEOPLE = "manage_people"
    JOIN_ROOM = "join_room"
    SEE_PROPOSALS = "see_proposals"
    SEE_CONTACTS = "see_contacts"
    SEE_REASONS = "see_reasons"
    SEE_STAFF_NOTES = "see_staff_notes"
    CONFIGURE = "configure"
    AUDIT = "audit"
    ANNOUNCE = "announce"
    REMIND = "remind"
    ASK_CORRECTION = "ask_correction"


class Scope(StrEnum):
    """How far a permission reaches: the seat of the membership, its zone, or the whole network."""

    SEAT = "seat"
    ZONE = "zone"
    NETWORK = "network"


P, S = Permission, Scope
_READER = {P.READ: S.NETWORK, P.JOIN_ROOM: S.NETWORK}
_SEAT = dict.fromkeys((P.ANSWER, P.PROPOSE, P.TAKE_PART, P.REPORT_PROGRESS, P.SEE_PROPOSALS, P.ASK_CORRECTION), S.SEAT)
_STAFF = {
    P.PROPOSE: S.NETWORK,
    P.RUN_SESSION: S.NETWORK,
    P.RECORD: S.NETWORK,
    P.REPORT_PROGRESS: S.NETWORK,
    P.SEE_PROPOSALS: S.NETWORK,
    P.SEE_CONTACTS: S.NETWORK,
    P.SEE_STAFF_NOTES: S.NETWORK,
    P.ANNOUNCE: S.NETWORK,
    P.REMIND: S.NETWORK,
    P.ASK_CORRECTION: S.NETWORK,
}
_OFFICE = (P.ANSWER, P.TRIAGE, P.SCHEDULE, P.TAKE_PART_BY_PHONE, P.CIRCULATE_MINUTES, P.MANAGE_PEOPLE, P.SEE_REASONS, P.CONFIGURE, P.AUDIT)
_ZONE = {P.PROPOSE: S.ZONE, P.SEE_PROPOSALS: S.ZONE, P.SEE_CONTACTS: S.ZONE, P.ANNOUNCE: S.ZONE, P.REMIND: S.ZONE}

ROLES: Mapping[Role, Mapping[Permission, Scope]] = {
    Role.OBSERVER: _READER,
    Role.REPRESENTATIVE: {**_READER, **_SEAT},
    Role.SPOKESPERSON: {**_READER, **_ZONE},
    Role.CHAIR: {**_READER, **_STAFF, P.APPROVE_MINUTES: S.NETWORK},
    Role.COORDINATOR: {**_READER, **_STAFF, **dict.fromkeys(_OFFICE, S.NETWORK)},
    Role.AUDITOR: {**_READER, P.SEE_PROPOSALS: S.NETWORK, P.AUDIT: S.NETWORK},
}

INHERITED = frozenset({P.PROPOSE, P.SEE_PROPOSALS, P.REPORT_PROGRESS, P.ASK_CORRECTION})
"""What passes to the successor's representatives when municipalities merge."""


class Place(NamedTuple):
    """Where a thing belongs: the municipality it concerns and that municipality's zone."""

    municipality: UUID | None = None
    zone: UUID | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    role: Role
    municipality: UUID | None = None
    zone: UUID | None = None
    inherited: bool = False
    """Of a municipality that has merged into the one represented: for what it left open, never for its presence, vote or answers."""

    def reaches(self, permission: Permission, place: Place) -> bool:
        """Whether this grant gives `permission` at `place`."""
        match ROLES[self.role].get(permission):
            case Scope.NETWORK:
                return True
            case Scope.SEAT:
                own = self.municipality is not None and self.municipality == place.municipality
                return own and (not self.inherited or permission in INHERITED)
            case Scope.ZONE:
                return self.zone is not None and self.zone == place.zone
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody acting in one network. Rights add up over the grants; `system` is Raccordo itself."""

    network_id: UUID
    user_id: UUID | None = None
    name: str = ""
    grants: Collection[Grant] = field(default=())
    system: bool = False

    @property
    def seats(self) -> frozenset[UUID]:
        """The municipalities this actor represents."""
        return frozenset(g.municipality for g in self.grants if g.role is Role.REPRESENTATIVE and g.municipality and not g.inherited)

    @property
    def open_seats(self) -> frozenset[UUID]:
        """The same and those that have merged into them: whose proposals and action items are this actor's to see to."""
        return frozenset(g.municipality for g in self.grants if g.role is Role.REPRESENTATIVE and g.municipality)

    @property
    def zones(self) -> frozenset[UUID]:
        """The zones this actor speaks for."""
        return frozenset(g.zone for g in self.grants if g.zone)

    @property
    def is_staff(self) -> bool:
        """Chair or coordinator: the audience `staff`."""
        return self.system or any(g.role in (Role.CHAIR, Role.COORDINATOR) for g in self.grants)


def can(actor: Actor, permission: Permission, place: Place | None = None) -> bool:
    """Whether the actor holds the permission at `place` (the whole network when none is given)."""
    return actor.system or any(grant.reaches(permission, place or Place()) for grant in actor.grants)


def holds(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the permission anywhere at all."""
    return actor.system or any(permission in ROLES[grant.role] for grant in actor.grants)


def require(actor: Actor, permission: Permission, *, network_id: UUID, place: Place | None = None) -> None:
    """Raises NotFound for another network's things, NotAllowed without the permission."""
    if actor.network_id != network_id:
        raise NotFound("not_found", _("There is nothing here."))
    if not can(actor, permission, place):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))


def abilities(actor: Actor, actions: Mapping[str, Permission], possible: Collection[str], place: Place | None = None) -> list[str]:
    """The actions, sorted, that are possible now and that this actor may do."""
    return sorted(action for action in possible if can(actor, actions[action], place))
