"""The REST interface's rows of the access matrix."""

from typing import Any

from tests import (
    access_matrix_archive,
    access_matrix_attendance,
    access_matrix_people,
    access_matrix_person,
    access_matrix_polls,
    access_matrix_questions,
    access_matrix_reporting,
    access_matrix_seats,
    access_matrix_speakers,
)
from tests.access_matrix import SOMEDAY, Row, Scene

#            anonymous stranger observer other own spokesperson chair coordinator auditor
EVERYBODY = "200 200 200 200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200 200 200 200"
MEMBERS = "401 404 200 200 200 200 200 200 200"
STAFF = "401 404 403 403 403 403 200 200 403"
STAFF_MAKE = "401 404 403 403 403 403 201 201 403"
STAFF_OR_ZONE = "401 404 403 403 403 200 200 200 403"
STAFF_OR_ZONE_MAKE = "401 404 403 403 403 201 201 201 403"
OF_ZONE = "401 404 404 200 200 200 200 200 200"
STAFF_KNOW = "401 404 404 404 404 404 200 200 404"
OFFICE = "401 404 403 403 403 403 403 200 403"
OFFICE_MAKES = "401 404 403 403 403 403 403 201 403"
SEAT_ALONE = "401 404 404 404 200 404 404 404 404"
SEAT_OR_OFFICE = "401 404 403 403 200 403 403 200 403"
PROPOSAL_READ = "401 404 404 404 200 200 200 200 200"
PROPOSAL_EDIT = "401 404 404 404 200 200 200 200 403"
PROPOSAL_JUDGED = "401 404 404 404 403 403 403 200 403"
ATTENDED = "401 404 403 201 201 403 201 201 403"
NOWHERE = "404 404 404 404 404 404 404 404 404"


def _post(path: str, statuses: str, **more: Any) -> Row:
    return Row("POST", f"api/v1/{path}", statuses, **more)


def _get(path: str, statuses: str = MEMBERS, **more: Any) -> Row:
    return Row("GET", f"api/v1/{path}", statuses, **more)


def _to_another_item(scene: Scene) -> dict[str, object]:
    return {"agenda_item": str(scene.other_item.pk), "confirmed": True}


def _edit(path: str, statuses: str, target: str, body: Any, scene: str = "scheduled", method: str = "PATCH") -> Row:
    return Row(method, f"api/v1/{path}", statuses, scene=scene, target=target, body=body, edit=True)


def _action_item(scene: Scene) -> dict[str, Any]:
    return {"meeting": str(scene.meeting.pk), "title": "Write", "owner": str(scene.municipality.pk), "due_on": SOMEDAY}


def _running_order(scene: Scene) -> dict[str, Any]:
    return {"items": [str(scene.item.pk)]}


def _of_seat(**more: Any) -> Any:
    return lambda scene: {"municipality": str(scene.municipality.pk), **more}


NETWORK, MEETING, ITEM = "networks/<slug:slug>/", "meetings/<uuid:id>/", "agenda-items/<uuid:id>/"
SNOW = {"title": "Snow on Friday", "text": "Schools stay closed."}
SERIES = {"title": "Another", "weekday": 1, "local_start": "09:00", "starts_on": "2027-01-01", "ends_on": "2027-01-31"}

ROWS = [
    *access_matrix_reporting.API_ROWS,
    *access_matrix_archive.REST,
    *access_matrix_seats.API_ROWS,
    *access_matrix_speakers.REST,
    *access_matrix_people.REST,
    *access_matrix_person.REST,
    *access_matrix_attendance.API_ROWS,
    *access_matrix_polls.REST,
    *access_matrix_questions.REST,
    # the network
    _get("networks/", SIGNED_IN),
    _get(NETWORK),
    _edit(NETWORK, OFFICE, "network", {"name": "Renamed"}),
    _get(NETWORK + "zones/"),
    _post(NETWORK + "zones/", OFFICE_MAKES, body={"number": 9, "name": "Ninth"}),
    _get(NETWORK + "municipalities/"),
    _post(
        NETWORK + "municipalities/",
        OFFICE_MAKES,
        body=lambda scene: {"istat_code": "001999", "name": "New", "zone": str(scene.zone.pk), "population": 10},
    ),
    _get("municipalities/<uuid:id>/", target="municipality"),
    _edit("municipalities/<uuid:id>/", OFFICE, "municipality", {"name": "Renamed"}),
    _get(NETWORK + "memberships/"),
    _post(NETWORK + "memberships/", OFFICE_MAKES, body={"email": "new@example.org", "name": "Nora New", "role": "observer"}),
    _get("memberships/<uuid:id>/", target="membership"),
    _edit("memberships/<uuid:id>/", OFFICE, "membership", {"office": "councillor"}),
    Row("DELETE", "api/v1/memberships/<uuid:id>/", OFFICE, target="membership"),
    # announcements
    _get(NETWORK + "announcements/"),
    _post(NETWORK + "announcements/", STAFF_MAKE, body=SNOW),
    _post(NETWORK + "announcements/", STAFF_OR_ZONE_MAKE, body=lambda scene: {**SNOW, "zone": str(scene.zone.pk)}),
    _get("announcements/<uuid:id>/", OF_ZONE, target="announcement"),
    # series and meetings
    _get(NETWORK + "series/"),
    _post(NETWORK + "series/", OFFICE_MAKES, body=SERIES),
    _get("series/<uuid:id>/", target="series"),
    _edit("series/<uuid:id>/", OFFICE, "series", {"title": "Renamed"}),
    _post("series/<uuid:id>/skip/", OFFICE, target="series", body={"date": "2026-12-03", "reason": "Snow"}),
    _post("series/<uuid:id>/breaks/", OFFICE, target="series", body={"breaks": [{"from": "2026-12-03", "until": "2026-12-04"}]}),
    _post("series/<uuid:id>/extend/", OFFICE, target="series", body={"ends_on": "2027-01-31"}),
    _post("series/<uuid:id>/change-from/", OFFICE, target="series", body={"from": "2026-12-03", "weekday": 1}),
    _post("series/<uuid:id>/change-from/", OFFICE, target="series", body={"from": "2026-12-03", "weekday": 1, "dry_run": True}),
    _get(NETWORK + "meetings/"),
    _post(NETWORK + "meetings/", OFFICE_MAKES, body={"title": "Assembly", "local_start": "2026-12-01T11:00"}),
    _post(MEETING + "move/", OFFICE, body={"local_start": "2026-12-01T11:00"}),
    _post(MEETING + "cancel/", OFFICE, body={"reason": "Snow"}),
    _post(MEETING + "restore/", OFFICE, scene="cancelled"),
    _get(MEETING),
    _edit(MEETING, OFFICE, "meeting", {"title": "Renamed"}),
    _post(MEETING + "remind/", STAFF, body={}),
    _post(MEETING + "remind/", STAFF_OR_ZONE, body=lambda scene: {"zone": str(scene.zone.pk)}),
    _get(MEETING + "responses/"),
    _get(MEETING + "responses/<uuid:municipality>/"),
    Row("PUT", f"api/v1/{MEETING}responses/<uuid:municipality>/", SEAT_OR_OFFICE, body={"answer": "attending"}),
    # the agenda
    _get(MEETING + "agenda-items/"),
    _post(
        MEETING + "agenda-items/",
        "401 404 403 403 201 201 201 201 403",
        body=lambda scene: {"title": "Mine", "proposer": str(scene.municipality.pk)},
    ),
    _get(ITEM, SEAT_ALONE, target="draft"),
    _get(ITEM, PROPOSAL_READ, target="proposal"),
    _get(ITEM, PROPOSAL_READ, target="item"),
    _get(ITEM, MEMBERS, target="item", scene="published"),
    _edit(ITEM, SEAT_ALONE, "draft", {"title": "Changed"}),
    _edit(ITEM, PROPOSAL_EDIT, "proposal", {"title": "Changed"}),
    _edit(ITEM, PROPOSAL_JUDGED, "item", {"title": "Changed"}),
    _post(ITEM + "submit/", SEAT_ALONE, target="draft"),
    _post(ITEM + "withdraw/", PROPOSAL_EDIT, target="proposal"),
    _post(ITEM + "accept/", PROPOSAL_JUDGED, target="proposal"),
    _post(ITEM + "return/", PROPOSAL_JUDGED, target="proposal", body={"reason": "Say more."}),
    _post(ITEM + "decline/", PROPOSAL_JUDGED, target="proposal", body={"answer": "Not ours to decide."}),
    _post(ITEM + "defer/", PROPOSAL_JUDGED, target="proposal", body={"answer": "No time left."}),
    _post(ITEM + "merge/", PROPOSAL_JUDGED, target="proposal", body=lambda scene: {"into": str(scene.item.pk)}),
    _post(ITEM + "separate/", "401 404 404 404 403 403 403 409 403", target="proposal"),
    _post(ITEM + "move/", SEAT_ALONE, target="draft"),
    _post(ITEM + "discuss-instead/", "401 404 403 409 409 403 403 409 403", target="item", scene="published"),
    _get(NETWORK + "backlog/"),
    _post(ITEM + "postpone/", STAFF, target="other_item", scene="session"),
    _get(ITEM + "attachments/", PROPOSAL_READ, target="proposal"),
    _post(ITEM + "attachments/", "401 404 404 404 201 201 201 201 403", target="proposal", body="upload"),
    _get("attachments/<uuid:id>/", PROPOSAL_READ, target="attachment"),
    Row("DELETE", "api/v1/attachments/<uuid:id>/", PROPOSAL_EDIT, target="attachment"),
    _get("attachments/<uuid:id>/file", PROPOSAL_READ, target="attachment"),
    _get(MEETING + "running-order/"),
    _edit(MEETING + "running-order/", OFFICE, "running_order", _running_order, method="PUT"),
    _post(MEETING + "publish-agenda/", OFFICE, scene="ready"),
    # the session
    _post(MEETING + "open/", STAFF, scene="published"),
    _post(MEETING + "close/", STAFF, scene="session"),
    _post(MEETING + "reopen/", STAFF, scene="closed"),
    _post(ITEM + "approve-minutes/", "401 404 403 403 403 403 200 403 403", scene="approving", target="item"),
    _post(MEETING + "current-item/", STAFF, scene="session", body=_to_another_item),
    _post(MEETING + "presence/", SEAT_OR_OFFICE, scene="session", body=_of_seat(present=False)),
    _get(MEETING + "attendance/", scene="session"),
    _get(MEETING + "live/", scene="session"),
    _post(MEETING + "live-ticket/", "401 404 201 201 201 201 201 201 201", scene="session"),
    _get(MEETING + "events/", scene="session"),
    _get(MEETING + "speakers/", scene="session"),
    _post(MEETING + "speakers/", "401 404 403 403 201 403 403 201 403", scene="session", body=_of_seat(kind="reply")),
    _post("speakers/<uuid:id>/give/", STAFF, scene="session", target="waiting"),
    _post("speakers/<uuid:id>/end/", STAFF, scene="session", target="speaking"),
    _post("speakers/<uuid:id>/withdraw/", "401 404 403 403 200 403 200 200 403", scene="session", target="waiting"),
    # the record
    _get(ITEM + "notes/", scene="session", target="item"),
    _post(ITEM + "notes/", STAFF_MAKE, scene="session", target="item", body={"text": "Noted."}),
    _edit("notes/<uuid:id>/", STAFF_KNOW, "note", {"text": "Noted better."}, scene="session"),
    _edit("notes/<uuid:id>/", STAFF, "note", {"text": "Noted better."}, scene="circulating"),
    _get(ITEM + "decisions/", scene="session", target="item"),
    _post(ITEM + "decisions/", STAFF_MAKE, scene="session", target="item", body={"text": "Decided."}),
    _edit("decisions/<uuid:id>/", STAFF, "decision", {"text": "Decided better."}, scene="session"),
    _get(MEETING + "minutes/", STAFF_KNOW, scene="closed"),
    _get(MEETING + "minutes/", scene="circulating"),
    _edit(MEETING + "minutes/", STAFF_KNOW, "minutes", {"introduction": "Present: all."}, scene="closed"),
    _edit(MEETING + "minutes/", STAFF, "minutes", {"introduction": "Present: all."}, scene="circulating"),
    _post("minutes/<uuid:id>/circulate/", "401 404 404 404 404 404 403 200 404", scene="closed", target="minutes"),
    _post("minutes/<uuid:id>/approve/", "401 404 403 403 403 403 200 403 403", scene="circulating", target="minutes"),
    _post("minutes/<uuid:id>/publish/", OFFICE, scene="approved", target="minutes"),
    _post("minutes/<uuid:id>/extend/", OFFICE, scene="circulating", target="minutes", body={"until": "2026-12-10T10:00:00Z"}),
    _post("minutes/<uuid:id>/amend/", STAFF, scene="approved", target="minutes", body={"reason": "A name is wrong."}),
    _get("minutes/<uuid:id>/versions/", STAFF_KNOW, scene="closed", target="minutes"),
    _get("minutes/<uuid:id>/versions/", scene="circulating", target="minutes"),
    _get("minutes/<uuid:id>/compare/", STAFF_KNOW, scene="closed", target="minutes"),
    _get("minutes/<uuid:id>/compare/", scene="approved", target="minutes"),
    _get("minutes/<uuid:id>/corrections/", scene="correcting", target="minutes"),
    _post("minutes/<uuid:id>/corrections/", ATTENDED, scene="circulating", target="minutes", body={"text": "Not so."}),
    _post("corrections/<uuid:id>/accept/", STAFF, scene="correcting", target="correction"),
    _post("corrections/<uuid:id>/reject/", STAFF, scene="correcting", target="correction", body={"reason": "It was said."}),
    # action items
    _get(NETWORK + "action-items/", scene="closed"),
    _post(NETWORK + "action-items/", STAFF_MAKE, scene="closed", body=_action_item),
    _get("action-items/<uuid:id>/", scene="closed", target="action_item"),
    _edit("action-items/<uuid:id>/", STAFF, "action_item", {"title": "Write again"}, scene="closed"),
    _post(
        "action-items/<uuid:id>/progress/",
        "401 404 403 403 200 403 200 200 403",
        scene="closed",
        target="action_item",
        body={"action": "finish", "text": "Written."},
    ),
    # mail
    _get(NETWORK + "outgoing-emails/", OFFICE),
    _post("outgoing-emails/<uuid:id>/send-again/", OFFICE, target="email"),
    _post("outgoing-emails/<uuid:id>/settle/", OFFICE, target="email"),
    # oneself
    _get("me/", SIGNED_IN),
    _get("me/data", SIGNED_IN),
    _get("me/mail-choices/", SIGNED_IN),
    Row("PUT", "api/v1/me/mail-choices/", SIGNED_IN, body={"wanted": []}),
    _get("me/tokens/", SIGNED_IN),
    _post("me/tokens/", "401 201 201 201 201 201 201 201 201", body={"label": "Mine"}),
    Row("DELETE", "api/v1/me/tokens/<uuid:id>/", SEAT_ALONE, target="token"),
    _get("me/calendar-feeds/", SIGNED_IN),
    _post("me/calendar-feeds/", "401 404 201 201 201 201 201 201 201", body={"network": "home"}),
    Row("DELETE", "api/v1/me/calendar-feeds/<uuid:id>/", SEAT_ALONE, target="feed"),
    # documents
    _get(MEETING + "agenda.pdf", STAFF_KNOW),
    _get(MEETING + "agenda.pdf", scene="published"),
    _get(MEETING + "minutes.pdf", STAFF_KNOW, scene="closed"),
    _get(MEETING + "minutes.pdf", scene="circulating"),
    _get(NETWORK + "action-items.pdf", scene="closed"),
    _get(NETWORK + "action-items.csv", scene="closed"),
    # the description
    _get("schema/", EVERYBODY),
    _get("docs/", EVERYBODY),
    *(Row(method, "api/v1/<path:path>", NOWHERE, kwargs={"path": "x/y"}) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
]
