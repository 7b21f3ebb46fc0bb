"""The mailed invitation as its reader sees it: looking changes nothing, as often as a mail scanner may; accepting needs the address."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontend.forms.base import ButtonForm
from frontend.views.base import METHODS, Visit, private, see_other
from frontend.views.go import language_of, reverse_in
from meetings.network import invitations, invited
from meetings.network.letters import as_what
from meetings.network.models import Invitation, User
from meetings.scheduling.selectors import next_meeting

ADDRESS = "invited_address"
"""In the session: what the sign-in begins with."""


@require_safe
def to(request: HttpRequest, token: str) -> HttpResponse:
    """`/go/invitation/<token>`: the page, in the language the mail was in."""
    invitation = invited.by_token(token)
    language = language_of(request) if isinstance(request.user, User) else invitation.membership.user.language
    return private(HttpResponseRedirect(reverse_in(language, "frontend:invitation", token)))


@require_http_methods(METHODS)
def show(request: HttpRequest, token: str) -> HttpResponse:
    """What one is invited to; a POST accepts, by way of the sign-in for who is not signed in with the address."""
    invitation = invited.by_token(token)
    if request.method != "POST":
        return _page(request, invitation)
    if not isinstance(request.user, User):
        request.session[ADDRESS] = invitation.address
        return see_other(f"{reverse('account_request_login_code')}?{urlencode({'next': request.path})}")
    visit, network = Visit(request, request.user), invitation.membership.network
    response = visit.submit(
        ButtonForm(request.POST),
        save=lambda: invitations.accept(user=visit.user, token=token),
        done=_("Welcome to “%(network)s”.") % {"network": network.name},
        to=reverse("frontend:dashboard", args=[network.slug]),
        show=lambda status: _page(request, invitation, status),
    )
    return private(response)


def _page(request: HttpRequest, invitation: Invitation, status: int = 200) -> HttpResponse:
    held = invitation.membership
    place = held.municipality or held.zone
    what = {"role": held.role, "office": held.office, "order": held.order, "place": place.name if place else ""}
    meeting = next_meeting(held.network)
    signed_in = request.user if isinstance(request.user, User) else None
    context = {
        "invitation": invitation,
        "inviting": held.network,
        "as_what": as_what(what),
        "state": invited.state_of(invitation),
        "gone": not invited.still_there(invitation),
        "meeting": meeting,
        "signed_in": signed_in,
        "is_theirs": signed_in is not None and signed_in.pk == held.user_id and signed_in.email == invitation.address,
    }
    response = private(render(request, "network/invitation.html", context, status=status))
    patch_cache_control(response, no_store=True)
    return response
