"""The log in words: every type has a sentence; who may read what of it; pages; and the check of the chain."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from meetings import clock
from meetings.errors import NotAllowed
from meetings.events import services as events
from meetings.events import triggers
from meetings.events.models import Audience, Event
from meetings.events.types import all_types
from meetings.live import polls
from meetings.minutes import services as minutes
from meetings.reporting import audit, sentences, verifying
from meetings.reporting.audit import Asked, Entry
from tests import factories
from tests.factories import COORDINATOR, Side
from tests.test_events import MEETING_CASES, NETWORK_CASES

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
EVERYTHING = Asked()


def read(side: Side, who: str = COORDINATOR, asked: Asked = EVERYTHING) -> list[Entry]:
    return list(audit.every(side.actor(who), side.network, asked))


def in_words(side: Side, type: str) -> str:
    entry = next(entry for entry in read(side) if entry.event.type == type)
    assert not UUID.search(entry.text) and "%(" not in entry.text and entry.text.endswith("."), entry.text
    return entry.text


def test_every_type_has_a_sentence_and_every_kind_a_name() -> None:
    assert set(sentences.SENTENCES) == set(all_types())
    assert set(sentences.KINDS) == set(audit.kinds())


def test_a_type_without_words_is_still_told() -> None:
    assert sentences.sentence("comet.landed", {}, sentences.Names()) == "comet.landed"


NAMELESS = {name for name, words in sentences.SENTENCES.items() if "%(thing)s" not in str(words)}


@pytest.mark.parametrize(("name", "stage", "act"), MEETING_CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(MEETING_CASES)])
def test_what_happens_in_a_meeting_is_told_in_words(side: Side, name: str, stage: Callable[..., Any], act: Callable[..., Any]) -> None:
    act(side, stage(side))
    text = in_words(side, name)
    assert name in NAMELESS or not re.search(r"“”|“…”| \.|…\.$", text), text


@pytest.mark.parametrize(("name", "act"), NETWORK_CASES, ids=[case[0] for case in NETWORK_CASES])
def test_what_happens_in_the_network_is_told_in_words(side: Side, name: str, act: Callable[[Side], Any]) -> None:
    act(side)
    text = in_words(side, name)
    assert name in NAMELESS or not re.search(r"“”|“…”| \.|…\.$", text), text


def test_who_did_it_and_when(side: Side) -> None:
    factories.proposal(side, "School buses")
    entry = read(side)[0]
    assert (entry.text, entry.by, entry.meeting, entry.kind) == (
        "Handed in the proposal “School buses”.",
        side.representative.name,
        side.meeting,
        "agenda_item",
    )
    assert entry.event.at == clock.now()
    assert ("title", "School buses") in (entry.details or [])
    of_system = [row for row in read(side) if row.event.actor_id is None]
    assert of_system and all(row.by == "" for row in of_system)


def test_only_the_coordinator_and_the_auditor_read(side: Side) -> None:
    for who in ("observer", "spokesperson", "chair"):
        with pytest.raises(NotAllowed):
            read(side, who)
        with pytest.raises(NotAllowed):
            verifying.verify_network(side.actor(who), side.network)
    with pytest.raises(NotAllowed):
        audit.page(side.actor(side.representative), side.network, EVERYTHING)
    assert read(side, "auditor")


def test_the_auditor_sees_no_contacts_and_nothing_before_it_is_given_out(side: Side) -> None:
    meeting = factories.closed(side)
    shown = {entry.event.pk: entry.details for entry in read(side, "auditor")}
    hidden = {event.type for event in Event.objects.filter(stream__network=side.network) if shown[event.pk] is None}
    assert {"membership.created", "note.written", "minutes.drafted", "poll.drafted"} <= hidden
    assert not hidden & {"agenda_item.accepted", "meeting.closed", "poll.closed", "decision.recorded"}
    assert "operators were heard" not in json.dumps(list(shown.values()))
    assert side.representative.email not in json.dumps(list(shown.values()))
    assert side.representative.email in json.dumps([entry.details for entry in read(side)])
    minutes.circulate(actor=side.actor(COORDINATOR), minutes=minutes.Minutes.objects.get(meeting=meeting))
    given_out = [entry.details for entry in read(side, "auditor", Asked(kind="note")) if entry.event.audience == Audience.MEMBERS]
    assert "operators were heard" in json.dumps(given_out)


def test_nobody_reads_here_whose_vote_was_which(side: Side) -> None:
    meeting = factories.in_session(side)
    poll = factories.open_poll(side, meeting)
    polls.vote(actor=side.actor(side.representative), poll=poll, municipality=side.seats[0], choice="no")
    for who in (COORDINATOR, "auditor"):
        [vote] = read(side, who, Asked(kind="vote"))
        assert vote.text == f"Cast the vote of {side.seats[0].name}."
        assert vote.details and "choice" not in dict(vote.details)


def test_an_erased_entry_is_shown_as_one(side: Side) -> None:
    factories.proposal(side, "School buses")
    event = Event.objects.filter(type="agenda_item.proposed").latest("pk")
    events.redact(actor=side.actor(COORDINATOR), event=event, reason="A name")
    rows = {entry.event.pk: entry for entry in read(side)}
    assert (rows[event.pk].text, rows[event.pk].redacted, rows[event.pk].details) == ("Handed in the proposal “[erased]”.", True, None)
    record = next(entry for entry in rows.values() if entry.event.type == "event.redacted")
    assert record.text == f"Erased the content of entry no. {event.sequence} of this record."


def test_filters(side: Side) -> None:
    factories.proposal(side, "School buses")
    by_name = read(side, asked=Asked(person="representative 001"))
    assert by_name and {entry.by for entry in by_name} == {side.representative.name}
    assert {entry.kind for entry in read(side, asked=Asked(kind="agenda_item"))} == {"agenda_item"}
    assert {entry.meeting for entry in read(side, asked=Asked(meeting=side.meeting))} == {side.meeting}
    day = factories.NOW.date()
    assert len(read(side, asked=Asked(since=day, until=day))) == len(read(side))
    assert read(side, asked=Asked(until=day.replace(day=day.day - 1))) == []


def test_pages_by_cursor_show_each_entry_once_both_ways(side: Side) -> None:
    office, whole = side.actor(COORDINATOR), [entry.event.pk for entry in read(side)]
    forth, cursor = [], None
    while True:
        page = audit.page(office, side.network, EVERYTHING, before=cursor, size=7)
        forth.append([entry.event.pk for entry in page.rows])
        if page.older is None:
            break
        cursor = page.older
    assert [pk for rows in forth for pk in rows] == whole
    back, after = [forth[-1]], forth[-1][0]
    while True:
        page = audit.page(office, side.network, EVERYTHING, after=after, size=7)
        back.insert(0, [entry.event.pk for entry in page.rows])
        if page.newer is None:
            break
        after = page.newer
    assert [pk for rows in back for pk in rows] == whole
    beyond = audit.page(office, side.network, EVERYTHING, before=1)
    assert (beyond.rows, beyond.older) == ([], None)


def test_another_networks_log_is_another(home: Side, away: Side) -> None:
    assert not {entry.event.stream.network_id for entry in read(home)} - {home.network.pk}
    with pytest.raises(Exception, match="nothing here"):
        audit.page(home.actor(COORDINATOR), away.network, EVERYTHING)


# The chain


def tampered(event: Event) -> None:
    triggers.remove()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE meetings_event SET payload = %s WHERE id = %s", ['{"id": "x"}', event.pk])
    triggers.install()


def test_a_whole_log_is_said_to_be(side: Side) -> None:
    factories.approving(side)
    checked = verifying.verify_network(side.actor("auditor"), side.network)
    extent = audit.extent(side.network)
    assert checked.is_whole and checked.seals == 0
    assert (checked.streams, checked.events) == (extent.streams, extent.events)
    assert extent.events == Event.objects.filter(stream__network=side.network).count()
    assert extent.head == Event.objects.filter(stream__network=side.network, stream__meeting=None).latest("sequence").hash


def test_a_check_goes_on_where_it_stopped(side: Side) -> None:
    checked, steps = verifying.verify_network(side.actor("auditor"), side.network, patience=-1), 1
    while checked.after:
        assert not checked.is_whole and checked.streams == steps
        checked, steps = verifying.verify_network(side.actor("auditor"), side.network, so_far=checked, patience=-1), steps + 1
    assert steps == checked.streams == audit.extent(side.network).streams
    assert checked.is_whole and checked.events == audit.extent(side.network).events


@pytest.mark.parametrize("of_meeting", [True, False])
def test_what_was_changed_is_found_and_named(side: Side, of_meeting: bool) -> None:
    factories.scheduled(side)
    stream = side.meeting.stream if of_meeting else side.network.streams.get(meeting=None)
    event = stream.events.order_by("sequence")[1]
    tampered(event)
    auditor = side.actor("auditor")
    for checked in (
        verifying.verify_network(auditor, side.network),
        verifying.verify_meeting(auditor, side.network, side.meeting if of_meeting else None),
    ):
        assert not checked.is_whole and "entry no. 2" in checked.broken and "the payload was changed" in checked.broken
        assert (side.meeting.title in checked.broken) is of_meeting
    other = verifying.verify_meeting(auditor, side.network, None if of_meeting else side.meeting)
    assert other.is_whole
