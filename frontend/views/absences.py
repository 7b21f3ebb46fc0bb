"""Out of office: days on which a representative is away."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import ButtonForm
from frontend.forms.delegations import AbsenceForm
from frontend.views.base import Here, page, page_of
from meetings.access import Permission
from meetings.errors import NotAllowed, found
from meetings.scheduling import absences, seats


@page
def index(here: Here) -> HttpResponse:
    """One's own periods and the form for another; the office sees everybody's, with the notes."""
    everybody = here.may(Permission.SEE_REASONS)
    if not here.actor.seats and not everybody:
        raise NotAllowed("not_allowed", _("Out-of-office periods are for those who represent a municipality."))
    form = AbsenceForm(here.posted)

    def show(status: int) -> HttpResponse:
        rows = page_of(here, seats.absences(here.actor, here.network))
        context = {"form": form, "page": rows, "everybody": everybody, "may_be_away": bool(here.actor.seats)}
        return here.render("absences/index.html", context, status)

    return here.submit(
        form,
        save=lambda: absences.declare_absence(actor=here.actor, network=here.network, **form.values()),
        done=_("The days away are recorded, and meetings that were not answered yet are answered for you."),
        to=here.url("absences"),
        show=show,
    )


@page
def withdraw(here: Here, absence_id: UUID) -> HttpResponse:
    """Says in words what is taken back, then does it."""
    row = here.own(seats.absence(absence_id))
    found(row if seats.may_see_absence(here.actor, row) else None)
    words = [_("Answers that were given automatically for these days are taken back; answers given by hand stay as they are.")]
    back = here.url("absences")
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {"words": words, "title": _("Take the days away back?"), "submit": _("Delete the days away"), "safe": True, "back": back},
        save=lambda: absences.withdraw_absence(actor=here.actor, absence=row),
        done=_("The days away are taken back."),
        to=back,
    )
