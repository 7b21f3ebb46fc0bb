"""Signing in. The steps are allauth's; the first page also offers the demo's people, in the demo."""

from collections import Counter
from typing import Any, NamedTuple

from allauth.account.views import RequestLoginCodeView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.sessions import end_others
from frontend.typed import kept
from frontend.views.base import Visit, signed_in
from frontend.views.errors import MINUTE
from frontend.views.invitations import ADDRESS
from meetings import clock
from meetings.calendar_feed.selectors import feeds_of
from meetings.network.identities import identities_of
from meetings.network.models import User
from meetings.network.passkeys import passkeys_of
from meetings.network.selectors import demo_people, tokens_of


class WayIn(NamedTuple):
    """A kind of key, how many of it one has, and the page on which they are ended."""

    words: str
    number: int
    url: str


class SignIn(RequestLoginCodeView):  # type: ignore[misc]
    """Asks for the address that the code goes to; who comes from an invitation finds theirs there.

    Who was signed out while they typed finds the text, once.
    """

    def get_initial(self) -> dict[str, Any]:
        address = self.request.session.get(ADDRESS)
        return {**super().get_initial(), **({"email": address} if address else {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {**super().get_context_data(**kwargs), "oidc": settings.OIDC, **kept(self.request)}
        if settings.DEMO:
            to_files = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
            context |= {"demo_people": demo_people(), "mail_folder": settings.EMAIL_FILE_PATH if to_files else ""}
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        if any(error.code == "too_many_login_attempts" for errors in form.errors.as_data().values() for error in errors):
            response.status_code, response["Retry-After"] = 429, str(MINUTE)
        return response


def no_signup(request: HttpRequest) -> HttpResponse:
    """People are added by a coordinator. (allauth wants the address to exist.)"""
    raise Http404


@signed_in
def sign_out_elsewhere(visit: Visit) -> HttpResponse:
    """Asks in words, then ends every session of the person's but this one; says what goes on opening the door."""
    back = reverse("frontend:profile")
    words = [_("Wherever else you are signed in, on a phone or on another computer, you are signed out. Here you stay signed in.")]
    return visit.form(
        ButtonForm(visit.posted),
        "settings/sign_out_elsewhere.html",
        {
            "title": _("Sign out everywhere else?"),
            "words": words,
            "submit": _("Sign out everywhere else"),
            "back": back,
            "safe": True,
            "ways": _ways_in(visit.user),
        },
        save=lambda: end_others(visit.user, visit.request.session.session_key),
        done=_("You are signed in here alone."),
        to=back,
    )


def _ways_in(user: User) -> list[WayIn]:
    """What needs no session: it is there that one takes it away."""
    tokens = tokens_of(user).filter(expires_at__gt=clock.now()).count()
    feeds = Counter(feed.network for feed in feeds_of(user))
    ways = [
        WayIn(_("Passkeys"), len(passkeys_of(user)), reverse("frontend:passkeys")),
        WayIn(_("Accounts you sign in with"), len(identities_of(user)), reverse("frontend:identities")),
        WayIn(_("Personal access tokens"), tokens, reverse("frontend:tokens")),
    ]
    calendars = _("Calendar addresses of %(network)s")
    ways += [WayIn(calendars % {"network": row.name}, n, reverse("frontend:calendar_feeds", args=[row.slug])) for row, n in feeds.items()]
    return [way for way in ways if way.number]
