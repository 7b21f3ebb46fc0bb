"""The mails about the session."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.notifications.letters import Context, Letter, letter, when


@letter("question_answered", label=gettext_lazy("Answers to your municipality’s questions"), settle=timedelta(minutes=10))
def question_answered(context: Context) -> Letter:
    """To who represents the municipality that asked."""
    return Letter(
        subject=_("Your question is answered: %(title)s no. %(number)s") % {"title": context["title"], "number": context["number"]},
        paragraphs=[_("Your municipality asked this, and here is the answer. All who take part in the network can read both.")],
        facts=[(_("Meeting"), when(context["starts_at"], context["time_zone"])), (_("Answer"), context["answer"])],
        quote=context["question"],
        button=(_("To the questions"), f"/go/questions/{context['meeting']}"),
    )
