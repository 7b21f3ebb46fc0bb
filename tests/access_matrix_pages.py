"""The pages' rows of the access matrix: those of the planning and of the session, signing in, and what has no language."""

from tests import (
    access_matrix_accessibility,
    access_matrix_archive,
    access_matrix_attendance,
    access_matrix_offline,
    access_matrix_people,
    access_matrix_person,
    access_matrix_planning,
    access_matrix_polls,
    access_matrix_privacy,
    access_matrix_questions,
    access_matrix_reporting,
    access_matrix_seats,
    access_matrix_session,
    access_matrix_speakers,
    access_matrix_thursday,
    access_matrix_video,
)
from tests.access_matrix import Row

#         anonymous stranger observer other own spokesperson chair coordinator auditor
ALL_200 = "200 200 200 200 200 200 200 200 200"
ALL_302 = "302 302 302 302 302 302 302 302 302"
ALL_404 = "404 404 404 404 404 404 404 404 404"
SIGNED_OUT = "200 302 302 302 302 302 302 302 302"
SIGNED_IN = "302 200 200 200 200 200 200 200 200"
SIGNED_IN_ALREADY = "405 302 302 302 302 302 302 302 302"
SIGNED_OUT_AGAIN = "302 303 303 303 303 303 303 303 303"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ACCOUNTS = "{language}/accounts/"


def _any(path: str, statuses: str) -> list[Row]:
    """An address that answers every method alike, and does nothing by any."""
    return [Row(method, ACCOUNTS + path, statuses, form=True) for method in METHODS]


ROWS = [
    *access_matrix_reporting.ROWS,
    *access_matrix_planning.ROWS,
    *access_matrix_archive.PAGES,
    *access_matrix_thursday.ROWS,
    *access_matrix_people.PAGES,
    *access_matrix_person.PAGES,
    *access_matrix_attendance.ROWS,
    *access_matrix_offline.PAGES,
    *access_matrix_session.ROWS,
    *access_matrix_speakers.PAGES,
    *access_matrix_seats.ROWS,
    *access_matrix_privacy.ROWS,
    *access_matrix_accessibility.ROWS,
    *access_matrix_polls.PAGES,
    *access_matrix_questions.PAGES,
    *access_matrix_video.PAGES,
    *_any("login/", ALL_302),
    *(Row(method, ACCOUNTS + "login/code/", SIGNED_OUT, form=True) for method in ("GET", "POST", "PUT")),
    *(Row(method, ACCOUNTS + "login/code/", SIGNED_IN_ALREADY, form=True) for method in ("PATCH", "DELETE")),
    *_any("login/code/confirm/", ALL_302),
    Row("GET", ACCOUNTS + "logout/", SIGNED_IN),
    Row("GET", ACCOUNTS + "inactive/", ALL_200),
    *_any("signup/", ALL_404),
    Row("GET", "healthz", ALL_200),
    Row("GET", "readyz", ALL_200),
    Row("GET", "calendar/<str:token>.ics", ALL_404, kwargs={"token": "unknown"}),
    Row("POST", "demo/sign-in/", ALL_404, form=True),
    Row("GET", "dev/mail/", ALL_302),  # in no language, so it is sought in one, where there is no such network
    Row("GET", "dev/mail/<uuid:email_id>/", ALL_404),
    Row("GET", "dev/mail/<uuid:email_id>/html", ALL_404),
    Row("GET", "unsubscribe/<str:token>", ALL_404, kwargs={"token": "unknown"}),
    Row("POST", "unsubscribe/<str:token>", ALL_404, kwargs={"token": "unknown"}, form=True),
    Row("POST", ACCOUNTS + "login/again/", SIGNED_OUT_AGAIN, scene="approved", form=True),
    Row("POST", ACCOUNTS + "logout/", ALL_302, scene="approved", form=True),  # the last of its scene: everybody is gone
]
