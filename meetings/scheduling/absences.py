"""Out of office: days on which a representative is away, and what is answered for their seats meanwhile.

An automatic answer stands only where the municipality has given none itself, and is worked out anew whenever something changes.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, Permission, Role, can, holds
from meetings.errors import Conflict, NotAllowed, found
from meetings.events.services import lock_stream, record
from meetings.events.types import AbsenceDeclared, AbsenceWithdrawn
from meetings.network.models import Membership, Municipality, Network, User, valid_on
from meetings.network.selectors import actors_of, system_actor, today
from meetings.scheduling import answers
from meetings.scheduling.models import ANNOUNCED, Meeting, OutOfOffice, Response
from meetings.scheduling.seats import absence_as_object, absent_on, acting_for, may_see_absence
from meetings.scheduling.services import locked

LONGEST = 366  # days
DAY = timedelta(days=1)


class Wanted(NamedTuple):
    """What a seat would answer by itself: regrets with the note as their reason, or the substitute who acts."""

    answer: str
    reason: str
    substitute: dict[str, str]


@transaction.atomic
def declare_absence(
    *, actor: Actor, network: Network, valid_from: date, valid_until: date, note: str = "", user: User | None = None
) -> OutOfOffice:
    """A representative is away from `valid_from` to `valid_until`, both included; a coordinator may say so for another `user`.

    Meetings of those days that the seat has not answered are answered at once. Raises NotAllowed to who represents nobody, Conflict
    `already_away`, Invalid by field.
    """
    person = _person(actor, network, user)
    lock_stream(network_id=network.pk)
    row = OutOfOffice(network=network, user=person, declared_at=clock.now())
    validation.apply(row, {"valid_from": valid_from, "valid_until": valid_until, "note": note})
    _check_days(row)
    row.save()
    record(actor, AbsenceDeclared(absence_as_object(row)))
    for seat, meeting in _concerned([row]):
        _settle(actor, seat, meeting)
    return row


@transaction.atomic
def withdraw_absence(*, actor: Actor, absence: OutOfOffice) -> OutOfOffice:
    """Takes it back, and with it the automatic answers that nobody has changed since. Doing it again changes nothing.

    Raises NotFound for what is not one's own, unless the actor is a coordinator.
    """
    lock_stream(network_id=absence.network_id)
    row = OutOfOffice.objects.select_related("network", "user").get(pk=absence.pk)
    found(row if may_see_absence(actor, row) else None)
    if row.withdrawn_at is not None:
        return row
    concerned = _concerned([row])
    row.withdrawn_at, row.note = clock.now(), ""
    row.save(update_fields=["withdrawn_at", "note"])
    record(actor, AbsenceWithdrawn(absence_as_object(row)))
    for seat, meeting in concerned:
        _settle(actor, seat, meeting)
    return row


def _person(actor: Actor, network: Network, user: User | None) -> User:
    """Whose absence it is. Raises NotAllowed, and NotFound for another network."""
    found(network if actor.network_id == network.pk else None)
    if user is not None and user.pk != actor.user_id:
        if not can(actor, Permission.MANAGE_PEOPLE):
            raise NotAllowed("not_allowed", _("You are not allowed to do this."))
        return _representing(network, user)
    if not holds(actor, Permission.ANSWER) or not actor.seats or actor.user_id is None:
        raise NotAllowed("not_allowed", _("Out-of-office periods are for those who represent a municipality."))
    return User.objects.get(pk=actor.user_id)


def _representing(network: Network, user: User) -> User:
    held = actors_of(user).get(network.pk)
    if held is None or not held.seats:
        raise validation.invalid("user", _("This person represents no municipality."))
    return user


def _check_days(row: OutOfOffice) -> None:
    if row.valid_until < row.valid_from:
        raise validation.invalid("valid_until", _("The last day is before the first."))
    if row.valid_until < today(row.network):
        raise validation.invalid("valid_until", _("This day is past."))
    if (row.valid_until - row.valid_from).days >= LONGEST:
        detail = _("At most %(most)s days: ask the coordinators to change the representatives if it is for longer.") % {"most": LONGEST}
        raise validation.invalid("valid_until", detail)
    same = OutOfOffice.objects.filter(network=row.network_id, user=row.user_id, withdrawn_at__isnull=True)
    if same.filter(valid_from__lte=row.valid_until, valid_until__gte=row.valid_from).exists():
        raise Conflict("already_away", _("There is an out-of-office period for some of these days already."))


def answer_for_the_absent() -> int:
    """The worker's step: answers meetings that have come into somebody's absence, and takes back what no longer holds; how many."""
    day = clock.now().date() - DAY  # every zone's today
    rows = OutOfOffice.objects.filter(withdrawn_at__isnull=True, valid_until__gte=day).select_related("network", "user")
    automatic = Response.objects.filter(source=Response.Source.ABSENCE, meeting__state__in=ANNOUNCED, meeting__starts_at__gt=clock.now())
    if not rows.order_by().values("pk").union(automatic.order_by().values("pk")).exists():
        return 0
    given = [(row.municipality, row.meeting) for row in automatic.select_related("municipality__network", "meeting__network")]
    pairs = {(seat.pk, meeting.pk): (seat, meeting) for seat, meeting in [*given, *_concerned(rows)]}
    return sum(_settle_apart(*pair) for pair in pairs.values() if not _is_settled(*pair))


@transaction.atomic
def _settle_apart(seat: Municipality, meeting: Meeting) -> bool:
    lock_stream(network_id=meeting.network_id)
    return _settle(system_actor(meeting.network_id), seat, meeting)


def _concerned(rows: Iterable[OutOfOffice]) -> list[tuple[Municipality, Meeting]]:
    """The seats and the coming meetings that these absences are about."""
    return [pair for row in rows for pair in _concerned_by(row)]


def _concerned_by(row: OutOfOffice) -> list[tuple[Municipality, Meeting]]:
    near = Meeting.objects.filter(network=row.network_id, state__in=ANNOUNCED, starts_at__gt=clock.now()).select_related("network")
    near = near.filter(starts_at__date__gte=row.valid_from - DAY, starts_at__date__lte=row.valid_until + DAY).order_by("starts_at", "id")
    held = Membership.objects.filter(network=row.network_id, user=row.user_id, role=Role.REPRESENTATIVE).select_related(
        "municipality__network"
    )
    seats = {one.municipality.pk: one.municipality for one in held if one.municipality}
    within = [meeting for meeting in near if row.valid_from <= meeting.local.date() <= row.valid_until]
    return [(seat, meeting) for meeting in within for seat in seats.values()]


def _is_settled(seat: Municipality, meeting: Meeting) -> bool:
    """Whether the seat's answer is what it should be, without a lock."""
    given = Response.objects.filter(meeting=meeting, municipality=seat).first()
    return _is_own(given) or _same(given, _wanted(seat, meeting))


def _is_own(given: Response | None) -> bool:
    """Whether the municipality has answered by itself: then nothing is answered for it."""
    return given is not None and given.source != Response.Source.ABSENCE


def _settle(actor: Actor, seat: Municipality, meeting: Meeting) -> bool:
    """Gives, changes or takes back the automatic answer; whether anything changed. The network's stream is locked."""
    meeting = locked(meeting)
    given = Response.objects.filter(meeting=meeting, municipality=seat).select_related("municipality").first()
    if meeting.state not in ANNOUNCED or meeting.starts_at <= clock.now() or _is_own(given):
        return False
    wanted = _wanted(seat, meeting)
    if _same(given, wanted):
        return False
    if wanted:
        source = Response.Source.ABSENCE
        answers.write(actor=actor, meeting=meeting, municipality=seat, **wanted._asdict(), source=source)
    elif given:
        answers.take_back(actor=actor, response=given)
    return True


def _wanted(seat: Municipality, meeting: Meeting) -> Wanted | None:
    """None while the first in the seat's order is there, or nobody represents it."""
    day = meeting.local.date()
    rows = Membership.objects.filter(valid_on(day), municipality=seat, by_delegation=False, user__is_active=True)
    first = rows.filter(role=Role.REPRESENTATIVE).order_by("order", "id").first()
    if first is None or first.user_id not in absent_on(meeting.network_id, day):
        return None
    acting = acting_for(meeting, [seat.pk]).get(seat.pk)
    if acting is None:
        return Wanted(Response.Answer.REGRETS, _note(meeting.network_id, first.user_id, day), {})
    with translation.override(seat.network.language):  # whoever works it out, it must come out the same
        office = str(acting.get_office_display()) if acting.office else ""
    person = {"name": acting.user.name, "email": acting.user.email, "office": office}
    return Wanted(Response.Answer.SUBSTITUTE, "", person)


def _note(network_id: UUID, user_id: UUID, day: date) -> str:
    rows = OutOfOffice.objects.filter(network=network_id, user=user_id, withdrawn_at__isnull=True)
    return rows.filter(Q(valid_from__lte=day), valid_until__gte=day).values_list("note", flat=True).first() or ""


def _same(given: Response | None, wanted: Wanted | None) -> bool:
    if given is None or wanted is None:
        return given is None and wanted is None
    kept = {part: getattr(given, f"substitute_{part}") for part in answers.PARTS}
    return (given.answer, kept) == (wanted.answer, {part: wanted.substitute.get(part, "") for part in answers.PARTS})
