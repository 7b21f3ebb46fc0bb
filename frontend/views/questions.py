"""What municipalities ask: the list, which does not refresh itself, asking, supporting, answering, carrying over, withdrawing."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from frontend.forms.base import ActionForm, ButtonForm
from frontend.forms.questions import AnswerForm, QuestionForm, SupportForm
from frontend.views.base import Here, page, see_other
from frontend.views.question_parts import Questions
from meetings.access import Permission
from meetings.agenda.selectors import running_order
from meetings.errors import NotAllowed
from meetings.live import question_selectors as selectors
from meetings.live import questions
from meetings.live.models import Question, QuestionState
from meetings.network.selectors import municipalities, municipality_in
from meetings.scheduling.models import Meeting, MeetingState
from meetings.scheduling.selectors import following
from meetings.typography import date_in_words, pair


@require_safe
@page
def index(here: Here, meeting_id: UUID) -> HttpResponse:
    """All of a meeting's, before, during and after it."""
    return _list(here, here.meeting(meeting_id))


def _list(here: Here, meeting: Meeting, form: ActionForm | None = None, status: int = 200) -> HttpResponse:
    own = municipalities(here.network, meeting.local.date()).filter(pk__in=here.actor.seats)
    found = Questions(here.actor, meeting, list(own))
    return here.render("questions/index.html", {"meeting": meeting, "questions": found, "form": form}, status)


@page
def ask(here: Here, meeting_id: UUID) -> HttpResponse:
    """A question for one of the reader's seats; the office asks for whoever calls."""
    meeting = here.meeting(meeting_id)
    by_phone = here.may(Permission.TAKE_PART_BY_PHONE)
    seats = municipalities(here.network, meeting.local.date())
    if not by_phone:
        seats = seats.filter(pk__in=here.actor.seats)
        if not seats:
            raise NotAllowed("not_allowed", _("You represent no municipality that could ask something."))
    items = running_order(meeting) if meeting.agenda_published_at else running_order(meeting).none()
    about = {"agenda_item": here.request.GET.get("item") or meeting.current_item_id}
    form = QuestionForm(here.posted, seats=seats, items=items, by_phone=by_phone, initial=about)
    back = _back(here, meeting)
    return here.form(
        form,
        "questions/ask.html",
        {"meeting": meeting, "back": back, "takes": selectors.takes_questions(meeting)},
        save=lambda: questions.ask(actor=here.actor, meeting=meeting, **form.values()),
        done=_("Your question is on the list."),
        to=back,
    )


def _back(here: Here, meeting: Meeting) -> str:
    """The room while the session goes on, the list before and after."""
    return here.url("room", meeting.pk) + "#questions" if meeting.state == MeetingState.IN_SESSION else here.url("questions", meeting.pk)


@page
def support(here: Here, question_id: UUID, municipality_id: UUID) -> HttpResponse:
    """One seat's button: it wants the question answered too, or no longer does."""
    row = selectors.question(here.actor, question_id)
    if not here.is_post:
        return see_other(here.url("questions", row.meeting_id))
    form = SupportForm(here.posted)
    seat = municipality_in(here.network.pk, municipality_id)
    in_room = "from_room" in here.request.POST
    back = here.url("room", row.meeting_id) + "#questions" if in_room else here.url("questions", row.meeting_id) + f"#question-{row.pk}"
    return here.submit(
        form,
        save=lambda: questions.support(actor=here.actor, question=row, municipality=seat, support=form.cleaned_data["support"]),
        done="" if in_room else _("Saved."),
        to=back,
        show=lambda status: _list(here, row.meeting, form, status),
    )


@page
def answer(here: Here, question_id: UUID) -> HttpResponse:
    """Answers in the session or in writing, or changes an answer that was given."""
    row = selectors.question(here.actor, question_id)
    if not here.may(Permission.RECORD):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    given = row.state == QuestionState.ANSWERED
    form = AnswerForm(here.posted, initial={"answer": row.answer}, version=row.version if given else None)

    def save() -> Question:
        values = {name: form.cleaned_data[name] for name in ("answer", "way")}
        return questions.answer(actor=here.actor, question=row, expected_version=form.version, **values)

    live = row.meeting.state in selectors.ANSWERED_LIVE_IN
    shown = {"question": row, "meeting": row.meeting, "live": live, "back": _back(here, row.meeting)}
    return here.form(form, "questions/answer.html", shown, save=save, done=_("The answer is saved."), to=_back(here, row.meeting))


@page
def withdraw(here: Here, question_id: UUID) -> HttpResponse:
    row = selectors.question(here.actor, question_id)
    if row.municipality_id not in here.actor.seats and not here.may(Permission.TAKE_PART_BY_PHONE):
        raise NotAllowed("not_allowed", _("You do not represent this municipality."))
    return _confirmed(
        here,
        row,
        save=lambda: questions.withdraw(actor=here.actor, question=row),
        title=_("Withdraw this question?"),
        words=[pair(row.municipality.name, row.text), _("It is taken off the list, and with it who supports it.")],
        submit=_("Withdraw"),
        done=_("The question is withdrawn."),
    )


@page
def carry(here: Here, question_id: UUID) -> HttpResponse:
    """Says to which meeting the question would go, then carries it there."""
    row = selectors.question(here.actor, question_id)
    if not here.may(Permission.RUN_SESSION):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))
    to = following(row.meeting)
    where = _("The next meeting of the series is on %(day)s.") % {"day": date_in_words(to.local, "l j F Y, H:i")} if to else ""
    return _confirmed(
        here,
        row,
        save=lambda: questions.carry(actor=here.actor, question=row),
        title=_("Carry this question over to the next meeting?"),
        words=[pair(row.municipality.name, row.text), where or _("There is no later meeting of the series to carry it to.")],
        submit=_("Carry over"),
        done=_("The question is carried over."),
        safe=True,
    )


def _confirmed(here: Here, row: Question, *, save: Any, done: str, **words: Any) -> HttpResponse:
    back = _back(here, row.meeting)
    return here.form(ButtonForm(here.posted), "confirm.html", {**words, "back": back}, save=save, done=done, to=back)
