"""The page that a signed reply link opens: an invitation answered without an account, by a GET that shows and a POST that acts.

It needs no cookie. The address is the secret, so nothing of it goes on to other sites, into caches or into search engines.
"""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from frontend.forms.responses import ReplyForm, reply_initial
from frontend.views.base import METHODS, NOT_ASKED, see_other
from meetings.errors import Conflict, Invalid, NotFound
from meetings.events.idempotency import Answer, fingerprint, once
from meetings.scheduling import replies
from meetings.scheduling.delegations import live_for
from meetings.scheduling.models import MeetingState
from meetings.scheduling.replies import Invitation

MOST_ANSWERS = 30  # of one link in an hour: far above any use by hand
HOUR = 3600  # seconds


@csrf_exempt
@require_http_methods(METHODS)
def reply(request: HttpRequest, token: str) -> HttpResponse:
    """`/reply/<token>`; `?answer=` only chooses beforehand. Unknown, expired and revoked links are all the same 404."""
    try:
        invitation = replies.opened(token)
    except NotFound:
        return _discreet(_unknown(request))
    language = _language(request, invitation.membership.user.language)
    with translation.override(language), timezone.override(invitation.meeting.zone):
        response = _answer(request, token, invitation) if request.method == "POST" else _show(request, invitation)
        response["Content-Language"] = language
        return _discreet(response)


def _answer(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    if _too_many(token):
        response = _show(
            request, invitation, _form(request, invitation), 429, _("Too many answers in a short time: please try again later.")
        )
        response["Retry-After"] = str(HOUR)
        return response
    form = _form(request, invitation)
    if not invitation.is_open:
        return _show(request, invitation, None, 409)
    if not form.is_valid():
        form.renew()
        return _show(request, invitation, form, 422)

    def act() -> Answer:
        replies.reply(token=token, **form.values())
        return Answer(303, f"?recorded=1&language={translation.get_language()}")

    try:
        asked = fingerprint(request.path, *_sent(request))
        answer = once(user_id=invitation.membership.user_id, key=form.cleaned_data["idempotency_key"], asked=asked, act=act)
    except (Invalid, Conflict) as error:
        form.refuse(error)
        form.renew()
        return _show(request, replies.opened(token), form, error.status)
    return see_other(request.path + answer.text)


def _form(request: HttpRequest, invitation: Invitation) -> ReplyForm:
    initial = reply_initial(invitation.response, request.GET.get("answer", ""))
    return ReplyForm(request.POST if request.method == "POST" else None, initial=initial)


def _show(
    request: HttpRequest, invitation: Invitation, form: ReplyForm | None = None, status: int = 200, refusal: str = ""
) -> HttpResponse:
    standing = live_for(invitation.meeting, invitation.seat)
    context: dict[str, Any] = {
        "invitation": invitation,
        "meeting": invitation.meeting,
        "seat": invitation.seat,
        "reply": invitation.response,
        "network": invitation.meeting.network,
        "form": (form or _form(request, invitation)) if invitation.is_open else None,
        "cancelled": invitation.meeting.state == MeetingState.CANCELLED,
        "announced_only": standing is not None and standing.confirmed_at is None,
        "chosen": "answer" in request.GET,
        "recorded": status == 200 and "recorded" in request.GET and invitation.response is not None,
        "refusal": refusal,
        "languages": _languages(),
    }
    return render(request, "replies/show.html", context, status=status)


def _unknown(request: HttpRequest) -> HttpResponse:
    language = _language(request, translation.get_language_from_request(request))
    with translation.override(language):
        response = render(request, "replies/unknown.html", {"languages": _languages()}, status=404)
        response["Content-Language"] = language
        return response


def _language(request: HttpRequest, usual: str) -> str:
    """What `?language=` says, else the person's own, as far as pages exist in it."""
    known = dict(settings.LANGUAGES)
    return next((code for code in (request.GET.get("language", ""), usual) if code in known), settings.LANGUAGE_CODE)


def _languages() -> list[dict[str, Any]]:
    current = translation.get_language()
    return [{"code": code, "name": name, "current": code == current} for code, name in settings.LANGUAGES]


def _sent(request: HttpRequest) -> list[str]:
    return [f"{name}={value}" for name, values in sorted(request.POST.lists()) if name not in NOT_ASKED for value in values]


def _too_many(token: str) -> bool:
    """Counted per link and process."""
    key = f"reply:{sha256(token.encode()).hexdigest()}"
    cache.add(key, 0, HOUR)
    return cache.incr(key) > MOST_ANSWERS


def _discreet(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
