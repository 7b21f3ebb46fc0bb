"""The rows of people, invitations, imports and mergers: pages and REST."""

from typing import Any

from frontend.forms.people import packed
from tests.access_matrix import SOMEDAY, Row, Scene

#               anonymous stranger observer other own spokesperson chair coordinator auditor
OFFICE = "302 404 403 403 403 403 403 200 403"
OFFICE_DOES = "302 404 403 403 403 403 403 303 403"
OFFICE_SHOWN_WHY = "302 404 403 403 403 403 403 422 403"
ALL_404 = "404 404 404 404 404 404 404 404 404"
ANYBODY = "302 200 200 200 200 200 200 200 200"
ANYBODY_DOES = "302 303 303 303 303 303 303 303 303"
NOBODY = "302 404 404 404 404 404 404 404 404"
REST_OFFICE = "401 404 403 403 403 403 403 200 403"
REST_OFFICE_MAKES = "401 404 403 403 403 403 403 201 403"

NETWORK = "{language}/<slug:slug>/"
PERSON = NETWORK + "people/<uuid:membership_id>/"
LINE = b"istat_code,name,email\n001001,Nora Newcomer,nora@example.org\n"
TOWN = b"istat_code,name,zone_number,zone_name,population\n001999,Newtown,9,Zone 9,30\n"
UNKNOWN = {"token": "unknown"}


def _both(path: str, body: Any = None, done: str = OFFICE_DOES, **more: Any) -> list[Row]:
    more = {"scene": "people", "target": "membership", **more}
    return [Row("GET", path, OFFICE, **more), Row("POST", path, done, body=body, form=True, **more)]


def _of(name: str) -> dict[str, Any]:
    return {"membership_id": lambda scene: getattr(scene, name).pk}


def _new_member(scene: Scene) -> dict[str, Any]:
    return {"name": "Nora", "email": "nora@example.org", "role": "observer", "order": 1, "language": "it"}


def _merger(scene: Scene) -> dict[str, Any]:
    seats = scene.world.home.seats
    return {"sources": [str(seats[1].pk), str(seats[2].pk)], "successor": str(seats[3].pk), "on": SOMEDAY.isoformat(), "confirmed": "1"}


def _rest_merger(scene: Scene) -> dict[str, Any]:
    return {name: value for name, value in _merger(scene).items() if name != "confirmed"}


def _edit(scene: Scene) -> dict[str, Any]:
    return {"office": "councillor", "order": 1, "version": scene.membership.version}


def _order(scene: Scene) -> dict[str, Any]:
    return {"order": str(scene.membership.pk), "moved": str(scene.membership.pk)}


def _rest(method: str, path: str, statuses: str = REST_OFFICE, **more: Any) -> Row:
    return Row(method, f"api/v1/{path}", statuses, scene="people", **more)


PAGES = [
    Row("GET", NETWORK + "people/", OFFICE, scene="people"),
    *_both(NETWORK + "people/new/", _new_member),
    *_both(NETWORK + "people/invite/"),
    *_both(NETWORK + "people/resend/"),
    *_both(PERSON, _edit),
    *_both(PERSON + "end/", {"last_day": SOMEDAY.isoformat()}),
    *_both(PERSON + "restore/", kwargs=_of("ended")),
    *_both(PERSON + "invite/", kwargs=_of("invited_one")),
    *_both(PERSON + "revoke/", kwargs=_of("invited_one")),
    *_both(PERSON + "address/", {"email": "right@example.org"}, kwargs=_of("invited_one")),
    *_both(NETWORK + "people/import/", "upload", OFFICE_SHOWN_WHY),
    *_both(NETWORK + "people/import/confirm/", {"content": packed(LINE)}),
    *_both(NETWORK + "municipalities/import/", "upload", OFFICE_SHOWN_WHY),
    *_both(NETWORK + "municipalities/import/confirm/", {"content": packed(TOWN)}),
    *_both(NETWORK + "municipalities/<uuid:municipality_id>/order/", _order),
    *_both(NETWORK + "municipalities/merge/", _merger),
    Row("GET", "{language}/invitation/<str:token>/", ALL_404, scene="people", kwargs=UNKNOWN),
    Row("POST", "{language}/invitation/<str:token>/", ALL_404, scene="people", form=True, kwargs=UNKNOWN),
    Row("GET", "go/invitation/<str:token>", ALL_404, scene="people", kwargs=UNKNOWN),
    Row("GET", "{language}/me/address/", ANYBODY, scene="people"),
    Row("POST", "{language}/me/address/", ANYBODY_DOES, scene="people", body={"email": "new@example.org"}, form=True),
    Row("GET", "{language}/me/address/<str:token>/", NOBODY, scene="people", kwargs=UNKNOWN),
    Row("POST", "{language}/me/address/<str:token>/", NOBODY, scene="people", form=True, kwargs=UNKNOWN),
    Row("GET", "go/address/<str:token>", "302 302 302 302 302 302 302 302 302", scene="people", kwargs=UNKNOWN),
]
REST = [
    _rest("GET", "networks/<slug:slug>/invitations/"),
    _rest("POST", "networks/<slug:slug>/invitations/", REST_OFFICE_MAKES, body={"all": True}),
    _rest("POST", "invitations/<uuid:id>/resend/", target="invitation"),
    _rest("POST", "invitations/<uuid:id>/revoke/", target="invitation"),
    _rest("POST", "memberships/<uuid:id>/end/", target="membership", body={"last_day": SOMEDAY}),
    _rest("POST", "memberships/<uuid:id>/restore/", target="ended"),
    _rest("POST", "networks/<slug:slug>/municipalities/merge/", body=_rest_merger),
]
