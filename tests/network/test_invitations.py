"""Invitations: a link by mail to who is there already; single use, for the very address, revocable, expiring."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import clock
from meetings.access import Role
from meetings.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.network import invitations, invited, people, services
from meetings.network.invited import KIND, Invited
from meetings.network.models import Invitation, Membership, Network, User
from meetings.notifications.letters import KINDS
from meetings.notifications.models import MailState, OutgoingEmail
from tests import factories
from tests.factories import COORDINATOR, NOW, Side, World

MEETING = {"title": "Weekly coordination", "starts_at": NOW, "time_zone": "Europe/Rome"}


def seat_of(side: Side, number: int = 0) -> Membership:
    return side.network.memberships.get(user=side.representatives[number])


def invite(side: Side, *numbers: int) -> list[Invitation]:
    rows = [seat_of(side, number) for number in numbers]
    return invitations.invite(actor=side.actor(COORDINATOR), network=side.network, memberships=rows, meeting=MEETING)


def mails(side: Side) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(kind=KIND, network=side.network).order_by("created_at", "id"))


def token_for(user: User) -> str:
    """What stands in the person's latest mail."""
    row = OutgoingEmail.objects.filter(kind=KIND, user=user).exclude(state=MailState.DROPPED).latest("created_at")
    return str(row.context["token"])


def state_of(side: Side, number: int = 0) -> str:
    return str(invited.people(side.network).get(user=side.representatives[number]).invitation_state)


def undeliverable(user: User) -> None:
    OutgoingEmail.objects.filter(kind=KIND, user=user).update(state=MailState.UNDELIVERABLE)


def later(**time: int) -> Any:
    return clock.at(NOW + timedelta(**time))


class TestInvite:
    def test_a_mail_with_a_link_to_each_and_the_digest_here(self, side: Side) -> None:
        first, second = invite(side, 0, 1)
        assert {row.address for row in mails(side)} == {side.representatives[n].email for n in (0, 1)}
        token = token_for(side.representatives[0])
        assert len(token) == 43  # 256 bits in base64
        assert invited.by_token(token) in (first, second)
        assert token not in str(list(Invitation.objects.values()))
        assert not [text for text in Event.objects.values_list("payload", flat=True) if token in text or invited.digest(token) in text]
        assert (state_of(side, 0), state_of(side, 2)) == (Invited.SENT, Invited.NOT_INVITED)

    def test_nobody_twice(self, side: Side) -> None:
        assert len(invite(side, 0, 0, 1)) == 2
        assert invite(side, 0, 1) == []
        assert len(mails(side)) == 2

    def test_one_mail_for_several_roles(self, side: Side) -> None:
        services.add_membership(
            actor=side.actor(COORDINATOR), network=side.network, user=side.representatives[0], role=Role.SPOKESPERSON, zone=side.zones[0]
        )
        rows = list(side.network.memberships.filter(user=side.representatives[0]))
        sent = invitations.invite(actor=side.actor(COORDINATOR), network=side.network, memberships=rows)
        assert [row.membership.role for row in sent] == [Role.REPRESENTATIVE]

    def test_all_who_were_not_yet(self, side: Side) -> None:
        invite(side, 0)
        total = invited.people(side.network).count()
        assert len(invitations.invite_all(actor=side.actor(COORDINATOR), network=side.network)) == total - 1
        assert invitations.invite_all(actor=side.actor(COORDINATOR), network=side.network) == []

    def test_not_who_has_signed_in_or_left_or_is_blocked(self, world: World) -> None:
        home = world.home
        User.objects.filter(pk=home.representatives[0].pk).update(last_login=NOW)
        services.end_membership(actor=home.actor(COORDINATOR), membership=seat_of(home, 1))
        sent = invitations.invite_all(actor=home.actor(COORDINATOR), network=home.network)
        addresses = {row.address for row in sent}
        assert not addresses & {home.representatives[0].email, home.representatives[1].email, world.disabled.email}

    def test_the_letter_says_who_what_when_and_whom_to_ask(self, side: Side) -> None:
        people.change_profile(user=side.coordinator, values={"phone": "011 1"})
        invite(side, 0)
        row = mails(side)[0]
        letter = KINDS[KIND].compose({**row.context, "name": row.name, "network": "home", "network_name": "Network home"})
        text = f"{letter.subject} {letter.paragraphs} {letter.facts} {letter.closing}"
        for part in (
            side.coordinator.name,
            side.coordinator.email,
            "011 1",
            f"{side.seats[0].name}: mayor",
            "Weekly coordination",
            "Europe/Rome",
        ):
            assert part in text
        assert letter.button == ("See the invitation", f"/go/invitation/{row.context['token']}")
        assert not KINDS[KIND].label  # nobody can refuse it
        assert KINDS[KIND].public(row.context)["token"] == ""

    def test_only_the_office_and_only_its_own_people(self, world: World) -> None:
        row = seat_of(world.home)
        for actor in (world.home.actor("chair"), world.home.actor(world.home.representative)):
            with pytest.raises(NotAllowed):
                invitations.invite(actor=actor, network=world.home.network, memberships=[row])
        with pytest.raises(NotFound):
            invitations.invite(actor=world.away.actor(COORDINATOR), network=world.away.network, memberships=[row])
        with pytest.raises(NotFound):
            invitations.invite(actor=world.away.actor(COORDINATOR), network=world.home.network, memberships=[row])

    def test_names_with_line_ends_are_lines_in_no_header(self, side: Side) -> None:
        with pytest.raises(Invalid):
            people.get_or_create_user(email="a@example.org\r\nBcc: b@example.org", name="A")
        user = people.get_or_create_user(email="a@example.org", name="A\r\nBcc: b@example.org\x00")
        assert user.name == "A Bcc: b@example.org"


class TestAccept:
    def test_by_who_is_signed_in_with_the_address(self, side: Side) -> None:
        invite(side, 0)
        accepted = invitations.accept(user=side.representatives[0], token=token_for(side.representatives[0]))
        assert accepted.accepted_at == NOW
        assert state_of(side) == Invited.ACCEPTED
        event = Event.objects.latest("id")
        assert (event.type, event.actor_id, json.loads(event.payload)["id"]) == (
            "invitation.accepted",
            accepted.membership.user_id,
            str(accepted.pk),
        )

    def test_once(self, side: Side) -> None:
        invite(side, 0)
        token = token_for(side.representatives[0])
        invitations.accept(user=side.representatives[0], token=token)
        self._refused(side.representatives[0], token, "invitation_used")

    def test_not_by_anybody_else(self, world: World) -> None:
        home = world.home
        invite(home, 0)
        token = token_for(home.representatives[0])
        for user in (home.representatives[1], home.coordinator, world.stranger, world.nobody):
            self._refused(user, token, "not_found")
        self._refused(home.representatives[0], "x" * 43, "not_found")
        assert state_of(home) == Invited.SENT

    def test_not_with_another_address_than_the_mail_went_to(self, side: Side) -> None:
        invite(side, 0)
        token = token_for(side.representatives[0])
        User.objects.filter(pk=side.representatives[0].pk).update(email="other@example.org")
        self._refused(User.objects.get(pk=side.representatives[0].pk), token, "not_found")

    def test_it_gives_no_part_in_another_network(self, world: World) -> None:
        invite(world.home, 0)
        user = world.home.representatives[0]
        before = list(Membership.objects.filter(user=user).values())
        invitations.accept(user=user, token=token_for(user))
        assert list(Membership.objects.filter(user=user).values()) == before

    def test_not_when_it_has_expired(self, side: Side) -> None:
        invite(side, 0)
        token = token_for(side.representatives[0])
        with later(days=30):
            assert state_of(side) == Invited.EXPIRED
            self._refused(side.representatives[0], token, "invitation_expired")
        with later(days=29):
            invitations.accept(user=side.representatives[0], token=token)

    def test_not_when_it_was_revoked(self, side: Side) -> None:
        [row] = invite(side, 0)
        token = token_for(side.representatives[0])
        invitations.revoke(actor=side.actor(COORDINATOR), invitation=row)
        self._refused(side.representatives[0], token, "invitation_revoked")
        assert state_of(side) == Invited.REVOKED
        assert {mail.state for mail in mails(side)} == {MailState.DROPPED}

    def test_not_after_the_membership(self, side: Side) -> None:
        invite(side, 0)
        token = token_for(side.representatives[0])
        services.end_membership(actor=side.actor(COORDINATOR), membership=seat_of(side))
        self._refused(side.representatives[0], token, "membership_ended")

    def test_not_by_a_former_link(self, side: Side) -> None:
        [row] = invite(side, 0)
        former = token_for(side.representatives[0])
        with later(days=1):
            invitations.resend(actor=side.actor(COORDINATOR), invitation=row)
            self._refused(side.representatives[0], former, "not_found")
            invitations.accept(user=side.representatives[0], token=token_for(side.representatives[0]))

    def _refused(self, user: User, token: str, code: str) -> None:
        with pytest.raises(DomainError) as refusal:
            invitations.accept(user=user, token=token)
        assert refusal.value.code == code


class TestResend:
    def test_a_new_link_but_not_twice_in_a_day(self, side: Side) -> None:
        [row] = invite(side, 0)
        actor = side.actor(COORDINATOR)
        with pytest.raises(Conflict) as refusal:
            invitations.resend(actor=actor, invitation=row)
        assert refusal.value.code == "sent_today"
        with later(days=1):
            again = invitations.resend(actor=actor, invitation=row)
            assert (again.sent_count, again.expires_at) == (2, NOW + timedelta(days=31))
        with later(days=1, hours=10), pytest.raises(Conflict):
            invitations.resend(actor=actor, invitation=row)
        assert len(mails(side)) == 2

    def test_at_once_when_the_mail_could_not_be_delivered(self, side: Side) -> None:
        [row] = invite(side, 0)
        undeliverable(side.representatives[0])
        assert state_of(side) == Invited.UNDELIVERABLE
        assert invitations.resend(actor=side.actor(COORDINATOR), invitation=row).sent_count == 2
        assert state_of(side) == Invited.SENT

    def test_to_all_who_have_not_accepted(self, side: Side) -> None:
        actor = side.actor(COORDINATOR)
        rows = invite(side, 0, 1, 2, 3, 4)
        invitations.accept(user=side.representatives[0], token=token_for(side.representatives[0]))
        invitations.revoke(actor=actor, invitation=next(row for row in rows if row.membership.user_id == side.representatives[1].pk))
        assert invitations.resend_all(actor=actor, network=side.network) == []
        with later(days=1):
            again = invitations.resend_all(actor=actor, network=side.network)
            assert {row.membership.user_id for row in again} == {side.representatives[n].pk for n in (2, 3, 4)}
            assert invitations.resend_all(actor=actor, network=side.network) == []

    def test_not_after_it_was_used_or_revoked(self, side: Side) -> None:
        actor = side.actor(COORDINATOR)
        used, revoked = invite(side, 0, 1)
        invitations.accept(user=used.membership.user, token=token_for(used.membership.user))
        invitations.revoke(actor=actor, invitation=revoked)
        for row in (used, revoked):
            with later(days=1), pytest.raises(Conflict):
                invitations.resend(actor=actor, invitation=row)
        with pytest.raises(Conflict):
            invitations.revoke(actor=actor, invitation=used)

    def test_a_revoked_one_is_invited_anew_by_name_alone(self, side: Side) -> None:
        [row] = invite(side, 0)
        invitations.revoke(actor=side.actor(COORDINATOR), invitation=row)
        assert side.representatives[0].email not in {
            row.address for row in invitations.invite_all(actor=side.actor(COORDINATOR), network=side.network)
        }
        assert len(invite(side, 0)) == 1
        assert state_of(side) == Invited.SENT


class TestAddress:
    def correct(self, side: Side, number: int = 0, email: str = "right@example.org") -> User:
        actor, user = side.actor(COORDINATOR), side.representatives[number]
        return invitations.correct_address(actor=actor, network=side.network, user=user, email=email)

    def test_the_open_invitation_goes_there_at_once(self, side: Side) -> None:
        invite(side, 0)
        former = token_for(side.representatives[0])
        undeliverable(side.representatives[0])
        user = self.correct(side, email=" Right@Example.org ")
        assert user.email == "right@example.org"
        waiting = [row.address for row in mails(side) if row.state == MailState.QUEUED]
        assert waiting == ["right@example.org"]
        assert state_of(side) == Invited.SENT
        with pytest.raises(NotFound):
            invitations.accept(user=user, token=former)
        invitations.accept(user=user, token=token_for(user))
        payload = json.loads(Event.objects.filter(type="membership.changed").latest("id").payload)
        assert payload["user"]["email"] == "right@example.org"

    @pytest.mark.parametrize("email", ["", "x", "a@b@c", "a\r\nb@example.org", "mıke@example.org", "a" * 250 + "@example.org"])
    def test_no_address(self, side: Side, email: str) -> None:
        with pytest.raises(Invalid):
            self.correct(side, email=email)

    def test_not_somebody_elses(self, side: Side) -> None:
        with pytest.raises(Conflict) as refusal:
            self.correct(side, email=side.representatives[1].email.upper())
        assert refusal.value.code == "address_taken"

    def test_not_once_it_is_proven(self, side: Side) -> None:
        invite(side, 0)
        invitations.accept(user=side.representatives[0], token=token_for(side.representatives[0]))
        User.objects.filter(pk=side.representatives[1].pk).update(last_login=NOW)
        for number in (0, 1):
            with pytest.raises(Conflict) as refusal:
                self.correct(side, number)
            assert refusal.value.code == "address_is_theirs"

    def test_not_of_who_has_a_part_elsewhere_and_never_a_strangers(self, world: World) -> None:
        home, away = world.home, world.away
        services.add_membership(actor=away.actor(COORDINATOR), network=away.network, user=home.representatives[0], role=Role.OBSERVER)
        with pytest.raises(Conflict):
            self.correct(home)
        with pytest.raises(NotFound):
            people.change_address(actor=home.actor(COORDINATOR), network=home.network, user=away.representative, email="x@example.org")
        with pytest.raises(NotAllowed):
            people.change_address(actor=home.actor("chair"), network=home.network, user=home.representative, email="x@example.org")


@pytest.mark.one_database
def test_lists_ask_as_often_for_312_as_for_10(db: None, now: None) -> None:
    asked: list[tuple[int, int, int]] = []
    for slug, count in (("small", 10), ("large", 312)):
        network, coordinator = factories.make_network(slug, seats=count)
        for town in network.municipalities.all():
            factories.add_member(network, f"Rita {town.name}", Role.REPRESENTATIVE, municipality=town)
        actor = people_actor(coordinator, network)
        with CaptureQueriesContext(connection) as mailing:
            invitations.invite_all(actor=actor, network=network)
        inserts = [query for query in mailing if "INSERT" in query["sql"] and "outgoingemail" in query["sql"].lower()]
        with CaptureQueriesContext(connection) as reading:
            rows = list(invited.people(network))
            invited.invitations_of(rows)
        asked.append((len(rows), len(reading), len(inserts)))
    (few, reads, writes), (many, reads_again, bulk) = asked
    assert (few, many) == (11, 313)
    assert reads == reads_again == 2
    assert writes == 1 and bulk <= 8  # one bulk of mails: SQLite takes them some hundred values at a time


def people_actor(user: User, network: Network) -> Any:
    return invitations.selectors.actor_for(user, network)
