"""What the mails about action items say, and how to report progress."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings.notifications.letters import Context, Letter, day, letter


@letter("action_assigned", settle=timedelta(minutes=10))
def action_assigned(context: Context) -> Letter:
    facts = [(_("Owner"), context["owner"]), (_("Number"), str(context["number"])), (_("From the meeting"), context["meeting"])]
    if context["person"]:
        facts.append((_("Person"), context["person"]))
    if context["due_on"]:
        facts.append((_("Due on"), day(context["due_on"])))
    return Letter(
        subject=_("An action item for %(owner)s: %(title)s") % context,
        paragraphs=[_("The meeting gave %(owner)s something to do: %(title)s") % context],
        facts=facts,
        quote=context["text"],
        button=(_("See it and report progress"), f"/go/action/{context['action']}"),
        closing=[_how_to_report()],
    )


@letter("action_due", chase=True)
def action_due(context: Context) -> Letter:
    items = context["due"]
    subject = ngettext("Due on %(day)s: %(title)s", "%(n)s action items are soon due", len(items)) % {
        "n": len(items),
        "title": items[0]["title"],
        "day": day(items[0]["due_on"]),
    }
    return _digest(context, subject, [_("This is soon due and not reported done yet.")])


@letter("action_overdue", chase=True)
def action_overdue(context: Context) -> Letter:
    """To its owner; from the second time on to the zone's spokesperson too, who may be one person with several reasons to be told."""
    late = [*context["overdue"], *context["zone"]]
    subject = ngettext("Overdue: %(title)s", "%(n)s action items are overdue", len(late)) % {"n": len(late), "title": late[0]["title"]}
    paragraphs = [_("This should have been done by now, and has not been reported done.")]
    if context["zone"]:
        paragraphs.append(
            _("The municipalities of the zone whose items are overdue for more than a week are listed too: perhaps they need help.")
        )
    return _digest(context, subject, paragraphs)


def _digest(context: Context, subject: str, paragraphs: Sequence[str]) -> Letter:
    items = [row for group in ("overdue", "due", "zone") for row in context[group]]
    label = _("See it and report progress") if len(items) == 1 else _("Report on no. %(number)s: %(title)s")
    links = [(label % row, f"/go/action/{row['id']}") for row in items]
    return Letter(
        subject=subject,
        paragraphs=paragraphs,
        facts=[(_("No. %(number)s") % row, _line(row)) for row in items],
        button=links[0],
        links=links[1:],
        closing=[_how_to_report()],
    )


def _line(row: Context) -> str:
    values = {"title": row["title"], "owner": row["owner"] or _("The office"), "day": day(row["due_on"])}
    return _("%(title)s (%(owner)s), due on %(day)s") % values


def _how_to_report() -> str:
    return _("Progress is reported on the item's page: that it is under way or done, with a line of text that says how far it is.")
