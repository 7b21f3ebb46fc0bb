"""The event log as CSV, in portions, so that a long one needs no memory."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override

from meetings.documents.sheets import BYTE_ORDER_MARK, neutralised
from meetings.network.models import Network
from meetings.reporting.audit import Entry
from meetings.reporting.sentences import KINDS

PORTION = 500


def portions(entries: Iterable[Entry], network: Network, language: str) -> Iterator[bytes]:
    """UTF-8 with a byte order mark; times in ISO 8601 on the network's clocks; each entry with its hash, so that it can be compared."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    with override(language):
        writer.writerow(_header())
    yield BYTE_ORDER_MARK.encode()
    for number, entry in enumerate(entries, start=1):
        with override(language):
            writer.writerow([neutralised(cell) for cell in _cells(entry, network)])
        if number % PORTION == 0:
            yield _taken(output)
    yield _taken(output)


def _taken(output: io.StringIO) -> bytes:
    text = output.getvalue()
    output.seek(0)
    output.truncate()
    return text.encode("utf-8", "replace")


def _header() -> list[str]:
    names = [_("When"), _("Who"), _("What"), _("Kind"), _("Type"), _("Meeting"), _("Entry"), _("Record"), _("Concerns")]
    return [*names, _("Erased"), _("Hash")]


def _cells(entry: Entry, network: Network) -> list[str]:
    event, meeting = entry.event, entry.meeting
    return [
        event.at.astimezone(network.zone).isoformat(timespec="milliseconds"),
        entry.by or "Raccordo",
        entry.text,
        str(KINDS.get(entry.kind, entry.kind)),
        event.type,
        f"{meeting.title}, {meeting.local:%Y-%m-%d}" if meeting else "",
        str(event.sequence),
        str(event.stream_id),
        entry.object_id,
        _("yes") if entry.redacted else _("no"),
        event.hash,
    ]
