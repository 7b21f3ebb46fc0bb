"""What a confirmed delegation gives: a dated membership for exactly its days, and for a meeting a view of the network until then.

Both are worked out anew from what is confirmed now, so it does not matter in which order delegations were made, moved and revoked.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, QuerySet

from meetings.access import Role
from meetings.network import services as network
from meetings.network.models import Membership, Municipality, User
from meetings.network.selectors import system_actor, today
from meetings.scheduling.models import Delegation, DelegationState, MeetingState

LAST_ORDER = 32_767
DAY = timedelta(days=1)
Days = set[date]
Make = Callable[[date, date], object]


def settle(seat: Municipality, user: User, office: str = "") -> None:
    """Makes the person's delegated memberships say what their confirmed delegations do, from today on.

    The network's stream must be locked: two of these at once would each make what the other has made.
    """
    _settle_seat(seat, user, office)
    _settle_view(seat, user)


def uncovered(row: Delegation) -> bool:
    """Whether a confirmed delegation gives days that the person has no membership for: then somebody has ended it by hand."""
    first = today(row.municipality.network)
    rows = Membership.objects.filter(municipality=row.municipality_id, user=row.user_id)
    return bool(_given([row], row.municipality, first) - _covered(rows, first, row.valid_until))


def _settle_seat(seat: Municipality, user: User, office: str) -> None:
    first = today(seat.network)
    given = _given(_confirmed(user).filter(municipality=seat), seat, first)
    rows = Membership.objects.filter(municipality=seat, user=user)
    lasting = _covered(rows.filter(by_delegation=False), first, max(given, default=first))

    def make(valid_from: date, valid_until: date) -> object:
        return network.add_membership(
            actor=system_actor(seat.network_id),
            network=seat.network,
            user=user,
            role=Role.REPRESENTATIVE,
            municipality=seat,
            office=office,
            order=_after_the_others(seat),
            valid_from=valid_from,
            valid_until=valid_until,
            by_delegation=True,
        )

    _fit(seat.network_id, rows.filter(by_delegation=True), given - lasting, first, make)


def _settle_view(seat: Municipality, user: User) -> None:
    """Who comes to one meeting may read until then what all may read, unless they have another part in the network that day."""
    first = today(seat.network)
    meetings = _confirmed(user).filter(network=seat.network_id, meeting__isnull=False, valid_from__gt=first)
    last = max(meetings.values_list("valid_from", flat=True), default=first)
    rows = Membership.objects.filter(network=seat.network_id, user=user)
    made = rows.filter(by_delegation=True, role=Role.OBSERVER)
    wanted = _span(first, last - DAY) - _covered(rows.exclude(pk__in=made), first, last)

    def make(valid_from: date, valid_until: date) -> object:
        return network.add_membership(
            actor=system_actor(seat.network_id),
            network=seat.network,
            user=user,
            role=Role.OBSERVER,
            valid_from=valid_from,
            valid_until=valid_until,
            by_delegation=True,
        )

    _fit(seat.network_id, made, wanted, first, make)


def _confirmed(user: User) -> QuerySet[Delegation]:
    """A cancelled meeting's gives nothing until it is restored."""
    return Delegation.objects.filter(user=user, state=DelegationState.CONFIRMED).exclude(meeting__state=MeetingState.CANCELLED)


def _given(rows: Iterable[Delegation], seat: Municipality, first: date) -> Days:
    """The days from `first` on that these delegations give, as far as the municipality has a seat on them."""
    begin, end = max(first, seat.valid_from or first), seat.valid_until or date.max
    days: Days = set()
    for row in rows:
        days |= _span(max(row.valid_from, begin), min(row.valid_until, end))
    return days


def _covered(rows: "QuerySet[Membership]", first: date, last: date) -> Days:
    """The days within [first, last] on which one of these memberships is valid."""
    days: Days = set()
    for row in rows:
        days |= _span(max(row.valid_from or first, first), min(row.valid_until or last, last))
    return days


def _span(first: date, last: date) -> Days:
    return {first + DAY * n for n in range((last - first).days + 1)}


def _runs(days: Days) -> dict[date, date]:
    """Days in a row: the first by the last of each."""
    runs: dict[date, date] = {}
    begin = None
    for day in sorted(days):
        begin = day if begin is None or day - DAY not in days else begin
        runs[begin] = day
    return runs


def _fit(network_id: UUID, rows: "QuerySet[Membership]", wanted: Days, first: date, make: Make) -> None:
    """Ends, shortens, lengthens and makes memberships until they are valid on just these days; what has been stays."""
    runs, system = _runs(wanted), system_actor(network_id)
    lengthened = []
    for row in _valid_later(rows, first):
        last = runs.pop(max(row.valid_from or first, first), None)
        if last is None:
            network.end_membership(actor=system, membership=row)
        elif row.valid_until and last < row.valid_until:
            network.change_membership(actor=system, membership=row, values={"valid_until": last})
        elif last != row.valid_until:
            lengthened.append((row, last))
    for row, last in lengthened:
        network.change_membership(actor=system, membership=row, values={"valid_until": last})
    for begin, last in runs.items():
        make(begin, last)


def _valid_later(rows: "QuerySet[Membership]", first: date) -> "QuerySet[Membership]":
    """Those that are valid on `first` or on a later day."""
    return rows.filter(valid_until__gte=first).filter(valid_until__gte=F("valid_from"))


def _after_the_others(seat: Municipality) -> int:
    orders = Membership.objects.filter(municipality=seat, by_delegation=False).values_list("order", flat=True)
    return min(max(orders, default=0) + 1, LAST_ORDER)
