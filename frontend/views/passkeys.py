"""Passkeys: adding, naming and removing one's own, and signing in with one."""

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from frontend import ceremonies
from frontend.forms.base import ButtonForm
from frontend.forms.passkeys import NameForm, PasskeyForm
from frontend.views.base import Visit, signed_in
from frontend.views.fresh import fresh, typed_before
from meetings.errors import Invalid
from meetings.network import passkeys

QUESTION_LASTS = 15 * 60  # seconds
LARGEST_ANSWER = 20_000  # characters; a device's is a tenth of that


@require_safe
@signed_in
def index(visit: Visit) -> HttpResponse:
    """The person's own, and what a passkey is."""
    return visit.render("passkeys/index.html", {"passkeys": passkeys.passkeys_of(visit.user)})


@signed_in
@fresh("GET", "POST")
def add(visit: Visit) -> HttpResponse:
    """The script asks the device for one; its answer comes back with the form."""
    form = PasskeyForm(visit.posted, initial=typed_before(visit))

    def save() -> passkeys.Passkey:
        credential = ceremonies.added(form.cleaned_data["credential"])
        return passkeys.add(user=visit.user, name=form.cleaned_data["name"], credential=credential)

    return visit.form(form, "passkeys/add.html", save=save, done=_("The passkey is added."), to=reverse("frontend:passkeys"))


@never_cache
@require_safe
@signed_in
def options(visit: Visit) -> HttpResponse:
    """What the browser asks the device for, once the button is pressed: a question of its own for each time."""
    return JsonResponse(ceremonies.options_to_add(visit.user))


@signed_in
def rename(visit: Visit, passkey_id: int) -> HttpResponse:
    found = passkeys.passkey(visit.user, passkey_id)
    form = NameForm(visit.posted, initial={"name": found.name})
    return visit.form(
        form,
        "passkeys/rename.html",
        {"passkey": found},
        save=lambda: passkeys.rename(user=visit.user, passkey_id=passkey_id, **form.values()),
        done=_("Saved."),
        to=reverse("frontend:passkeys"),
    )


@signed_in
@fresh("GET", "POST")
def remove(visit: Visit, passkey_id: int) -> HttpResponse:
    """Asks in words, then ends it."""
    found = passkeys.passkey(visit.user, passkey_id)
    words = [
        _("“%(name)s” does not sign you in any more.") % {"name": found.name},
        _("The code that is sent to your address goes on doing so. Remove the passkey in the settings of the device, too."),
    ]
    back = reverse("frontend:passkeys")
    return visit.form(
        ButtonForm(visit.posted),
        "confirm.html",
        {"title": _("Remove this passkey?"), "words": words, "submit": _("Remove"), "back": back},
        save=lambda: passkeys.remove(user=visit.user, passkey_id=passkey_id),
        done=_("The passkey is removed."),
        to=back,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """GET: what the browser asks the device for. POST: its answer; whoever cannot be known by it signs in with a code."""
    if request.user.is_authenticated:
        return HttpResponseRedirect("/")
    if request.method == "GET":
        if refused := ratelimit.consume_or_429(request, app="allauth.mfa", action="webauthn_question", limit_get=True):
            return refused  # type: ignore[no-any-return]
        request.session.set_expiry(QUESTION_LASTS)
        return JsonResponse(ceremonies.options_to_sign_in())
    if refused := ratelimit.consume_or_429(request, app="allauth.mfa", action="webauthn_login"):
        return refused  # type: ignore[no-any-return]
    wanted = request.POST.get("next", "")
    to = wanted if wanted and get_adapter().is_safe_url(wanted) else None
    try:
        authenticator = ceremonies.signed_in_with(_answer(request))
    except Invalid as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("account_request_login_code") + (f"?{urlencode({'next': to})}" if to else ""))
    login = Login(user=authenticator.user, redirect_url=to)
    return perform_passwordless_login(request, authenticator, login)  # type: ignore[no-any-return]


def _answer(request: HttpRequest) -> Any:
    try:
        return json.loads(request.POST.get("credential", "")[:LARGEST_ANSWER])
    except (ValueError, RecursionError):
        return None
