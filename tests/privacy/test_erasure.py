"""After an erasure nothing leads to the person but what is a public act."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from meetings.documents.services import approve_minutes
from meetings.errors import Conflict, Invalid, NotAllowed
from meetings.events.models import Event
from meetings.events.selectors import verify_all
from meetings.live.models import Attendance
from meetings.minutes import services as minutes
from meetings.minutes.models import Minutes
from meetings.minutes.seals import broken_seals
from meetings.network import people
from meetings.network.models import AccessToken, Membership, User
from meetings.notifications.models import OutgoingEmail
from meetings.privacy import services
from meetings.privacy.forgetting import preview
from meetings.privacy.identity import Identity, pattern, replaced
from meetings.privacy.models import ErasureRequest
from meetings.scheduling import delegations
from meetings.scheduling.models import Response
from tests import factories
from tests.factories import CHAIR, COORDINATOR, Side, World
from tests.privacy.conftest import ADDRESS, NAME, PHONE, Traced, leave_traces, make_canary
from tests.privacy.searching import in_backup, places

PUBLIC = {
    "meetings.Attendance.person",
    "meetings.SpeakerRequest.person",
    "meetings.ActionItem.person",
    "meetings.Minutes.chaired_by",
    "meetings.Event.payload",
}
"""Where the name stays once the minutes are approved."""


def seal(traced: Traced) -> None:
    record = Minutes.objects.get(meeting=traced.meeting)
    minutes.circulate(actor=traced.side.actor(COORDINATOR), minutes=record)
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(pk=record.pk)
    approve_minutes(actor=traced.side.actor(CHAIR), minutes_record=record)


def erase(traced: Traced) -> None:
    [request] = services.ask_erasure(user=traced.user)
    services.carry_out_erasure(actor=traced.side.actor(COORDINATOR), request=request)


def test_the_search_finds_what_is_there(traced: Traced) -> None:
    held = {"meetings.User.email", "meetings.Event.payload", "meetings.OutgoingEmail.address", "meetings.AgendaItem.text"}
    assert held <= places(ADDRESS)
    assert {"meetings.User.name", "meetings.Attendance.person", "meetings.OutgoingEmail.context"} <= places(NAME)
    assert {"meetings.User.phone", "meetings.AgendaItem.text"} <= places(PHONE)


@pytest.mark.django_db(transaction=True)
def test_a_fresh_backup_holds_nothing_of_the_person(now: None, tmp_path: Path) -> None:
    side = factories.make_side("home")
    leave_traces(side)
    assert in_backup(ADDRESS, tmp_path)
    services.erase_person(actor=None, user=side.representatives[0])
    assert [in_backup(word, tmp_path) for word in (ADDRESS, PHONE, NAME)] == [[], [], []]


def test_before_approval_nothing_of_the_person_is_left(traced: Traced, browser_of: object) -> None:
    client: Client = browser_of(traced.user)  # type: ignore[operator]
    erase(traced)
    assert places(ADDRESS) == places(PHONE) == places(NAME) == set()
    assert places("Canary reason") == places("Canary absence") == set()
    assert client.get("/en/me/").status_code == 302


def test_an_approved_act_keeps_the_name_and_nothing_else(traced: Traced) -> None:
    seal(traced)
    before = bytes(traced.meeting.minutes.sealed.get().pdf)
    erase(traced)
    assert places(ADDRESS) == places(PHONE) == set()
    assert places(NAME) == PUBLIC
    assert bytes(Minutes.objects.get(meeting=traced.meeting).sealed.get().pdf) == before
    assert list(broken_seals()) == []


def test_the_chain_still_verifies_and_says_who_emptied_what(traced: Traced) -> None:
    seal(traced)
    count = Event.objects.count()
    erase(traced)
    assert list(verify_all()) == []
    emptied = Event.objects.filter(payload="").count()
    assert 0 < emptied == Event.objects.filter(type="event.redacted").count()
    assert Event.objects.count() > count
    call_command("verify_log", stdout=StringIO())


def test_whoever_else_is_left_alone(traced: Traced) -> None:
    others = {user.pk: (user.name, user.email) for user in User.objects.exclude(pk=traced.user.pk)}
    present = Attendance.objects.exclude(user=traced.user).values_list("person", flat=True)
    named = sorted(present)
    erase(traced)
    assert {user.pk: (user.name, user.email) for user in User.objects.exclude(pk=traced.user.pk)} == others
    assert sorted(present) == named


def test_the_seat_keeps_its_presence_and_its_answers(traced: Traced) -> None:
    erase(traced)
    assert Attendance.objects.get(user=traced.user).person.startswith("Erased person ")
    assert Response.objects.get(municipality=traced.side.seats[0]).reason == ""
    assert Membership.objects.get(user=traced.user).valid_until is not None
    assert not AccessToken.objects.filter(user=traced.user).exists()


def test_the_mails_that_wait_are_not_sent(traced: Traced) -> None:
    erase(traced)
    mine = OutgoingEmail.objects.filter(user=traced.user)
    assert {(mail.state, mail.address.endswith(".invalid"), mail.context == {}) for mail in mine} == {("dropped", True, True)}
    assert OutgoingEmail.objects.filter(user=traced.side.coordinator, key__contains="canary", state="queued").exists()


def test_who_was_named_for_days_to_come_is_named_no_more(traced: Traced) -> None:
    side, meeting = traced.side, traced.side.meetings[2]
    titular = side.actor(side.representatives[1])
    named = {"name": NAME, "email": ADDRESS, "office": "councillor"}
    row = delegations.name_delegate(actor=titular, municipality=side.seats[1], meeting=meeting, **named)
    erase(traced)
    row.refresh_from_db()
    assert (row.state, row.name.startswith("Erased person "), row.email.endswith(".invalid")) == ("revoked", True, True)
    assert places(ADDRESS) == places(NAME) == set()
    assert not Membership.objects.filter(user=traced.user, valid_until__isnull=True).exists()


def test_a_mail_that_is_being_sent_does_not_come_back(traced: Traced) -> None:
    """The worker that has it writes its end by the lease, which it no longer holds."""
    OutgoingEmail.objects.filter(user=traced.user).update(state="sending", lease="worker")
    erase(traced)
    assert set(OutgoingEmail.objects.filter(user=traced.user).values_list("state", "lease")) == {("dropped", "")}


def test_a_namesake_keeps_the_name(traced: Traced) -> None:
    """Where only words say who it was, they may mean the other one."""
    other = factories.make_user(NAME, email="namesake@example.org")
    Membership.objects.create(network=traced.side.network, user=other, role="observer")
    erase(traced)
    other.refresh_from_db()
    assert other.name == NAME
    assert "meetings.ActionItem.person" in places(NAME)
    assert "meetings.Attendance.person" not in places(NAME)


def test_the_only_coordinator_stays_and_is_told_what_to_do(side: Side) -> None:
    [request] = services.ask_erasure(user=side.coordinator)
    with pytest.raises(Conflict, match="make somebody else a coordinator first") as refused:
        services.carry_out_erasure(actor=side.actor(COORDINATOR), request=request)
    assert refused.value.code == "last_coordinator"
    assert User.objects.get(pk=side.coordinator.pk).is_active


def test_who_is_in_a_session_is_not_erased_from_it(side: Side) -> None:
    factories.in_session(side)
    [request] = services.ask_erasure(user=side.representative)
    with pytest.raises(Conflict) as refused:
        services.carry_out_erasure(actor=side.actor(COORDINATOR), request=request)
    assert refused.value.code == "in_session"


def test_one_network_does_not_erase_for_another(world: World) -> None:
    home, away = world.home, world.away
    membership = Membership.objects.get(user=home.representative)
    Membership.objects.create(network=away.network, user=membership.user, role="observer")
    requests = services.ask_erasure(user=home.representative)
    assert {request.network_id for request in requests} == {home.network.pk, away.network.pk}
    here = next(request for request in requests if request.network_id == home.network.pk)
    with pytest.raises(Conflict) as refused:
        services.carry_out_erasure(actor=home.actor(COORDINATOR), request=here)
    assert refused.value.code == "belongs_elsewhere"
    services.erase_person(actor=None, user=home.representative)
    assert set(ErasureRequest.objects.values_list("state", flat=True)) == {"done"}
    assert list(verify_all()) == []


def test_only_who_configures_the_network_erases(side: Side) -> None:
    [request] = services.ask_erasure(user=side.representative)
    for name in ("chair", "observer", "auditor"):
        with pytest.raises(NotAllowed):
            services.carry_out_erasure(actor=side.actor(name), request=request)
        with pytest.raises(NotAllowed):
            services.decline_erasure(actor=side.actor(name), request=request, answer="No")


def test_asking_twice_is_asking_once(side: Side) -> None:
    first, second = services.ask_erasure(user=side.representative), services.ask_erasure(user=side.representative)
    assert [row.pk for row in first] == [row.pk for row in second]
    told = OutgoingEmail.objects.filter(kind__startswith="erasure")
    assert sorted(told.values_list("kind", "user")) == sorted(
        [("erasure_asked", side.coordinator.pk), ("erasure_received", side.representative.pk)]
    )


def test_a_request_is_withdrawn_or_declined_with_a_reason(side: Side) -> None:
    services.ask_erasure(user=side.representative)
    assert services.withdraw_erasure(user=side.representative) == 1
    [request] = services.ask_erasure(user=side.representative)
    with pytest.raises(Invalid):
        services.decline_erasure(actor=side.actor(COORDINATOR), request=request, answer=" ")
    services.decline_erasure(actor=side.actor(COORDINATOR), request=request, answer="The term of office goes on")
    with pytest.raises(Conflict):
        services.carry_out_erasure(actor=side.actor(COORDINATOR), request=request)
    assert OutgoingEmail.objects.get(kind="erasure_declined").address == side.representative.email
    assert User.objects.get(pk=side.representative.pk).name == side.representative.name


def test_a_request_on_paper_is_recorded_by_the_office(side: Side) -> None:
    office = side.actor(COORDINATOR)
    request = services.record_erasure_request(actor=office, network=side.network, email=side.representative.email.upper())
    assert (request.user_id, request.recorded_by_id) == (side.representative.pk, side.coordinator.pk)
    with pytest.raises(Invalid):
        services.record_erasure_request(actor=office, network=side.network, email="nobody@example.org")


def test_the_command_says_first_what_it_would_do(traced: Traced) -> None:
    out = StringIO()
    call_command("erase_person", ADDRESS, "--dry-run", stdout=out)
    assert "Nothing was changed" in out.getvalue()
    assert places(ADDRESS)
    call_command("erase_person", ADDRESS.upper(), stdout=StringIO())
    assert places(ADDRESS) == set()
    with pytest.raises(CommandError):
        call_command("erase_person", ADDRESS, stdout=StringIO())


def test_the_preview_counts_what_is_done(traced: Traced) -> None:
    foreseen = dict(preview(Identity.of(traced.user)))
    done = services.erase_person(actor=None, user=traced.user)
    assert foreseen["access tokens deleted"] == done["tokens"] == 1
    assert foreseen["entries of the log emptied"] == done["events"]
    assert [line for line in preview(Identity.of(User.objects.get(pk=traced.user.pk))) if line[1]] == []


def test_the_record_of_an_erasure_holds_nothing_of_the_person(traced: Traced) -> None:
    erase(traced)
    event = Event.objects.get(type="person.erased")
    assert str(traced.user.pk) in event.payload
    assert event.audience == "audit"


def test_erasing_again_is_refused(traced: Traced) -> None:
    services.erase_person(actor=None, user=traced.user)
    with pytest.raises(Conflict) as refused:
        services.erase_person(actor=None, user=traced.user)
    assert refused.value.code == "erased_already"


def test_who_was_erased_may_come_back_as_a_new_person(traced: Traced) -> None:
    erase(traced)
    assert factories.make_user("Carola again", email=ADDRESS).pk != traced.user.pk


def test_an_earlier_name_goes_too(side: Side) -> None:
    user = make_canary(side)
    people.change_profile(user=user, values={"name": "Married Name"})
    services.erase_person(actor=None, user=user)
    assert places(NAME) == set()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rita@example.org", True),
        ("<RITA@example.org>, ", True),
        ("mailto:rita@example.org.", True),
        ("maria.rita@example.org", False),
        ("rita@example.org.it", False),
        ("rita@example.organic", False),
        ("no-rita@example.org", False),
    ],
)
def test_an_address_is_found_whole(text: str, found: bool) -> None:
    assert bool(pattern("rita@example.org").search(text)) is found


@pytest.mark.one_database
def test_a_replacement_is_taken_as_it_is() -> None:
    assert replaced({"a": ["Rita wrote", 3, None]}, {"rita": r"\1 \g<0>"}) == {"a": [r"\1 \g<0> wrote", 3, None]}
