from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from django.core.management.base import CommandError

from meetings.documents.services import Kind, render
from meetings.management.base import DomainCommand
from meetings.network.models import Network
from meetings.network.selectors import network_for_commands, system_actor
from meetings.scheduling import selectors
from meetings.scheduling.models import Meeting, MeetingState


class Command(DomainCommand):
    help = "Writes a document to a file, as the web would serve it to the office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=get_args(Kind))
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--meeting", default="latest", metavar="ID", help="a meeting's id, or “latest”: the last one held (default)")
        parser.add_argument("--network", metavar="SLUG", help="needed where there are several")
        parser.add_argument("--language", default="it")

    def run(self, **options: Any) -> None:
        network = _network(options["network"])
        meeting = None if options["kind"].startswith(("tracker", "participation")) else _meeting(network, options["meeting"])
        actor = system_actor(meeting.network_id if meeting else network.pk)
        document = render(options["kind"], actor=actor, meeting=meeting, network=network, language=options["language"])
        Path(options["file"]).write_bytes(document.body)
        self.say(f"{options['file']}: {document.name}, {len(document.body):,} bytes")


def _network(slug: str | None) -> Network:
    if slug:
        return network_for_commands(slug)
    rows = list(Network.objects.all()[:2])
    if len(rows) != 1:
        raise CommandError("There is no network yet." if not rows else "There are several networks: name one with --network.")
    return rows[0]


def _meeting(network: Network, wanted: str) -> Meeting:
    if wanted == "latest":
        found = selectors.meetings(network, state=MeetingState.CLOSED).last()
        if found is None:
            raise CommandError("No meeting has been held yet: name one with --meeting.")
        return found
    try:
        return selectors.meeting(UUID(wanted))
    except ValueError as error:
        raise CommandError(f"“{wanted}” is not a meeting's id.") from error
