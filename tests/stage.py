"""A network with something on every screen: the demo, small, with its next session under way and proposals for the one after."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from meetings import clock
from meetings.access import Actor, Role
from meetings.action_items.models import ActionItem
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem, ItemState
from meetings.agenda.selectors import awaiting_decision, running_order
from meetings.announcements.models import Announcement
from meetings.announcements.services import announce
from meetings.calendar_feed.services import create_feed
from meetings.demo.services import create
from meetings.live import polls, questions, speakers
from meetings.live import services as live
from meetings.live.models import Poll, Question, SpeakerRequest
from meetings.minutes import corrections
from meetings.minutes import services as minutes
from meetings.minutes.models import Correction, Decision, Minutes, MinutesState, Note
from meetings.network import passkeys, people
from meetings.network.models import Membership, Municipality, Network, User
from meetings.network.selectors import actor_for, municipalities
from meetings.notifications.unsubscribing import refusable, token_for
from meetings.privacy.models import ErasureRequest
from meetings.privacy.services import ask_erasure
from meetings.scheduling import selectors as scheduling
from meetings.scheduling.absences import declare_absence
from meetings.scheduling.delegations import name_delegate
from meetings.scheduling.models import Delegation, Meeting, MeetingSeries
from meetings.scheduling.reply_links import reply_path
from tests.devices import credential
from tests.remembered import remembered

HEADER = "istat_code;name;zone_number;zone_name;population_2011"
TOWNS = (
    ("001272", "Torino", 1, "Torino", 872367),
    ("001156", "Moncalieri", 2, "Area metropolitana Torino Sud", 55875),
    ("001219", "Rivoli", 2, "Area metropolitana Torino Sud", 47557),
    ("001078", "Chieri", 2, "Area metropolitana Torino Sud", 35962),
    ("001191", "Pinerolo", 3, "Pinerolese", 34854),
    ("001270", "Susa", 3, "Pinerolese", 6629),
    ("001157", "Moncenisio", 3, "Pinerolese", 42),
    ("001125", "Ivrea", 4, "Eporediese", 23592),
    ("001073", "Ceresole Reale", 4, "Eporediese", 163),
    ("001059", "Carmagnola", 4, "Eporediese", 28563),
    ("001082", "Chivasso", 5, "Chivassese", 25378),
    ("001260", "San Benigno Canavese", 5, "Chivassese", 5546),
)
SEAT = "Moncalieri"
"""Whose mayor is the representative of the screens; it proposes something every week."""
PRESENT = 8


@dataclass(frozen=True)
class Stage:
    """The network, one person for each role, and by name what a screen may be about."""

    network: Network
    people: dict[str, User]
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError:
            raise AttributeError(name) from None

    @classmethod
    def of(cls, network: Network) -> "Stage":
        """Finds it all in a network that was made ready (`enliven`)."""
        return cls(network, _people(network), _things(network))


def make_stage(towns: int = len(TOWNS), *, weeks: int = 2) -> Stage:
    """A small demo made ready. Needs an empty database."""
    rows = [HEADER, *(";".join(map(str, town)) for town in TOWNS[:towns])]
    network = create(csv="\n".join(rows).encode(), weeks=weeks)
    enliven(network)
    return Stage.of(network)


def staged() -> Stage:
    """The same for a test: made once in a process, and put back after that."""
    remembered("stage", _make)
    return Stage.of(Network.objects.get())


def _make() -> None:
    make_stage()


def enliven(network: Network) -> None:
    """Opens the demo's next session, has proposals made for the one after, and sees to it that no list is empty."""
    who = {role: actor_for(user, network) for role, user in _people(network).items()}
    meeting = scheduling.next_meeting(network)
    assert meeting
    _hold(meeting, who)
    after = Meeting.objects.filter(network=network, starts_at__gt=meeting.starts_at).order_by("starts_at")[0]
    _propose(after, who)
    _around(network, who)


def _hold(meeting: Meeting, who: dict[str, Actor]) -> None:
    chair, office = who["chair"], who["coordinator"]
    for waiting in awaiting_decision(meeting):
        agenda.accept(actor=office, item=waiting)
    if not list(running_order(meeting)):
        agenda.accept(actor=office, item=_item(office, meeting, "Trasporto scolastico: linee di agosto"))
    agenda.publish(actor=office, meeting=_fresh(meeting))
    live.open_session(actor=chair, meeting=_fresh(meeting))
    seats = sorted(municipalities(meeting.network), key=lambda seat: (seat.name != SEAT, -seat.population))
    seats = seats[: max(PRESENT, len(seats) // 2)]  # enough for a quorum in a network of any size
    for seat in seats:
        live.join(actor=_representative(seat), meeting=_fresh(meeting), municipality=seat)
    item = next((row for row in running_order(meeting) if not row.approves_minutes_of_id), list(running_order(meeting))[-1])
    live.move_on(actor=chair, meeting=_fresh(meeting), item=item)
    asked = [speakers.request(actor=_representative(seat), meeting=_fresh(meeting), municipality=seat) for seat in seats[1:4]]
    speakers.give(actor=chair, speaker=asked[0])
    minutes.write_note(actor=chair, item=item, text="Il Comune proponente illustra la proposta; la Regione ha confermato i fondi.")
    minutes.record_decision(actor=chair, item=item, text="Si chiede alla Regione un incontro entro il mese.")
    polls.draft(actor=chair, item=item, question="Si rinvia la scelta alla prossima seduta?", advisory=True)
    poll = polls.draft(actor=chair, item=item, question="Si approva la proposta così come illustrata?")
    poll = polls.open_(actor=chair, poll=poll)
    for seat in seats[2:6]:
        polls.vote(actor=_representative(seat), poll=poll, municipality=seat, choice="yes")
    question = "Chi sostiene i costi del servizio nei mesi estivi?"
    questions.ask(actor=_representative(seats[2]), meeting=_fresh(meeting), municipality=seats[2], text=question)


def _propose(meeting: Meeting, who: dict[str, Actor]) -> None:
    representative, office = who["representative"], who["coordinator"]
    agenda.accept(actor=office, item=_item(representative, meeting, "Piano neve 2027: turni e mezzi in comune"))
    agenda.accept(actor=office, item=_item(office, meeting, "Rendiconto delle attività aperte"))
    _item(representative, meeting, "Raccolta dei rifiuti nei giorni festivi")
    seat = representative_seat(meeting.network)
    agenda.draft(actor=representative, meeting=meeting, proposer=seat, values={"title": "Appunti sul bando sport", "text": "Da finire."})


def _item(actor: Actor, meeting: Meeting, title: str) -> AgendaItem:
    seat = None if actor.is_staff else representative_seat(meeting.network)
    values = {"title": title, "text": "Si propone un confronto sui tempi e sulle risorse dei Comuni più piccoli.", "kind": "decision"}
    item = agenda.draft(actor=actor, meeting=_fresh(meeting), proposer=seat, values=values)
    return agenda.submit(actor=actor, item=item, motive="Il bando scade prima della riunione.")


def _around(network: Network, who: dict[str, Actor]) -> None:
    """What stands beside the meetings: an announcement, a delegate to confirm, days away, keys, a correction, a request to be forgotten."""
    own, seat, office = who["representative"], representative_seat(network), who["coordinator"]
    day = clock.now().date() + timedelta(days=30)
    until = day + timedelta(days=7)
    announce(actor=office, network=network, zone=None, values={"title": "Allerta arancione da venerdì", "text": "I COC restano aperti."})
    name_delegate(
        actor=own,
        municipality=seat,
        name="Luca Supplente",
        email="luca@supplente.example",
        valid_from=day,
        valid_until=until,
    )
    declare_absence(actor=own, network=network, valid_from=day, valid_until=until, note="")
    user = User.objects.get(pk=own.user_id)
    people.create_token(user=user, label="Sito del Comune")
    passkeys.add(user=user, name="Telefono", credential=credential())
    create_feed(actor=own, network=network, label="Telefono")
    ask_erasure(user=_member(network, Role.OBSERVER))
    last = (
        Minutes.objects.filter(meeting__network=network)
        .select_related("meeting__network", "meeting__stream")
        .order_by("-meeting__starts_at")[0]
    )
    if last.state == MinutesState.DRAFT:
        last = minutes.circulate(actor=office, minutes=last)
    if last.state == MinutesState.IN_CORRECTION:
        item = last.meeting.agenda_items.filter(state=ItemState.DISCUSSED).order_by("position").first()
        note = {"text": "Era la linea 2, non la 3.", "proposed": "Si parla della linea 2."}
        corrections.ask(actor=office, minutes=last, values=note, agenda_item=item)


def representative_seat(network: Network) -> Municipality:
    """The municipality of the screens' representative."""
    seats = municipalities(network)
    return seats.filter(name=SEAT).first() or seats.order_by("-population")[0]


def _representative(seat: Municipality) -> Actor:
    return actor_for(Membership.objects.filter(municipality=seat, role=Role.REPRESENTATIVE).order_by("order", "pk")[0].user, seat.network)


def _member(network: Network, role: Role) -> User:
    return Membership.objects.filter(network=network, role=role).order_by("pk")[0].user


def _people(network: Network) -> dict[str, User]:
    plain = (Role.OBSERVER, Role.CHAIR, Role.COORDINATOR, Role.AUDITOR, Role.SPOKESPERSON)
    mayor = Membership.objects.filter(municipality=representative_seat(network), role=Role.REPRESENTATIVE).order_by("order", "pk")[0].user
    return {**{role.value: _member(network, role) for role in plain}, "representative": mayor}


def _things(network: Network) -> dict[str, Any]:
    """What there is one of for each kind; a kind that has none fails here, not as an empty screen."""
    live_one = Meeting.objects.filter(network=network, state="in_session").select_related("current_item").latest("starts_at")
    held = Meeting.objects.filter(network=network, state="closed")
    record = Minutes.objects.filter(meeting__network=network).order_by("-meeting__starts_at")
    items = AgendaItem.objects.filter(meeting__network=network)
    seat = representative_seat(network)
    to_come = Meeting.objects.filter(network=network, state="scheduled", starts_at__gt=live_one.starts_at).order_by("starts_at")
    coming = to_come[0]
    return {
        "seat": seat,
        "live": live_one,
        "current": live_one.current_item,
        "coming": coming,
        "held": held.latest("starts_at"),
        "approved": held.filter(minutes__state__in=[MinutesState.APPROVED, MinutesState.PUBLISHED]).earliest("starts_at"),
        "minutes": record[0],
        "proposal": items.filter(meeting=coming, state=ItemState.PROPOSED)[0],
        "accepted": items.filter(meeting=coming, state=ItemState.ACCEPTED, proposer=seat)[0],
        "draft": items.filter(meeting=coming, state=ItemState.DRAFT, proposer=seat)[0],
        "discussed": items.filter(state=ItemState.DISCUSSED, approves_minutes_of=None).order_by("meeting__starts_at", "position")[0],
        "poll": Poll.objects.filter(agenda_item__meeting=live_one, state="open")[0],
        "draft_poll": Poll.objects.filter(agenda_item__meeting=live_one, state="draft")[0],
        "speaker": SpeakerRequest.objects.filter(meeting=live_one, state="waiting")[0],
        "question": Question.objects.filter(meeting=live_one)[0],
        "note": Note.objects.filter(agenda_item__meeting=live_one)[0],
        "decision": Decision.objects.filter(agenda_item__meeting=live_one)[0],
        "correction": Correction.objects.filter(minutes__meeting__network=network).latest("asked_at"),
        "action": ActionItem.objects.filter(meeting__network=network).order_by("number")[0],
        "series": MeetingSeries.objects.filter(network=network)[0],
        "delegation": Delegation.objects.filter(municipality=seat)[0],
        "announcement": Announcement.objects.filter(network=network)[0],
        "membership": Membership.objects.filter(municipality=seat)[0],
        "passkey": passkeys.passkeys_of(_people(network)["representative"])[0],
        "erasure": ErasureRequest.objects.latest("asked_at"),
        "reply": reply_path(seat.memberships.filter(role=Role.REPRESENTATIVE).first(), coming),
        "unsubscribe": f"/unsubscribe/{token_for(_member(network, Role.OBSERVER).pk, refusable()[0].name)}",
    }


def _fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("network", "series", "stream").get(pk=meeting.pk)
