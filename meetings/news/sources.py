"""Where news comes from: one query for each kind, all with the same columns, so that the database can put them into one.

What was addressed to a person in a way they cannot refuse stands in the outbox: its row is the news. What they may have refused to be
mailed, and what is mailed to nobody, is read from the things themselves, as far as they may see them.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from meetings.access import Actor, Permission, can
from meetings.action_items.models import ProgressUpdate
from meetings.agenda.models import ON_THE_AGENDA, AgendaItem, ItemState
from meetings.live.models import Attendance, Question
from meetings.minutes.models import Correction, CorrectionState, Minutes, MinutesState
from meetings.network.models import Membership, valid_on
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.scheduling.models import ANNOUNCED, Delegation, DelegationState, Meeting, MeetingState
from meetings.scheduling.seats import FIRST

COLUMNS = ("kind", "at", "target", "title", "about")
"""What it is, when it was, of which thing, that thing's name, and when the meeting is that it is about."""
TOLD = (
    "proposal_answered",
    "announcement",
    "correction_answered",
    "meeting_moved",
    "meeting_cancelled",
    "meeting_restored",
    "meeting_scheduled",
    "meetings_changed",
    "join_link_changed",
    "action_assigned",
    "action_due",
    "action_overdue",
    "delegation_confirmed",
    "delegation_revoked",
)
"""Mails that nobody can refuse and that tell something; those to sign in, to chase an answer, or that repeat what one did do not."""
MAIL = "mail"
Source = Callable[[Actor, Any], "QuerySet[Any, Any] | None"]
"""`(actor, since)`: the rows later than `since`; None when there can be none for this actor."""


def _rows(rows: "QuerySet[Any]", kind: str, *, at: str, target: str = "pk", title: Any = None, about: str = "") -> "QuerySet[Any, Any]":
    columns = {
        "kind": Value(kind, CharField()),
        "at": F(at),
        "target": F(target),
        "title": Cast(title if title is not None else Value(""), CharField(max_length=1000)),
        "about": Cast(F(about) if about else Value(None), DateTimeField()),
    }
    named = {f"news_{name}": value for name, value in columns.items()}
    found: QuerySet[Any, Any] = rows.order_by().annotate(**named).values_list(*named)
    return found


def told(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    mine = OutgoingEmail.objects.filter(user=actor.user_id, network=actor.network_id, kind__in=TOLD, created_at__gt=since)
    return _rows(mine.exclude(state=MailState.DROPPED), MAIL, at="created_at")


def agendas(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    rows = Meeting.objects.filter(network=actor.network_id, agenda_published_at__gt=since).exclude(state=MeetingState.CANCELLED)
    return _rows(rows, "agenda_published", at="agenda_published_at", title=F("title"), about="starts_at")


def added(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    rows = AgendaItem.objects.filter(meeting__network=actor.network_id, state__in=ON_THE_AGENDA, addendum__isnull=False)
    rows = rows.filter(added_at__gt=since, struck_at__isnull=True, meeting__agenda_published_at__isnull=False)
    return _rows(rows, "agenda_item_added", at="added_at", title=F("title"), about="meeting__starts_at")


def struck(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    rows = AgendaItem.objects.filter(meeting__network=actor.network_id, struck_at__gt=since)
    return _rows(rows, "agenda_item_struck", at="struck_at", title=F("title"), about="meeting__starts_at")


def proposals(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    """For who answers them."""
    if not can(actor, Permission.TRIAGE):
        return None
    rows = AgendaItem.objects.filter(meeting__network=actor.network_id, state=ItemState.PROPOSED, submitted_at__gt=since)
    return _rows(rows.exclude(created_by=actor.user_id), "proposal", at="submitted_at", title=F("title"), about="meeting__starts_at")


def _minutes(actor: Actor) -> "QuerySet[Minutes]":
    """Of the meetings where one's seats were, or oneself; the staff's are all."""
    rows = Minutes.objects.filter(meeting__network=actor.network_id).exclude(state=MinutesState.DRAFT)
    there = Q(municipality__in=actor.open_seats) | Q(user=actor.user_id)
    was_there = Attendance.objects.filter(there, meeting=OuterRef("meeting"), struck_at__isnull=True)
    return rows if actor.is_staff else rows.filter(Exists(was_there))


def circulated(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    rows = _minutes(actor).filter(circulated_at__gt=since, state=MinutesState.IN_CORRECTION)
    return _rows(rows, "minutes_circulated", at="circulated_at", target="meeting_id", title=F("meeting__title"), about="meeting__starts_at")


def approved(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    rows = _minutes(actor).filter(approved_at__gt=since).exclude(state=MinutesState.IN_CORRECTION).exclude(approved_by=actor.user_id)
    return _rows(rows, "minutes_approved", at="approved_at", target="meeting_id", title=F("meeting__title"), about="meeting__starts_at")


def corrections(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    """Asked for, for who decides on them."""
    if not can(actor, Permission.RECORD):
        return None
    rows = Correction.objects.filter(minutes__meeting__network=actor.network_id, asked_at__gt=since, state=CorrectionState.OPEN)
    found = rows.exclude(asked_by=actor.user_id)
    title, about = F("minutes__meeting__title"), "minutes__meeting__starts_at"
    return _rows(found, "correction_asked", at="asked_at", target="minutes__meeting_id", title=title, about=about)


def progress(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    """Reported by others on one's own action items; the staff follows all."""
    rows = ProgressUpdate.objects.filter(action_item__network=actor.network_id, at__gt=since).exclude(by=actor.user_id)
    mine = rows if actor.is_staff else rows.filter(action_item__owner__in=actor.open_seats)
    return _rows(mine, "action_item_updated", at="at", target="action_item_id", title=F("action_item__title"))


def answers(actor: Actor, since: Any) -> "QuerySet[Any, Any] | None":
    """To the questions of one's seats."""
    rows = Question.objects.filter(meeting__network=actor.network_id, municipality__in=actor.open_seats, answered_at__gt=since)
    found = rows.exclude(answered_by=actor.user_id)
    return _rows(found, "question_answered", at="answered_at", target="meeting_id", title=F("text"), about="meeting__starts_at")


def delegates(actor: Actor, since: Any, day: date) -> "QuerySet[Any, Any] | None":
    """Named for days that are not past on `day`, and waiting for who may confirm: the office, or who holds the seat in their own right."""
    rows = Delegation.objects.filter(network=actor.network_id, state=DelegationState.ANNOUNCED, named_at__gt=since, valid_until__gte=day)
    held = (*ANNOUNCED, MeetingState.IN_SESSION)
    rows = rows.filter(Q(meeting__isnull=True) | Q(meeting__state__in=held)).exclude(named_by=actor.user_id)
    if not can(actor, Permission.MANAGE_PEOPLE):
        mine = Membership.objects.filter(valid_on(day), user=actor.user_id, order=FIRST, by_delegation=False)
        rows = rows.filter(Exists(mine.filter(municipality=OuterRef("municipality"))), municipality__in=actor.seats)
    return _rows(rows, "delegate_to_confirm", at="named_at", title=F("name"), about="meeting__starts_at")


ALL: tuple[Source, ...] = (
    told,
    agendas,
    added,
    struck,
    proposals,
    circulated,
    approved,
    corrections,
    progress,
    answers,
)
"""Those that need not know what day it is; `delegates` does."""
