"""Preparing a question to put to the vote: until it is opened, everything of it can be changed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings import clock, validation, versions
from meetings.access import Actor, require
from meetings.agenda import services as agenda
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem
from meetings.errors import Conflict
from meetings.events import types
from meetings.events.services import record
from meetings.live.blocks import tell
from meetings.live.models import POLL_ACTIONS, POLL_TRANSITIONS, Poll
from meetings.live.poll_selectors import consent_items, poll_as_object
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import MeetingState

MOST_CHOICES = 10
OBJECT = "object"
SILENCE = range(10, 3601)
"""For how many seconds silence may be asked."""
PLAIN = ("question", "secrecy", "roll_policy", "advisory", "silence_seconds")


def usual_choices(language: str) -> list[dict[str, str]]:
    """In favour, against, abstaining; the first is the motion."""
    with override(language):
        return [{"id": "yes", "label": _("In favour")}, {"id": "no", "label": _("Against")}, {"id": "abstain", "label": _("Abstaining")}]


def objection(language: str) -> list[dict[str, str]]:
    """The one choice of silent assent."""
    with override(language):
        return [{"id": OBJECT, "label": _("I object")}]


@transaction.atomic
def draft(*, actor: Actor, item: AgendaItem, question: str, **values: Any) -> Poll:
    """Prepares a question on an item. `values`: as in `edit`. Raises Conflict, Invalid by field."""
    item = agenda.locked(item)
    meeting = item.meeting
    require(actor, POLL_ACTIONS["edit"], network_id=meeting.network_id)
    if item.state not in ON_THE_AGENDA:
        raise Conflict("not_on_the_agenda", _("This item is not on the agenda of this meeting."))
    if meeting.state not in (MeetingState.AGENDA_PUBLISHED, MeetingState.IN_SESSION):
        raise Conflict("wrong_state", _("Votes are prepared between the publication of the agenda and the end of the session."))
    poll = Poll(agenda_item=item, created_at=clock.now())
    _apply(poll, {"question": question, **values})
    poll.save()
    _set_lists(poll, values)
    record(actor, types.PollDrafted(poll_as_object(poll)), meeting_id=meeting.pk)
    return poll


@transaction.atomic
def edit(*, actor: Actor, poll: Poll, values: Mapping[str, Any], expected_version: int | None = None) -> Poll:
    """Changes a draft: `question`, `secrecy`, `roll_policy`, `advisory`, `silence_seconds`; `choices` (the first is the motion; empty: the
    usual ones; silent assent knows objections alone); `chosen`, municipalities by id for a roll made by hand; `covers`, consent items by
    id for a block vote, the poll's own item among them.

    Raises Conflict once it is open, Invalid by field, StaleVersion.
    """
    meeting = scheduling.locked(poll.agenda_item.meeting)
    poll = Poll.objects.select_for_update(of=("self",), no_key=True).select_related("agenda_item__meeting__network").get(pk=poll.pk)
    require(actor, POLL_ACTIONS["edit"], network_id=meeting.network_id)
    versions.check(poll, expected_version, lambda: poll_as_object(poll))
    POLL_TRANSITIONS.target("edit", poll.state)
    _apply(poll, {"question": poll.question, **values})
    _set_lists(poll, values)
    return tell(actor, poll)


def _apply(poll: Poll, values: Mapping[str, Any]) -> None:
    was_silent = poll.is_silent
    validation.apply(poll, {name: values[name] for name in PLAIN if name in values})
    if poll.silence_seconds not in SILENCE:
        least, most = SILENCE[0], SILENCE[-1]
        raise validation.invalid("silence_seconds", _("From %(least)s to %(most)s seconds.") % {"least": least, "most": most})
    language, given = poll.agenda_item.meeting.network.language, values.get("choices")
    if poll.is_silent:
        if given and [choice.get("id") for choice in given] != [OBJECT]:
            raise validation.invalid("choices", _("Silent assent has no choices: who does not agree objects."))
        poll.choices = objection(language)
    elif given:
        poll.choices = _checked(given)
    elif given is not None or was_silent or not poll.choices:
        poll.choices = usual_choices(language)


def _checked(choices: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    cleaned = [
        {"id": validation.clean_line(c.get("id", ""))[:20].rstrip(), "label": validation.clean_line(c.get("label", ""))[:80].rstrip()}
        for c in choices
    ]
    names = {choice["id"] for choice in cleaned}
    if not 2 <= len(cleaned) <= MOST_CHOICES or len(names) != len(cleaned) or not all(c["id"] and c["label"] for c in cleaned):
        raise validation.invalid("choices", _("Give from 2 to %(most)s different choices, each with a label.") % {"most": MOST_CHOICES})
    return cleaned


def _set_lists(poll: Poll, values: Mapping[str, Any]) -> None:
    """The two lists, and what must be so between them and the rest."""
    if "chosen" in values:
        poll.chosen.set(_known(poll, values["chosen"]))
    if "covers" in values:
        poll.covers.set(_coverable(poll, values["covers"]))
    if poll.roll_policy == Poll.RollPolicy.CHOSEN and not poll.chosen.exists():
        raise validation.invalid("chosen", _("Choose at least one municipality."))
    if poll.covers.exists():
        if poll.is_secret:
            raise validation.invalid("secrecy", _("A block vote is named or by silent assent."))
        if poll.advisory:
            raise validation.invalid("advisory", _("A block vote decides: it cannot be advisory."))


def _known(poll: Poll, ids: Collection[UUID]) -> list[Municipality]:
    meeting = poll.agenda_item.meeting
    known = list(municipalities(meeting.network, meeting.local.date()).filter(pk__in=ids))
    if len(known) != len(set(ids)):
        raise validation.invalid("chosen", _("There is no such municipality."))
    return known


def _coverable(poll: Poll, ids: Collection[UUID]) -> list[AgendaItem]:
    known = list(consent_items(poll.agenda_item.meeting).filter(pk__in=ids))
    if len(known) != len(set(ids)) or (known and poll.agenda_item_id not in ids):
        detail = _("A block covers consent items of this agenda that are still to be decided, this one among them.")
        raise validation.invalid("covers", detail)
    return known
