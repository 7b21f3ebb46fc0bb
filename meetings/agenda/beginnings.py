"""How far a new network has come, from nothing to its first published agenda."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Exists, OuterRef

from meetings.access import Role
from meetings.agenda.models import AgendaItem, ItemState
from meetings.network import invited
from meetings.network.invited import Invited
from meetings.network.models import Invitation, Membership, Municipality, Network
from meetings.scheduling.models import Meeting, MeetingSeries


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What is there already. `settings` and `holidays`: whether somebody has looked at them, which nobody must."""

    municipalities: bool
    people: bool
    chair: bool
    invitations: bool
    series: bool
    settings: bool
    holidays: bool
    item: bool
    agenda: bool
    session: bool

    @property
    def is_over(self) -> bool:
        """Whether the network works: a session was held, or all that a first one needs is there."""
        needed = (self.municipalities, self.people, self.chair, self.invitations, self.series, self.item, self.agenda)
        return self.session or all(needed)


def beginnings(network: Network) -> Beginnings:
    """One query. Invitations count as done once somebody was invited, or when there is nobody but who is there already."""
    mine: dict[str, Any] = {"network": OuterRef("pk")}
    memberships = Membership.objects.filter(**mine)
    meetings = Meeting.objects.filter(**mine)
    items = AgendaItem.objects.filter(meeting__network=OuterRef("pk"), approves_minutes_of=None)
    there = {
        "municipalities": Municipality.objects.filter(**mine),
        "people": memberships.filter(municipality__isnull=False),
        "chair": memberships.filter(role=Role.CHAIR),
        "sent": Invitation.objects.filter(membership__network=OuterRef("pk")),
        "uninvited": invited.people(network).filter(invitation_state=Invited.NOT_INVITED),
        "series": MeetingSeries.objects.filter(**mine),
        "item": items.filter(state__in=(ItemState.ACCEPTED, ItemState.DISCUSSED)),
        "agenda": meetings.filter(agenda_published_at__isnull=False),
        "session": meetings.filter(opened_at__isnull=False),
    }
    asked: Any = Network.objects.filter(pk=network.pk).values(**{f"has_{name}": Exists(rows) for name, rows in there.items()})
    row = asked[0]
    found = {name: bool(row[f"has_{name}"]) for name in there}
    found |= {
        "invitations": found["people"] and (found["sent"] or not found["uninvited"]),
        "settings": network.version > 1,
        "holidays": network.seat_id is not None,
    }
    return Beginnings(**{field.name: found[field.name] for field in fields(Beginnings)})
