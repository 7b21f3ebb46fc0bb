"""Changing a series after it was made: each change is looked at before it is done."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import EditForm
from frontend.forms.calendar import BreaksForm, ChangeFromForm, EndForm, SkipForm, breaks_initial
from frontend.views.base import Here, page
from frontend.views.previews import two_steps
from meetings import clock
from meetings.access import Permission, require
from meetings.agenda.series import change_series
from meetings.network.selectors import today
from meetings.scheduling import schedules, selectors, series_changes
from meetings.scheduling.models import MeetingSeries, MeetingState
from meetings.scheduling.series_changes import Asked


def _series(here: Here, series_id: UUID) -> MeetingSeries:
    require(here.actor, Permission.SCHEDULE, network_id=here.network.pk)
    return selectors.series_in(here.network.pk, series_id)


def _changed(
    here: Here,
    series: MeetingSeries,
    form: EditForm,
    title: str,
    intro: str,
    ask: Callable[[MeetingSeries], Asked],
    done: str,
    submit: str = "",
) -> HttpResponse:
    back = here.url("series", series.pk)

    def save() -> MeetingSeries:
        reason = str(form.values()["reason"])
        return change_series(actor=here.actor, series=series, ask=ask, reason=reason, expected_version=form.version)

    return two_steps(
        here,
        form,
        {"series": series, "title": title, "intro": intro, "submit": submit or _("Change the series"), "back": back},
        look=lambda: series_changes.preview_series(here.actor, ask(series)),
        save=save,
        done=done,
        to=back,
    )


@page
def change_from(here: Here, series_id: UUID) -> HttpResponse:
    """Another weekday, start, zone, length or interval from here on."""
    series = _series(here, series_id)
    first = {name: getattr(series, name) for name in schedules.CHANGEABLE}
    upcoming = series.meetings.filter(starts_at__gt=clock.now()).exclude(state=MeetingState.CANCELLED).order_by("starts_at").first()
    first["since"] = upcoming.local.date() if upcoming else today(here.network)
    form = ChangeFromForm(here.posted, initial=first, version=series.version)

    def ask(row: MeetingSeries) -> Asked:
        values = form.values()
        changed = {name: values[name] for name in schedules.CHANGEABLE if values[name] != first[name]}
        return series_changes.asked_change(actor=here.actor, series=row, since=values["since"], changes=changed)

    intro = _(
        "Meetings keep what was proposed for them. Those moved or cancelled by hand, and those whose agenda is published, stay as they are."
    )
    return _changed(here, series, form, _("From here on"), intro, ask, _("The series is changed."))


@page
def end(here: Here, series_id: UUID) -> HttpResponse:
    """A later last day, or an earlier one."""
    series = _series(here, series_id)
    form = EndForm(here.posted, initial={"ends_on": series.ends_on}, version=series.version)
    intro = _("Meetings after an earlier last day are cancelled; a later one brings them back.")
    return _changed(
        here,
        series,
        form,
        _("Another last day"),
        intro,
        lambda row: series_changes.asked_end(actor=here.actor, series=row, ends_on=form.values()["ends_on"]),
        _("The last day is changed."),
    )


@page
def breaks(here: Here, series_id: UUID) -> HttpResponse:
    """Breaks, and what is done on holidays."""
    series = _series(here, series_id)
    form = BreaksForm(here.posted, initial=breaks_initial(series), version=series.version)

    def ask(row: MeetingSeries) -> Asked:
        values = form.values()
        return series_changes.asked_breaks(actor=here.actor, series=row, breaks=values["breaks"], holiday_policy=values["holiday_policy"])

    intro = _("Meetings in a break are cancelled; a break that is taken away brings them back.")
    return _changed(here, series, form, _("Breaks and holidays"), intro, ask, _("The breaks are changed."))


@page
def skip(here: Here, series_id: UUID) -> HttpResponse:
    """Leaves out a single date."""
    series = _series(here, series_id)
    form = SkipForm(here.posted, version=series.version)
    intro = _(
        "A meeting within the next eight weeks is cancelled, and everybody is told the reason; a later date becomes a break of one day."
    )
    return _changed(
        here,
        series,
        form,
        _("Skip a date"),
        intro,
        lambda row: series_changes.asked_skip(actor=here.actor, series=row, day=form.values()["date"]),
        _("The date is left out."),
        _("Skip the date"),
    )
