"""Files that go with an item: type told by content, random names, served as attachments only."""

import hashlib
import uuid
from functools import partial
from pathlib import PurePath
from typing import IO, cast

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from meetings import clock, validation
from meetings.access import Actor, require
from meetings.agenda.file_types import TYPES, is_what_it_says
from meetings.agenda.models import ACTIONS, TRANSITIONS, AgendaItem, Attachment, ItemState
from meetings.agenda.selectors import place
from meetings.agenda.writing import locked, require_open_for, save
from meetings.errors import found
from meetings.events.types import AgendaItemChanged

MOST_FILES = 10


@transaction.atomic
def attach(*, actor: Actor, item: AgendaItem, name: str, file: "File[bytes]") -> Attachment:
    """Adds a file to an item, until it stands on a published agenda. Raises Conflict, Invalid for an empty, too large or unknown kind
    of file.
    """
    item = _changeable(actor, item)
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


@transaction.atomic
def remove(*, actor: Actor, attachment: Attachment) -> Attachment:
    """Takes a file away again, until its item stands on a published agenda. Raises Conflict, NotFound when somebody was faster."""
    item = _changeable(actor, attachment.agenda_item)
    attachment = found(Attachment.objects.filter(pk=attachment.pk, agenda_item=item).first())
    Attachment.objects.filter(pk=attachment.pk).delete()
    transaction.on_commit(partial(forget_file, str(attachment.file.name)))
    _tell(actor, item)
    return attachment


def forget_file(name: str) -> None:
    """Deletes the stored file once no item has it: one that was carried over shares it. Called after the commit."""
    if not Attachment.objects.filter(file=name).exists():
        Attachment._meta.get_field("file").storage.delete(name)


def _changeable(actor: Actor, item: AgendaItem) -> AgendaItem:
    item = locked(item)
    action = "revise" if item.state == ItemState.ACCEPTED else "edit"
    require(actor, ACTIONS[action], network_id=item.meeting.network_id, place=place(item))
    TRANSITIONS.target(action, item.state)
    require_open_for(item)
    return item


def _tell(actor: Actor, item: AgendaItem) -> None:
    item = locked(item)
    item.moved_from = None  # whoever works on a draft has made it this meeting's
    if item.submitted_at is None:
        item.save(update_fields=["moved_from"])
        return
    save(actor, item, AgendaItemChanged, "moved_from")


def _clean_name(name: str) -> str:
    """The file's own name without any folder."""
    plain = validation.clean_line(name.replace("\\", "/")).rpartition("/")[2].strip()
    stem, dot, ending = plain.rpartition(".")
    return (f"{stem[:120]}{dot}{ending[:10]}" if dot else plain[:120]).strip()


def _inspect(name: str, file: "File[bytes]") -> tuple[str, str, int]:
    """(content type, SHA-256, size), read once in pieces, so that a false length deceives nobody."""
    kind = TYPES.get(PurePath(name).suffix.lower())
    if kind is None:
        raise validation.invalid("file", _("This kind of file cannot be attached. Use PDF, images, or office documents."))
    whole, size = hashlib.sha256(), 0
    for piece in file.chunks():
        size += len(piece)
        if size > settings.ATTACHMENT_MAX_BYTES:
            raise validation.invalid(
                "file", _("The file is too large: at most %(most)s MB.") % {"most": settings.ATTACHMENT_MAX_BYTES // 1_000_000}
            )
        whole.update(piece)
    file.seek(0)
    if not is_what_it_says(kind, cast("IO[bytes]", file)):
        raise validation.invalid("file", _("The file's content is not what its name says."))
    return kind.content_type, whole.hexdigest(), size
