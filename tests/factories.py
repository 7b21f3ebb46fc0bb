"""What tests start from, made by the services that make it in earnest, all of it at the clock's present instant.

`make_world()` is two networks side by side; `scheduled`, `agenda_published`, `in_session` and `closed` bring a meeting to that stage.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from meetings.access import Actor, Role
from meetings.action_items import services as action_items
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.live import polls, questions
from meetings.live import services as live
from meetings.live.models import Poll, Question
from meetings.minutes import corrections
from meetings.minutes import services as minutes
from meetings.minutes.models import Correction, Minutes
from meetings.network import people, services
from meetings.network.models import Municipality, Network, User, Zone
from meetings.network.selectors import actor_for, system_actor
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingSeries
from tests.remembered import stage

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""A Friday: proposals are open for the meeting of Thursday 26 November at 10:00 in Rome, until Tuesday 24 at 10:00."""

SERIES: Mapping[str, Any] = {
    "title": "Weekly coordination",
    "weekday": 3,
    "local_start": time(10),
    "starts_on": date(2026, 11, 26),
    "ends_on": date(2026, 12, 18),
    "join_url": "https://meet.example.org/weekly",
    "phone": "+39 011 000 0000",
    "phone_pin": "4711",
}
CHAIR, COORDINATOR, OBSERVER, AUDITOR, SPOKESPERSON = "chair", "coordinator", "observer", "auditor", "spokesperson"
_emails = itertools.count(1)


@dataclass
class Side:
    """One network of the world. `seats[0]` to `seats[3]` lie in zone 1, the next three in zone 2, the rest in zone 3."""

    network: Network
    zones: list[Zone]
    seats: list[Municipality]
    people: dict[str, User]
    representatives: list[User]
    """The titular of each seat, in the order of `seats`."""
    series: MeetingSeries
    meetings: list[Meeting]

    def actor(self, user: User | str) -> Actor:
        """The person (or who holds the role of that name) acting in this network."""
        return actor_for(self.people[user] if isinstance(user, str) else user, self.network)

    @property
    def representative(self) -> User:
        """The titular of `seats[0]`."""
        return self.representatives[0]

    @property
    def other_representative(self) -> User:
        """The titular of `seats[1]`, in the same zone."""
        return self.representatives[1]

    @property
    def observer(self) -> User:
        return self.people[OBSERVER]

    @property
    def spokesperson(self) -> User:
        """Of zone 1; holds no seat."""
        return self.people[SPOKESPERSON]

    @property
    def chair(self) -> User:
        return self.people[CHAIR]

    @property
    def coordinator(self) -> User:
        return self.people[COORDINATOR]

    @property
    def auditor(self) -> User:
        return self.people[AUDITOR]

    @property
    def meeting(self) -> Meeting:
        """The next one, on 26 November."""
        return self.meetings[0]


@dataclass
class World:
    home: Side
    away: Side
    stranger: User
    """Coordinator of `away`: powerful there, nobody at `home`."""
    nobody: User
    """May sign in and has a part in no network."""
    disabled: User
    """Represents `home.seats[2]`, and is disabled."""
    extra: dict[str, Any] = field(default_factory=dict)


def make_user(name: str, *, email: str = "", language: str = "en") -> User:
    """A person. The address is made of the name unless given."""
    address = email or f"{name.lower().replace(' ', '.')}.{next(_emails)}@example.org"
    return people.get_or_create_user(email=address, name=name, language=language)


def make_network(slug: str, *, zones: int = 3, seats: int = 10) -> tuple[Network, User]:
    """A network with its zones and municipalities, and its coordinator. Populations differ: 1,000, 2,000, …"""
    network = services.create_network(
        slug=slug, name=f"Network {slug}", coordinator_email=f"coordinator@{slug}.example.org", coordinator_name=f"Carla Coordinator {slug}"
    )
    coordinator = User.objects.get(email=f"coordinator@{slug}.example.org")
    people.change_profile(user=coordinator, values={"language": "en"})
    system = system_actor(network.pk)
    made = [services.ensure_zone(actor=system, network=network, number=n, name=f"Zone {n} {slug}") for n in range(1, zones + 1)]
    for n in range(seats):
        services.create_municipality(
            actor=system,
            network=network,
            istat_code=f"{1001 + n:06}",
            name=f"Town {n + 1:03} {slug}",
            zone=made[n * zones // seats],
            population=1000 * (n + 1),
        )
    return network, User.objects.get(pk=coordinator.pk)


def add_member(network: Network, name: str, role: str, **values: Any) -> User:
    """A new person with that role, added by Raccordo itself."""
    user = make_user(name)
    services.add_membership(actor=system_actor(network.pk), network=network, user=user, role=role, **values)
    return user


def make_side(slug: str, *, seats: int = 10, series: Mapping[str, Any] = SERIES) -> Side:
    """A whole network: people of every role, a representative for each seat, and a weekly series."""
    network, coordinator = make_network(slug, seats=seats)
    zones, towns = list(network.zones.order_by("number")), list(network.municipalities.order_by("istat_code").select_related("zone"))
    representatives = [
        add_member(network, f"Rita Representative {n:03} {slug}", Role.REPRESENTATIVE, municipality=town, office="mayor")
        for n, town in enumerate(towns, start=1)
    ]
    named = {
        OBSERVER: add_member(network, f"Oscar Observer {slug}", Role.OBSERVER),
        SPOKESPERSON: add_member(network, f"Sara Spokesperson {slug}", Role.SPOKESPERSON, zone=zones[0]),
        CHAIR: add_member(network, f"Chiara Chair {slug}", Role.CHAIR),
        AUDITOR: add_member(network, f"Aldo Auditor {slug}", Role.AUDITOR),
        COORDINATOR: coordinator,
    }
    made = scheduling.create_series(actor=actor_for(coordinator, network), network=network, values=series)
    return Side(network, zones, towns, named, representatives, made, list(made.meetings.order_by("starts_at")))


def make_world() -> World:
    """Two networks of three zones and ten municipalities each, people of every role, and some who have no business here."""
    home, away = make_side("home"), make_side("away")
    disabled = add_member(home.network, "Dario Disabled", Role.REPRESENTATIVE, municipality=home.seats[2], office="councillor", order=2)
    disabled.is_active = False
    disabled.save(update_fields=["is_active"])
    return World(home, away, stranger=away.coordinator, nobody=make_user("Nina Nobody"), disabled=disabled)


def draft(side: Side, title: str = "School buses", *, seat: int | None = 0, meeting: Meeting | None = None, **values: Any) -> AgendaItem:
    """A draft of that seat's representative; with `seat=None` the office's."""
    actor = side.actor(side.coordinator if seat is None else side.representatives[seat])
    proposer = None if seat is None else side.seats[seat]
    return agenda.draft(actor=actor, meeting=meeting or side.meeting, proposer=proposer, values={"title": title, **values})


def proposal(side: Side, title: str = "School buses", *, seat: int | None = 0, meeting: Meeting | None = None, **values: Any) -> AgendaItem:
    """A draft handed in."""
    actor = side.actor(side.coordinator if seat is None else side.representatives[seat])
    return agenda.submit(actor=actor, item=draft(side, title, seat=seat, meeting=meeting, **values), motive=values.get("motive", ""))


def accepted(side: Side, title: str = "School buses", *, seat: int | None = 0, meeting: Meeting | None = None, **values: Any) -> AgendaItem:
    """A proposal that the coordinator has put on the agenda."""
    item = proposal(side, title, seat=seat, meeting=meeting, **values)
    return agenda.accept(actor=side.actor(COORDINATOR), item=item)


@stage
def scheduled(side: Side, meeting: Meeting | None = None) -> Meeting:
    """A meeting that collects proposals: two on the agenda, one waiting (seat 2), one draft (seat 3)."""
    meeting = meeting or side.meeting
    accepted(side, f"School buses {side.network.slug}", seat=0, meeting=meeting, text="Which lines stop in August?", kind="decision")
    accepted(side, f"Civil protection {side.network.slug}", seat=1, meeting=meeting, kind="information")
    proposal(side, f"Waste collection {side.network.slug}", seat=2, meeting=meeting)
    draft(side, f"Unfinished thought {side.network.slug}", seat=3, meeting=meeting)
    return fresh(meeting)


@stage
def agenda_published(side: Side, meeting: Meeting | None = None) -> Meeting:
    """The same with the waiting proposal accepted and the agenda published: three items in order."""
    meeting = scheduled(side, meeting)
    for item in meeting.agenda_items.filter(state="proposed"):
        agenda.accept(actor=side.actor(COORDINATOR), item=item)
    return fresh(agenda.publish(actor=side.actor(COORDINATOR), meeting=meeting))


@stage
def in_session(side: Side, meeting: Meeting | None = None) -> Meeting:
    """The same, opened by the chair on its first item, with seats 0 to 7 present: quorum in both keys."""
    meeting = agenda_published(side, meeting)
    meeting = live.open_session(actor=side.actor(CHAIR), meeting=meeting)
    for seat, representative in list(zip(side.seats, side.representatives, strict=True))[:8]:
        live.join(actor=side.actor(representative), meeting=meeting, municipality=seat)
    live.move_on(actor=side.actor(CHAIR), meeting=meeting, item=items(meeting)[0])
    return fresh(meeting)


def open_poll(side: Side, meeting: Meeting, question: str = "Shall we do it?") -> Poll:
    """A vote on the current item, open on the roll of those present."""
    assert meeting.current_item is not None
    poll = polls.draft(actor=side.actor(CHAIR), item=meeting.current_item, question=question)
    return polls.open_(actor=side.actor(CHAIR), poll=poll)


def question(side: Side, meeting: Meeting, text: str = "Who pays?", *, seat: int = 0) -> Question:
    """A question that this seat's representative asks."""
    actor = side.actor(side.representatives[seat])
    return questions.ask(actor=actor, meeting=meeting, municipality=side.seats[seat], text=text)


@stage
def closed(side: Side, meeting: Meeting | None = None) -> Meeting:
    """The same, lived through: a note, a vote, a decision, an action item of seat 0; then closed, so the minutes are a draft."""
    meeting = in_session(side, meeting)
    chair, item = side.actor(CHAIR), items(meeting)[0]
    minutes.write_note(actor=chair, item=item, text=f"The operators were heard. {side.network.slug}")
    poll = open_poll(side, meeting)
    for seat, representative in list(zip(side.seats, side.representatives, strict=True))[:8]:
        polls.vote(actor=side.actor(representative), poll=poll, municipality=seat, choice="yes")
    polls.close(actor=chair, poll=poll)
    decision = minutes.record_decision(actor=chair, item=item, text=f"The lines stay. {side.network.slug}", poll=poll)
    values = {"title": f"Write to the operators {side.network.slug}", "due_on": date(2026, 12, 10)}
    action_items.create(actor=chair, meeting=meeting, values=values, owner=side.seats[0], agenda_item=item, decision=decision)
    for other in items(meeting)[1:]:
        live.move_on(actor=chair, meeting=meeting, item=other)
    return fresh(live.close_session(actor=chair, meeting=meeting))


@stage
def circulated(side: Side, meeting: Meeting | None = None) -> Minutes:
    """The minutes of a closed meeting, circulating for correction."""
    meeting = closed(side, meeting)
    return minutes.circulate(actor=side.actor(COORDINATOR), minutes=Minutes.objects.get(meeting=meeting))


def asked(side: Side, row: Minutes, *, seat: int | None = 0, text: str = "It was the other line.", **values: Any) -> Correction:
    """A correction that this seat's representative (with `seat=None` the coordinator) asks for; of the first item by default."""
    actor = side.actor(COORDINATOR if seat is None else side.representatives[seat])
    item = values.pop("agenda_item", items(row.meeting)[0])
    return corrections.ask(actor=actor, minutes=row, values={"text": text, **values}, agenda_item=item)


@stage
def approving(side: Side) -> AgendaItem:
    """The second session, on its first item: the approval of the first one's minutes, which circulate."""
    circulated(side)
    meeting = agenda.publish(actor=side.actor(COORDINATOR), meeting=fresh(side.meetings[1]))
    meeting = live.open_session(actor=side.actor(CHAIR), meeting=meeting)
    item = items(meeting)[0]
    live.move_on(actor=side.actor(CHAIR), meeting=meeting, item=item)
    return AgendaItem.objects.select_related("meeting__network").get(pk=item.pk)


def items(meeting: Meeting) -> list[AgendaItem]:
    """The running order."""
    return list(meeting.agenda_items.filter(position__isnull=False).order_by("position"))


def fresh(meeting: Meeting) -> Meeting:
    """The meeting as the database has it, with its network, series and stream."""
    return Meeting.objects.select_related("network", "series", "stream").get(pk=meeting.pk)
