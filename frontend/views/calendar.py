"""Moving, cancelling, restoring and adding meetings: each is looked at before it is done."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.calendar import CancelForm, ExtraForm, MoveForm, RestoreForm, move_initial
from frontend.views.base import Here, page
from frontend.views.previews import two_steps
from meetings.access import Permission, require
from meetings.agenda import services as agenda
from meetings.network.selectors import today
from meetings.scheduling import calendar
from meetings.scheduling.models import Meeting
from meetings.scheduling.plans import Plan
from meetings.scheduling.previews import Preview, preview


def _meeting(here: Here, meeting_id: UUID) -> Meeting:
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.SCHEDULE, network_id=here.network.pk)
    return meeting


def _preview(here: Here, plan: Plan) -> Preview:
    return preview(actor=here.actor, network=here.network, plan=plan)


@page
def move(here: Here, meeting_id: UUID) -> HttpResponse:
    """Another day and time."""
    meeting = _meeting(here, meeting_id)
    form = MoveForm(here.posted, initial=move_initial(meeting), version=meeting.version)
    words = {
        "meeting": meeting,
        "title": _("Move the meeting"),
        "intro": _("Proposals that are still to close move along; answers to the invitation stand."),
        "submit": _("Move it"),
        "back": here.url("meeting", meeting.pk),
    }

    def look() -> Preview:
        plan = calendar.move_plan(actor=here.actor, meeting=meeting, values=form.values(), expected_version=form.version)
        return _preview(here, plan)

    def save() -> object:
        values = form.values()
        reason = values.pop("reason")
        return calendar.move(actor=here.actor, meeting=meeting, values=values, expected_version=form.version, reason=reason)

    return two_steps(here, form, words, look=look, save=save, done=_("The meeting is moved."), to=here.url("meeting", meeting.pk))


@page
def cancel(here: Here, meeting_id: UUID) -> HttpResponse:
    """Not held, for a reason; what was proposed goes on to the next meeting."""
    meeting = _meeting(here, meeting_id)
    form = CancelForm(here.posted)
    words = {
        "meeting": meeting,
        "title": _("Cancel the meeting"),
        "intro": _(
            "What is on its agenda and what was proposed goes on to the next meeting. This can be taken back until its time has come."
        ),
        "submit": _("Cancel the meeting"),
        "danger": True,
        "back": here.url("meeting", meeting.pk),
    }
    return two_steps(
        here,
        form,
        words,
        look=lambda: _preview(here, calendar.cancel_plan(actor=here.actor, meeting=meeting)),
        save=lambda: agenda.cancel_meeting(actor=here.actor, meeting=meeting, reason=form.values()["reason"]),
        done=_("The meeting is cancelled."),
        to=here.url("meeting", meeting.pk),
    )


@page
def restore(here: Here, meeting_id: UUID) -> HttpResponse:
    """Held after all."""
    meeting = _meeting(here, meeting_id)
    words = {
        "meeting": meeting,
        "title": _("Restore the meeting"),
        "intro": _("It is held after all, as it was before; what went on to another meeting comes back unless it was changed there."),
        "submit": _("Restore it"),
        "back": here.url("meeting", meeting.pk),
    }
    return two_steps(
        here,
        RestoreForm(here.posted),
        words,
        look=lambda: _preview(here, calendar.restore_plan(actor=here.actor, meeting=meeting)),
        save=lambda: agenda.restore_meeting(actor=here.actor, meeting=meeting),
        done=_("The meeting is held after all."),
        to=here.url("meeting", meeting.pk),
        asks=False,
    )


@page
def extra(here: Here) -> HttpResponse:
    """A further meeting, of a series or of none."""
    require(here.actor, Permission.SCHEDULE, network_id=here.network.pk)
    first = {"day": today(here.network), "duration_minutes": 90, "series": here.request.GET.get("series")}
    form = ExtraForm(here.posted, initial=first, network=here.network)
    words = {
        "title": _("A further meeting"),
        "intro": _("It stands beside those that the series makes, and has the next number."),
        "submit": _("Make the meeting"),
        "back": here.url("meetings"),
    }

    def look() -> Preview:
        values = form.values()
        return calendar.preview_extra(actor=here.actor, network=here.network, series=values.pop("series"), values=values)

    def save() -> Meeting:
        values = form.values()
        series, reason = values.pop("series"), values.pop("reason")
        return calendar.extra(actor=here.actor, network=here.network, series=series, values=values, reason=reason)

    done = _("The meeting is made.")
    return two_steps(here, form, words, look=look, save=save, done=done, to=lambda meeting: here.url("meeting", meeting.pk))
