"""Corrections of circulating minutes: asking for one, the staff's queue, accepting and rejecting."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ActionForm
from frontend.forms.minutes import AcceptCorrectionForm, AcceptTextForm, CorrectionForm, RejectCorrectionForm
from frontend.views.base import Here, page
from frontend.views.minutes import minutes_here, require_able
from meetings.access import Permission
from meetings.agenda.selectors import running_order
from meetings.errors import NotAllowed, nothing_here
from meetings.minutes import corrections, selectors
from meetings.minutes.models import Correction, Decision, Minutes, Note

Texts = Mapping[str, Note | Decision]
"""The notes and decisions of some minutes, by the name that addresses have for them: `note-<id>`, `decision-<id>`."""


@page
def ask(here: Here, meeting_id: UUID) -> HttpResponse:
    """`?item=<id>` chooses the item."""
    minutes = minutes_here(here, meeting_id)
    if not here.is_post:
        require_able(here, minutes, "correct")
    items = running_order(minutes.meeting).prefetch_related(None)
    seats = selectors.seats_that_attended(here.actor, minutes)
    form = CorrectionForm(here.posted, items=items, seats=seats, initial={"agenda_item": here.request.GET.get("item")})
    back = here.url("minutes", meeting_id)
    return here.form(
        form,
        "minutes/ask.html",
        {"minutes": minutes, "meeting": minutes.meeting, "back": back},
        save=lambda: corrections.ask(actor=here.actor, minutes=minutes, **_asked(form.values())),
        done=_("The office has your correction and answers it in writing."),
        to=back,
    )


def _asked(values: Mapping[str, Any]) -> dict[str, Any]:
    text = {name: values[name] for name in ("text", "proposed")}
    return {"values": text, "agenda_item": values["agenda_item"], "municipality": values.get("municipality")}


@require_safe
@page
def queue(here: Here, meeting_id: UUID) -> HttpResponse:
    """For the staff: what is asked for beside what the minutes say, the open ones first."""
    minutes = minutes_here(here, meeting_id)
    if not here.may(Permission.RECORD):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    texts = _texts(here, minutes)
    rows = sorted(selectors.corrections_of(minutes), key=lambda row: (row.state != "open", row.asked_at))
    shown = [(row, _about(row, texts), selectors.correction_abilities(here.actor, row)) for row in rows]
    waiting = sum(row.state == "open" for row in rows)
    return here.render("minutes/queue.html", {"minutes": minutes, "meeting": minutes.meeting, "rows": shown, "waiting": waiting})


def _texts(here: Here, minutes: Minutes) -> Texts:
    rows: list[Note | Decision] = [*selectors.notes_of(here.actor, minutes.meeting), *selectors.decisions_of(minutes.meeting)]
    return {f"{row._meta.model_name}-{row.pk}": row for row in rows}


def _about(correction: Correction, texts: Texts) -> Texts:
    """Those that a correction may be about: its item's. One about the minutes as a whole is seen to by hand."""
    return {name: row for name, row in texts.items() if row.agenda_item_id == correction.agenda_item_id}


@page
def accept(here: Here, correction_id: UUID) -> HttpResponse:
    """`?text=note-<id>` says which text changes with it; without, the staff have seen to it themselves."""
    correction = _correction(here, correction_id, "accept")
    texts = _about(correction, _texts(here, correction.minutes))
    name = here.request.GET.get("text", "")
    row = texts.get(name)
    if name and row is None:
        raise nothing_here()
    form = _accept_form(here, row)
    return here.form(
        form,
        "minutes/answer.html",
        {**_shown(here, correction), "title": _("Accept the correction"), "row": row, "texts": texts, "accepts": True},
        save=lambda: corrections.accept(actor=here.actor, correction=correction, **_accepted(form, row)),
        done=_("The correction is accepted."),
        to=here.url("correction_queue", correction.minutes.meeting_id),
    )


def _accept_form(here: Here, row: Note | Decision | None) -> AcceptTextForm | AcceptCorrectionForm:
    if row is None:
        return AcceptCorrectionForm(here.posted)
    return AcceptTextForm(here.posted, initial={"text": row.text}, version=row.version)


def _accepted(form: ActionForm, row: Note | Decision | None) -> dict[str, Any]:
    note, decision = (row if isinstance(row, Note) else None), (row if isinstance(row, Decision) else None)
    return {**form.values(), "note": note, "decision": decision, "expected_version": form.version}


@page
def reject(here: Here, correction_id: UUID) -> HttpResponse:
    """With a reason, which whoever asked is told."""
    correction = _correction(here, correction_id, "reject")
    form = RejectCorrectionForm(here.posted)
    texts = _about(correction, _texts(here, correction.minutes))
    return here.form(
        form,
        "minutes/answer.html",
        {**_shown(here, correction), "title": _("Reject the correction"), "texts": texts},
        save=lambda: corrections.reject(actor=here.actor, correction=correction, **form.values()),
        done=_("The correction is rejected, with your answer."),
        to=here.url("correction_queue", correction.minutes.meeting_id),
    )


def _shown(here: Here, correction: Correction) -> dict[str, Any]:
    meeting = correction.minutes.meeting
    return {"correction": correction, "meeting": meeting, "back": here.url("correction_queue", meeting.pk)}


def _correction(here: Here, correction_id: UUID, action: str) -> Correction:
    """Raises NotFound, and NotAllowed to who may never decide on it; that it is too late is said when it is tried."""
    correction = selectors.correction(here.actor, correction_id)
    if not here.is_post and action not in selectors.correction_abilities(here.actor, correction):
        raise NotAllowed("not_allowed", _("This is not possible now, or not yours to do."))
    return correction
