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
STAFF_OR_ZONE = "302 404 403 403 403 200 200 200 403"
STAFF_OR_ZONE_DO = "302 404 403 403 403 303 303 303 403"
OF_ZONE = "302 404 404 200 200 200 200 200 200"
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
CONFIRMED = {"confirmed": "1"}
NEW_TIME = {"day": "2026-12-01", "local_start": "11:00", "duration_minutes": 60}
RULE = {"weekday": 1, "local_start": "11:00", "time_zone": "Europe/Rome", "duration_minutes": 60, "interval_weeks": 1}
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
            "network",
            name="Renamed",
            languages="it",
            time_zone="Europe/Rome",
            threshold_municipalities="1/3",
            threshold_population="1/2",
            correction_days=7,
        ),
    ),
    # mail
    *_both("{language}/me/mail/", PERSON, PERSON_DOES, {"wanted": []}),
    _get(NETWORK + "mail/", OFFICE),
    *(both for name in ("send-again", "settle") for both in _both(NETWORK + f"mail/<uuid:email_id>/{name}/", OFFICE, OFFICE_DOES)),
    *(both for name in ("send-again", "settle") for both in _both(NETWORK + f"mail/uncertain/{name}/", OFFICE, OFFICE_DOES)),
    # announcements
    _get(NETWORK + "announcements/"),
    _get(NETWORK + "announcements/<uuid:announcement_id>/", OF_ZONE),
    *_both(
        NETWORK + "announcements/new/",
        STAFF_OR_ZONE,
        STAFF_OR_ZONE_DO,
        lambda scene: {"zone": str(scene.zone.pk), "title": "Snow", "text": "Schools stay closed.", "confirmed": "on"},
    ),
    *_both(NETWORK + "settings/holidays/", OFFICE, OFFICE_DOES, lambda s: {"seat": str(s.municipality.pk), "version": s.network.version}),
    *_both(
        NETWORK + "settings/holidays/patron/",
        OFFICE,
        OFFICE_DOES,
        lambda s: {"municipality": str(s.municipality.pk), "patron_day": "06-24", "patron_name": "San Giovanni"},
    ),
    # series
    _get(NETWORK + "series/", OFFICE),
    *_both(NETWORK + "series/new/", OFFICE, OFFICE_DOES, SERIES),
    _get(NETWORK + "series/<uuid:series_id>/", OFFICE),
    *_both(NETWORK + "series/<uuid:series_id>/edit/", OFFICE, OFFICE_DOES, _edit("series", **SERIES)),
    *(
        row
        for name, fields in {
            "change-from": {"since": "2026-12-03", **RULE},
            "end": {"ends_on": "2027-01-31"},
            "breaks": {"breaks": "2026-12-03 2026-12-03", "holiday_policy": "skip"},
            "skip": {"date": "2026-12-03", "reason": "Snow"},
        }.items()
        for row in _both(NETWORK + f"series/<uuid:series_id>/{name}/", OFFICE, OFFICE_DOES, _edit("series", **fields, **CONFIRMED))
    ),
    # meetings and answers
    _get(NETWORK + "meetings/"),
    _get(MEETING),
    *_both(MEETING + "edit/", OFFICE, OFFICE_DOES, _edit("meeting", title="Renamed", duration_minutes=60)),
    *_both(NETWORK + "meetings/new/", OFFICE, OFFICE_DOES, {**NEW_TIME, "title": "Assembly", **CONFIRMED}),
    *_both(MEETING + "move/", OFFICE, OFFICE_DOES, _edit("meeting", **NEW_TIME, **CONFIRMED)),
    *_both(MEETING + "cancel/", OFFICE, OFFICE_DOES, {"reason": "Snow", **CONFIRMED}),
    *_both(MEETING + "restore/", OFFICE, OFFICE_DOES, CONFIRMED, scene="cancelled"),
    *_both(MEETING + "remind/", STAFF_OR_ZONE, STAFF_OR_ZONE_DO),
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
    *_both(ITEM + "defer/", JUDGED, JUDGED_DONE, {"answer": "No time left."}, kwargs=_of("proposal")),
    *_both(ITEM + "merge/", JUDGED, JUDGED_DONE, lambda scene: {"into": str(scene.item.pk)}, kwargs=_of("proposal")),
    *_both(ITEM + "separate/", JUDGED, "302 404 404 404 403 403 403 409 403", kwargs=_of("proposal")),
    *_both(ITEM + "move/", SEAT_ALONE, SEAT_ALONE_DOES, kwargs=_of("draft")),
    *_both(
        ITEM + "discuss-instead/",
        "302 404 403 200 200 403 403 200 403",
        "302 404 403 409 409 403 403 409 403",
        kwargs=_of("item"),
        scene="published",
    ),
    _get(NETWORK + "backlog/"),
    *_both(NETWORK + "attachments/<uuid:attachment_id>/remove/", PROPOSAL_EDIT, PROPOSAL_EDIT_DONE),
    _get(ITEM + "attachments/", PROPOSAL_EDIT, kwargs=_of("proposal")),
    Row("POST", ITEM + "attachments/", PROPOSAL_EDIT_DONE, body="upload", kwargs=_of("proposal")),  # type: ignore[arg-type]
    *_both(ITEM + "submit/", SEAT_ALONE, SEAT_ALONE_DOES, kwargs=_of("draft")),
    *_both(ITEM + "withdraw/", PROPOSAL_EDIT, PROPOSAL_EDIT_DONE, kwargs=_of("proposal")),
    *_both(ITEM + "accept/", JUDGED, JUDGED_DONE, {"duration_minutes": 5}, kwargs=_of("proposal")),
    *_both(ITEM + "return/", JUDGED, JUDGED_DONE, {"answer": "Please add the costs."}, kwargs=_of("proposal")),
    *_both(ITEM + "decline/", JUDGED, JUDGED_DONE, {"answer": "Not this time."}, kwargs=_of("proposal")),
]
