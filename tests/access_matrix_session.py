"""The rows of the live room, minutes, action items, calendar addresses and tokens: the pages of a session and after it."""

from typing import Any

from tests.access_matrix import Row, Scene
from tests.access_matrix_planning import (
    MEETING,
    MEMBERS,
    NETWORK,
    OFFICE,
    OFFICE_DOES,
    PERSON,
    SEAT_OR_OFFICE_DOES,
    _both,
    _edit,
    _get,
    _post,
)

#            anonymous stranger observer other own spokesperson chair coordinator auditor
BACK = "302 404 303 303 303 303 303 303 303"
MEMBERS_DO = "302 404 200 200 200 200 200 200 200"
STAFF = "302 404 403 403 403 403 200 200 403"
STAFF_DOES = "302 404 403 403 403 403 303 303 403"
STAFF_KNOWS = "302 404 404 404 404 404 200 200 404"
STAFF_KNOWS_DOES = "302 404 404 404 404 404 303 303 404"
SEAT = "302 404 403 403 200 403 403 403 403"
SEAT_DOES = "302 404 403 403 303 403 403 403 403"
SEAT_OR_STAFF_DOES = "302 404 403 403 303 403 303 303 403"
CHAIR = "302 404 403 403 403 403 200 403 403"
CHAIR_DOES = "302 404 403 403 403 403 303 403 403"
OFFICE_KNOWS = "302 404 404 404 404 404 403 200 404"
OFFICE_KNOWS_DOES = "302 404 404 404 404 404 403 303 404"
OWN = "302 404 404 404 200 404 404 404 404"
OWN_DOES = "302 404 404 404 303 404 404 404 404"
ATTENDED = "302 404 403 200 200 403 200 200 403"
ATTENDED_DO = "302 404 403 303 303 403 303 303 403"
ANYBODY_DOES = "302 200 200 200 200 200 200 200 200"

ROOM = MEETING + "room/"
ROOM_ITEM = ROOM + "items/<uuid:item_id>/"
ROOM_SEAT = ROOM + "seats/<uuid:municipality_id>/"
ROOM_SPEAKER = ROOM + "speakers/<uuid:speaker_id>/"
MINUTES = MEETING + "minutes/"
NOTE = NETWORK + "notes/<uuid:note_id>/edit/"
DECISION = NETWORK + "decisions/<uuid:decision_id>/edit/"
CORRECTION = NETWORK + "corrections/<uuid:correction_id>/"
ACTION = NETWORK + "action-items/<uuid:action_item_id>/"
FRAME = _edit("minutes", introduction="Good morning.", chaired_by="C", recorded_by="S")


def _changed_action_item(scene: Scene) -> dict[str, Any]:
    """With the seat it has."""
    return {"title": "Renamed", "owner": str(scene.municipality.pk), "version": scene.action_item.version}


def _button(path: str, statuses: str, scene: str = "session", **more: Any) -> list[Row]:
    """A button of the room: asked for, its address leads to the room."""
    return [_get(path, BACK, scene=scene, **more), _post(path, statuses, scene=scene, **more)]


ROWS = [
    # the room
    _get(ROOM),
    _get(ROOM, scene="published"),
    _get(ROOM, scene="voting"),
    _get(ROOM, scene="closed"),
    *_button(ROOM + "open/", STAFF_DOES, "published"),
    *_both(ROOM + "close/", STAFF, STAFF_DOES, scene="session"),
    *_both(ROOM + "reopen/", STAFF, STAFF_DOES, scene="closed"),
    *_button(ROOM_ITEM + "discuss/", STAFF_DOES),
    *_button(ROOM_ITEM + "postpone/", STAFF_DOES, body={"confirmed": "on", "sure": "on"}),
    # presence and the list of speakers
    *_button(ROOM_SEAT + "join/", SEAT_OR_OFFICE_DOES),
    *_button(ROOM_SEAT + "leave/", SEAT_OR_OFFICE_DOES),
    *_both(ROOM_SEAT + "floor/", SEAT, SEAT_DOES, {"kind": "reply"}, scene="session"),
    *_both(
        ROOM + "caller/", OFFICE, OFFICE_DOES, lambda scene: {"municipality": str(scene.municipality.pk), "kind": "reply"}, scene="session"
    ),
    *_button(ROOM_SPEAKER + "give/", STAFF_DOES, target="waiting"),
    *_button(ROOM_SPEAKER + "end/", STAFF_DOES, target="speaking"),
    *_button(ROOM_SPEAKER + "withdraw/", SEAT_OR_STAFF_DOES, target="waiting"),
    # what is written down
    *_both(ROOM_ITEM + "notes/", STAFF, STAFF_DOES, {"text": "Said."}, scene="session"),
    *_both(ROOM_ITEM + "decision/", STAFF, STAFF_DOES, {"text": "Decided."}, scene="session"),
    *_both(ROOM_ITEM + "action-item/", STAFF, STAFF_DOES, {"title": "To do"}, scene="session"),
    *_both(NOTE, STAFF_KNOWS, STAFF_KNOWS_DOES, _edit("note", text="Said."), scene="session"),
    *_both(NOTE, STAFF, STAFF_DOES, _edit("note", text="Said."), scene="circulating"),
    *_both(DECISION, STAFF, STAFF_DOES, _edit("decision", text="Decided."), scene="session"),
    # the minutes
    _get(MINUTES, STAFF_KNOWS, scene="closed"),
    _get(MINUTES, scene="circulating"),
    _get(MINUTES, scene="approved"),
    *_both(MINUTES + "edit/", STAFF_KNOWS, STAFF_KNOWS_DOES, FRAME, scene="closed"),
    *_both(MINUTES + "edit/", STAFF, STAFF_DOES, FRAME, scene="circulating"),
    *_both(MINUTES + "circulate/", OFFICE_KNOWS, OFFICE_KNOWS_DOES, scene="closed"),
    *_both(MINUTES + "approve/", CHAIR, CHAIR_DOES, scene="circulating"),
    *_both(MINUTES + "publish/", OFFICE, OFFICE_DOES, scene="approved"),
    *_both(MINUTES + "extend/", OFFICE, OFFICE_DOES, {"until": "2026-12-10"}, scene="circulating"),
    *_both(MINUTES + "amend/", STAFF, STAFF_DOES, {"reason": "A name is wrong."}, scene="approved"),
    _get(MINUTES + "compare/", STAFF_KNOWS, scene="closed"),
    _get(MINUTES + "compare/", scene="approved"),
    *_both(NETWORK + "agenda-items/<uuid:item_id>/approve-minutes/", CHAIR, CHAIR_DOES, scene="approving"),
    # corrections
    *_both(MINUTES + "corrections/new/", ATTENDED, ATTENDED_DO, {"text": "Not so."}, scene="circulating"),
    _get(MINUTES + "corrections/", STAFF, scene="correcting"),
    *_both(CORRECTION + "accept/", STAFF, STAFF_DOES, scene="correcting"),
    *_both(CORRECTION + "reject/", STAFF, STAFF_DOES, {"reason": "It was said."}, scene="correcting"),
    # action items
    _get(NETWORK + "action-items/", scene="closed"),
    _get(ACTION, scene="closed"),
    _post(ACTION, SEAT_OR_STAFF_DOES, {"action": "start", "text": "Begun."}, scene="closed"),
    *_both(ACTION + "edit/", STAFF, STAFF_DOES, _changed_action_item, scene="closed"),
    # a person's calendar addresses and tokens
    *_both(NETWORK + "calendar/", MEMBERS, MEMBERS_DO, {"label": "phone"}),
    *_both(NETWORK + "calendar/<uuid:feed_id>/revoke/", OWN, OWN_DOES),
    *_both("{language}/me/tokens/", PERSON, ANYBODY_DOES, {"scope": "read", "days": 1}),
    *_both("{language}/me/tokens/<uuid:token_id>/revoke/", OWN, OWN_DOES),
]
