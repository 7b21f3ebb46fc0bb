"""The mails about minutes."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from meetings.minutes.models import CorrectionState
from meetings.notifications.letters import Context, Letter, letter, when


def _of(context: Context) -> dict[str, str]:
    return {"title": str(context["title"]), "number": str(context["number"])}


def _held(context: Context) -> tuple[str, str]:
    return _("Meeting"), when(context["starts_at"], context["time_zone"])


def _button(context: Context) -> tuple[str, str]:
    return _("Read the minutes"), f"/go/minutes/{context['meeting']}"


@letter("minutes_to_correct", label=gettext_lazy("Minutes to read and correct"), settle=timedelta(minutes=10))
def minutes_to_correct(context: Context) -> Letter:
    """To who was there: read, and say what is wrong."""
    paragraphs = [_("The minutes of a meeting that you attended can be read. Until the time below you can ask for corrections.")]
    if context["reason"]:
        paragraphs.append(_("This is a new edition of minutes that were approved already."))
    facts = [_held(context), (_("Corrections until"), when(context["until"], context["time_zone"]))]
    return Letter(
        subject=_("Minutes to read: %(title)s no. %(number)s") % _of(context),
        paragraphs=paragraphs,
        facts=facts,
        quote=context["reason"],
        button=_button(context),
    )


@letter("corrections_closed")
def corrections_closed(context: Context) -> Letter:
    """To the office: the time is over."""
    waiting = ngettext(
        "One correction waits for an answer before the minutes can be approved.",
        "%(n)s corrections wait for an answer before the minutes can be approved.",
        context["open"],
    ) % {"n": context["open"]}
    nothing = _("No correction waits for an answer: the minutes can be approved.")
    return Letter(
        subject=_("The time for corrections is over: %(title)s no. %(number)s") % _of(context),
        paragraphs=[waiting if context["open"] else nothing],
        facts=[_held(context)],
        button=_button(context),
    )


@letter("correction_answered")
def correction_answered(context: Context) -> Letter:
    """To whoever asked for it."""
    accepted = context["state"] == CorrectionState.ACCEPTED
    facts = [_held(context)]
    if context["answer"]:
        facts.append((_("Answer"), context["answer"]))
    return Letter(
        subject=_("Your correction of the minutes of %(title)s no. %(number)s") % _of(context),
        paragraphs=[_("Your correction was accepted.") if accepted else _("Your correction was not accepted.")],
        facts=facts,
        quote=context["text"],
        button=_button(context),
    )


@letter("minutes_approved", label=gettext_lazy("Minutes that are approved"))
def minutes_approved(context: Context) -> Letter:
    """To everybody."""
    return Letter(
        subject=_("Minutes approved: %(title)s no. %(number)s") % _of(context),
        paragraphs=[_("The minutes are approved and sealed. The file can be downloaded from their page.")],
        facts=[_held(context)],
        button=_button(context),
    )
