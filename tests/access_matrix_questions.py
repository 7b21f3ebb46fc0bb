"""The rows of the questions that municipalities ask, REST and pages. Seat 1 has asked one, seat 0 has asked another."""

from typing import Any

from tests.access_matrix import Row, Scene
from tests.access_matrix_planning import MEETING, NETWORK, _both, _get, _post

#              anonymous stranger observer other own spokesperson chair coordinator auditor
REST_MEMBERS = "401 404 200 200 200 200 200 200 200"
REST_ASK = "401 404 403 403 201 403 403 201 403"
REST_SUPPORT = "401 404 403 403 200 403 403 200 403"
REST_STAFF = "401 404 403 403 403 403 200 200 403"
REST_OWN = "401 404 403 403 200 403 403 200 403"
ASKERS = "302 404 403 200 200 403 403 200 403"
ASKERS_DO = "302 404 403 422 303 403 403 303 403"
BACK = "302 404 303 303 303 303 303 303 303"
OWN_OR_OFFICE = "302 404 403 403 200 403 403 200 403"
OWN_OR_OFFICE_DOES = "302 404 403 403 303 403 403 303 403"
STAFF = "302 404 403 403 403 403 200 200 403"
STAFF_DOES = "302 404 403 403 403 403 303 303 403"

API = "api/v1/questions/<uuid:id>/"
QUESTION = NETWORK + "questions/<uuid:question_id>/"


def _rest(path: str, statuses: str, body: Any = None, method: str = "POST", target: str = "question") -> Row:
    return Row(method, path, statuses, scene="session", target=target, body=body)


def _seat(**more: Any) -> Any:
    return lambda scene: {"municipality": str(scene.municipality.pk), **more}


def _other(scene: Scene) -> Any:
    return scene.others_question.pk


REST = [
    _rest("api/v1/meetings/<uuid:id>/questions/", REST_MEMBERS, method="GET"),
    _rest("api/v1/meetings/<uuid:id>/questions/", REST_ASK, _seat(text="Why?")),
    _rest(API, REST_MEMBERS, method="GET"),
    _rest(API + "support/", REST_SUPPORT, _seat(), target="others_question"),
    _rest(API + "answer/", REST_STAFF, {"way": "live"}),
    _rest(API + "withdraw/", REST_OWN),
    _rest(API + "carry/", REST_STAFF),
]
PAGES = [
    _get(MEETING + "questions/", scene="session"),
    _get(MEETING + "questions/"),
    _get(MEETING + "questions/", scene="cancelled"),
    *_both(MEETING + "questions/new/", ASKERS, ASKERS_DO, _seat(text="Why?"), scene="session"),
    _get(QUESTION + "seats/<uuid:municipality_id>/support/", BACK, scene="session"),
    _post(
        QUESTION + "seats/<uuid:municipality_id>/support/",
        OWN_OR_OFFICE_DOES,
        {"support": "1"},
        scene="session",
        kwargs={"question_id": _other},
    ),
    *_both(QUESTION + "answer/", STAFF, STAFF_DOES, {"way": "live"}, scene="session"),
    *_both(QUESTION + "withdraw/", OWN_OR_OFFICE, OWN_OR_OFFICE_DOES, scene="session"),
    *_both(QUESTION + "carry/", STAFF, STAFF_DOES, scene="session"),
]
