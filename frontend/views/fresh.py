"""Signing in again before one opens another way in: a session that was left open, or stolen, makes no key that outlives it.

    @signed_in
    @fresh("GET", "POST")
    def add(visit: Visit) -> HttpResponse:
        form = PasskeyForm(visit.posted, initial=typed_before(visit))

docs/adr/0028-passkeys-and-oidc.md says which pages these are.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend.typed import MOST, typed_in
from frontend.views.base import METHODS, Visit, see_other
from frontend.views.invitations import ADDRESS
from meetings.network.models import User
from meetings.network.sign_ins import FRESH, is_fresh

KEY = "typed_before"
"""In the session: what was typed into the form of which page, and by whom."""


def fresh(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """By these methods the page is for who has signed in within the last 15 minutes; others are asked to do so, and come back.

    What they sent is kept for the form: `initial=typed_before(visit)`.
    """

    def of(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def asked(visit: Visit, **kwargs: Any) -> HttpResponse:
            if visit.request.method not in methods or is_fresh(visit.request.session):
                return view(visit, **kwargs)
            _keep(visit)
            return see_other(f"{reverse('account_again')}?{urlencode({'next': visit.request.get_full_path()})}")

        return asked

    return of


def _keep(visit: Visit) -> None:
    typed, _files = typed_in(visit.request)
    if typed and sum(len(value) for _name, value in typed) <= MOST:
        visit.request.session[KEY] = {"user": str(visit.user.pk), "page": _page(visit), "typed": typed}


def _page(visit: Visit) -> str:
    """Its name: the person may come back to it in another language."""
    return visit.request.resolver_match.view_name if visit.request.resolver_match else ""


def typed_before(visit: Visit) -> dict[str, str]:
    """What the same person had typed into this form when they were asked to sign in again: once."""
    found = {} if visit.is_post else visit.request.session.pop(KEY, {})
    mine = (found.get("user"), found.get("page")) == (str(visit.user.pk), _page(visit))
    return dict(found["typed"]) if mine else {}


@never_cache
@require_http_methods(METHODS)
def again(request: HttpRequest) -> HttpResponse:
    """Says why; its button ends the session and leads to the sign-in, by any way there is, and from there back to `next`."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    to = wanted if wanted and get_adapter().is_safe_url(wanted) else reverse("frontend:profile")
    sign_in = f"{reverse('account_request_login_code')}?{urlencode({'next': to})}"
    if not isinstance(request.user, User):
        return HttpResponseRedirect(sign_in)
    typed = request.session.get(KEY)
    if request.method != "POST":
        return Visit(request, request.user).render("account/again.html", {"next": to, "typed": typed is not None})
    address = request.user.email
    logout(request)
    request.session.set_expiry(int(FRESH.total_seconds()))  # who does not come back leaves nothing behind
    request.session[ADDRESS] = address
    if typed is not None:
        request.session[KEY] = typed
    return see_other(sign_in)
