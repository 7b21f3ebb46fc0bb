from argparse import ArgumentParser
from typing import Any

from meetings.management.base import contents
from meetings.management.imports import ImportCommand
from meetings.network.representatives import import_representatives
from meetings.network.selectors import network_for_commands, system_actor


class Command(ImportCommand):
    help = "Adds and updates who represents the municipalities from a CSV file: all of the file or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.epilog = "Columns: istat_code, name, email; optional: office, order (1 = titular), phone, language."

    def run(self, **options: Any) -> None:
        network = network_for_commands(options["network"])
        data = contents(options["file"])
        self.show(import_representatives(actor=system_actor(network.pk), network=network, data=data, dry_run=options["dry_run"]))
