"""Signing in with another server, and the accounts there that a person has linked."""

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from frontend import oidc
from frontend.forms.base import ButtonForm
from frontend.views.base import Visit, signed_in
from frontend.views.fresh import fresh
from meetings.errors import found, nothing_here
from meetings.network import identities


@require_POST
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """To the server. `next` leads back to a page of ours alone."""
    _configured()
    if request.user.is_authenticated:
        return HttpResponseRedirect("/")
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action="login")
    wanted = request.POST.get("next", "")
    to = wanted if wanted and get_adapter().is_safe_url(wanted) else None
    return refused or oidc.begin(request, AuthProcess.LOGIN, to)


@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Where the server sends the person back to."""
    _configured()
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(oidc.Client(request, oidc.server().issuer))(request)
    except oidc.TROUBLE as error:  # it must say anew where the code is taken to
        return oidc.unanswered(request, error)
    return answer


@require_safe
@signed_in
def index(visit: Visit) -> HttpResponse:
    """The accounts elsewhere that open one's own access."""
    rows = identities.identities_of(visit.user)
    if not rows and not settings.OIDC:
        raise nothing_here()
    linked = settings.OIDC and any(row.issuer == settings.OIDC.issuer for row in rows)
    return visit.render("settings/identities.html", {"identities": rows, "oidc": settings.OIDC, "linked": linked})


@signed_in
@fresh("POST")
def link(visit: Visit) -> HttpResponse:
    """To the server, to show which account there is one's own."""
    if not settings.OIDC:
        raise nothing_here()
    if not visit.is_post:
        return HttpResponseRedirect(reverse("frontend:identities"))
    return oidc.begin(visit.request, AuthProcess.CONNECT, None)


@signed_in
def remove(visit: Visit, identity_id: int) -> HttpResponse:
    """Asks in words, then ends it."""
    row = found(next((row for row in identities.identities_of(visit.user) if row.id == identity_id), None))
    words = _("Your account at %(server)s opens nothing here any more. You go on signing in with a code that is sent to your address.")
    back = reverse("frontend:profile")
    shown = {"title": _("Remove this account?"), "words": [words % {"server": row.issuer}], "submit": _("Remove"), "back": back}
    return visit.form(
        ButtonForm(visit.posted),
        "confirm.html",
        shown,
        save=lambda: identities.unlink(user=visit.user, identity_id=identity_id),
        done=_("The account is removed."),
        to=back,
    )


def _configured() -> None:
    if not settings.OIDC:
        raise Http404
