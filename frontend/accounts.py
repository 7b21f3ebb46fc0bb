"""Sign-in: by a code sent by mail, for people whom a coordinator has added. Nobody signs up by themselves."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from meetings.errors import NotFound
from meetings.network.models import User
from meetings.network.selectors import person

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's hooks, as Raccordo wants them."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the person's language, with links from the stored address alone; a mail server that fails is said, not a 500."""
        minutes = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60
        try:
            with translation.override(_language_of(email)):
                super().send_mail(template_prefix, email, {**context, "base_url": settings.BASE_URL, "minutes": minutes})
        except (OSError, SMTPException):
            log.exception("a sign-in mail could not be sent")
            messages.error(self.request, _("The mail with the code could not be sent. Please try again in a few minutes."))

    def login(self, request: HttpRequest, user: User) -> None:
        """Signs in once for a code: of requests that bring the same one at the same moment, the first takes the session."""
        key = request.session.session_key
        if key is not None and not Session.objects.filter(session_key=key).delete()[0]:
            request.session.modified = False  # the first one's cookie stays as it is
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_request_login_code")))
        super().login(request, user)


def _language_of(email: str) -> str:
    try:
        language = person(email).language
    except NotFound:
        return translation.get_language() or settings.LANGUAGE_CODE
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
