from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from meetings.calendar_feed.services import create_feed
from meetings.management.base import EnglishCommand
from meetings.network.models import Network, User
from meetings.network.selectors import actor_for, network_by_slug, networks_of, person


class Command(EnglishCommand):
    help = "Issues a secret calendar address for a person and prints it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--network", default="", help="its short name, when the person belongs to several")
        parser.add_argument("--label", default="")

    def run(self, **options: Any) -> None:
        user = person(options["email"])
        network = network_by_slug(user, options["network"]) if options["network"] else _only_network(user)
        _feed, token = create_feed(actor=actor_for(user, network), network=network, label=options["label"])
        self.say(f"{network.base_url or settings.BASE_URL}/calendar/{token}.ics")


def _only_network(user: User) -> Network:
    networks = list(networks_of(user)[:2])
    if len(networks) == 1:
        return networks[0]
    raise CommandError(f"{user.email} has a part in {'several networks' if networks else 'no network'}: name one with --network.")
