"""The rows of participation, of the action items' board and files, and of the audit log."""

from typing import Any

from tests.access_matrix import Row

#           anonymous stranger observer other own spokesperson chair coordinator auditor
MEMBERS = "302 404 200 200 200 200 200 200 200"
REST_MEMBERS = "401 404 200 200 200 200 200 200 200"
BACK = "302 404 303 303 303 303 303 303 303"
OF_SEAT = "302 404 403 403 200 200 200 200 200"
AUDITORS = "302 404 403 403 403 403 403 200 200"
AUDITORS_WRONGLY = "302 404 403 403 403 403 403 422 422"
SEAT_OR_STAFF_DOES = "302 404 403 403 303 403 303 303 403"

NETWORK, REST = "{language}/<slug:slug>/", "api/v1/networks/<slug:slug>/"
MOVE = NETWORK + "action-items/<uuid:action_item_id>/move/"


def _get(path: str, statuses: str, **more: Any) -> Row:
    return Row("GET", path, statuses, **more)


def _post(path: str, statuses: str, body: Any = None, **more: Any) -> Row:
    return Row("POST", path, statuses, body=body, form=True, **more)


API_ROWS = [
    _get(REST + "reports/participation/", REST_MEMBERS, scene="closed"),
    _get(REST + "reports/participation.csv", REST_MEMBERS, scene="closed"),
    _get(REST + "reports/participation.xlsx", REST_MEMBERS, scene="closed"),
    _get(REST + "action-items.xlsx", REST_MEMBERS, scene="closed"),
]
ROWS = [
    _get(NETWORK + "participation/", MEMBERS),
    _get(NETWORK + "participation/", MEMBERS, scene="closed"),
    _get(NETWORK + "participation/<uuid:municipality_id>/", OF_SEAT, target="municipality", scene="closed"),
    _get(MOVE, BACK, scene="closed", target="action_item"),
    _post(MOVE, SEAT_OR_STAFF_DOES, {"action": "finish"}, scene="closed", target="action_item"),
    _get(NETWORK + "audit/", AUDITORS, scene="closed"),
    _get(NETWORK + "audit/file/", AUDITORS, scene="closed"),
    _get(NETWORK + "audit/verify/", AUDITORS, scene="closed"),
    _post(NETWORK + "audit/verify/", AUDITORS, {"what": "all"}, scene="closed"),
    _post(NETWORK + "audit/verify/", AUDITORS_WRONGLY, {"what": "meeting"}, scene="closed"),
]
