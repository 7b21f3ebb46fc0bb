"""The rows of the video room and the recording. The matrix's installation has no video server: who may enter is told so."""

from tests.access_matrix import Row, Scene

#             anonymous stranger observer other own spokesperson chair coordinator auditor
ENTERED = "302 404 409 409 409 409 409 409 409"
OFFICE = "302 404 403 403 403 403 403 200 403"
OFFICE_DOES = "302 404 403 403 403 403 403 303 403"

MEETING = "{language}/<slug:slug>/meetings/<uuid:meeting_id>/"


def _recording(scene: Scene) -> dict[str, object]:
    return {"recording_url": "https://video.example.org/recordings/1", "version": scene.meeting.version}


PAGES = [
    Row("GET", MEETING + "video/", ENTERED, scene="session"),
    Row("GET", MEETING + "recording/", OFFICE, scene="closed"),
    Row("POST", MEETING + "recording/", OFFICE_DOES, scene="closed", body=_recording, form=True),
]
