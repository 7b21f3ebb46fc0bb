"""The rows of votes: through REST and on the pages of the room."""

from typing import Any

from tests.access_matrix import Row, Scene
from tests.access_matrix_planning import MEETING, MEMBERS, _both, _get, _post

#            anonymous stranger observer other own spokesperson chair coordinator auditor
READ = "401 404 200 200 200 200 200 200 200"
STAFF = "401 404 403 403 403 403 200 200 403"
STAFF_MAKE = "401 404 403 403 403 403 201 201 403"
STAFF_KNOW = "401 404 404 404 404 404 200 200 404"
SEAT_OR_READ_BACK = "401 404 403 403 200 403 403 409 403"
ANY_SEAT_OR_STAFF = "401 404 403 200 200 403 200 200 403"
BACK = "302 404 303 303 303 303 303 303 303"
STAFF_SEE = "302 404 403 403 403 403 200 200 403"
STAFF_DO = "302 404 403 403 403 403 303 303 403"
STAFF_KNOW_SEE = "302 404 404 404 404 404 200 200 404"
STAFF_KNOW_DO = "302 404 404 404 404 404 303 303 404"
SEAT_SEES = "302 404 403 403 200 403 403 403 403"
SEAT_DOES = "302 404 403 403 303 403 403 403 403"
ANY_SEAT_OR_STAFF_DO = "302 404 403 303 303 403 303 303 403"
OFFICE_SEES = "302 404 403 403 403 403 403 200 403"
OFFICE_IS_READ_BACK = "302 404 403 403 403 403 403 409 403"

POLL, ITEM = "api/v1/polls/<uuid:id>/", "api/v1/agenda-items/<uuid:id>/polls/"
ROOM = MEETING + "room/"
ROOM_POLL = ROOM + "polls/<uuid:poll_id>/"
QUESTION = {"question": "Shall we?", "secrecy": "named", "roll_policy": "all"}


def _covers(scene: Scene) -> dict[str, Any]:
    return {**QUESTION, "secrecy": "silent_assent", "covers": [str(scene.item.pk)], "silence_seconds": 60}


def _vote(scene: Scene) -> dict[str, Any]:
    return {"municipality": str(scene.municipality.pk), "choice": "yes"}


def _edited(scene: Scene) -> dict[str, Any]:
    return {**QUESTION, "version": scene.draft_poll.version}


def _out(scene: Scene) -> dict[str, Any]:
    return {"agenda_item": str(scene.item.pk)}


def _button(path: str, statuses: str, scene: str, target: str) -> list[Row]:
    """A button of the room: asked for, its address leads to the room."""
    known = {"poll_id": lambda one: getattr(one, target).pk}
    return [_get(path, BACK, scene=scene, kwargs=known), _post(path, statuses, {"sure": "on"}, scene=scene, kwargs=known)]


def _of(target: str) -> dict[str, Any]:
    return {"poll_id": lambda one: getattr(one, target).pk}


REST = [
    Row("GET", ITEM, READ, scene="session", target="item"),
    Row("POST", ITEM, STAFF_MAKE, scene="session", target="item", body={"question": "Shall we?"}),
    Row("GET", POLL, STAFF_KNOW, scene="session", target="draft_poll"),
    Row("GET", POLL, READ, scene="voting", target="poll"),
    Row("GET", POLL, READ, scene="counted", target="secret_poll"),
    Row("PATCH", POLL, STAFF_KNOW, scene="session", target="draft_poll", body={"question": "Shall we?"}, edit=True),
    Row("POST", POLL + "open/", STAFF_KNOW, scene="session", target="draft_poll"),
    Row("POST", POLL + "close/", STAFF, scene="voting", target="poll"),
    Row("POST", POLL + "publish/", STAFF, scene="counted", target="secret_poll"),
    Row("POST", POLL + "take-out/", ANY_SEAT_OR_STAFF, scene="counted", target="block_poll", body=_out),
    Row("GET", POLL + "votes/", READ, scene="voting", target="poll"),
    Row("PUT", POLL + "vote/", SEAT_OR_READ_BACK, scene="voting", target="poll", body=_vote),
]
PAGES = [
    *_both(ROOM + "items/<uuid:item_id>/poll/", STAFF_SEE, STAFF_DO, QUESTION, scene="session"),
    *_both(ROOM + "consent/", STAFF_SEE, STAFF_DO, _covers, scene="counted"),
    *_both(ROOM_POLL + "edit/", STAFF_KNOW_SEE, STAFF_KNOW_DO, _edited, scene="session", kwargs=_of("draft_poll")),
    *_button(ROOM_POLL + "open/", STAFF_KNOW_DO, "session", "draft_poll"),
    *_button(ROOM_POLL + "close/", STAFF_DO, "voting", "poll"),
    *_button(ROOM_POLL + "publish/", STAFF_DO, "counted", "secret_poll"),
    *_button(ROOM_POLL + "items/<uuid:item_id>/take-out/", ANY_SEAT_OR_STAFF_DO, "counted", "block_poll"),
    *_both(ROOM_POLL + "seats/<uuid:municipality_id>/", SEAT_SEES, SEAT_DOES, {"choice": "yes"}, scene="voting"),
    *_both(ROOM_POLL + "phone/", OFFICE_SEES, OFFICE_IS_READ_BACK, _vote, scene="voting"),
    _get(ROOM_POLL + "votes/", MEMBERS, scene="voting"),
]
