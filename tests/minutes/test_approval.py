"""Approved minutes: sealed once, the same bytes for ever, and what they say of everybody."""

import hashlib
import json
from datetime import timedelta

import pytest

from meetings import clock
from meetings.agenda import services as agenda
from meetings.documents import content, selectors
from meetings.documents.services import approve_minutes, minutes_document
from meetings.errors import Conflict, NotAllowed, NotFound
from meetings.events.models import Event
from meetings.events.selectors import verify_all
from meetings.live import services as live
from meetings.minutes import services
from meetings.minutes.models import Minutes, SealedDocument
from meetings.minutes.seals import broken_seals
from meetings.network import services as network_services
from meetings.network.models import Network
from meetings.network.selectors import actor_for, system_actor
from meetings.scheduling import services as scheduling
from tests import factories
from tests.documents.reading import text_of
from tests.factories import CHAIR, COORDINATOR, Side


def record(pk: object) -> Minutes:
    return Minutes.objects.select_related("meeting__network", "meeting__series", "meeting__stream").get(pk=pk)


@pytest.fixture
def approved(side: Side) -> Minutes:
    row = record(factories.circulated(side).pk)
    approve_minutes(actor=side.actor(CHAIR), minutes_record=row)
    return record(row.pk)


def test_only_the_chair_approves_and_only_what_circulates(home: Side, away: Side) -> None:
    row = record(Minutes.objects.get(meeting=factories.closed(home)).pk)
    with pytest.raises(Conflict):
        approve_minutes(actor=home.actor(CHAIR), minutes_record=row)
    services.circulate(actor=home.actor(COORDINATOR), minutes=row)
    for who in (home.observer, home.representative, home.spokesperson, home.coordinator, home.auditor):
        with pytest.raises(NotAllowed):
            approve_minutes(actor=home.actor(who), minutes_record=row)
    with pytest.raises(NotFound):
        approve_minutes(actor=away.actor(CHAIR), minutes_record=row)
    assert not SealedDocument.objects.exists()


def test_the_seal_is_in_the_log_and_the_file_never_changes(side: Side, approved: Minutes) -> None:
    seal = SealedDocument.objects.get(minutes=approved)
    assert hashlib.sha256(bytes(seal.pdf)).hexdigest() == seal.sha256 == approved.file_digest
    told = json.loads(Event.objects.get(type="minutes.approved").payload)
    assert (told["file_digest"], told["content_digest"]) == (approved.file_digest, approved.content_digest)
    language = approved.meeting.network.languages[0]

    def file(who: str) -> bytes:
        return minutes_document(actor=side.actor(getattr(side, who)), meeting=approved.meeting, language=language).body

    before = file("observer")
    with clock.at(factories.NOW + timedelta(days=400)):  # whatever becomes of what they were made of
        actor = side.actor(COORDINATOR)
        network_services.change_municipality(actor=actor, municipality=side.seats[0], values={"name": "Renamed", "population": 1})
        Network.objects.update(name="Renamed too")
        services.publish(actor=actor, minutes=record(approved.pk))
        assert {file(who) for who in ("observer", "representative", "chair", "auditor")} == {before} == {bytes(seal.pdf)}
    assert list(broken_seals()) == [] and list(verify_all()) == []
    with pytest.raises(Conflict):
        approve_minutes(actor=side.actor(CHAIR), minutes_record=record(approved.pk))


def test_nothing_in_them_can_be_rewritten(side: Side, approved: Minutes) -> None:
    chair, item = side.actor(CHAIR), factories.items(approved.meeting)[0]
    for act in (
        lambda: services.write_note(actor=chair, item=item, text="Afterthought"),
        lambda: services.record_decision(actor=chair, item=item, text="Afterthought"),
        lambda: services.edit_minutes(actor=chair, minutes=approved, values={"introduction": "Afterthought"}),
    ):
        with pytest.raises(Conflict):
            act()


def test_the_same_in_another_language_says_that_it_is_a_translation(side: Side, approved: Minutes) -> None:
    sealed_in, other = approved.meeting.network.languages[:2]
    assert (sealed_in, other) == ("it", "en")
    actor = side.actor(side.observer)
    translated = minutes_document(actor=actor, meeting=approved.meeting, language=other).body
    assert "Thisisatranslation" in text_of(translated)
    sealed = minutes_document(actor=actor, meeting=approved.meeting, language=sealed_in).body
    assert "translation" not in text_of(sealed)
    assert translated != sealed


def test_readers_get_no_minutes_before_they_circulate(side: Side) -> None:
    meeting = factories.closed(side)
    with pytest.raises(NotFound):
        minutes_document(actor=side.actor(side.observer), meeting=meeting, language="it")


def test_312_seats_are_312_rows(db: None, now: None) -> None:
    """Present, with regrets, substituted or silent: each municipality valid that day stands there once."""
    network, coordinator = factories.make_network("big", seats=312)
    actor, system = actor_for(coordinator, network), system_actor(network.pk)
    seats = list(network.municipalities.order_by("istat_code"))
    series = scheduling.create_series(actor=actor, network=network, values={**factories.SERIES, "ends_on": factories.SERIES["starts_on"]})
    meeting = series.meetings.get()
    merged = {"valid_until": meeting.local.date() - timedelta(days=1)}
    network_services.change_municipality(actor=system, municipality=seats[0], values=merged)
    network_services.create_municipality(
        actor=system, network=network, istat_code="002001", name="Merged", zone=network.zones.all()[0], population=5
    )
    for seat, answer in zip(seats[1:4], ("regrets", "substitute", "substitute"), strict=True):
        substitute = {"name": "Vera Vice"} if answer == "substitute" else None
        scheduling.respond(actor=actor, meeting=meeting, municipality=seat, answer=answer, reason="a secret illness", substitute=substitute)
    item = agenda.draft(actor=actor, meeting=meeting, proposer=None, values={"title": "Only one"})
    agenda.accept(actor=actor, item=agenda.submit(actor=actor, item=item))
    agenda.publish(actor=actor, meeting=meeting)
    live.open_session(actor=actor, meeting=meeting)
    for seat in (seats[3], *seats[4:8]):
        live.join(actor=actor, meeting=meeting, municipality=seat, source="phone")
    meeting = live.close_session(actor=actor, meeting=meeting)
    shown = selectors.minutes(record(meeting.minutes.pk), actor=actor, language="it")
    rows = [row for zone in shown.attendance for row in zone.seats]
    assert len(rows) == len({row.municipality for row in rows}) == 312
    by_status = {status: sum(row.status == status for row in rows) for status in content.Presence}
    expected = {content.Presence.PRESENT: 4, content.Presence.SUBSTITUTE: 1, content.Presence.REGRETS: 1, content.Presence.ABSENT: 306}
    assert by_status == expected
    assert shown.quorum.seats.municipalities == 312
    assert "secret illness" not in repr(shown)
