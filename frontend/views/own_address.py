"""A person's own address: asking for another, and confirming it by the link that was sent there."""

from allauth.account.models import EmailAddress
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ButtonForm
from frontend.forms.people import AddressForm
from frontend.views.base import Visit, private, signed_in
from frontend.views.fresh import fresh, typed_before
from frontend.views.go import language_of, reverse_in
from meetings.network import own_address
from meetings.network.models import User


@require_safe
def to(request: HttpRequest, token: str) -> HttpResponse:
    """`/go/address/<token>`: the page in the reader's language."""
    return private(HttpResponseRedirect(reverse_in(language_of(request), "frontend:own_address_confirm", token)))


@signed_in
@fresh("GET", "POST")
def ask(visit: Visit) -> HttpResponse:
    """Sends a link to the new address."""
    form = AddressForm(visit.posted, initial=typed_before(visit))
    return visit.form(
        form,
        "settings/address.html",
        save=lambda: own_address.ask(user=visit.user, **form.values()),
        done=_("A mail with a link is on its way to the new address. Open it within two hours."),
        to=reverse("frontend:profile"),
    )


@signed_in
def confirm(visit: Visit, token: str) -> HttpResponse:
    """Asks in words, then changes it."""
    address = own_address.asked(visit.user, token)
    words = [
        _("From now on you sign in with %(new)s, and mails go there. %(old)s opens nothing any more.")
        % {"new": address, "old": visit.user.email}
    ]
    profile = reverse("frontend:profile")
    return visit.form(
        ButtonForm(visit.posted),
        "confirm.html",
        {"title": _("Change your address?"), "words": words, "submit": _("Change it"), "back": profile, "safe": True},
        save=lambda: _confirm(visit.user, token),
        done=_("Your address is changed."),
        to=profile,
    )


def _confirm(user: User, token: str) -> None:
    own_address.confirm(user=user, token=token)
    EmailAddress.objects.filter(user=user).delete()  # allauth's own copy would go on opening the door to the former one
