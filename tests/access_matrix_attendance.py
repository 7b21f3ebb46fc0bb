"""The rows of attendance: its pages and REST."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from frontend.forms.people import packed
from tests.access_matrix import Row, Scene

#             anonymous stranger observer other own spokesperson chair coordinator auditor
OFFICE = "302 404 403 403 403 403 403 200 403"
STAFF = "302 404 403 403 403 403 200 200 403"
OFFICE_REFUSED = "302 404 403 403 403 403 403 409 403"
OFFICE_DOES = "302 404 403 403 403 403 403 303 403"
REST_OFFICE = "401 404 403 403 403 403 403 200 403"

REST = "api/v1/meetings/<uuid:id>/attendance/"
PAGE = "{language}/<slug:slug>/meetings/<uuid:meeting_id>/attendance/"
SEAT = PAGE + "seats/<uuid:municipality_id>/"
LINES = b"Name,Email,Join time,Leave time\nTown 009 home,,2026-11-20 07:30,2026-11-20 08:30\n"


def _report(_scene: Scene | None = None, **more: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("report.csv", LINES), **more}


def _known(scene: Scene) -> list[dict[str, Any]]:
    rows = scene.meeting.attendance.filter(municipality=scene.municipality)
    return [{"from": row.joined_at, "until": row.left_at} for row in rows]


def _correction(scene: Scene) -> dict[str, Any]:
    return {"municipality": str(scene.municipality.pk), "intervals": [], "known": _known(scene)}


def _known_on_a_page(scene: Scene) -> dict[str, Any]:
    known = [{name: value and value.isoformat() for name, value in one.items()} for one in _known(scene)]
    return {"known": json.dumps(known)}


def _reviewed(scene: Scene) -> dict[str, Any]:
    return {"content": packed(LINES), "row-2": scene.world.home.seats[8].name}


def _both(path: str, body: Any = None, done: str = OFFICE_DOES) -> list[Row]:
    return [Row("GET", path, OFFICE, scene="session"), Row("POST", path, done, scene="session", body=body, form=True)]


API_ROWS = [
    Row("PATCH", REST, REST_OFFICE, scene="session", body=_correction),
    Row("POST", REST + "import/", REST_OFFICE, scene="session", body=lambda scene: _report(dry_run="true"), form=True),
    Row("POST", REST + "import/", REST_OFFICE, scene="session", body=lambda scene: _report(rows="[]"), form=True),
]
ROWS = [
    Row("GET", PAGE, STAFF, scene="session"),
    Row("GET", PAGE, STAFF, scene="closed"),
    *_both(SEAT, _known_on_a_page),
    *_both(SEAT + "undo/", done=OFFICE_REFUSED),
    *_both(PAGE + "import/", _report, OFFICE),
    *_both(PAGE + "import/confirm/", _reviewed),
]
