"""A person's access tokens: keys with which programs act in their name."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.forms.tokens import TokenForm
from frontend.views.base import Visit, signed_in
from frontend.views.fresh import fresh, typed_before
from frontend.views.secrets import shown_once
from meetings import clock
from meetings.errors import NotFound
from meetings.network import people
from meetings.network.models import AccessToken
from meetings.network.selectors import tokens_of


@signed_in
@fresh("POST")
def index(visit: Visit) -> HttpResponse:
    """The list and the form that makes one; its text is shown in the answer to that form alone."""
    form = TokenForm(visit.posted, initial=typed_before(visit))

    def show(status: int, **more: Any) -> HttpResponse:
        shown = {"form": form, "tokens": tokens_of(visit.user), "now": clock.now(), **more}
        return visit.render("tokens/index.html", shown, status)

    return shown_once(
        visit,
        form,
        make=lambda: people.create_token(user=visit.user, **form.values()),
        reveal=lambda secret: show(200, secret=secret, form=TokenForm()),
        to=reverse("frontend:tokens"),
        show=show,
    )


@signed_in
def revoke(visit: Visit, token_id: UUID) -> HttpResponse:
    """Asks in words, then ends it."""
    token = _own(visit, token_id)
    words = _("Programs that use “%(label)s” lose their access at once. This cannot be undone; you can create another token.")
    back = reverse("frontend:tokens")
    shown = {"title": _("Revoke this token?"), "words": [words % {"label": token}], "submit": _("Revoke"), "back": back}
    return visit.form(
        ButtonForm(visit.posted),
        "confirm.html",
        shown,
        save=lambda: people.revoke_token(user=visit.user, token=token),
        done=_("The token is revoked."),
        to=back,
    )


def _own(visit: Visit, token_id: UUID) -> AccessToken:
    token = AccessToken.objects.filter(user=visit.user, pk=token_id).first()
    if token is None:
        raise NotFound("not_found", _("There is nothing here."))
    return token
