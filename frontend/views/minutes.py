"""The minutes of a meeting: reading, completing, circulating, approving, publishing."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ButtonForm
from frontend.forms.minutes import CirculateForm, MinutesForm, WindowForm
from frontend.views.base import Here, page
from frontend.views.minutes_state import Record
from meetings.access import Actor
from meetings.documents.services import approve_minutes
from meetings.errors import NotAllowed, NotFound
from meetings.live.models import Question
from meetings.live.question_selectors import shown_questions
from meetings.minutes import selectors, services
from meetings.minutes.models import Correction, CorrectionState, Minutes, MinutesState
from meetings.scheduling.selectors import meeting_abilities


def minutes_here(here: Here, meeting_id: UUID) -> Minutes:
    """Raises NotFound when there are none or the reader may not see them yet."""
    asked = Exists(Correction.objects.filter(minutes=OuterRef("pk")))
    questions = Exists(Question.objects.filter(meeting=OuterRef("meeting")))
    found = selectors.visible_minutes(here.actor).annotate(was_asked=asked, has_questions=questions).filter(meeting=meeting_id).first()
    if found is None:
        raise NotFound("not_found", _("There are no minutes to read here yet."))
    return found


@require_safe
@page
def show(here: Here, meeting_id: UUID) -> HttpResponse:
    """The whole record, as the reader's role sees it."""
    minutes = minutes_here(here, meeting_id)
    can = selectors.minutes_abilities(here.actor, minutes)
    shown = {"minutes": minutes, "meeting": minutes.meeting, "record": Record(here.actor, minutes), "can": can}
    corrections = list(selectors.corrections_of(minutes)) if getattr(minutes, "was_asked", True) else []
    shown |= {"corrections": corrections, "waiting": sum(row.state == CorrectionState.OPEN for row in corrections)}
    shown["editions"] = selectors.editions_of(minutes) if minutes.edition > 1 else []
    shown["questions"] = list(shown_questions(minutes.meeting)) if getattr(minutes, "has_questions", True) else []
    shown["window_is_open"] = selectors.window_is_open(minutes)
    shown["reopens"] = minutes.state == MinutesState.DRAFT and "reopen" in meeting_abilities(here.actor, minutes.meeting)
    return here.render("minutes/show.html", {**shown, "pdf": f"/api/v1/meetings/{minutes.meeting_id}/minutes.pdf"})


@page
def edit(here: Here, meeting_id: UUID) -> HttpResponse:
    """Introduction, chair and secretary."""
    minutes = minutes_here(here, meeting_id)
    require_able(here, minutes, "edit")
    names = ("introduction", "chaired_by", "recorded_by")
    form = MinutesForm(here.posted, initial={name: getattr(minutes, name) for name in names}, version=minutes.version)
    return here.form(
        form,
        "minutes/form.html",
        {"title": _("Edit the minutes"), "meeting": minutes.meeting, "back": here.url("minutes", meeting_id)},
        save=lambda: services.edit_minutes(actor=here.actor, minutes=minutes, values=form.values(), expected_version=form.version),
        done=_("Saved."),
        to=here.url("minutes", meeting_id),
    )


def require_able(here: Here, minutes: Minutes, action: str) -> None:
    """Who may never do it gets no form. Raises NotAllowed; that it is too late is said when it is tried."""
    if action not in selectors.minutes_abilities(here.actor, minutes):
        raise NotAllowed("not_allowed", _("This is not possible now, or not yours to do."))


def step(
    here: Here,
    meeting_id: UUID,
    action: str,
    act: Callable[..., object],
    *,
    title: str,
    words: list[str],
    submit: str,
    done: str,
    form: type[WindowForm] | None = None,
) -> HttpResponse:
    """A step in the life of the minutes: asks in words, with a time for corrections where `form` has one, then does it."""
    minutes = minutes_here(here, meeting_id)
    if not here.is_post:
        require_able(here, minutes, action)
    asked = form(here.posted, zone=minutes.meeting.zone, initial={"until": usual_day(minutes)}) if form else ButtonForm(here.posted)
    back = here.url("minutes", meeting_id)
    return here.form(
        asked,
        "minutes/form.html" if form else "confirm.html",
        {"title": title, "words": words, "submit": submit, "meeting": minutes.meeting, "back": back, "safe": True},
        save=lambda: act(actor=here.actor, minutes=minutes, **asked.values()),
        done=done,
        to=back,
    )


def usual_day(minutes: Minutes) -> date:
    """The last day of a time for corrections that begins now, on the meeting's clocks."""
    return services.window_of(minutes.meeting.network).astimezone(minutes.meeting.zone).date()


@page
def circulate(here: Here, meeting_id: UUID) -> HttpResponse:
    """To everybody, until the last day for corrections."""
    return step(
        here,
        meeting_id,
        "circulate",
        services.circulate,
        title=_("Circulate the minutes?"),
        words=[
            _("Everybody in the network can read them, with the notes: this cannot be taken back."),
            _("Those who attended are told by mail and can ask for corrections until the end of the last day."),
        ],
        submit=_("Circulate"),
        done=_("The minutes circulate."),
        form=CirculateForm,
    )


@page
def approve(here: Here, meeting_id: UUID) -> HttpResponse:
    return step(
        here,
        meeting_id,
        "approve",
        _approve,
        title=_("Approve the minutes?"),
        words=[
            _("They are sealed as a PDF file, which never changes; a mistake found later makes a new edition."),
            _("Read them to the end before you approve."),
        ],
        submit=_("Approve"),
        done=_("The minutes are approved and sealed."),
    )


def _approve(*, actor: Actor, minutes: Minutes) -> Minutes:
    return approve_minutes(actor=actor, minutes_record=minutes)


@page
def publish(here: Here, meeting_id: UUID) -> HttpResponse:
    return step(
        here,
        meeting_id,
        "publish",
        services.publish,
        title=_("Publish the minutes?"),
        words=[_("They stand in the archive for everybody in the network.")],
        submit=_("Publish"),
        done=_("The minutes are published."),
    )
