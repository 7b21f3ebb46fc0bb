"""Each object has exactly the fields that its description says, and the fields of the contract among them."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import serializers

from api import (
    action_items,
    agenda_items,
    attendance,
    events,
    live,
    me,
    meetings,
    memberships,
    minutes,
    municipalities,
    networks,
    polls,
    questions,
    responses,
    series,
    speakers,
)
from meetings.network.models import User
from tests.access_matrix import SCENES, Scene
from tests.api.client import Api
from tests.factories import World

As = Callable[[User | None], Api]
Kind = type[serializers.Serializer]

CASES: list[tuple[str, str, Kind]] = [
    ("scheduled", "networks/{network.slug}/", networks.NetworkObject),
    ("scheduled", "networks/{network.slug}/zones/", networks.ZoneObject),
    ("scheduled", "municipalities/{municipality.pk}/", municipalities.MunicipalityObject),
    ("scheduled", "memberships/{membership.pk}/", memberships.MembershipObject),
    ("scheduled", "series/{series.pk}/", series.SeriesObject),
    ("scheduled", "meetings/{meeting.pk}/", meetings.MeetingObject),
    ("scheduled", "meetings/{meeting.pk}/running-order/", meetings.RunningOrderObject),
    ("scheduled", "meetings/{meeting.pk}/responses/", responses.ResponseObject),
    ("scheduled", "agenda-items/{proposal.pk}/", agenda_items.AgendaItemObject),
    ("scheduled", "attachments/{attachment.pk}/", agenda_items.AbleAttachmentObject),
    ("session", "meetings/{meeting.pk}/attendance/", attendance.AttendanceObject),
    ("session", "meetings/{meeting.pk}/live/", live.LiveState),
    ("session", "meetings/{meeting.pk}/events/", events.EventObject),
    ("session", "meetings/{meeting.pk}/speakers/", speakers.SpeakerObject),
    ("session", "meetings/{meeting.pk}/questions/", questions.QuestionObject),
    ("session", "questions/{question.pk}/", questions.QuestionObject),
    ("voting", "polls/{poll.pk}/", polls.PollObject),
    ("closed", "agenda-items/{item.pk}/polls/", polls.PollObject),
    ("closed", "agenda-items/{item.pk}/notes/", minutes.NoteObject),
    ("closed", "agenda-items/{item.pk}/decisions/", minutes.DecisionObject),
    ("closed", "meetings/{meeting.pk}/minutes/", minutes.MinutesWhole),
    ("closed", "action-items/{action_item.pk}/", action_items.ActionItemObject),
]


@pytest.mark.parametrize("scene", sorted({case[0] for case in CASES}))
def test_objects_have_the_fields_that_are_described(world: World, api: As, scene: str) -> None:
    made = SCENES[scene](world)
    reader = api(world.home.coordinator)
    for name, path, kind in CASES:
        if name == scene:
            shown = reader.get(path.format(**made.things)).json()
            assert_fields(kind(), shown["results"][0] if "results" in shown else shown, path)


def test_a_person_s_own_objects_have_the_fields_that_are_described(world: World, api: As) -> None:
    scene: Scene = SCENES["scheduled"](world)
    own = api(world.home.representative)
    assert_fields(me.MeObject(), own.get("me/").json(), "me")
    assert_fields(me.TokenObject(), own.get("me/tokens/").json()["results"][0], "token")
    assert_fields(me.FeedObject(), own.get("me/calendar-feeds/").json()["results"][0], "feed")
    assert_fields(me.NewToken(), own.post("me/tokens/", {"label": "x"}).json(), "new token")
    assert_fields(me.NewFeed(), own.post("me/calendar-feeds/", {"network": scene.network.slug}).json(), "new feed")


def test_a_receipt_has_the_fields_that_are_described(world: World, api: As) -> None:
    scene = SCENES["voting"](world)
    receipt = api(world.home.representative).put(f"polls/{scene.poll.pk}/vote/", {"choice": "yes"}).json()
    assert_fields(polls.Receipt(), receipt, "receipt")


def assert_fields(kind: serializers.BaseSerializer, shown: Any, where: str) -> None:
    """The keys are the fields, all the way down."""
    if isinstance(kind, serializers.ListSerializer):
        for part in shown:
            assert_fields(kind.child, part, where)
        return
    if shown is None or not isinstance(kind, serializers.Serializer):
        return
    assert sorted(shown) == sorted(kind.fields), where
    for name, field in kind.fields.items():
        if isinstance(field, serializers.BaseSerializer):
            assert_fields(field, shown[name], f"{where}.{name}")
        elif isinstance(field, serializers.ListField) and isinstance(field.child, serializers.Serializer):
            for part in shown[name]:
                assert_fields(field.child, part, f"{where}.{name}")
