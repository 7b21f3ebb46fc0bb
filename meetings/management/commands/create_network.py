from argparse import ArgumentParser
from typing import Any

from meetings.management.base import EnglishCommand
from meetings.network.services import create_network


class Command(EnglishCommand):
    help = "Creates a first network, without the demo, and names its coordinator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="its short name in addresses, as torino")
        parser.add_argument("name")
        parser.add_argument("--coordinator", required=True, metavar="EMAIL")
        parser.add_argument("--coordinator-name", default="", metavar="NAME")
        parser.add_argument("--time-zone", default="Europe/Rome")
        parser.add_argument("--languages", default="it,en,fr", help="the first is the network's own (default: %(default)s)")

    def run(self, **options: Any) -> None:
        network = create_network(
            slug=options["slug"],
            name=options["name"],
            coordinator_email=options["coordinator"],
            coordinator_name=options["coordinator_name"],
            time_zone=options["time_zone"],
            languages=[code.strip() for code in options["languages"].split(",") if code.strip()],
        )
        self.say(f"Network “{network.name}” created. {options['coordinator']} can sign in with this address as its coordinator.")
        self.say("Next, files with a header line; --help names the columns:")
        self.say(f"  .venv/bin/python manage.py import_municipalities {network.slug} FILE.csv")
        self.say(f"  .venv/bin/python manage.py import_representatives {network.slug} FILE.csv")
