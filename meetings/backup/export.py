"""Everything of one network in one zip that any program can read: a file of JSON lines for each table, its files, its sealed minutes.

Unlike a backup it cannot be restored: what concerns the installation or other networks, and every secret, is not in it.
"""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Q

from meetings import clock
from meetings.backup import contents
from meetings.backup.contents import Table
from meetings.backup.services import Done, add, chunks
from meetings.backup.snapshot import snapshot
from meetings.minutes.models import SealedDocument
from meetings.network.models import Membership, Network, User

FORMAT, FORMAT_VERSION = "raccordo-network", 1
LEFT_OUT: Mapping[str, str] = {
    "account.emailaddress": "belongs to the sign-in; the address stands with the person",
    "account.emailconfirmation": "belongs to the sign-in",
    "mfa.authenticator": "a person's own passkeys, for every network",
    "socialaccount.socialaccount": "a person's own, as they sign in elsewhere",
    "socialaccount.socialapp": "unused: the other server stands in the environment",
    "socialaccount.socialtoken": "unused: no token of another server is kept",
    "meetings.idempotencykey": "repeats, for a week, what was written",
    "meetings.accesstoken": "a person's own, and open every network they have a part in",
    "meetings.unsubscription": "a person's own, for every network",
}
"""Tables that are no network's, and why."""
SECRETS = {"password", "digest", "token_digest", "lease", "context"}
"""Columns that open something, or may: the context of a mail holds the key of the link it carries."""


def write_export(network: Network, path: Path) -> Done:
    """Writes the network to `path` (0600), consistent while others write; an older file is replaced at the end. Raises OSError."""
    folder = path.resolve().parent
    with NamedTemporaryFile(dir=folder, prefix=f".{path.name}-", delete=False) as file:
        try:
            with snapshot(folder) as using, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                done = _write(archive, network, using)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return done


def _write(archive: zipfile.ZipFile, network: Network, using: str) -> Done:
    members: dict[str, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    names: set[str] = set()
    for model in tables():
        table = _Table(model, network, using, names)
        members[contents.member_of(model)] = add(archive, contents.member_of(model), table.lines())
        counts[model._meta.label_lower] = table.count
    missing = sorted(name for name in names if not default_storage.exists(name))
    for name in sorted(names - set(missing)):
        members[f"files/{name}"] = add(archive, f"files/{name}", chunks(name))
    members |= {name: add(archive, name, [pdf]) for name, pdf in _sealed(network, using)}
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "network": network.slug,
        "created_at": clock.now().isoformat(),
        "tables": counts,
        "left_out": LEFT_OUT,
        "members": members,
        "missing": missing,
    }
    archive.writestr(contents.MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))
    return Done(rows=counts, files=len(members) - len(counts), missing=missing)


class _Table:
    """A table's rows of the network on their way into the archive: counted, their files noted."""

    def __init__(self, model: Table, network: Network, using: str, names: set[str]) -> None:
        self.model, self.network, self.using, self.names, self.count = model, network, using, names, 0

    def lines(self) -> Iterator[bytes]:
        columns = [column for column in contents.columns(self.model) if column not in SECRETS and not _is_bytes(self.model, column)]
        rows = self.model._base_manager.using(self.using).filter(of_network(self.model, self.network)).order_by("pk")
        for values in rows.values_list(*columns).iterator(chunk_size=1000):
            row = dict(zip(columns, values, strict=True))
            self.count += 1
            self.names.update(str(row[column]) for column in contents.file_fields(self.model) if row[column])
            yield contents.as_line(row)


def _is_bytes(model: Table, column: str) -> bool:
    """Documents are files of their own."""
    return any(field.attname == column and field.get_internal_type() == "BinaryField" for field in model._meta.concrete_fields)


def _sealed(network: Network, using: str) -> Iterator[tuple[str, bytes]]:
    rows = SealedDocument.objects.using(using).filter(minutes__meeting__network=network).order_by("pk")
    for row in rows.iterator(chunk_size=1):
        yield f"sealed/{row.minutes_id}-{row.edition}.pdf", bytes(row.pdf)


def tables() -> list[Table]:
    """The tables of which a network has rows."""
    return [model for model in contents.tables() if model._meta.label_lower not in LEFT_OUT]


def of_network(model: Table, network: Network) -> Q:
    """The network's rows: those with a way of references to it; of people, who has or had a part in it."""
    if model is Network:
        return Q(pk=network.pk)
    if model is User:
        return Q(pk__in=Membership.objects.filter(network=network).values("user"))
    if not (way := contents.way_to(model, Network)):
        raise LookupError(f"{model._meta.label} leads to no network: name it in LEFT_OUT")
    return Q(**{way: network})
