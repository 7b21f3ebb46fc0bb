"""Files that go with an item: type told by content, random names, served as attachments only."""

import hashlib
import uuid
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, require
from meetings.agenda.models import ACTIONS, TRANSITIONS, AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import place
from meetings.agenda.services import locked, require_unpublished, save
from meetings.events.types import AgendaItemChanged

MOST_FILES = 10
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
TYPES: dict[str, tuple[bytes, str]] = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".png": (b"\x89PNG\r\n\x1a\n", "image/png"),
    ".jpg": (b"\xff\xd8\xff", "image/jpeg"),
    ".jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    ".docx": (b"PK\x03\x04", _OFFICE + "wordprocessingml.document"),
    ".xlsx": (b"PK\x03\x04", _OFFICE + "spreadsheetml.sheet"),
    ".pptx": (b"PK\x03\x04", _OFFICE + "presentationml.presentation"),
    ".odt": (b"PK\x03\x04", _OPEN + "text"),
    ".ods": (b"PK\x03\x04", _OPEN + "spreadsheet"),
    ".odp": (b"PK\x03\x04", _OPEN + "presentation"),
}
"""What may be attached: the ending, the bytes such a file begins with, and the type it is served as."""


@transaction.atomic
def attach(*, actor: Actor, item: AgendaItem, name: str, file: "File[bytes]") -> Attachment:
    """Adds a file to an item, until the agenda is published. Raises Conflict, Invalid for an empty, too large or unknown kind of file."""
    item = locked(item)
    action = "revise" if item.state == ItemState.ACCEPTED else "edit"
    require(actor, ACTIONS[action], network_id=item.meeting.network_id, place=place(item))
    TRANSITIONS.target(action, item.state)
    require_unpublished(item.meeting)
    if item.attachments.count() >= MOST_FILES:
        raise validation.invalid("file", _("An item takes at most %(most)s files.") % {"most": MOST_FILES})
    name = _clean_name(name)
    content_type, digest, size = _inspect(name, file)
    attachment = Attachment(agenda_item=item, name=name, content_type=content_type, size=size, sha256=digest)
    attachment.uploaded_by_id, attachment.created_at = actor.user_id, clock.now()
    attachment.file.save(uuid.uuid4().hex, file, save=False)
    attachment.save()
    _tell(actor, item)
    return attachment


def _tell(actor: Actor, item: AgendaItem) -> None:
    item = locked(item)
    if item.submitted_at is not None:
        save(actor, item, AgendaItemChanged)


def _clean_name(name: str) -> str:
    """The file's own name without any folder."""
    plain = validation.clean_line(PurePath(name.replace("\\", "/")).name)
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:120]}{dot}{ending[:10]}" if dot else plain[:120]


def _inspect(name: str, file: "File[bytes]") -> tuple[str, str, int]:
    """(content type, SHA-256, size), read once in pieces, so that a false length deceives nobody."""
    magic, content_type = TYPES.get(PurePath(name).suffix.lower(), (b"", ""))
    if not content_type:
        raise validation.invalid("file", _("This kind of file cannot be attached. Use PDF, images, or office documents."))
    whole, size, begun = hashlib.sha256(), 0, b""
    for piece in file.chunks():
        begun = begun or piece[:16]
        size += len(piece)
        if size > settings.ATTACHMENT_MAX_BYTES:
            raise validation.invalid(
                "file", _("The file is too large: at most %(most)s MB.") % {"most": settings.ATTACHMENT_MAX_BYTES // 1_000_000}
            )
        whole.update(piece)
    if not begun.startswith(magic):
        raise validation.invalid("file", _("The file's content is not what its name says."))
    file.seek(0)
    return content_type, whole.hexdigest(), size
