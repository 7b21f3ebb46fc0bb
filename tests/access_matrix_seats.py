"""The rows of who represents a seat: delegations and out-of-office periods, in the interface for programs and as pages."""

from datetime import date
from typing import Any

from tests.access_matrix import Row, Scene

#           anonymous stranger observer other own spokesperson chair coordinator auditor
API_LIST = "401 404 200 200 200 200 200 200 200"
API_NAMES = "401 404 403 403 201 403 403 201 403"
API_READ = "401 404 404 404 200 404 404 200 200"
API_JUDGES = "401 404 404 404 200 404 404 200 403"
API_AWAY = "401 404 403 201 201 403 403 403 403"
API_BACK = "401 404 404 404 200 404 404 200 404"
LIST = "302 404 200 200 200 200 200 200 200"
SEAT_HOLDERS = "302 404 403 200 200 403 403 200 403"
NAMES = "302 404 403 422 303 403 403 303 403"
READ = "302 404 404 404 200 404 404 200 200"
JUDGES = "302 404 404 404 200 404 404 200 403"
JUDGES_DO = "302 404 404 404 303 404 404 303 403"
AWAY_DO = "302 404 403 303 303 403 403 403 403"
BACK = "302 404 404 404 200 404 404 200 404"
BACK_DONE = "302 404 404 404 303 404 404 303 404"

NETWORK, PAGES = "api/v1/networks/<slug:slug>/", "{language}/<slug:slug>/"
DELEGATION, PAGE = "api/v1/delegations/<uuid:id>/", PAGES + "delegations/<uuid:delegation_id>/"
AWAY = {"valid_from": date(2027, 3, 1), "valid_until": date(2027, 3, 5)}


def _named(scene: Scene) -> dict[str, Any]:
    who = {"name": "Elia", "email": "elia@example.org", "valid_from": date(2027, 2, 1), "valid_until": date(2027, 2, 2)}
    return {"municipality": str(scene.municipality.pk), **who}


def _page(method: str, path: str, statuses: str, target: str = "delegation", body: Any = None) -> Row:
    return Row(method, path, statuses, target=target, body=body, form=True)


API_ROWS = [
    Row("GET", NETWORK + "delegations/", API_LIST),
    Row("POST", NETWORK + "delegations/", API_NAMES, body=_named),
    Row("GET", DELEGATION, API_READ, target="delegation"),
    Row("POST", DELEGATION + "confirm/", API_JUDGES, target="delegation"),
    Row("POST", DELEGATION + "revoke/", API_JUDGES, target="delegation"),
    Row("GET", NETWORK + "absences/", API_LIST),
    Row("POST", NETWORK + "absences/", API_AWAY, body=AWAY),
    Row("DELETE", "api/v1/absences/<uuid:id>/", API_BACK, target="absence"),
]

ROWS = [
    _page("GET", PAGES + "delegations/", LIST),
    _page("GET", PAGES + "delegations/new/", SEAT_HOLDERS),
    _page("POST", PAGES + "delegations/new/", NAMES, body=_named),
    _page("GET", PAGE, READ),
    _page("GET", PAGE + "confirm/", JUDGES),
    _page("POST", PAGE + "confirm/", JUDGES_DO),
    _page("GET", PAGE + "revoke/", JUDGES),
    _page("POST", PAGE + "revoke/", JUDGES_DO),
    _page("GET", PAGES + "absences/", SEAT_HOLDERS),
    _page("POST", PAGES + "absences/", AWAY_DO, body=AWAY),
    _page("GET", PAGES + "absences/<uuid:absence_id>/withdraw/", BACK, "absence"),
    _page("POST", PAGES + "absences/<uuid:absence_id>/withdraw/", BACK_DONE, "absence"),
    *(
        Row(method, "reply/<str:token>", "404 404 404 404 404 404 404 404 404", kwargs={"token": "unknown"}, form=True)
        for method in ("GET", "POST")
    ),
]
