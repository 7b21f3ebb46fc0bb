"""Reads of privacy: what a network says of it, and who has asked to be erased."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from meetings.access import Actor, Permission, require
from meetings.errors import found
from meetings.network.models import Membership, Network, User
from meetings.privacy.models import ErasureRequest, PrivacyPolicy, RequestState


def policy_of(network: Network) -> PrivacyPolicy:
    """The network's, with the defaults while nothing is stored."""
    try:
        return network.privacy_policy
    except PrivacyPolicy.DoesNotExist:
        return PrivacyPolicy(network=network)


def policy_as_object(policy: PrivacyPolicy) -> dict[str, Any]:
    names = "controller contact legal_basis contacts_days reasons_days drafts_days version"
    return {"id": policy.network_id, **{name: getattr(policy, name) for name in names.split()}}


def notice_of(slug: str, user: User | None) -> tuple[Network, PrivacyPolicy]:
    """What a network's notice says: for its people, and for everybody once the network has named who is responsible. Raises NotFound."""
    network = found(Network.objects.select_related("privacy_policy").filter(slug=slug).first())
    policy = policy_of(network)
    if policy.controller or (user is not None and Membership.objects.filter(network=network, user=user).exists()):
        return network, policy
    return found(None)


def only_network() -> Network | None:
    """The installation's network, where it has just one."""
    networks = list(Network.objects.select_related("privacy_policy").order_by("pk")[:2])
    return networks[0] if len(networks) == 1 else None


def request_as_object(request: ErasureRequest) -> dict[str, Any]:
    """Ids alone: it is recorded in a log that is to hold nothing of the person."""
    return {
        "id": request.pk,
        "user": request.user_id,
        "state": request.state,
        "asked_at": request.asked_at,
        "recorded_by": request.recorded_by_id,
        "settled_at": request.settled_at,
        "settled_by": request.settled_by_id,
    }


def requests_in(network: Network) -> QuerySet[ErasureRequest]:
    """The network's requests, open ones first."""
    return ErasureRequest.objects.filter(network=network).select_related("user", "recorded_by", "settled_by").order_by("-state", "asked_at")


def open_requests(user: User) -> QuerySet[ErasureRequest]:
    """A person's own requests that nobody has settled."""
    return ErasureRequest.objects.filter(user=user, state=RequestState.OPEN).select_related("network").order_by("network__name")


def erasure_request(actor: Actor, request_id: UUID) -> ErasureRequest:
    """One of the actor's network. Raises NotFound, and NotAllowed to who does not configure it."""
    row = found(ErasureRequest.objects.select_related("network", "user").filter(pk=request_id, network=actor.network_id).first())
    require(actor, Permission.CONFIGURE, network_id=row.network_id)
    return row


def networks_ever_of(user: User) -> QuerySet[Network]:
    """Where the person has, or had, a part."""
    return Network.objects.filter(pk__in=Membership.objects.filter(user=user).values("network")).order_by("name", "id")


def memberships_of(user: User) -> list[Membership]:
    """All of them, ended ones too, in the order in which the networks' streams are locked."""
    rows = Membership.objects.filter(user=user).select_related("network", "user", "municipality__zone", "zone")
    return sorted(rows, key=lambda row: (row.network_id.hex, row.pk.hex))
