"""What the agenda's mails say: the receipt of a proposal, its answer, the agenda published, and what is added to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.notifications.letters import Context, Letter, letter, when


@letter("receipt")
def receipt(context: Context) -> Letter:
    """The proposal has arrived: on time or late, and what happens now."""
    late = _("It came after the deadline: the coordinators decide whether it is still taken, and you are told.")
    on_time = _("It is on time. Every proposal is answered before the agenda is published, and you are told.")
    return Letter(
        subject=_("Received: %(title)s") % {"title": context["title"]},
        paragraphs=[_("The proposal has reached the office."), late if context["late"] else on_time],
        facts=[
            *_facts(context),
            (_("Handed in"), _when(context, "submitted_at")),
            (_("Deadline"), _when(context, "closes_at")),
        ],
        button=(_("See the proposal"), f"/go/item/{context['item']}"),
    )


@letter("proposal_answered", settle=timedelta(minutes=5))
def proposal_answered(context: Context) -> Letter:
    """What became of a proposal, with the answer in writing."""
    subject, text = _outcome(context)
    facts = _facts(context)
    if "next_starts_at" in context:
        facts.append((_("It goes on at"), _when(context, "next_starts_at")))
    if context["into_title"]:
        facts.append((_("It goes on in"), context["into_title"]))
    shown = context.get("next_item") or context["into"] or context["item"]
    return Letter(
        subject=subject % {"title": context["title"]},
        paragraphs=[text],
        facts=facts,
        quote=context["answer"],
        button=(_("See the item"), f"/go/item/{shown}"),
    )


def _outcome(context: Context) -> tuple[str, str]:
    """(subject, first sentence) by what was decided."""
    match context["outcome"]:
        case "accepted" if context["addendum"]:
            return _("Accepted: %(title)s"), _("The proposal is on the agenda, as an addendum to the one already published.")
        case "accepted":
            return _("Accepted: %(title)s"), _("The proposal is on the agenda.")
        case "draft":
            return _("To be changed: %(title)s"), _("The coordinators returned the proposal. It can be changed and handed in again.")
        case "declined":
            return _("Declined: %(title)s"), _("The coordinators declined the proposal, with this answer.")
        case "merged":
            return _("Merged: %(title)s"), _("The proposal goes on together with another one. All who proposed either propose it now.")
        case _ if "next_starts_at" in context:
            return _("Put off: %(title)s"), _("The item is put off to a later meeting.")
        case _:
            return _("Put off: %(title)s"), _("The item is put off. It is kept until a meeting takes it up.")


@letter("agenda_published", label=gettext_lazy("The agenda is published"))
def agenda_published(context: Context) -> Letter:
    """The running order, to everybody."""
    return Letter(
        subject=_("Agenda of %(when)s") % {"when": _when(context, "starts_at")},
        paragraphs=[_("The agenda is published. From now on it changes by an addendum alone.")],
        facts=[
            *_meeting(context),
            (_("Proposals closed"), _when(context, "closes_at")),
            *[(_begins(context, row), _line(row)) for row in context["items"]],
        ],
        button=(_("See the agenda"), f"/go/meeting/{context['meeting']}"),
        closing=[_("What cannot wait can still be proposed, with a reason, until the session opens.")],
    )


@letter("addendum", label=gettext_lazy("Something is added to a published agenda"), settle=timedelta(minutes=10))
def addendum(context: Context) -> Letter:
    """All that was added to the agenda or struck from it since it was published."""
    return Letter(
        subject=_("Addendum to the agenda of %(when)s") % {"when": _when(context, "starts_at")},
        paragraphs=[_("The published agenda has changed.")],
        facts=[*_meeting(context), *[_change(row) for row in context["addenda"]]],
        button=(_("See the agenda"), f"/go/meeting/{context['meeting']}"),
    )


def _change(row: Context) -> tuple[str, str]:
    label = _("Addendum %(number)s: struck") if row["struck"] else _("Addendum %(number)s: added")
    return label % {"number": row["number"]}, _line(row)


def _line(row: Context) -> str:
    values = {"position": row["position"], "title": row["title"], "by": row["by"] or _("the office"), "minutes": row["minutes"]}
    return _("%(position)s. %(title)s (%(by)s, %(minutes)s min)") % values


def _begins(context: Context, row: Context) -> str:
    return f"{datetime.fromisoformat(row['begins']).astimezone(ZoneInfo(context['time_zone'])):%H:%M}"


def _meeting(context: Context) -> Sequence[tuple[str, str]]:
    return [(_("Meeting"), context["title"]), (_("When"), _when(context, "starts_at"))]


def _facts(context: Context) -> list[tuple[str, Any]]:
    return [(_("Item"), context["title"]), (_("Meeting"), _when(context, "starts_at"))]


def _when(context: Context, name: str) -> str:
    return when(context[name], context["time_zone"])
