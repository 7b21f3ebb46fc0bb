"""Delegations: a municipality names who represents it, for one meeting or a period.

Naming gives no right. Only the signed-in titular or a coordinator confirms, and that alone makes the dated membership (delegated_days).
Everything here locks the network's stream first: what somebody represents is worked out anew each time, by one writer after the other.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, Permission, can, require
from meetings.errors import Conflict, Invalid, NotAllowed
from meetings.events.services import lock_stream, record
from meetings.events.types import DelegationConfirmed, DelegationEnded, DelegationMoved, DelegationNamed, DelegationRevoked, EventType
from meetings.network import addresses
from meetings.network.models import Membership, Municipality, Network
from meetings.network.people import LANGUAGES, get_or_create_user
from meetings.network.selectors import municipalities, place_of, recipients, system_actor, today
from meetings.notifications.services import Recipient, drop, notify
from meetings.scheduling import answers
from meetings.scheduling.delegated_days import settle, uncovered
from meetings.scheduling.models import (
    ANNOUNCED,
    DELEGATION_LIVE,
    DELEGATION_TRANSITIONS,
    Delegation,
    DelegationState,
    Meeting,
    MeetingState,
    Response,
)
from meetings.scheduling.seats import STILL_TO_BE_HELD, delegation_as_object, may_confirm, may_take_back, titulars_of

LONGEST = 366  # days


@transaction.atomic
def name_delegate(
    *,
    actor: Actor,
    municipality: Municipality,
    name: str,
    email: str,
    office: str = "",
    meeting: Meeting | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
    confirm: bool = False,
) -> Delegation:
    """Names who represents the seat, at `meeting` or on the days from `valid_from` to `valid_until`, both included.

    The titular's word stands at once, a coordinator's with `confirm`; anybody else's is announced. For a meeting that still takes answers
    it is the seat's answer too. Raises NotAllowed for another's seat, Conflict `wrong_state`, `already_named`, Invalid by field.
    """
    lock_stream(network_id=municipality.network_id)
    require(actor, Permission.ANSWER, network_id=municipality.network_id, place=place_of(municipality))
    at_once = _stands_at_once(actor, municipality, confirm)
    if meeting is None:
        row = _for_period(actor, municipality, valid_from, valid_until)
        _name(actor, row, name=name, email=email, office=office)
    else:
        meeting = _locked_meeting(meeting)
        row = _for_meeting(actor, municipality, meeting, email)
        _name(actor, row, name=name, email=email, office=office)
        _answer_with(actor, row, meeting)
    if at_once:
        _confirm(actor, row)
    else:
        _ask_titular(actor, row)
    return row


def _stands_at_once(actor: Actor, seat: Municipality, confirm: bool) -> bool:
    if can(actor, Permission.MANAGE_PEOPLE) and seat.pk not in actor.seats:
        return confirm
    return may_confirm(actor, seat, today(seat.network))


def _for_period(actor: Actor, seat: Municipality, first: date | None, last: date | None) -> Delegation:
    if first is None or last is None:
        field = "valid_from" if first is None else "valid_until"
        raise validation.invalid(field, _("Say from which day until which day, or choose a meeting."))
    if last < first:
        raise validation.invalid("valid_until", _("The last day is before the first."))
    if first < today(seat.network):
        raise validation.invalid("valid_from", _("This day is past."))
    if (last - first).days >= LONGEST:
        raise validation.invalid(
            "valid_until", _("At most %(most)s days: change the representatives if it is for longer.") % {"most": LONGEST}
        )
    return Delegation(network_id=seat.network_id, municipality=seat, valid_from=first, valid_until=last)


def _for_meeting(actor: Actor, seat: Municipality, meeting: Meeting, email: str) -> Delegation:
    """A new row for this meeting, or the one that stands for the same person; somebody else's is taken back."""
    if meeting.state not in STILL_TO_BE_HELD:
        raise Conflict("wrong_state", _("This meeting is no longer to be held."))
    if not municipalities(meeting.network, meeting.local.date()).filter(pk=seat.pk).exists():
        raise Invalid("no_seat", _("This municipality has no seat on that day."), {"municipality": [_("It has no seat on that day.")]})
    standing = live_for(meeting, seat)
    if standing and standing.email == addresses.canonical(email):
        return standing
    if standing:
        _revoke(actor, standing)
    first, last = _days_of(meeting)
    return Delegation(network_id=seat.network_id, municipality=seat, meeting=meeting, valid_from=first, valid_until=last)


def _name(actor: Actor, row: Delegation, *, name: str, email: str, office: str, through_link: bool = False) -> None:
    """Writes who it is. Naming the same person for the same meeting again changes what is known of them, not whether it stands."""
    address = addresses.checked(email)
    changed = validation.apply(row, {"name": name, "email": address, "office": office})
    if not row.name:
        raise validation.invalid("name", _("Say who comes instead."))
    seat = row.municipality
    if titulars_of(seat, row.valid_from).filter(user__email=address).exists():
        raise validation.invalid("email", _("This person represents %(seat)s already: name somebody else.") % {"seat": seat.name})
    _refuse_second(row)
    if not row._state.adding and not changed:
        return
    row.named_by_id, row.named_at = actor.user_id, clock.now()
    row.through_link = through_link if row._state.adding else row.through_link
    _save(actor, row, DelegationNamed)


def _refuse_second(row: Delegation) -> None:
    """One person is not named twice for the same days."""
    if row.meeting_id:
        return
    same = Delegation.objects.filter(municipality=row.municipality_id, meeting__isnull=True, email=row.email, state__in=DELEGATION_LIVE)
    if same.filter(valid_from__lte=row.valid_until, valid_until__gte=row.valid_from).exists():
        detail = _("This person is named for some of these days already.")
        raise Conflict("already_named", detail)


def _answer_with(actor: Actor, row: Delegation, meeting: Meeting) -> None:
    """A substitute for a meeting is the answer to its invitation."""
    given = Response.objects.filter(meeting=meeting, municipality=row.municipality_id).first()
    said = given and given.answer == Response.Answer.SUBSTITUTE and given.substitute_email == row.email
    if meeting.state not in ANNOUNCED or said:
        return
    answers.write(
        actor=actor,
        meeting=meeting,
        municipality=row.municipality,
        answer=Response.Answer.SUBSTITUTE,
        reason="",
        substitute={"name": row.name, "email": row.email, "office": row.office},
        source=Response.Source.SIGNED_IN,
    )


@transaction.atomic
def confirm(*, actor: Actor, delegation: Delegation) -> Delegation:
    """Makes who was named a representative for exactly those days. Only the signed-in titular and coordinators may.

    Raises NotAllowed, Conflict `wrong_state`, also for days that are past and meetings that are over or cancelled.
    """
    row = _locked(delegation)
    require(actor, Permission.ANSWER, network_id=row.network_id, place=place_of(row.municipality))
    if not may_confirm(actor, row.municipality, today(row.network)):
        raise NotAllowed("not_allowed", _("Only the titular representative and the coordinators confirm a delegate."))
    return _confirm(actor, row)


@transaction.atomic
def revoke(*, actor: Actor, delegation: Delegation) -> Delegation:
    """Ends it at once, with every right it gave; an answer that named the same person for its meeting is taken back with it.

    The titular and coordinators may, and whoever named somebody until it is confirmed. Raises NotAllowed, Conflict `wrong_state`.
    """
    row = _locked(delegation)
    require(actor, Permission.ANSWER, network_id=row.network_id, place=place_of(row.municipality))
    if not may_confirm(actor, row.municipality, today(row.network)) and not may_take_back(actor, row):
        raise NotAllowed("not_allowed", _("Only the titular representative and the coordinators take this back."))
    _revoke(actor, row)
    _take_back_answer(actor, row)
    return row


@transaction.atomic
def follow(*, actor: Actor, meeting: Meeting) -> None:
    """After a meeting was moved, cancelled or restored: the days of its delegates follow. The caller has saved the meeting."""
    rows = Delegation.objects.filter(meeting=meeting, state__in=DELEGATION_LIVE)
    if not rows.exists():
        return
    lock_stream(network_id=meeting.network_id)
    first, last = _days_of(meeting)
    for row in _fresh(rows):
        if (row.valid_from, row.valid_until) != (first, last):
            row.valid_from, row.valid_until = first, last
            _save(actor, row, DelegationMoved)
        if row.state == DelegationState.CONFIRMED and row.user:
            settle(row.municipality, row.user, office_of(row.office))


def live_for(meeting: Meeting, seat: Municipality) -> Delegation | None:
    """What stands for this very meeting."""
    rows = Delegation.objects.filter(meeting=meeting, municipality=seat, state__in=DELEGATION_LIVE)
    return _fresh(rows).first() if rows.exists() else None  # seldom: what the many others pay for is the cheap question


def follow_answer(*, actor: Actor, response: Response, through_link: bool) -> None:
    """After an answer: a substitute with an address becomes the delegate for that meeting, any other answer takes one back.

    `lock_for_answer` was called first. Only the titular's own word, given signed in, stands at once.
    """
    meeting, seat = response.meeting, response.municipality
    standing = live_for(meeting, seat)
    named = response.substitute_email if response.answer == Response.Answer.SUBSTITUTE else ""
    if standing and standing.email != named:
        _revoke(actor, standing)
        standing = None
    if not named or titulars_of(seat, meeting.local.date()).filter(user__email=named).exists():
        return
    if standing and standing.state == DelegationState.CONFIRMED and through_link:
        return  # a forwarded mail changes nothing of what the titular has confirmed
    first, last = _days_of(meeting)
    row = standing or Delegation(network_id=seat.network_id, municipality=seat, meeting=meeting, valid_from=first, valid_until=last)
    _name(actor, row, name=response.substitute_name, email=named, office=response.substitute_office, through_link=through_link)
    if not through_link and _stands_at_once(actor, seat, confirm=False):
        _confirm(actor, row)
    else:
        _ask_titular(actor, row, through_link=through_link)


def lock_for_answer(meeting: Meeting, seat: Municipality, answer: str) -> bool:
    """Takes the network's stream before the meeting's row when the answer may touch a delegation, and says whether it did."""
    concerned = answer == Response.Answer.SUBSTITUTE or Delegation.objects.filter(meeting=meeting, municipality=seat).exists()
    if concerned:
        lock_stream(network_id=meeting.network_id)
    return concerned


def require_none(meeting: Meeting, seat: Municipality) -> None:
    """The meeting was locked without the network's stream, since nobody was named then. Raises Conflict when somebody is by now."""
    if Delegation.objects.filter(meeting=meeting, municipality=seat).exists():
        raise Conflict("people_changed", _("Somebody has come or gone meanwhile. Please look again."))


def end_delegations() -> int:
    """The worker's step: ends those whose days are past, and revokes those whose membership somebody has ended by hand; how many."""
    live = Delegation.objects.filter(state__in=DELEGATION_LIVE)
    return sum(_end_in(network) for network in Network.objects.filter(pk__in=live.values("network")).order_by("pk"))


def _end_in(network: Network) -> int:
    day, system = today(network), system_actor(network.pk)
    live = Delegation.objects.filter(network=network, state__in=DELEGATION_LIVE)
    done = [_end(pk, system) for pk in live.filter(valid_until__lt=day).values_list("pk", flat=True)]
    standing = live.filter(state=DelegationState.CONFIRMED, valid_until__gte=day).exclude(meeting__state=MeetingState.CANCELLED)
    lost = [row for row in _fresh(standing, lock=False) if uncovered(row)]
    return sum(done) + sum(_give_up(row, system) for row in lost)


@transaction.atomic
def _end(pk: UUID, system: Actor) -> bool:
    row = _locked(Delegation.objects.get(pk=pk))
    if row.state not in DELEGATION_LIVE or row.valid_until >= today(row.network):
        return False
    row.state, row.finished_at = DELEGATION_TRANSITIONS.target("end", row.state), clock.now()
    _save(system, row, DelegationEnded)
    return True


@transaction.atomic
def _give_up(row: Delegation, system: Actor) -> bool:
    row = _locked(row)
    if row.state != DelegationState.CONFIRMED or not uncovered(row):
        return False
    _revoke(system, row)
    return True


def _confirm(actor: Actor, row: Delegation) -> Delegation:
    if row.state == DelegationState.CONFIRMED and row.user_id:
        return row
    state = DELEGATION_TRANSITIONS.target("confirm", row.state)
    if row.valid_until < today(row.network) or (row.meeting and row.meeting.state not in STILL_TO_BE_HELD):
        raise Conflict(
            "wrong_state", _("The days of this delegation are past, or its meeting is not held."), current=delegation_as_object(row)
        )
    row.user = get_or_create_user(email=row.email, name=row.name, language=_language(row.network))
    row.state, row.confirmed_by_id, row.confirmed_at = state, actor.user_id, clock.now()
    _save(actor, row, DelegationConfirmed)
    settle(row.municipality, row.user, office_of(row.office))
    drop(kind="delegation_named", about=str(row.pk))
    _tell(actor, row, "delegation_confirmed")
    return row


def _revoke(actor: Actor, row: Delegation) -> None:
    was_confirmed = row.state == DelegationState.CONFIRMED
    row.state, row.finished_at = DELEGATION_TRANSITIONS.target("revoke", row.state), clock.now()
    _save(actor, row, DelegationRevoked)
    drop(kind="delegation_named", about=str(row.pk))
    if was_confirmed and row.user:
        settle(row.municipality, row.user, office_of(row.office))
        if not drop(kind="delegation_confirmed", about=str(row.pk)):
            _tell(actor, row, "delegation_revoked")


def _take_back_answer(actor: Actor, row: Delegation) -> None:
    if row.meeting is None or row.meeting.state not in ANNOUNCED:
        return
    meeting = _locked_meeting(row.meeting)
    given = Response.objects.filter(meeting=meeting, municipality=row.municipality_id, substitute_email=row.email)
    for response in given.select_related("municipality"):
        answers.take_back(actor=actor, response=response)


def _save(actor: Actor, row: Delegation, event: type[EventType]) -> None:
    row.version += 0 if row._state.adding else 1
    row.save()
    record(actor, event(delegation_as_object(row)))


def _ask_titular(actor: Actor, row: Delegation, *, through_link: bool = False) -> None:
    """Asks who may confirm it, but not whoever has just named it while signed in."""
    if row.state != DelegationState.ANNOUNCED:
        return
    asked = [holder for holder in titulars_of(row.municipality, today(row.network)) if through_link or holder.user_id != actor.user_id]
    notify(
        "delegation_named",
        recipients(asked),
        key=f"{row.pk}:{row.version}",
        network_id=row.network_id,
        about=str(row.pk),
        context={**_told(row), "by": "" if through_link else actor.name},
    )


def _tell(actor: Actor, row: Delegation, kind: str) -> None:
    """The delegate, unless it is their own doing."""
    person = row.user
    if person is None or person.pk == actor.user_id or not person.is_active:
        return
    to = Recipient(address=person.email, name=person.name, language=person.language, user_id=person.pk)
    notify(kind, [to], key=f"{row.pk}:{row.version}", network_id=row.network_id, about=str(row.pk), context=_told(row))


def _told(row: Delegation) -> dict[str, Any]:
    """What the mails say: whom, for which seat, and when; how to join a meeting, for they go to who represents the seat."""
    context: dict[str, Any] = {
        "delegation": row.pk,
        "delegate": row.name,
        "seat": row.municipality.name,
        "from": row.valid_from,
        "until": row.valid_until,
    }
    meeting = row.meeting
    if meeting:
        names = ("title", "starts_at", "time_zone", "join_url", "phone", "phone_pin")
        context |= {"meeting": meeting.pk, **{name: getattr(meeting, name) for name in names}}
    return context


def _locked(delegation: Delegation) -> Delegation:
    """The delegation as it now is; whoever holds the network's stream writes alone."""
    lock_stream(network_id=delegation.network_id)
    return _fresh(Delegation.objects.filter(pk=delegation.pk)).get()


def _fresh(rows: QuerySet[Delegation], *, lock: bool = True) -> QuerySet[Delegation]:
    rows = rows.select_related("network", "municipality__network", "municipality__zone", "meeting__network", "user", "named_by")
    return rows.select_for_update(of=("self",), no_key=True) if lock else rows


def _locked_meeting(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("network", "series").get(pk=meeting.pk)


def _days_of(meeting: Meeting) -> tuple[date, date]:
    """The first and last day of a meeting on the network's clocks: two when it goes on past midnight."""
    last = (meeting.ends_at - timedelta(microseconds=1)).astimezone(meeting.zone).date()
    return meeting.local.date(), last


def _language(network: Network) -> str:
    return network.language if network.language in LANGUAGES else LANGUAGES[0]


def office_of(text: str) -> str:
    """The office that a free text names, in any of our languages; empty for one that has no word of ours."""
    sought = text.strip().casefold()
    for language in LANGUAGES:
        with translation.override(language):
            for value, label in Membership.Office.choices:
                if value and sought in (value.casefold(), str(label).casefold()):
                    return str(value)
    return ""
