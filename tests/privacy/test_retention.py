"""What has been kept long enough goes, once a day, and not a day earlier."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meetings import clock, worker
from meetings.agenda import attachments
from meetings.agenda import services as agenda
from meetings.agenda.models import AgendaItem
from meetings.documents.services import approve_minutes
from meetings.errors import Invalid, NotAllowed, StaleVersion
from meetings.events.models import Event
from meetings.events.selectors import verify_all
from meetings.minutes.models import Minutes
from meetings.network.models import Membership, User
from meetings.privacy import services
from meetings.privacy.models import PrivacyPolicy
from meetings.privacy.retention import apply_retention, retention
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Delegation, Meeting, OutOfOffice, Response
from tests import factories
from tests.factories import CHAIR, COORDINATOR, NOW, Side, World
from tests.privacy.conftest import ADDRESS, NAME, PHONE, Traced
from tests.privacy.searching import places


def counts(side: Side, *, dry_run: bool = True) -> dict[str, int]:
    return {line.name: line.count for line in retention(side.network, dry_run=dry_run).lines if line.count}


def answered(side: Side) -> Response:
    actor, seat = side.actor(side.representatives[9]), side.seats[9]
    return scheduling.respond(actor=actor, meeting=side.meeting, municipality=seat, answer="regrets", reason="Ill")


def test_reasons_go_with_the_approval_of_the_minutes(side: Side) -> None:
    answer = answered(side)
    record = factories.circulated(side)
    assert counts(side) == {}
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(pk=record.pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=record)
    assert counts(side) == {"reasons": 1}
    retention(side.network, dry_run=False)
    answer.refresh_from_db()
    assert (answer.reason, answer.answer) == ("", "regrets")


@pytest.mark.parametrize(("days", "due"), [(179, {}), (181, {"reasons": 1})])
def test_without_minutes_reasons_go_after_half_a_year(side: Side, days: int, due: dict[str, int]) -> None:
    answered(side)
    with clock.at(side.meeting.starts_at + timedelta(days=days)):
        assert counts(side) == due


def test_a_dry_run_changes_nothing(traced: Traced) -> None:
    with clock.at(NOW + timedelta(days=1000)):
        events, found = Event.objects.count(), counts(traced.side)
        assert found["reasons"] == 1
        assert counts(traced.side) == found
        call_command("apply_retention", "--dry-run", stdout=StringIO())
        assert (Event.objects.count(), places("Canary reason")) == (events, {"meetings.Response.reason"})
        assert not PrivacyPolicy.objects.exists()


def absence(side: Side, begin: date, end: date) -> OutOfOffice:
    return OutOfOffice.objects.create(
        network=side.network, user=side.representative, valid_from=begin, valid_until=end, note="Ill", declared_at=NOW
    )


def test_a_note_on_an_absence_waits_for_the_minutes_of_its_days(side: Side) -> None:
    """A week with a meeting, one without, and one that is not over."""
    absence(side, date(2026, 11, 24), date(2026, 11, 26))
    absence(side, date(2026, 11, 27), date(2026, 11, 28))
    absence(side, date(2026, 11, 30), date(2026, 12, 30))
    december = datetime(2026, 12, 1, tzinfo=UTC)
    with clock.at(december):
        assert counts(side) == {"absences": 1}
    record = factories.circulated(side)
    record = Minutes.objects.select_related("meeting__network", "meeting__stream").get(pk=record.pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=record)
    with clock.at(december):
        assert counts(side) == {"absences": 2}
    with clock.at(datetime(2027, 6, 30, tzinfo=UTC)):
        assert counts(side, dry_run=False) == {"absences": 3}
    assert set(OutOfOffice.objects.values_list("note", flat=True)) == {""}


def test_the_address_of_a_delegate_goes_half_a_year_after_their_days(side: Side) -> None:
    days = {"valid_from": date(2026, 11, 26), "valid_until": date(2026, 11, 26), "named_at": NOW}
    town = side.seats[0]
    Delegation.objects.create(network=side.network, municipality=town, name="Dina", email="dina@example.org", state="ended", **days)
    with clock.at(datetime(2027, 5, 25, tzinfo=UTC)):
        assert counts(side) == {}
    with clock.at(datetime(2027, 5, 27, tzinfo=UTC)):
        assert counts(side, dry_run=False) == {"delegates": 1}
    assert Delegation.objects.values_list("name", "email").get() == ("Dina", "")


def test_contacts_leave_a_year_after_the_last_membership(traced: Traced) -> None:
    membership = Membership.objects.get(user=traced.user)
    last_day = date(2026, 12, 31)
    Membership.objects.filter(pk=membership.pk).update(valid_until=last_day)
    with clock.at(datetime(2027, 12, 31, 12, tzinfo=UTC)):
        assert "contacts" not in counts(traced.side)
    with clock.at(datetime(2028, 1, 1, 12, tzinfo=UTC)):
        assert counts(traced.side, dry_run=False)["contacts"] == 1
        assert "contacts" not in counts(traced.side)
    assert places(ADDRESS) == places(PHONE) == set()
    assert "meetings.Attendance.person" in places(NAME)
    gone = User.objects.get(pk=traced.user.pk)
    assert (gone.name, gone.is_active, gone.phone) == (NAME, False, "")
    assert list(verify_all()) == []
    assert Event.objects.filter(type="event.redacted").exists()


def test_another_network_keeps_its_people(world: World) -> None:
    """Who left here stays reachable there, for as long as that network says."""
    home, away, user = world.home, world.away, world.home.representative
    Membership.objects.filter(user=user).update(valid_until=NOW.date() - timedelta(days=400))
    here = Membership.objects.create(network=away.network, user=user, role="observer")
    assert counts(home) == {}
    Membership.objects.filter(pk=here.pk).update(valid_until=NOW.date() - timedelta(days=40))
    assert counts(home) == counts(away) == {}
    services.change_policy(actor=away.actor(COORDINATOR), network=away.network, values={"contacts_days": 30})
    assert counts(home) == counts(away) == {"contacts": 1}


def test_drafts_of_a_meeting_long_over_go_with_their_files(side: Side) -> None:
    draft = factories.draft(side)
    kept = factories.proposal(side)
    file = attachments.attach(actor=side.actor(side.representative), item=draft, name="a.pdf", file=ContentFile(b"%PDF-1.7 a"))
    Meeting.objects.filter(pk=side.meeting.pk).update(state="closed")
    with clock.at(side.meeting.starts_at + timedelta(days=364)):
        assert counts(side) == {}
    with clock.at(side.meeting.starts_at + timedelta(days=366)):
        assert counts(side, dry_run=False) == {"drafts": 1}
    assert not AgendaItem.objects.filter(pk=draft.pk).exists()
    assert AgendaItem.objects.filter(pk=kept.pk).exists()
    assert default_storage.exists(file.file.name)  # until the transaction, here the test's, is committed


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_file_stays_while_another_item_has_it(side: Side, goes_on: bool, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    """A returned proposal stays on record with its file, which the draft that goes on from it shares."""
    own, item = side.actor(side.representative), factories.proposal(side) if goes_on else factories.draft(side)
    file = attachments.attach(actor=own, item=item, name="a.pdf", file=ContentFile(b"%PDF-1.7 a"))
    if goes_on:
        returned = agenda.return_(actor=side.actor(COORDINATOR), item=item, reason="Add the costs")
        item = agenda.move(actor=own, item=returned)
    Meeting.objects.filter(pk=item.meeting_id).update(state="closed")
    with clock.at(item.meeting.starts_at + timedelta(days=366)), django_capture_on_commit_callbacks(execute=True):
        assert counts(side, dry_run=False) == {"drafts": 1}
    assert default_storage.exists(file.file.name) is goes_on


def test_the_log_says_how_many_and_never_what(side: Side) -> None:
    answered(side)
    with clock.at(side.meeting.starts_at + timedelta(days=200)):
        retention(side.network, dry_run=False)
        retention(side.network, dry_run=False)
    [event] = Event.objects.filter(type="retention.applied")
    assert '"reasons":1' in event.payload
    assert "Ill" not in event.payload
    assert event.audience == "audit"


def test_the_worker_does_it_once_a_day_for_each_network(world: World) -> None:
    answered(world.home)
    later = world.home.meeting.starts_at + timedelta(days=200)
    with clock.at(later):
        assert (apply_retention(), apply_retention()) == (1, 0)
        answered_again(world.home)
        assert apply_retention() == 0
    with clock.at(later + timedelta(days=3)):
        assert apply_retention() == 1
    assert apply_retention in worker.STEPS


def answered_again(side: Side) -> None:
    Response.objects.filter(municipality=side.seats[9]).update(reason="Again")


def test_the_command_takes_one_network_or_all(world: World) -> None:
    answered(world.home)
    with clock.at(world.home.meeting.starts_at + timedelta(days=200)):
        out = StringIO()
        call_command("apply_retention", "home", "--dry-run", stdout=out)
        assert "home: 1 would be deleted" in out.getvalue()
        assert "away" not in out.getvalue()
        call_command("apply_retention", stdout=StringIO())
    assert Response.objects.get(municipality=world.home.seats[9]).reason == ""


BEYOND: list[dict[str, Any]] = [
    {"contacts_days": 29},
    {"contacts_days": 1826},
    {"reasons_days": 366},
    {"drafts_days": 0},
    {"last_run_on": None},
]


@pytest.mark.parametrize("values", BEYOND)
def test_terms_have_bounds(side: Side, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        services.change_policy(actor=side.actor(COORDINATOR), network=side.network, values=values)
    assert list(refused.value.errors) == list(values)


def test_only_who_configures_the_network_sets_its_terms(side: Side) -> None:
    with pytest.raises(NotAllowed):
        services.change_policy(actor=side.actor(CHAIR), network=side.network, values={"contacts_days": 100})
    policy = services.change_policy(actor=side.actor(COORDINATOR), network=side.network, values={"contacts_days": 100})
    with pytest.raises(StaleVersion):
        services.change_policy(
            actor=side.actor(COORDINATOR), network=side.network, values={"contacts_days": 99}, expected_version=policy.version - 1
        )


def test_a_run_takes_no_more_queries_for_more_rows(side: Side) -> None:
    with CaptureQueriesContext(connection) as few:
        retention(side.network, dry_run=True)
    Response.objects.bulk_create(
        Response(meeting=side.meeting, municipality=seat, answer="regrets", reason="x", answered_at=NOW) for seat in side.seats
    )
    with clock.at(NOW + timedelta(days=900)), CaptureQueriesContext(connection) as many:
        assert counts(side)["reasons"] == 10
    assert len(many) <= len(few) <= 16
