"""Writes of privacy: a network's rules, and a person's way out."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from meetings import clock, validation, versions
from meetings.access import Actor, Permission, Role, require
from meetings.errors import Conflict, Invalid, NotFound
from meetings.events.services import lock_stream, record
from meetings.events.types import ErasureAsked, ErasureSettled, MembershipChanged, PersonErased, PrivacyPolicyChanged
from meetings.live.models import Attendance
from meetings.network import selectors as network_selectors
from meetings.network.models import Membership, Network, User
from meetings.network.people import belongs_only_to, locked
from meetings.network.services import end_membership
from meetings.notifications.services import Recipient, notify
from meetings.privacy import selectors
from meetings.privacy.forgetting import forget_person
from meetings.privacy.identity import REMOVED, Identity
from meetings.privacy.models import TRANSITIONS, ErasureRequest, PrivacyPolicy, RequestState
from meetings.scheduling import delegations
from meetings.scheduling.models import DELEGATION_LIVE, Delegation, MeetingState

DAYS: Mapping[str, tuple[int, int]] = {"contacts_days": (30, 1825), "reasons_days": (30, 365), "drafts_days": (90, 1825)}
"""How short and how long each may be kept."""
POLICY_FIELDS = frozenset({"controller", "contact", "legal_basis", *DAYS})


@transaction.atomic
def change_policy(*, actor: Actor, network: Network, values: Mapping[str, Any], expected_version: int | None = None) -> PrivacyPolicy:
    """The network's notice and how long it keeps things (DAYS). Raises Invalid, StaleVersion."""
    require(actor, Permission.CONFIGURE, network_id=network.pk)
    PrivacyPolicy.objects.get_or_create(network=network)
    policy = PrivacyPolicy.objects.select_for_update(no_key=True).get(network=network)
    versions.check(policy, expected_version, lambda: selectors.policy_as_object(policy))
    _check(values)
    changed = validation.apply(policy, values)
    if changed:
        policy.version += 1
        policy.save(update_fields=[*changed, "version"])
        record(actor, PrivacyPolicyChanged(selectors.policy_as_object(policy)))
    return policy


def _check(values: Mapping[str, Any]) -> None:
    if unknown := sorted(set(values) - POLICY_FIELDS):
        raise Invalid("invalid", _("Some of what you entered is not right."), {name: [_("This cannot be changed.")] for name in unknown})
    for name, (least, most) in DAYS.items():
        if name in values and not (isinstance(values[name], int) and least <= values[name] <= most):
            raise validation.invalid(name, _("Choose from %(least)s to %(most)s days.") % {"least": least, "most": most})


@transaction.atomic
def ask_erasure(*, user: User) -> list[ErasureRequest]:
    """Puts the person's wish to every network in which they have, or had, a part; where it lies already, it stays as it is.

    Raises Conflict `no_network` when there is none to put it to.
    """
    user = locked(user)
    networks = list(selectors.networks_ever_of(user).order_by("pk"))
    if not networks:
        raise Conflict("no_network", _("You have had no part in any network: whoever runs this installation can erase you."))
    return [_ask(Actor(network_id=network.pk, user_id=user.pk, name=user.name), network, user, None) for network in networks]


@transaction.atomic
def record_erasure_request(*, actor: Actor, network: Network, email: str) -> ErasureRequest:
    """A wish that reached the office on paper or by telephone. Raises Invalid for an address of nobody here."""
    require(actor, Permission.CONFIGURE, network_id=network.pk)
    lock_stream(network_id=network.pk)
    user = User.objects.select_for_update(no_key=True).filter(email__iexact=email.strip(), memberships__network=network).first()
    if user is None:
        raise validation.invalid("email", _("Nobody in this network has this address."))
    return _ask(actor, network, user, actor.user_id)


def _ask(actor: Actor, network: Network, user: User, recorded_by: UUID | None) -> ErasureRequest:
    known = ErasureRequest.objects.filter(network=network, user=user, state=RequestState.OPEN).first()
    if known:
        return known
    request = ErasureRequest.objects.create(network=network, user=user, asked_at=clock.now(), recorded_by_id=recorded_by)
    record(actor, ErasureAsked(selectors.request_as_object(request)))
    _tell_office(request, but=actor.user_id)
    if recorded_by is None:
        _tell_person("erasure_received", request)
    return request


def _tell_office(request: ErasureRequest, *, but: UUID | None) -> None:
    rows = network_selectors.memberships(request.network).filter(role=Role.COORDINATOR).exclude(user=but)
    context = {"request": request.pk}
    notify("erasure_asked", network_selectors.recipients(rows), key=str(request.pk), network_id=request.network_id, context=context)


def _tell_person(kind: str, request: ErasureRequest, **context: Any) -> None:
    user = request.user
    person = Recipient(address=user.email, name=user.name, language=user.language, user_id=user.pk)
    notify(kind, [person], key=str(request.pk), network_id=request.network_id, context=context)


@transaction.atomic
def withdraw_erasure(*, user: User) -> int:
    """The person stays after all; how many requests were open."""
    locked(user)
    rows = ErasureRequest.objects.select_for_update(of=("self",), no_key=True).filter(user=user, state=RequestState.OPEN)
    found = list(rows.order_by("network"))
    for request in found:
        _settle(Actor(network_id=request.network_id, user_id=user.pk, name=user.name), request, "withdraw")
    return len(found)


@transaction.atomic
def decline_erasure(*, actor: Actor, request: ErasureRequest, answer: str) -> ErasureRequest:
    """With the reason, in writing (GDPR art. 12(4)). Raises Conflict `wrong_state`, Invalid without a reason."""
    request = _locked(request)
    require(actor, Permission.CONFIGURE, network_id=request.network_id)
    validation.apply(request, {"answer": answer})
    if not request.answer:
        raise validation.invalid("answer", _("Say why."))
    _settle(actor, request, "decline")
    _tell_person("erasure_declined", request, answer=request.answer)
    return request


def _locked(request: ErasureRequest) -> ErasureRequest:
    lock_stream(network_id=request.network_id)
    rows = ErasureRequest.objects.select_for_update(of=("self",), no_key=True).select_related("network", "user")
    return rows.get(pk=request.pk)


def _settle(actor: Actor, request: ErasureRequest, action: str) -> None:
    request.state, request.settled_at = TRANSITIONS.target(action, request.state), clock.now()
    request.settled_by_id = actor.user_id
    request.save(update_fields=["state", "settled_at", "settled_by", "answer"])
    record(actor, ErasureSettled(selectors.request_as_object(request)))


@transaction.atomic
def carry_out_erasure(*, actor: Actor, request: ErasureRequest) -> ErasureRequest:
    """Erases the person who asked. Raises Conflict `wrong_state`, `belongs_elsewhere`, and as `erase_person`."""
    require(actor, Permission.CONFIGURE, network_id=request.network_id)
    locked(request.user)
    request = _locked(request)
    TRANSITIONS.target("carry_out", request.state)
    if problem := obstacle_to(request):
        raise problem
    erase_person(actor=actor, user=request.user)
    request.refresh_from_db()
    return request


def obstacle_to(request: ErasureRequest) -> Conflict | None:
    """Why this network cannot carry it out now, if so, and what to do about it."""
    if belongs_only_to(request.user, request.network):
        return obstacle(request.user)
    elsewhere = _("This cannot be done from one network alone: ask whoever runs the installation to do it, with the command erase_person.")
    return Conflict("belongs_elsewhere", elsewhere)


@transaction.atomic
def erase_person(*, actor: Actor | None, user: User) -> Mapping[str, int]:
    """Forgets the person in every network (ADR 17); `actor` is none for whoever runs the installation. Returns what was done how often.

    Raises Conflict `last_coordinator`, `in_session`, `erased_already`.
    """
    user = locked(user)
    if problem := obstacle(user):
        raise problem
    _take_back_delegations(actor, user)
    memberships = selectors.memberships_of(user)
    with translation.override(user.language):
        name = _("Erased person %(code)s") % {"code": Identity.of(user).code}
    done = forget_person(user, name)
    for membership in memberships:
        _end(actor or network_selectors.system_actor(membership.network_id), membership)
    networks = {membership.network_id for membership in memberships}
    for network_id in sorted(networks, key=lambda pk: pk.hex):
        by = actor or network_selectors.system_actor(network_id)
        for request in ErasureRequest.objects.filter(user=user, network=network_id, state=RequestState.OPEN):
            _settle(by, request, "carry_out")
        record(by, PersonErased({"id": user.pk, "counts": done}))
    return done


def _take_back_delegations(actor: Actor | None, user: User) -> None:
    """Those that name the person for days to come: nobody is confirmed under a dead address."""
    rows = Delegation.objects.filter(Q(user=user) | Q(email__iexact=user.email), state__in=DELEGATION_LIVE).order_by("network", "pk")
    for row in rows:
        delegations.revoke(actor=actor or network_selectors.system_actor(row.network_id), delegation=row)


def _end(by: Actor, membership: Membership) -> None:
    """Ends it or, when it has ended, says how it reads now."""
    ended = end_membership(actor=by, membership=membership)
    if ended.version == membership.version:
        record(by, MembershipChanged(network_selectors.membership_as_object(ended)))


def obstacle(user: User) -> Conflict | None:
    """Why the person cannot be erased now, if so, and what to do about it."""
    if user.email.endswith(f"@{REMOVED}") and Identity.of(user).code in user.name:
        return Conflict("erased_already", _("This person has been erased."))
    for membership in selectors.memberships_of(user):
        if membership.role == Role.COORDINATOR and membership.valid_until is None and not _others(membership):
            return Conflict(
                "last_coordinator",
                _("This is the only coordinator of “%(network)s”: make somebody else a coordinator first.")
                % {"network": membership.network.name},
            )
    if Attendance.objects.filter(user=user, left_at__isnull=True, meeting__state=MeetingState.IN_SESSION).exists():
        return Conflict("in_session", _("This person is present in a session that is going on: wait until it is closed."))
    return None


def _others(membership: Membership) -> bool:
    rows = network_selectors.memberships(membership.network).filter(role=Role.COORDINATOR, valid_until__isnull=True, user__is_active=True)
    return rows.exclude(user=membership.user_id).exists()


def person_for_commands(email: str) -> User:
    """Anybody, active or not, by address. Raises NotFound."""
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        raise NotFound("not_found", _("Nobody has the address %(address)s.") % {"address": email[:80]})
    return user
