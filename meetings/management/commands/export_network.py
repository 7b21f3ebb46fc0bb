from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from meetings.backup.export import write_export
from meetings.management.base import EnglishCommand
from meetings.network.selectors import network_for_commands


class Command(EnglishCommand):
    help = "Writes everything of one network to a zip: a file of JSON lines for each table, the attachments, the sealed minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("network", metavar="NETWORK", help="its short name")
        parser.add_argument("file", metavar="FILE.zip", type=Path)

    def run(self, **options: Any) -> None:
        network, file = network_for_commands(options["network"]), options["file"]
        try:
            done = write_export(network, file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror or error}") from error
        for name in done.missing:
            self.stderr.write(f"Warning: the file {name} is named by a row and is not there.")
        self.say(f"{file}: {done.total} rows and {done.files} files of {network.name}. It holds personal data: keep it safe.")
