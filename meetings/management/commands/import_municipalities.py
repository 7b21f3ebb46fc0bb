from argparse import ArgumentParser
from typing import Any

from meetings.management.base import contents
from meetings.management.imports import ImportCommand
from meetings.network.imports import import_municipalities
from meetings.network.selectors import network_for_commands, system_actor


class Command(ImportCommand):
    help = "Creates and updates a network's municipalities from a CSV file, by ISTAT code: all of the file or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.epilog = "Columns: istat_code, name, zone_number, zone_name, population…; optional: valid_from, valid_until."

    def run(self, **options: Any) -> None:
        network = network_for_commands(options["network"])
        data = contents(options["file"])
        self.show(import_municipalities(actor=system_actor(network.pk), network=network, data=data, dry_run=options["dry_run"]))
