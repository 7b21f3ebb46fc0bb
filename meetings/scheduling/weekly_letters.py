"""What the mails of every week say: that proposals are open, and that an answer is missing."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.notifications.letters import Context, Letter, letter, when
from meetings.scheduling.reply_links import reply_path


@letter("intake_open", label=gettext_lazy("Proposals are open"))
def intake_open(context: Context) -> Letter:
    return Letter(
        subject=_("Proposals are open for the meeting of %(when)s") % {"when": _start(context)},
        paragraphs=[_("What should the next meeting talk about? Proposals can be handed in from now on.")],
        facts=[
            (_("Meeting"), context["title"]),
            (_("Starts"), _start(context)),
            (_("Proposals close"), when(context["closes_at"], context["time_zone"])),
        ],
        button=(_("Propose an item"), f"/go/propose/{context['meeting']}"),
        closing=[_("After the deadline a proposal needs a reason why it cannot wait, and the office decides on it.")],
    )


@letter("reminder", chase=True)
def reminder(context: Context) -> Letter:
    """The three answers of each silent seat; all lead to the page where they are given, and none gives one by being opened."""
    seats = context["seats"]
    names = ", ".join(seat["name"] for seat in seats)
    links = [pair for seat in seats for pair in _answers(seat, context["meeting"], several=len(seats) > 1)]
    return Letter(
        subject=_("Will %(names)s take part in the meeting of %(when)s?") % {"names": names, "when": _start(context)},
        paragraphs=[_("No answer to this invitation has come yet. Please give one, even if nobody can come: no sign-in is needed.")],
        facts=[(_("Meeting"), context["title"]), (_("Starts"), _start(context)), (_("Waiting for"), names)],
        button=links[0],
        links=links[1:],
        closing=[_("Whoever has answered in the meantime can leave this mail aside.")],
    )


def _answers(seat: Context, meeting: str, *, several: bool) -> list[tuple[str, str]]:
    path = reply_path(seat["membership"], meeting)
    if several:
        labels = [_("%(seat)s: we take part"), _("%(seat)s: nobody can come"), _("%(seat)s: a substitute comes")]
    else:
        labels = [_("We take part"), _("Nobody can come"), _("A substitute comes")]
    answers = ("attending", "regrets", "substitute")
    return [(label % {"seat": seat["name"]}, f"{path}?answer={answer}") for label, answer in zip(labels, answers, strict=True)]


def _start(context: Context) -> str:
    return when(context["starts_at"], context["time_zone"])
