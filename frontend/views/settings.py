"""Settings of the network, and a person's own."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from frontend.forms.mail import MailChoicesForm
from frontend.forms.settings import NetworkForm, ProfileForm, initial
from frontend.views.base import Here, Visit, page, signed_in
from frontend.views.go import reverse_in
from frontend.views.settings_hub import groups
from meetings.access import Permission, require
from meetings.network import people, services
from meetings.network.selectors import current_memberships


@page
def change_network(here: Here) -> HttpResponse:
    """Where everything is set, and the network's own form: name, languages, time zone, thresholds."""
    require(here.actor, Permission.CONFIGURE, network_id=here.network.pk)
    form = NetworkForm(here.posted, initial=initial(here.network), version=here.network.version)
    return here.form(
        form,
        "settings/network.html",
        {"groups": groups(here, get_language() or "")},
        save=lambda: services.change_network(actor=here.actor, network=here.network, values=form.values(), expected_version=form.version),
        done=_("The settings are saved."),
        to=here.url("settings"),
    )


@signed_in
def profile(visit: Visit) -> HttpResponse:
    """Where everything of one's own is found; the form for name, phone and language stands first."""
    user = visit.user
    form = ProfileForm(visit.posted, initial={"name": user.name, "phone": user.phone, "language": user.language})
    return visit.form(
        form,
        "settings/profile.html",
        {
            "memberships": current_memberships(user),
            "mail_form": MailChoicesForm(user_id=user.pk, auto_id="id_mail_%s"),
            "oidc": settings.OIDC,
        },
        save=lambda: people.change_profile(user=user, values=form.values()),
        done=_("Your profile is saved."),
        to=lambda user: reverse_in(user.language, "frontend:profile"),
    )
