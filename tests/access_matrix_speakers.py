"""The rows of the list of speakers, of where the session is, and of the projector."""

from tests.access_matrix import Row, Scene
from tests.access_matrix_planning import MEETING, MEMBERS, _both, _get, _post

#       anonymous stranger observer other own spokesperson chair coordinator auditor
BACK = "302 404 303 303 303 303 303 303 303"
STAFF = "302 404 403 403 403 403 200 200 403"
STAFF_DOES = "302 404 403 403 403 403 303 303 403"
API_MEMBERS = "401 404 200 200 200 200 200 200 200"
API_STAFF = "401 404 403 403 403 403 200 200 403"

ROOM = MEETING + "room/"
API = "api/v1/meetings/<uuid:id>/"


def _rules(scene: Scene) -> dict[str, object]:
    return {"order_rule": "fewest_times", "protected_places": 2, "limit_seconds": 120, "version": scene.floor.version}


PAGES = [
    _get(ROOM + "speakers/<uuid:speaker_id>/undo/", BACK, scene="session", target="speaking"),
    _post(ROOM + "speakers/<uuid:speaker_id>/undo/", STAFF_DOES, scene="session", target="speaking"),
    *_both(ROOM + "list/", STAFF, STAFF_DOES, _rules, scene="session"),
    _get(ROOM + "extend/", BACK, scene="session"),
    _post(ROOM + "extend/", STAFF_DOES, scene="session"),
    _get(MEETING + "screen/", MEMBERS, scene="session"),
    _get(MEETING + "screen/", MEMBERS, scene="voting"),
    _get(MEETING + "screen/", MEMBERS, scene="scheduled"),
]
REST = [
    Row("POST", "api/v1/speakers/<uuid:id>/undo/", API_STAFF, scene="session", target="speaking"),
    Row("GET", API + "speakers/fairness/", API_MEMBERS, scene="session"),
    Row("GET", API + "floor/", API_MEMBERS, scene="session"),
    Row("PATCH", API + "floor/", API_STAFF, scene="session", target="floor", body={"limit_seconds": 90}, edit=True),
    Row("GET", API + "where/", API_MEMBERS, scene="session"),
    Row("POST", API + "extend-item/", API_STAFF, scene="session", body={"minutes": 5}),
]
