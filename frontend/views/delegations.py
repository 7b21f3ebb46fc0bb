"""Who represents a municipality instead of its representative: naming, confirming, taking back."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ButtonForm
from frontend.forms.delegations import DelegateForm
from frontend.views.base import Here, page, page_of
from meetings import clock
from meetings.access import Permission, holds
from meetings.errors import NotAllowed
from meetings.network.selectors import municipalities, municipality_in, seats_of, today
from meetings.scheduling import delegations, seats, selectors
from meetings.scheduling.models import ANNOUNCED, Delegation, Meeting

MOST_MEETINGS = 12
"""How many coming meetings can be chosen from; one further away is chosen on its own page."""


@require_safe
@page
def index(here: Here) -> HttpResponse:
    """What waits for confirmation, then all there are: of one's own seats, for the office of everybody's."""
    shown = page_of(here, seats.delegations(here.actor, here.network))
    context = {
        "waiting": seats.waiting(here.actor, here.network),
        "page": shown,
        "may_name": bool(here.actor.seats) or here.may(Permission.ANSWER),
        "may_be_away": bool(here.actor.seats),
        "everybody": here.may(Permission.ANSWER) or here.may(Permission.AUDIT),
    }
    return here.render("delegations/index.html", context)


@page
def new(here: Here) -> HttpResponse:
    """“Somebody else will represent us”: `?meeting=` and `?municipality=` choose what the form shows first."""
    if not holds(here.actor, Permission.ANSWER):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    office = here.may(Permission.ANSWER)
    towns = list(municipalities(here.network) if office else seats_of(here.actor))
    form = DelegateForm(
        here.posted,
        seats=towns,
        meetings=_meetings(here),
        may_confirm=here.may(Permission.MANAGE_PEOPLE),
        initial={name: here.request.GET.get(name, "") for name in ("meeting", "municipality")},
    )

    def save() -> Delegation:
        values = form.values()
        seat, meeting = municipality_in(here.network.pk, values.pop("municipality")), values.pop("meeting")
        return delegations.name_delegate(actor=here.actor, municipality=seat, meeting=here.meeting(meeting) if meeting else None, **values)

    return here.form(
        form,
        "delegations/new.html",
        {"back": here.url("delegations"), "only": towns[0] if len(towns) == 1 else None},
        save=save,
        done=_("The name is recorded."),
        to=lambda row: here.url("delegation", row.pk),
    )


def _meetings(here: Here) -> list[Meeting]:
    """The next ones, and the one that was asked for by its address."""
    coming = selectors.meetings(here.network, since=clock.now()).filter(state__in=ANNOUNCED)
    found = list(coming[:MOST_MEETINGS])
    asked = here.request.GET.get("meeting") or here.request.POST.get("meeting") or ""
    further = next((row for row in coming[MOST_MEETINGS:] if str(row.pk) == asked), None) if asked else None
    return [*found, further] if further else found


@require_safe
@page
def show(here: Here, delegation_id: UUID) -> HttpResponse:
    """One delegation, and what can be done with it."""
    row = _row(here, delegation_id)
    return here.render("delegations/show.html", {"row": row, "abilities": seats.delegation_abilities(here.actor, row)})


@page
def confirm(here: Here, delegation_id: UUID) -> HttpResponse:
    """Says in words what it gives, then gives it."""
    row = _row(here, delegation_id)
    if not seats.may_confirm(here.actor, row.municipality, today(here.network)):
        raise NotAllowed("not_allowed", _("Only the titular representative and the coordinators confirm a delegate."))
    who = {"name": row.name, "email": row.email, "seat": row.municipality.name}
    words = [
        _("%(name)s (%(email)s) then represents %(seat)s on these days: they can take part, vote and answer for it.") % who,
        _("For a meeting they may also read the network's pages until then. It can be taken back at any time."),
    ]
    if row.through_link:
        words.append(_("They were named through a mailed link, which may have been passed on: confirm only whom you know."))
    return here.form(
        ButtonForm(here.posted),
        "delegations/confirm.html",
        {"row": row, "words": words, "safe": True, "title": _("Confirm the delegation?"), "submit": _("Confirm"), "back": _url(here, row)},
        save=lambda: delegations.confirm(actor=here.actor, delegation=row),
        done=_("%(name)s is confirmed and is told by mail.") % who,
        to=_url(here, row),
    )


@page
def revoke(here: Here, delegation_id: UUID) -> HttpResponse:
    """Says in words what ends, then ends it."""
    row = _row(here, delegation_id)
    if not (seats.may_confirm(here.actor, row.municipality, today(here.network)) or seats.may_take_back(here.actor, row)):
        raise NotAllowed("not_allowed", _("Only the titular representative and the coordinators take this back."))
    who = {"name": row.name, "seat": row.municipality.name}
    words = [
        _("%(name)s no longer represents %(seat)s by this delegation, from this moment on.") % who,
        _("An answer that named them as substitute is taken back too: the municipality then has not answered."),
    ]
    return here.form(
        ButtonForm(here.posted),
        "delegations/confirm.html",
        {
            "row": row,
            "words": words,
            "title": _("Take the delegation back?"),
            "submit": _("Revoke the delegation"),
            "back": _url(here, row),
        },
        save=lambda: delegations.revoke(actor=here.actor, delegation=row),
        done=_("The delegation is taken back."),
        to=_url(here, row),
    )


def _row(here: Here, delegation_id: UUID) -> Delegation:
    return seats.visible_delegation(here.actor, here.own(seats.delegation(delegation_id)))


def _url(here: Here, row: Delegation) -> str:
    return here.url("delegation", row.pk)
