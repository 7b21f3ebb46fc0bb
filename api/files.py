"""Files in answers: to be saved, never run or shown as part of this site, and kept by no shared cache."""

from typing import IO

from django.http import FileResponse


def as_download(file: IO[bytes], name: str, content_type: str, *, tag: str = "") -> FileResponse:
    """`tag` becomes the ETag. Closes `file` when it is sent."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-cache"
    if tag:
        response["ETag"] = f'"{tag}"'
    return response
