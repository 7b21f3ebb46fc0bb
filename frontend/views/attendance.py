"""Who was there: the record, its correction by the office, and the reports of video services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from frontend.forms.attendance import AtForm, IntervalsForm, ReportForm, ReviewForm
from frontend.forms.base import ButtonForm
from frontend.forms.people import packed
from frontend.views.attendance_state import Record
from frontend.views.base import Here, page
from meetings.access import Permission, require
from meetings.errors import Conflict, Invalid
from meetings.live import attendance, attendance_import
from meetings.live.attendance_import import Participant
from meetings.live.attendance_selectors import attendance_as_object, before_correction, rows_of_seat
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities, municipality_in
from meetings.scheduling.models import Meeting


@require_safe
@page
def index(here: Here, meeting_id: UUID) -> HttpResponse:
    """Every seat: who is there, who was, who is expected, who sent regrets, who says nothing; and the count over time."""
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.RUN_SESSION, network_id=here.network.pk)
    form = AtForm(here.request.GET or None)
    at: datetime | None = form.cleaned_data["at"] if form.is_bound and form.is_valid() else None
    context = {"meeting": meeting, "record": Record(meeting, at), "form": form, "corrects": attendance.may_correct(here.actor, meeting)}
    return here.render("attendance/index.html", context)


@page
def seat(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    """Corrects one municipality's intervals."""
    meeting, municipality = _corrected(here, meeting_id, municipality_id)
    form = IntervalsForm(here.posted, known=_known(meeting, municipality))
    return here.submit(
        form,
        save=lambda: attendance.correct(
            actor=here.actor, meeting=meeting, municipality=municipality, intervals=form.intervals(), known=form.cleaned_data["known"]
        ),
        done=_("The presence of %(seat)s is corrected. You can take it back below.") % {"seat": municipality.name},
        to=here.url("attendance_seat", meeting.pk, municipality.pk),
        show=lambda status: _seat_page(here, meeting, municipality, form, status),
    )


@page
def undo(here: Here, meeting_id: UUID, municipality_id: UUID) -> HttpResponse:
    """Takes the last correction back, by another one."""
    meeting, municipality = _corrected(here, meeting_id, municipality_id)
    form = ButtonForm(here.posted)

    def take_back() -> object:
        before = before_correction(meeting, municipality.pk)
        if before is None:
            raise Conflict("nothing_to_undo", _("There is no correction to take back."))
        known = _known(meeting, municipality)
        return attendance.correct(actor=here.actor, meeting=meeting, municipality=municipality, intervals=before, known=known)

    return here.submit(
        form,
        save=take_back,
        done=_("The correction of %(seat)s is taken back.") % {"seat": municipality.name},
        to=here.url("attendance_seat", meeting.pk, municipality.pk),
        show=lambda status: _seat_page(here, meeting, municipality, None, status, refused=form if here.is_post else None),
    )


def _corrected(here: Here, meeting_id: UUID, municipality_id: UUID) -> tuple[Meeting, Municipality]:
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.TAKE_PART_BY_PHONE, network_id=here.network.pk)
    return meeting, municipality_in(here.network.pk, municipality_id)


def _known(meeting: Meeting, municipality: Municipality) -> list[dict[str, Any]]:
    rows = rows_of_seat(meeting.pk, municipality.pk)
    return list(attendance_as_object(rows)["intervals"]) if rows else []


def _seat_page(
    here: Here, meeting: Meeting, municipality: Municipality, form: IntervalsForm | None, status: int, refused: ButtonForm | None = None
) -> HttpResponse:
    context = {
        "meeting": meeting,
        "municipality": municipality,
        "form": form or IntervalsForm(known=_known(meeting, municipality)),
        "refused": refused,
        "before": before_correction(meeting, municipality.pk),
        "corrects": attendance.may_correct(here.actor, meeting),
    }
    return here.render("attendance/seat.html", context, status)


@page
def load(here: Here, meeting_id: UUID) -> HttpResponse:
    """Asks for a report; its sending shows whom it names. That is no write: nothing is kept of it."""
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.TAKE_PART_BY_PHONE, network_id=here.network.pk)
    form = ReportForm(here.posted, here.request.FILES if here.is_post else None)
    if not here.is_post or not form.is_valid():
        return _report_page(here, meeting, form, 422 if here.is_post else 200)
    data = form.cleaned_data["file"]
    try:
        people = attendance_import.preview(actor=here.actor, meeting=meeting, data=data)
    except (Invalid, Conflict) as error:
        form.refuse(error)
        return _report_page(here, meeting, form, error.status)
    seats = _seats(meeting)
    return _review_page(here, meeting, ReviewForm(initial={"content": packed(data)}, people=people, seats=seats), seats, 200)


@page
def confirm(here: Here, meeting_id: UUID) -> HttpResponse:
    """Takes in the rows as they were reviewed."""
    meeting = here.meeting(meeting_id)
    require(here.actor, Permission.TAKE_PART_BY_PHONE, network_id=here.network.pk)
    if not here.is_post:
        return _report_page(here, meeting, ReportForm(), 200)
    seats = _seats(meeting)
    content = ReviewForm(here.posted, seats=seats)
    if not content.is_valid():
        return _report_page(here, meeting, content, 422)
    data = content.cleaned_data["content"]
    try:
        people: Sequence[Participant] = attendance_import.preview(actor=here.actor, meeting=meeting, data=data)
    except (Invalid, Conflict) as error:
        content.refuse(error)
        return _report_page(here, meeting, content, error.status)
    form = ReviewForm(here.posted, people=people, seats=seats)
    told: list[str] = []

    def act() -> None:
        taken = attendance_import.take_in(actor=here.actor, meeting=meeting, data=data, reviewed=form.reviewed())
        told.append(_in_words(taken.intervals, len(taken.added)))

    response = here.submit(
        form, save=act, done="", to=here.url("attendance", meeting.pk), show=lambda status: _review_page(here, meeting, form, seats, status)
    )
    for text in told:
        messages.success(here.request, text)
    return response


def _in_words(intervals: int, seats: int) -> str:
    if not intervals:
        return _("Nothing was added: all of this was known already.")
    added = ngettext("One interval was added.", "%(n)s intervals were added.", intervals) % {"n": intervals}
    places = ngettext("It concerns one municipality.", "They concern %(n)s municipalities.", seats) % {"n": seats}
    return " ".join([added, places, _("Each can be corrected below.")])


def _seats(meeting: Meeting) -> list[Municipality]:
    return list(municipalities(meeting.network, meeting.local.date()))


def _report_page(here: Here, meeting: Meeting, form: ReportForm | ReviewForm, status: int) -> HttpResponse:
    refused = form if form.errors else None
    asked = form if isinstance(form, ReportForm) else ReportForm()
    return here.render("attendance/import.html", {"meeting": meeting, "form": asked, "refused": refused}, status)


def _review_page(here: Here, meeting: Meeting, form: ReviewForm, seats: Sequence[Municipality], status: int) -> HttpResponse:
    matched = sum(one.found.match is not None for one in form.people)
    return here.render("attendance/review.html", {"meeting": meeting, "form": form, "seats": seats, "matched": matched}, status)
