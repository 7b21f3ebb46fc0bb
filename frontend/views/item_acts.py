"""What may be done with an agenda item: for each act its form, its service call, and its words before and after."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from frontend.forms.agenda_items import (
    AcceptForm,
    DeclineForm,
    DeferForm,
    MergeForm,
    ReturnForm,
    SubmitForm,
    TakeUpForm,
    item_choices,
    meeting_choices,
)
from frontend.forms.base import ActionForm
from frontend.views.base import Here
from meetings.agenda import selectors, services
from meetings.agenda.models import AgendaItem, ItemState
from meetings.scheduling.models import Meeting

CHOICES = 12
"""How many meetings an item is offered to be put off to."""


class Act(NamedTuple):
    """Something that may be done with an item: its form, its service call, and its words."""

    form: Callable[[Here, AgendaItem], ActionForm]
    do: Callable[[Here, AgendaItem, Mapping[str, Any]], object]
    title: Callable[[], str]
    done: Callable[[], str]
    back: str = "item"
    words: Callable[[], str] = str
    """What it means, said before it is done."""


def is_late(item: AgendaItem) -> bool:
    return selectors.would_be_late(item.meeting)


def _defer_form(here: Here, item: AgendaItem) -> ActionForm:
    choices = meeting_choices(selectors.collecting(here.network).exclude(pk=item.meeting_id)[:CHOICES])
    return TakeUpForm(here.posted, meetings=choices) if selectors.in_backlog(item) else DeferForm(here.posted, meetings=choices)


def _chosen(here: Here, meeting_id: str) -> Meeting | None:
    return here.meeting(UUID(meeting_id)) if meeting_id else None


def _mergeable(here: Here, item: AgendaItem) -> list[AgendaItem]:
    known = selectors.items_of(here.actor, item.meeting)
    return [row for row in known if row.pk != item.pk and row.state in (ItemState.PROPOSED, ItemState.ACCEPTED)]


ACTS: Mapping[str, Act] = {
    "submit": Act(
        lambda here, item: SubmitForm(here.posted, late=is_late(item), initial={"motive": item.motive}),
        lambda here, item, values: services.submit(actor=here.actor, item=item, motive=values.get("motive", "")),
        lambda: _("Hand in"),
        lambda: _("The proposal is handed in. You will find the answer here."),
    ),
    "withdraw": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.withdraw(actor=here.actor, item=item),
        lambda: _("Withdraw"),
        lambda: _("The proposal is withdrawn."),
        words=lambda: _(
            "It is taken out of what the coordinators decide on, and everybody who saw it sees that it was withdrawn. "
            "A new proposal can be made."
        ),
    ),
    "accept": Act(
        lambda here, item: AcceptForm(here.posted, initial={"duration_minutes": item.duration_minutes}),
        lambda here, item, values: services.accept(actor=here.actor, item=item, duration_minutes=values["duration_minutes"]),
        lambda: _("Accept"),
        lambda: _("The item is on the agenda."),
        "agenda",
        words=lambda: _("It comes last in the running order; it can be moved, put off and edited until the agenda is published."),
    ),
    "return": Act(
        lambda here, item: ReturnForm(here.posted),
        lambda here, item, values: services.return_(actor=here.actor, item=item, reason=values["answer"]),
        lambda: _("Return"),
        lambda: _("The proposal went back with your request."),
        "agenda",
        words=lambda: _(
            "It goes back to its municipality, with these words. They can change it and hand it in again, on time if it was on time."
        ),
    ),
    "move": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.move(actor=here.actor, item=item),
        lambda: _("Move to the next meeting"),
        lambda: _("The draft is now one for the next meeting that takes proposals."),
        "result",
        words=lambda: _("The draft leaves this meeting and waits for you at the next one."),
    ),
    "defer": Act(
        lambda here, item: _defer_form(here, item),
        lambda here, item, values: services.defer(
            actor=here.actor, item=item, to=_chosen(here, values["meeting"]), answer=values.get("answer", "")
        ),
        lambda: _("Put off"),
        lambda: _("The item is put off, with your answer."),
        words=lambda: _("It leaves this agenda and goes on where you put it; its proposers are told, with these words."),
    ),
    "merge": Act(
        lambda here, item: MergeForm(here.posted, others=item_choices(_mergeable(here, item))),
        lambda here, item, values: services.merge(actor=here.actor, item=item, into=selectors.item(here.actor, values["into"])),
        lambda: _("Merge"),
        lambda: _("The two are one item now. Its text can be edited."),
        "agenda",
        words=lambda: _(
            "Its proposers, files and text are added to the other item. Until the agenda is published the two can be separated again."
        ),
    ),
    "separate": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.separate(actor=here.actor, item=item),
        lambda: _("Separate again"),
        lambda: _("It is a proposal of its own again."),
        "agenda",
        words=lambda: _("It waits for an answer of its own again; what was added to the other item’s text stays there."),
    ),
    "discuss_instead": Act(
        lambda here, item: ActionForm(here.posted),
        lambda here, item, values: services.discuss_instead(actor=here.actor, item=item),
        lambda: _("Ask for a discussion"),
        lambda: _("The item will be discussed."),
        words=lambda: _(
            "The item leaves the block that is taken without discussion and gets its own turn. Only the coordinators can put it back."
        ),
    ),
    "decline": Act(
        lambda here, item: DeclineForm(here.posted),
        lambda here, item, values: services.decline(actor=here.actor, item=item, answer=values["answer"]),
        lambda: _("Decline"),
        lambda: _("The proposal is declined, with your answer."),
        "agenda",
        words=lambda: _("The proposal does not come onto the agenda; its proposers are told, with these words. They can propose it anew."),
    ),
}
