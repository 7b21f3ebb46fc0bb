"""Files in requests: one part named `file`, refused by its declared length before it is read."""

import hashlib
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from api.base import Rest
from api.errors import TooLarge
from meetings import validation

ENVELOPE = 100_000
"""Bytes of a multipart body that are not the file."""


def uploaded(name: str) -> serializers.Serializer[Any]:
    """The body of an upload, for the description."""
    return inline_serializer(f"{name}Upload", {"file": serializers.FileField()})


class Upload(Rest):
    parser_classes = (MultiPartParser,)

    def read_body(self, request: Request) -> None:
        """A file is streamed to disk, not read into memory. Raises 413 for one that says it is too large."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.ATTACHMENT_MAX_BYTES + ENVELOPE:
            raise TooLarge(_("The file is too large: at most %(most)s MB.") % {"most": settings.ATTACHMENT_MAX_BYTES // 1_000_000})

    def sent_file(self) -> tuple["UploadedFile[bytes]", list[str | bytes]]:
        """The file, and what tells a retry from another upload under the same key. Raises Invalid."""
        file = cast("UploadedFile[bytes] | None", self.request.FILES.get("file"))
        if file is None:
            raise validation.invalid("file", _("Send the file as the part named “file”."))
        whole = hashlib.sha256()
        for piece in file.chunks():
            whole.update(piece)
        file.seek(0)
        return file, [self.request.get_full_path(), file.name or "", whole.digest()]
