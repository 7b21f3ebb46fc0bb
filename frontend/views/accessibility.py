"""The accessibility statement that Italian public bodies publish (law 4/2004, directive (EU) 2016/2102, decision (EU) 2018/1523)."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from frontend.views.base import private
from meetings.network.models import Network, User
from meetings.network.selectors import networks_of
from meetings.privacy import selectors
from meetings.privacy.models import PrivacyPolicy

FIRST_STATED_ON = date(2026, 11, 22)
REVIEWED_ON = date(2026, 11, 22)
"""Move it on when everything in the template has been looked at again: at least once a year, by 23 September."""


@require_safe
def statement(request: HttpRequest) -> HttpResponse:
    """Of the installation: its one network's, or what holds for all, with the way to one's own networks'."""
    network = selectors.only_network()
    if network is not None:
        policy = selectors.policy_of(network)
        return _shown(request, network if policy.controller else None, policy)
    return _shown(request, None, PrivacyPolicy())


@require_safe
def statement_of(request: HttpRequest, name: str) -> HttpResponse:
    """One network's. Raises NotFound to strangers as long as the network has not said who is responsible."""
    network, policy = selectors.notice_of(name, request.user if isinstance(request.user, User) else None)
    return _shown(request, network, policy)


def _shown(request: HttpRequest, network: Network | None, policy: PrivacyPolicy) -> HttpResponse:
    own = list(networks_of(request.user)) if isinstance(request.user, User) else []
    context = {
        "body": policy.controller or (network.name if network else ""),
        "contact": policy.contact,
        "sender": network.sender_address if network else "",
        "address": request.build_absolute_uri(reverse("frontend:home")),
        "about": network,
        "mine": [] if network else own,
        "directory": reverse("frontend:directory", args=[network.slug]) if network in own and network else "",
        "first_stated_on": FIRST_STATED_ON,
        "reviewed_on": REVIEWED_ON,
    }
    return private(render(request, "accessibility/statement.html", context))
