"""The pages and buttons of votes, beside the live room and in it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from frontend.forms.polls import BlockForm, DraftForm, PhoneVoteForm, PollForm, VoteForm
from frontend.views.base import Here, page
from frontend.views.poll_parts import choices_of, label_of, labels_of
from frontend.views.room import Question, on_the_agenda, press, seat
from meetings.access import Permission
from meetings.agenda.models import AgendaItem
from meetings.errors import NotAllowed, NotFound
from meetings.live import poll_selectors as selectors
from meetings.live import polls
from meetings.live.models import COUNTED, Mark, Poll, Vote
from meetings.network.models import Municipality
from meetings.network.selectors import municipalities
from meetings.scheduling.models import Meeting


def poll_in(here: Here, meeting: Meeting, poll_id: UUID) -> Poll:
    """A poll of this meeting that the reader may know of. Raises NotFound."""
    found = selectors.poll(here.actor, poll_id)
    if found.agenda_item.meeting_id != meeting.pk:
        raise NotFound("not_found", _("There is nothing here."))
    return found


def _require(here: Here, permission: Permission) -> None:
    """Who may never do it gets no form. Raises NotAllowed."""
    if not here.may(permission):
        raise NotAllowed("not_allowed", _("You are not allowed to do this."))


def _room(here: Here, meeting: Meeting, at: str = "vote") -> str:
    return here.url("room", meeting.pk) + f"#{at}"


def _seats(meeting: Meeting) -> "QuerySet[Municipality]":
    return municipalities(meeting.network, meeting.local.date())


# Preparing


@page
def new(here: Here, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """Prepares a question; the button says whether it is opened at once. `?again=` names a vote whose question is put anew, by name."""
    meeting = here.meeting(meeting_id)
    item = on_the_agenda(meeting, item_id)
    _require(here, Permission.RUN_SESSION)
    form = PollForm(here.posted, seats=_seats(meeting), initial=_again(here, meeting))
    return _prepared(here, meeting, form, item, lambda: polls.draft(actor=here.actor, item=item, **form.values()))


@page
def consent(here: Here, meeting_id: UUID) -> HttpResponse:
    """Puts the consent items still to be decided to one vote."""
    meeting = here.meeting(meeting_id)
    _require(here, Permission.RUN_SESSION)
    items = selectors.consent_items(meeting)
    title = _("Consent agenda: are these items decided as they were proposed?")
    form = BlockForm(here.posted, seats=_seats(meeting), items=items, initial={"question": title, **_again(here, meeting)})

    def save() -> Poll:
        values = form.values()
        return polls.draft(actor=here.actor, item=items.filter(pk__in=values["covers"])[0], **values)

    return _prepared(here, meeting, form, None, save)


@page
def edit(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """Changes a draft."""
    meeting = here.meeting(meeting_id)
    poll = poll_in(here, meeting, poll_id)
    _require(here, Permission.RUN_SESSION)
    form = DraftForm(here.posted, seats=_seats(meeting), initial=_as_typed(poll), version=poll.version)

    def save() -> Poll:
        return polls.edit(actor=here.actor, poll=poll, values=form.values(), expected_version=form.version)

    return _prepared(here, meeting, form, poll.agenda_item, save)


def _prepared(here: Here, meeting: Meeting, form: PollForm, item: AgendaItem | None, save: Callable[[], Poll]) -> HttpResponse:
    def kept() -> None:
        poll = save()
        if here.request.POST.get("then") == "open":
            polls.open_(actor=here.actor, poll=poll)

    return here.form(
        form,
        "room/poll_form.html",
        {"item": item, "meeting": meeting, "back": _room(here, meeting)},
        save=kept,
        done=_("The vote is ready."),
        to=_room(here, meeting),
    )


def _again(here: Here, meeting: Meeting) -> dict[str, Any]:
    """What a vote by name begins with after silent assent has failed."""
    rows = selectors.polls_of(meeting).filter(state__in=COUNTED)
    poll = next((row for row in rows if str(row.pk) == here.request.GET.get("again")), None)
    return {"question": poll.question, "roll_policy": poll.roll_policy, "secrecy": Poll.Secrecy.NAMED} if poll else {}


def _as_typed(poll: Poll) -> dict[str, Any]:
    usual = poll.is_silent or [choice["id"] for choice in poll.choices] == ["yes", "no", "abstain"]
    typed = "" if usual else "\n".join(choice["label"] for choice in poll.choices)
    names = ("question", "secrecy", "silence_seconds", "roll_policy", "advisory")
    return {**{name: getattr(poll, name) for name in names}, "choices": typed, "chosen": poll.chosen.all()}


# Buttons


def _button(here: Here, meeting_id: UUID, poll_id: UUID, act: Callable[..., object], **options: Any) -> HttpResponse:
    """`options`: those of `press`."""
    return press(here, meeting_id, lambda meeting: act(actor=here.actor, poll=poll_in(here, meeting, poll_id)), **options)


@page
def open_(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return _button(here, meeting_id, poll_id, polls.open_, at="vote")


@page
def close(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    question = Question(_("Close the vote? Nobody can vote afterwards."), _("Close the vote"))
    return _button(here, meeting_id, poll_id, polls.close, at="closed-polls", question=question)


@page
def publish(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """Shows everybody the result of a secret vote."""
    question = Question(_("Publish the result? Everybody sees it."), _("Publish the result"))
    return _button(here, meeting_id, poll_id, polls.publish, at="closed-polls", done=_("The result is published."), question=question)


@page
def take_out(here: Here, meeting_id: UUID, poll_id: UUID, item_id: UUID) -> HttpResponse:
    """An item of a block vote is discussed instead."""

    def act(meeting: Meeting) -> object:
        item = on_the_agenda(meeting, item_id)
        return polls.take_out(actor=here.actor, poll=poll_in(here, meeting, poll_id), item=item)

    question = Question(_("Take this item out of the block, to discuss it?"), _("Discuss it instead"))
    return press(here, meeting_id, act, at="vote", done=_("The item is out of the block and will be discussed."), question=question)


# Voting


@sensitive_post_parameters("choice")
@page
def vote(here: Here, meeting_id: UUID, poll_id: UUID, municipality_id: UUID) -> HttpResponse:
    """One seat's vote, by who represents it."""
    meeting, municipality = here.meeting(meeting_id), seat(here, municipality_id)
    poll = poll_in(here, meeting, poll_id)
    if municipality.pk not in here.actor.seats:
        raise NotAllowed("not_allowed", _("You do not represent this municipality."))
    own = [row for row in selectors.own_votes(here.actor, meeting) if (row.poll_id, row.municipality_id) == (poll.pk, municipality.pk)]
    cast = own[0] if own else None
    form = VoteForm(
        here.posted, choices=choices_of(poll), secret=poll.is_secret, initial={"choice": cast.choice if isinstance(cast, Vote) else ""}
    )
    context = {
        "poll": poll,
        "municipality": municipality,
        "meeting": meeting,
        "back": _room(here, meeting),
        "receipt": selectors.receipt_as_object(cast) if cast else None,
        "final": isinstance(cast, Mark),
    }
    if here.is_post and not cast and form.must_ask:
        form.ask()
        return here.render("room/vote.html", {**context, "form": form}, 409)
    return here.form(
        form,
        "room/vote.html",
        context,
        save=lambda: polls.vote(actor=here.actor, poll=poll, municipality=municipality, **form.values()),
        done=_("Your vote for %(municipality)s is recorded.") % {"municipality": municipality.name},
        to=_room(here, meeting),
    )


@page
def by_phone(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """The office votes for a municipality that calls: what it understood is read back first."""
    meeting = here.meeting(meeting_id)
    poll = poll_in(here, meeting, poll_id)
    _require(here, Permission.TAKE_PART_BY_PHONE)
    on_the_roll = _seats(meeting).filter(pk__in=poll.roll.values("municipality"))
    words = {choice["label"]: label_of(choice) for choice in poll.choices}
    form = PhoneVoteForm(here.posted, choices=choices_of(poll), words=words, seats=on_the_roll)
    return here.form(
        form,
        "room/phone_vote.html",
        {"poll": poll, "meeting": meeting, "back": _room(here, meeting)},
        save=lambda: polls.vote(actor=here.actor, poll=poll, **form.values()),
        done=_("The vote by phone is recorded."),
        to=_room(here, meeting),
    )


@require_safe
@page
def votes(here: Here, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """Who voted what in a named vote that is counted."""
    meeting = here.meeting(meeting_id)
    poll = poll_in(here, meeting, poll_id)
    labels = labels_of(poll)
    rows = [(row, labels.get(row.choice, row.choice)) for row in selectors.named_votes(here.actor, poll)]
    return here.render("room/votes.html", {"poll": poll, "meeting": meeting, "rows": rows, "back": _room(here, meeting, f"poll-{poll.pk}")})
