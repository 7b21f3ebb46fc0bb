"""Mail: what a network's coordinators decide about what has not arrived, what a person wants to get, and unsubscribing by a link."""

from uuid import UUID

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from frontend.forms.base import ButtonForm
from frontend.forms.mail import MailChoicesForm
from frontend.views.base import METHODS, Here, Visit, page, page_of, private, signed_in
from meetings.access import require
from meetings.errors import found
from meetings.network import mail
from meetings.network.models import User
from meetings.notifications import selectors, unsubscribing
from meetings.notifications.models import ACTIONS, TRANSITIONS, MailState, OutgoingEmail

SIZE = 25


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """The network's mail by state, and what can be done about what has not arrived."""
    require(here.actor, ACTIONS["settle"], network_id=here.network.pk)
    chosen = here.request.GET.get("state", "")
    state = chosen if chosen in MailState.values else ""
    counts, rows = selectors.counts(here.network.pk), page_of(here, selectors.mail_of(here.network.pk, state), SIZE)
    filters = [(choice.value, choice.label, counts[choice.value]) for choice in MailState]
    listed = [_line(row) for row in rows]
    shown = {
        "state": state,
        "filters": filters,
        "total": sum(counts.values()),
        "uncertain": counts["uncertain"],
        "page_obj": rows,
        "rows": listed,
    }
    return here.render("mail/index.html", shown)


def _line(row: OutgoingEmail) -> dict[str, object]:
    subject = selectors.email_as_object(row)["subject"]
    return {"mail": row, "subject": subject, "problem": selectors.problem_in_words(row), "actions": sorted(TRANSITIONS.possible(row.state))}


@page
def send_again(here: Here, email_id: UUID) -> HttpResponse:
    """Asks in words, since it may arrive twice."""
    row = _own(here, email_id)
    words = [_("To: %(name)s, %(address)s.") % {"name": row.name or "—", "address": row.address}]
    if row.state == MailState.UNCERTAIN:
        words.append(_("Nobody knows whether it has arrived. If it has, it arrives twice."))
    shown = {"title": _("Send this mail again?"), "words": words, "submit": _("Send it again"), "back": here.url("mail"), "safe": True}
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        shown,
        save=lambda: mail.send_again(actor=here.actor, email=row),
        done=_("It is sent again within a few seconds."),
        to=here.url("mail"),
    )


@page
def settle(here: Here, email_id: UUID) -> HttpResponse:
    """Asks in words, since it is not sent after that."""
    row = _own(here, email_id)
    uncertain = row.state == MailState.UNCERTAIN
    words = _("It counts as sent, and is not sent again.") if uncertain else _("It stays unsent: whoever it was for has not been told.")
    shown = {"title": _("Has it arrived?") if uncertain else _("Leave this mail unsent?"), "words": [words], "back": here.url("mail")}
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {**shown, "submit": _("It has arrived") if uncertain else _("Leave it unsent"), "safe": uncertain},
        save=lambda: mail.settle(actor=here.actor, email=row),
        done=_("Nothing more is done about this mail."),
        to=here.url("mail"),
    )


@page
def send_all_again(here: Here) -> HttpResponse:
    """All uncertain mails, once more."""
    count = _uncertain(here)
    words = ngettext(
        "Nobody knows whether this mail has arrived. If it has, it arrives twice.",
        "Nobody knows whether these %(n)s mails have arrived. Those that have arrive twice.",
        count,
    )
    shown = {"title": _("Send all uncertain mails again?"), "words": [words % {"n": count}], "back": here.url("mail")}
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {**shown, "submit": _("Send them again"), "safe": True},
        save=lambda: mail.send_all_again(actor=here.actor, network=here.network),
        done=_("They are sent again within a few minutes."),
        to=here.url("mail"),
    )


@page
def settle_all(here: Here) -> HttpResponse:
    """All uncertain mails count as sent."""
    count = _uncertain(here)
    words = ngettext("One mail counts as sent, and is not sent again.", "%(n)s mails count as sent, and are not sent again.", count)
    shown = {"title": _("Have all uncertain mails arrived?"), "words": [words % {"n": count}], "back": here.url("mail")}
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {**shown, "submit": _("They have arrived"), "safe": True},
        save=lambda: mail.settle_all(actor=here.actor, network=here.network),
        done=_("Nothing more is done about these mails."),
        to=here.url("mail"),
    )


def _uncertain(here: Here) -> int:
    require(here.actor, ACTIONS["settle"], network_id=here.network.pk)
    return selectors.counts(here.network.pk)["uncertain"]


def _own(here: Here, email_id: UUID) -> OutgoingEmail:
    """A mail of this network, for its coordinators. Raises NotFound, NotAllowed."""
    row = here.own(selectors.email(email_id))
    require(here.actor, ACTIONS["settle"], network_id=here.network.pk)
    return row


@signed_in
def choices(visit: Visit) -> HttpResponse:
    """Which mails I want; those that one must have are not asked about."""
    form = MailChoicesForm(visit.posted, user_id=visit.user.pk)
    return visit.form(
        form,
        "mail/choices.html",
        save=lambda: unsubscribing.choose(user_id=visit.user.pk, wanted=form.values()["wanted"]),
        done=_("Your choice of mails is saved."),
        to=reverse("frontend:mail_choices"),
    )


@csrf_exempt  # RFC 8058: the reader's mail program posts without a page of ours. The signed address is the right to do it, and only it.
@require_http_methods(METHODS)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET tells what the link does and changes nothing; POST refuses the kind of mail, or with `undo` wants it again. Raises NotFound."""
    user_id, kind = unsubscribing.told_by(token)
    person = found(User.objects.filter(pk=user_id).first())
    if request.method == "POST":
        (unsubscribing.want if "undo" in request.POST else unsubscribing.refuse)(user_id, kind)
    with translation.override(person.language if person.language in dict(django_settings.LANGUAGES) else django_settings.LANGUAGE_CODE):
        refused = kind.name in unsubscribing.refused_by(user_id)
        shown = {"label": str(kind.label), "refused": refused, "posted": request.method == "POST"}
        response = private(render(request, "mail/unsubscribe.html", shown))
    response["Referrer-Policy"] = "no-referrer"  # the address is the right
    return response
