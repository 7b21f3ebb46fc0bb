"""Sign-in: by a code sent by mail, or a passkey, for people whom a coordinator has added. Nobody signs up by themselves.

Another server's (OpenID Connect) stands in oidc.py; docs/adr/0028-passkeys-and-oidc.md says what holds for both.
"""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, translate_url
from django.utils import translation
from django.utils.translation import gettext_lazy

from meetings.errors import NotFound
from meetings.network.models import User
from meetings.network.selectors import person
from meetings.notifications.services import Recipient, notify

KINDS = {"account/email/login_code": "sign_in_code", "account/email/unknown_account": "unknown_account"}
"""allauth's mails by the names of its templates: Raccordo knows no others, since nobody signs up and there are no passwords."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks, as Raccordo wants them."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": gettext_lazy("Too many codes were asked for in a short time. Wait one minute, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox, in the person's language: the answer waits for no mail server, so its time tells nothing either."""
        kind, recipient = KINDS[template_prefix], _recipient(email)
        values = {"code": context["code"], "minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60} if "code" in context else {}
        notify(kind, [recipient], key=str(uuid4()), network_id=None, context=values)

    def get_login_stages(self) -> list[str]:
        """A passkey is another way in, not a second lock: the code goes on being enough for whoever has lost theirs."""
        return [stage for stage in super().get_login_stages() if not stage.startswith("allauth.mfa.")]

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Goes on in the person's own language, whatever the sign-in page's was."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language in dict(settings.LANGUAGES) and response.has_header("Location"):
            response["Location"] = translate_url(response["Location"], user.language)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Signs in once for a code: of requests that bring the same one at the same moment, the first takes the session."""
        key = request.session.session_key
        if key is not None and not Session.objects.filter(session_key=key).delete()[0]:
            request.session.modified = False  # the first one's cookie stays as it is
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_request_login_code")))
        super().login(request, user)


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What a device shows of a passkey."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Raccordo"}


def _recipient(email: str) -> Recipient:
    """The person with this address; to anybody else in the language of the page they asked on."""
    try:
        user = person(email)
    except NotFound:
        return Recipient(address=email, name="", language=translation.get_language() or settings.LANGUAGE_CODE)
    return Recipient(address=user.email, name=user.name, language=user.language, user_id=user.pk)
