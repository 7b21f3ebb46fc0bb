"""What the mails about privacy say. None of them can be refused."""

from django.utils.translation import gettext as _

from meetings.notifications.letters import Context, Letter, letter


@letter("erasure_received")
def erasure_received(context: Context) -> Letter:
    return Letter(
        subject=_("The request to be erased has been received"),
        paragraphs=[
            _("The office answers within one month. Until then nothing changes, and the request can be withdrawn."),
            _("Once it is carried out signing in is no longer possible, and no further message is sent: the address is gone."),
        ],
        button=(_("See the request"), "/go/my-data"),
    )


@letter("erasure_asked")
def erasure_asked(context: Context) -> Letter:
    """The mail names nobody: who asked stands on the page."""
    return Letter(
        subject=_("Somebody asks to be erased"),
        paragraphs=[
            _("A person of this network asks that what Raccordo holds of them be erased. The law gives the office one month to answer."),
            _("The page says what would be deleted and what stays as a public act, and lets the office carry it out or decline it."),
        ],
        button=(_("See the request"), f"/go/erasure/{context['request']}"),
    )


@letter("erasure_declined")
def erasure_declined(context: Context) -> Letter:
    return Letter(
        subject=_("The request to be erased has been declined"),
        paragraphs=[_("The office has declined the request, and says why:")],
        quote=context["answer"],
        button=(_("Rights, and whom to turn to"), "/go/privacy"),
    )
