from argparse import ArgumentParser
from typing import Any

from meetings.management.base import contents
from meetings.management.imports import ImportCommand
from meetings.network import invited
from meetings.network.invitations import invite_all
from meetings.network.invited import Invited
from meetings.network.models import Network
from meetings.network.representatives import import_representatives
from meetings.network.selectors import network_for_commands, system_actor
from meetings.scheduling.selectors import next_meeting_as_fact


class Command(ImportCommand):
    help = "Adds and updates who represents the municipalities from a CSV file: all of the file or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.epilog = "Columns: istat_code, name, email; optional: office, order (1 = titular), phone, language."

        parser.add_argument("--invite", action="store_true", help="then invite everybody of the network who was not invited yet")

    def run(self, **options: Any) -> None:
        network = network_for_commands(options["network"])
        data = contents(options["file"])
        self.show(import_representatives(actor=system_actor(network.pk), network=network, data=data, dry_run=options["dry_run"]))
        if options["invite"]:
            self._invite(network, dry_run=options["dry_run"])

    def _invite(self, network: Network, *, dry_run: bool) -> None:
        """What the mails will be, and whom none reaches."""
        waiting = invited.people(network).filter(invitation_state=Invited.NOT_INVITED)
        if dry_run:
            self.say(f"Dry run: {waiting.count()} of those who are there already would be invited, and whoever is added.")
            return
        sent = invite_all(actor=system_actor(network.pk), network=network, meeting=next_meeting_as_fact(network))
        self.say(f"{len(sent)} invitations lie in the outbox: the worker (run_worker) sends them.")
        for row in invited.people(network).filter(invitation_state=Invited.UNDELIVERABLE):
            self.say(f"  undeliverable: {row.user.name} <{row.user.email}>")
