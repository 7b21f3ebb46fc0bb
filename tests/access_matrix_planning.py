"""The rows of home, network, series, meetings, answers and agenda: the pages before a session."""

from collections.abc import Callable
from typing import Any

from tests.access_matrix import Row, Scene

#               anonymous stranger observer other own spokesperson chair coordinator auditor
TO_SIGN_IN = "302 302 302 302 302 302 302 302 302"
PERSON = "302 200 200 200 200 200 200 200 200"
PERSON_DOES = "302 303 303 303 303 303 303 303 303"
MEMBERS = "302 404 200 200 200 200 200 200 200"
LINK = "302 404 302 302 302 302 302 302 302"
OFFICE = "302 404 403 403 403 403 403 200 403"
OFFICE_DOES = "302 404 403 403 403 403 403 303 403"
SEAT_OR_OFFICE = "302 404 403 403 200 403 403 200 403"
SEAT_OR_OFFICE_DOES = "302 404 403 403 303 403 403 303 403"
PROPOSERS = "302 404 403 200 200 200 200 200 403"
PROPOSERS_DO = "302 404 403 422 303 303 303 303 403"
PROPOSAL_READ = "302 404 404 404 200 200 200 200 200"
PROPOSAL_EDIT = "302 404 404 404 200 200 200 200 403"
PROPOSAL_EDIT_DONE = "302 404 404 404 303 303 303 303 403"
JUDGED = "302 404 404 404 403 403 403 200 403"
JUDGED_DONE = "302 404 404 404 403 403 403 303 403"
SEAT_ALONE = "302 404 404 404 200 404 404 404 404"
SEAT_ALONE_DOES = "302 404 404 404 303 404 404 404 404"

NETWORK = "{language}/<slug:slug>/"
MEETING = NETWORK + "meetings/<uuid:meeting_id>/"
ITEM = NETWORK + "agenda-items/<uuid:item_id>/"
SERIES = {
    "title": "Another",
    "weekday": 1,
    "local_start": "09:00",
    "duration_minutes": 60,
    "interval_weeks": 1,
    "starts_on": "2027-01-01",
    "ends_on": "2027-01-31",
    "holiday_policy": "skip",
    "intake_opens_hours": 162,
    "intake_closes_hours": 48,
}
TEXT = {"title": "Renamed", "kind": "discussion", "duration_minutes": 5}


def _get(path: str, statuses: str = MEMBERS, **more: Any) -> Row:
    return Row("GET", path, statuses, **more)


def _post(path: str, statuses: str, body: Any = None, **more: Any) -> Row:
    return Row("POST", path, statuses, body=body, form=True, **more)


def _both(path: str, statuses: str, done: str, body: Any = None, **more: Any) -> list[Row]:
    """A form's page and its sending."""
    return [_get(path, statuses, **more), _post(path, done, body, **more)]


def _of(name: str) -> dict[str, Callable[[Scene], Any]]:
    """The item of the address is the scene's thing of that name."""
    return {"item_id": lambda scene: getattr(scene, name).pk}


def _edit(name: str, /, **fields: Any) -> Callable[[Scene], Any]:
    """The fields with the version that the page was opened at."""
    return lambda scene: {**fields, "version": getattr(scene, name).version}


ROWS = [
    # links without a language
    _get("", TO_SIGN_IN),
    *(
        _get(path, LINK, kwargs={"kind": "meeting", "target": lambda scene: scene.meeting.pk})
        for path in ("go/<slug:kind>/<uuid:target>", "go/<slug:kind>/<uuid:target>/")
    ),
    # a person's own
    _get("{language}/", TO_SIGN_IN),
    *_both("{language}/me/", PERSON, PERSON_DOES, {"name": "New Name", "language": "en"}),
    # the network
    _get(NETWORK),
    _get(NETWORK + "municipalities/"),
    _get(NETWORK + "municipalities/<uuid:municipality_id>/"),
    *_both(
        NETWORK + "settings/",
        OFFICE,
        OFFICE_DOES,
        _edit(
            "network", name="Renamed", languages="it", time_zone="Europe/Rome", threshold_municipalities="1/3", threshold_population="1/2"
        ),
    ),
    # series
    _get(NETWORK + "series/", OFFICE),
    *_both(NETWORK + "series/new/", OFFICE, OFFICE_DOES, SERIES),
    _get(NETWORK + "series/<uuid:series_id>/", OFFICE),
    *_both(NETWORK + "series/<uuid:series_id>/edit/", OFFICE, OFFICE_DOES, _edit("series", **SERIES)),
    # meetings and answers
    _get(NETWORK + "meetings/"),
    _get(MEETING),
    *_both(MEETING + "edit/", OFFICE, OFFICE_DOES, _edit("meeting", title="Renamed", duration_minutes=60)),
    _get(MEETING + "responses/", OFFICE),
    *_both(MEETING + "responses/<uuid:municipality_id>/", SEAT_OR_OFFICE, SEAT_OR_OFFICE_DOES, {"answer": "attending"}),
    # the agenda
    _get(MEETING + "agenda/", OFFICE),
    *_both(
        MEETING + "agenda/order/",
        OFFICE,
        OFFICE_DOES,
        lambda scene: {"items": str(scene.item.pk), "version": scene.meeting.running_order_version},
    ),
    *_both(MEETING + "agenda/publish/", OFFICE, OFFICE_DOES, scene="ready"),
    # proposals
    *_both(MEETING + "propose/", PROPOSERS, PROPOSERS_DO, lambda scene: {**TEXT, "proposer": str(scene.municipality.pk)}),
    _get(ITEM, PROPOSAL_READ),
    _get(ITEM, SEAT_ALONE, kwargs=_of("draft")),
    _get(ITEM, scene="published"),
    *_both(ITEM + "edit/", PROPOSAL_EDIT, PROPOSAL_EDIT_DONE, _edit("proposal", **TEXT), kwargs=_of("proposal")),
    *_both(ITEM + "edit/", JUDGED, JUDGED_DONE, _edit("item", **TEXT)),
    *_both(ITEM + "time-box/", JUDGED, JUDGED_DONE, _edit("item", duration_minutes=30)),
    _get(ITEM + "attachments/", PROPOSAL_EDIT, kwargs=_of("proposal")),
    Row("POST", ITEM + "attachments/", PROPOSAL_EDIT_DONE, body="upload", kwargs=_of("proposal")),  # type: ignore[arg-type]
    *_both(ITEM + "submit/", SEAT_ALONE, SEAT_ALONE_DOES, kwargs=_of("draft")),
    *_both(ITEM + "withdraw/", PROPOSAL_EDIT, PROPOSAL_EDIT_DONE, kwargs=_of("proposal")),
    *_both(ITEM + "accept/", JUDGED, JUDGED_DONE, {"duration_minutes": 5}, kwargs=_of("proposal")),
    *_both(ITEM + "return/", JUDGED, JUDGED_DONE, {"answer": "Please add the costs."}, kwargs=_of("proposal")),
    *_both(ITEM + "decline/", JUDGED, JUDGED_DONE, {"answer": "Not this time."}, kwargs=_of("proposal")),
]
