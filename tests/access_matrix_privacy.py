"""The rows of privacy: a person's own data, the notice that everybody may read, and the office's side."""

from tests.access_matrix_planning import NETWORK, OFFICE, OFFICE_DOES, PERSON, _both, _get

#            anonymous stranger observer other own spokesperson chair coordinator auditor
EVERYBODY = "200 200 200 200 200 200 200 200 200"
LINKS = "302 302 302 302 302 302 302 302 302"
NOTICE = "404 404 200 200 200 200 200 200 200"
PERSON_DOES = "302 303 303 303 303 303 303 303 303"
ERASURE = NETWORK + "settings/privacy/requests/<uuid:request_id>/"
ASKED = {"request_id": lambda scene: scene.erasure_request.pk}
POLICY = {"controller": "The city", "contacts_days": 90, "reasons_days": 90, "drafts_days": 90, "version": 1}

ROWS = [
    _get("go/privacy", LINKS),
    _get("go/my-data", LINKS),
    _get("{language}/me/data/", PERSON),
    _get("{language}/me/data/file/", PERSON),
    *_both("{language}/me/data/erase/", PERSON, PERSON_DOES),
    *_both("{language}/me/data/stay/", PERSON, PERSON_DOES),
    _get("{language}/privacy/", EVERYBODY),
    _get("{language}/privacy/<slug:name>/", NOTICE, kwargs={"name": "home"}),
    *_both(NETWORK + "settings/privacy/", OFFICE, OFFICE_DOES, POLICY),
    *_both(NETWORK + "settings/privacy/record/", OFFICE, OFFICE_DOES, lambda scene: {"email": scene.world.home.observer.email}),
    *_both(ERASURE, OFFICE, OFFICE_DOES, kwargs=ASKED),
    *_both(ERASURE + "decline/", OFFICE, OFFICE_DOES, {"answer": "The term of office goes on"}, kwargs=ASKED),
]
