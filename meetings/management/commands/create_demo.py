"""Builds the demo network."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from meetings.demo import reset, services
from meetings.errors import DomainError


class Command(BaseCommand):
    help = "Builds a realistic network: municipalities, representatives, past weekly meetings and the next one open for proposals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--network", metavar="FILE.csv", help="municipalities to use instead of the built-in ones of Turin")
        parser.add_argument("--weeks", type=int, default=3, choices=range(53), metavar="N", help="past weeks to live through (3)")
        parser.add_argument("--reset", action="store_true", help="first delete EVERYTHING in this database")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            csv = Path(options["network"]).read_bytes() if options["network"] else None
            if options["reset"]:
                reset.empty_database()
            network = services.create(csv=csv, weeks=options["weeks"], tell=self.stdout.write)
        except OSError as error:
            raise CommandError(f"{options['network']}: {error.strerror}") from error
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{network.name}: {time.monotonic() - begun:.0f} s")
