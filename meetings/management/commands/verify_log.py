from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from meetings.events.models import Event
from meetings.events.selectors import verify_all
from meetings.live.poll_selectors import miscounted
from meetings.management.base import EnglishCommand
from meetings.minutes.seals import broken_seals, sealed_count
from meetings.network.selectors import network_for_commands


class Command(EnglishCommand):
    help = (
        "Recomputes the log's hash chain, the counts of the votes and the digests of sealed minutes; exit code 1 at the first broken place."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("network", nargs="?", default="", metavar="NETWORK", help="its short name (default: all)")

    def run(self, **options: Any) -> None:
        slug: str = options["network"]
        network_id = network_for_commands(slug).pk if slug else None
        if finding := next(iter(verify_all(slug or None)), None):
            raise CommandError(f"The log is broken: stream {finding.stream}, sequence {finding.sequence}: {finding.problem}.")
        if wrong := next(miscounted(network_id), None):
            raise CommandError(f"A count is not what was voted: {wrong}.")
        if broken := next(broken_seals(network_id), None):
            raise CommandError(f"Sealed minutes are broken: {broken}.")
        events = Event.objects.filter(stream__network=network_id) if network_id else Event.objects.all()
        self.say(f"Intact: {events.count()} events, {sealed_count(network_id)} sealed minutes.")
