"""Signing in by one click, and reading everybody's mail, in the demo alone (the middleware DemoGuard keeps it on this machine)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import login
from django.core.mail import EmailMultiAlternatives
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from frontend.views.base import private
from meetings.network.selectors import demo_people
from meetings.notifications.models import OutgoingEmail
from meetings.notifications.rendering import compose, subject_of
from meetings.notifications.selectors import any_email, newest, problem_in_words

MAILS = 100
MAIL_POLICY = "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'"
"""A mail's page runs nothing and fetches nothing, as in a reader's program."""


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the people that the sign-in page offers, and goes on to where that led. Raises Http404 outside the demo and for
    anybody else.
    """
    chosen, wanted = request.POST.get("user", ""), request.POST.get("next", "")
    if not settings.DEMO:
        raise Http404
    for membership in demo_people():
        if str(membership.user_id) == chosen:
            login(request, membership.user, backend="frontend.backends.Backend")
            return HttpResponseRedirect(wanted if wanted and get_adapter().is_safe_url(wanted) else "/")
    raise Http404


def _in_demo(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Raises Http404 outside the demo, whose people are invented."""

    @wraps(view)
    @require_safe
    def shown(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return private(view(request, **kwargs))

    return shown


@_in_demo
def mails(request: HttpRequest) -> HttpResponse:
    """The newest mails, sent or waiting."""
    return render(request, "demo/mails.html", {"mails": [(row, subject_of(row)) for row in newest(MAILS)]})


@_in_demo
def mail(request: HttpRequest, email_id: UUID) -> HttpResponse:
    """One mail as text, with its links."""
    row = any_email(email_id)
    message = _composed(row)
    shown = {"mail": row, "subject": subject_of(row), "problem": problem_in_words(row), "message": message}
    return render(request, "demo/mail.html", {**shown, "headers": sorted(message.message().items()) if message else []})


@_in_demo
def mail_html(request: HttpRequest, email_id: UUID) -> HttpResponse:
    """The same as the reader's program shows it."""
    message = _composed(any_email(email_id))
    if message is None:
        raise Http404
    response = HttpResponse(str(message.alternatives[0][0]))
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


def _composed(row: OutgoingEmail) -> EmailMultiAlternatives | None:
    """None for a mail that cannot be written."""
    try:
        return compose(row)
    except Exception:  # noqa: BLE001 - the page says so; sending it logs why
        return None
