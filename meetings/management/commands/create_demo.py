import time
from argparse import ArgumentParser
from typing import Any

from meetings.demo import services
from meetings.management.base import DomainCommand, contents


class Command(DomainCommand):
    help = "Builds a realistic network: municipalities, representatives, past weekly meetings and the next one open for proposals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--network", metavar="FILE.csv", help="municipalities to use instead of the built-in ones of Turin")
        parser.add_argument(
            "--weeks",
            type=int,
            default=services.WEEKS,
            choices=range(53),
            metavar="N",
            help="past weeks to live through (default: %(default)s)",
        )
        parser.add_argument("--reset", action="store_true", help="first delete EVERYTHING in this database (with DEMO=1 alone)")

    def run(self, **options: Any) -> None:
        begun = time.monotonic()
        csv = contents(options["network"]) if options["network"] else None
        network = services.create(csv=csv, weeks=options["weeks"], reset=options["reset"], tell=self.say)
        self.say(f"{network.name}: {time.monotonic() - begun:.0f} s")
