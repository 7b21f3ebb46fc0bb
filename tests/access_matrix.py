"""The form of the access matrix: who may ask what, one row for each route and method (the rows: access_matrix_api.py and _pages.py).

A row reads: method, path as the URL resolver has it (a language's prefix is written `{language}/`), nine statuses in the order of
CALLERS, the scene in which it is asked, and what the address is about:

    Row("PATCH", "api/v1/series/<uuid:id>/", "401 404 403 403 403 403 403 200 403", target="series", body={"title": "New"}, edit=True)

A path converter takes its value from the scene: `slug` is the network's; one that the scene has an object of (`meeting`, `item_id`)
is that object's id, any other is the target's. A callable body is given the scene. Whatever a cell writes is rolled back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from meetings.action_items.models import ActionItem
from meetings.agenda import attachments
from meetings.agenda.models import AgendaItem
from meetings.agenda.services import cancel_meeting
from meetings.announcements.services import announce
from meetings.calendar_feed.services import create_feed
from meetings.documents.services import approve_minutes
from meetings.live import floor, polls, speakers
from meetings.minutes import services as minutes
from meetings.minutes.models import Decision, Minutes, Note
from meetings.network import invitations, people, services
from meetings.network.models import User
from meetings.notifications.models import MailState, OutgoingEmail
from meetings.privacy.services import ask_erasure
from meetings.scheduling.absences import declare_absence
from meetings.scheduling.delegations import name_delegate
from meetings.scheduling.services import respond
from tests import factories
from tests.factories import World
from tests.notifications.mails import mail

CALLERS = ("anonymous", "stranger", "observer", "other", "own", "spokesperson", "chair", "coordinator", "auditor")
"""`stranger` coordinates another network; `own` represents the seat that the thing belongs to, `other` another seat of its zone."""

PDF = b"%PDF-1.7\n%canary-home\n"


@dataclass
class Scene:
    """The world at a stage, and by name what a row may be about."""

    world: World
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError:
            raise AttributeError(name) from None

    def caller(self, name: str) -> User | None:
        home = self.world.home
        return {
            "anonymous": None,
            "stranger": self.world.stranger,
            "observer": home.observer,
            "other": home.other_representative,
            "own": home.representative,
            "spokesperson": home.spokesperson,
            "chair": home.chair,
            "coordinator": home.coordinator,
            "auditor": home.auditor,
        }[name]


class Row(NamedTuple):
    method: str
    path: str
    statuses: str
    scene: str = "scheduled"
    target: str = "meeting"
    body: Mapping[str, Any] | Callable[[Scene], Any] | None = None
    edit: bool = False
    """Whether the request says If-Match with the target's version."""
    form: bool = False
    """Whether the body is sent as a form (a page's), not as JSON."""
    kwargs: Mapping[str, Any] = {}
    """Values of path converters that the scene does not have."""

    @property
    def expected(self) -> dict[str, int]:
        """Status by caller."""
        return dict(zip(CALLERS, map(int, self.statuses.split()), strict=True))


def scheduled(world: World) -> Scene:
    """A draft and a proposal of seat 0 (with a file), an accepted item of seat 0, and an answer of seat 0."""
    home = world.home
    own = home.actor(home.representative)
    proposal = factories.proposal(home, "Proposal canary-home")
    file = SimpleUploadedFile("canary-home.pdf", PDF)
    attachment = attachments.attach(actor=own, item=proposal, name="canary-home.pdf", file=file)
    proposal.refresh_from_db()
    token, _text = people.create_token(user=home.representative, label="canary-home")
    feed, _token = create_feed(actor=own, network=home.network, label="canary-home")
    response = respond(actor=own, meeting=home.meeting, municipality=home.seats[0], answer="regrets", reason="canary-home is ill")
    return Scene(
        world,
        {
            **_everywhere(world),
            "draft": factories.draft(home, "Draft canary-home"),
            "proposal": proposal,
            "item": factories.accepted(home, "Item canary-home", text="canary-home"),
            "attachment": attachment,
            "token": token,
            "erasure_request": ask_erasure(user=home.representative)[0],
            "feed": feed,
            "announcement": announce(
                actor=home.actor("coordinator"),
                network=home.network,
                zone=home.zones[0],
                values={"title": "Announcement canary-home", "text": "canary-home"},
            ),
            "response": response,
            "delegation": name_delegate(
                actor=home.actor("coordinator"),
                municipality=home.seats[0],
                name="Delegate canary-home",
                email="delegate@canary-home.example.org",
                valid_from=date(2027, 1, 11),
                valid_until=date(2027, 1, 12),
            ),
            "absence": declare_absence(
                actor=own, network=home.network, valid_from=date(2027, 1, 11), valid_until=date(2027, 1, 12), note="canary-home"
            ),
            "email": mail(home, "uncertain", name="canary-home"),
            "meeting": factories.fresh(home.meeting),
        },
    )


def _everywhere(world: World) -> dict[str, Any]:
    home = world.home
    return {
        "network": home.network,
        "zone": home.zones[0],
        "municipality": home.seats[0],
        "membership": home.network.memberships.get(user=home.representative),
        "series": home.series,
    }


def ready(world: World) -> Scene:
    """An item on the agenda, nothing waiting: the agenda can be published."""
    item = factories.accepted(world.home, "Item canary-home")
    return Scene(world, {**_everywhere(world), "item": item, "meeting": factories.fresh(world.home.meeting)})


def published(world: World) -> Scene:
    meeting = factories.agenda_published(world.home)
    return Scene(world, {**_everywhere(world), "item": factories.items(meeting)[0], "meeting": meeting})


def cancelled(world: World) -> Scene:
    home = world.home
    cancel_meeting(actor=home.actor("coordinator"), meeting=home.meeting, reason="Snow on the canary-home pass")
    return Scene(world, {**_everywhere(world), "meeting": factories.fresh(home.meeting)})


def session(world: World) -> Scene:
    """In session; seat 0 waits for the floor, seat 1 has it; one poll is open, one a draft."""
    home = world.home
    meeting = factories.in_session(home)
    chair, item = home.actor("chair"), factories.items(meeting)[0]
    speaking = speakers.request(actor=home.actor(home.representatives[1]), meeting=meeting, municipality=home.seats[1])
    waiting = speakers.request(actor=home.actor(home.representative), meeting=meeting, municipality=home.seats[0])
    things = {
        "item": item,
        "other_item": factories.items(meeting)[1],
        "speaking": speakers.give(actor=chair, speaker=speaking),
        "floor": floor.change(actor=chair, meeting=meeting, values={"limit_seconds": 60}),
        "waiting": waiting,
        "draft_poll": polls.draft(actor=chair, item=item, question="Draft canary-home?", advisory=True),
        "question": factories.question(home, meeting, "Question canary-home?"),
        "others_question": factories.question(home, meeting, "Other question canary-home?", seat=1),
        "note": minutes.write_note(actor=chair, item=item, text="Note canary-home"),
        "decision": minutes.record_decision(actor=chair, item=item, text="Decision canary-home"),
        "meeting": factories.fresh(meeting),
    }
    return Scene(world, {**_everywhere(world), **things})


def voting(world: World) -> Scene:
    """The same with a vote open."""
    scene = session(world)
    return Scene(world, {**scene.things, "poll": factories.open_poll(world.home, scene.meeting, "Open canary-home?")})


def counted(world: World) -> Scene:
    """In session; a secret vote is counted and not published, a block of two consent items is open."""
    home = world.home
    scene, chair = session(world), home.actor("chair")
    secret = polls.draft(actor=chair, item=scene.item, question="Secret canary-home?", secrecy="secret")
    block = factories.items(scene.meeting)[1:3]
    AgendaItem.objects.filter(pk__in=[row.pk for row in block]).update(kind="consent")
    covers = [row.pk for row in block]
    together = polls.draft(actor=chair, item=block[0], question="Together canary-home?", secrecy="silent_assent", covers=covers)
    polls.open_(actor=chair, poll=secret)
    polls.close(actor=chair, poll=secret)
    things = {"secret_poll": secret, "block_poll": polls.open_(actor=chair, poll=together), "item": block[1]}
    return Scene(world, {**scene.things, **things, "meeting": factories.fresh(scene.meeting)})


def closed(world: World) -> Scene:
    """Lived through, the minutes a draft; an action item of seat 0."""
    meeting = factories.closed(world.home)
    return Scene(world, {**_everywhere(world), **_record(meeting), "meeting": meeting})


def _record(meeting: Any) -> dict[str, Any]:
    return {
        "item": factories.items(meeting)[0],
        "minutes": Minutes.objects.get(meeting=meeting),
        "note": Note.objects.get(agenda_item__meeting=meeting),
        "decision": Decision.objects.get(agenda_item__meeting=meeting),
        "action_item": ActionItem.objects.get(meeting=meeting),
    }


def circulating(world: World) -> Scene:
    """The minutes circulate for correction."""
    circulated = factories.circulated(world.home)
    return Scene(world, {**_everywhere(world), **_record(circulated.meeting), "meeting": factories.fresh(circulated.meeting)})


def correcting(world: World) -> Scene:
    """Seat 0 has asked for a correction."""
    scene = circulating(world)
    scene.things["correction"] = factories.asked(world.home, scene.minutes, text="Wrong canary-home", proposed="Right canary-home")
    return scene


def approving(world: World) -> Scene:
    """The next session is at the approval of these minutes."""
    item = factories.approving(world.home)
    return Scene(world, {**_everywhere(world), "item": item, "meeting": factories.fresh(item.meeting)})


def approved(world: World) -> Scene:
    """The minutes are sealed."""
    scene = circulating(world)
    scene.things["minutes"] = approve_minutes(actor=world.home.actor("chair"), minutes_record=scene.minutes)
    return scene


def people_at_work(world: World) -> Scene:
    """Seat 6's representative has an invitation that could not be delivered; one membership was ended today."""
    home, office = world.home, world.home.actor("coordinator")
    invited_one = home.network.memberships.get(user=home.representatives[5])
    [invitation] = invitations.invite(actor=office, network=home.network, memberships=[invited_one])
    OutgoingEmail.objects.filter(kind="invitation", user=invited_one.user_id).update(state=MailState.UNDELIVERABLE)
    leaver = factories.add_member(home.network, "Lea Leaver", "observer")
    ended = services.end_membership(actor=office, membership=home.network.memberships.get(user=leaver))
    return Scene(world, {**_everywhere(world), "invited_one": invited_one, "invitation": invitation, "ended": ended})


SCENES: Mapping[str, Callable[[World], Scene]] = {
    "people": people_at_work,
    "scheduled": scheduled,
    "ready": ready,
    "cancelled": cancelled,
    "published": published,
    "session": session,
    "voting": voting,
    "counted": counted,
    "closed": closed,
    "circulating": circulating,
    "correcting": correcting,
    "approving": approving,
    "approved": approved,
}
SOMEDAY = date(2026, 12, 20)

__all__ = ["CALLERS", "SCENES", "SOMEDAY", "Row", "Scene"]
