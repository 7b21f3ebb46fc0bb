"""More time for corrections, new editions of approved minutes, what changed between two moments, and approval on the agenda."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ButtonForm
from frontend.forms.minutes import AmendForm, CompareForm, WindowForm
from frontend.views.base import Here, page
from frontend.views.minutes import minutes_here, step
from meetings.access import Permission, require
from meetings.agenda import selectors as agenda
from meetings.documents.services import approve_on_agenda
from meetings.errors import NotFound
from meetings.minutes import history, services
from meetings.minutes.models import ACTIONS
from meetings.minutes.selectors import minutes_of, open_corrections


@page
def extend(here: Here, meeting_id: UUID) -> HttpResponse:
    """A later last day, also when the time was over already."""
    return step(
        here,
        meeting_id,
        "extend",
        services.extend,
        title=_("More time for corrections"),
        words=[_("Those who attended are told the new time by mail.")],
        submit=_("Save"),
        done=_("Corrections can be asked for until the end of that day."),
        form=WindowForm,
    )


@page
def amend(here: Here, meeting_id: UUID) -> HttpResponse:
    """Begins a new edition, for a reason."""
    return step(
        here,
        meeting_id,
        "amend",
        services.amend,
        title=_("Begin a new edition?"),
        words=[
            _("Approved minutes are corrected by a new edition: the texts can be changed again, and the chair approves the edition."),
            _("Those who attended are told by mail and can ask for corrections of it."),
            _("The sealed file of the present edition stays as it is and can be downloaded at any time."),
        ],
        submit=_("Begin the edition"),
        done=_("The new edition is begun."),
        form=AmendForm,
    )


@require_safe
@page
def compare(here: Here, meeting_id: UUID) -> HttpResponse:
    """`?old=&new=`; without, what changed since the latest stage. Raises NotFound for moments that are none."""
    minutes = minutes_here(here, meeting_id)
    moments = history.moments(here.actor, minutes)
    old, new = history.chosen(moments, here.request.GET.get("old", ""), here.request.GET.get("new", ""))
    shown = {
        "minutes": minutes,
        "meeting": minutes.meeting,
        "form": CompareForm(initial={"old": old.name, "new": new.name}, moments=moments),
        "differences": history.compare(minutes, old, new),
        "removed": history.removed(minutes, new),
    }
    return here.render("minutes/compare.html", shown)


@page
def approve_item(here: Here, item_id: UUID) -> HttpResponse:
    """The item of the session that is about the last minutes: approving them seals them and records the decision. Raises NotFound."""
    item = agenda.item(here.actor, item_id)
    require(here.actor, ACTIONS["approve"], network_id=here.network.pk)
    if item.approves_minutes_of is None:
        raise NotFound("not_found", _("There is nothing here."))
    minutes = minutes_of(here.actor, item.approves_minutes_of)
    waiting = open_corrections(minutes).count()
    words = [
        item.title,
        _("They are sealed as a PDF file and change only by a new edition."),
        _("The decision is recorded on this item."),
    ]
    if waiting:
        words.append(_("Corrections are still open: they must be answered first."))
    back = here.url("room", item.meeting_id) if here.may(Permission.RUN_SESSION) else here.url("item", item.pk)
    return here.form(
        ButtonForm(here.posted),
        "confirm.html",
        {"title": _("Approve these minutes?"), "words": words, "submit": _("Approve"), "back": back, "safe": True},
        save=lambda: approve_on_agenda(actor=here.actor, item=item),
        done=_("The minutes are approved and sealed, and the decision is recorded."),
        to=f"{back}#decisions",
    )
