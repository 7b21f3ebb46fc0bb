from argparse import ArgumentParser
from typing import Any

from meetings.management.base import EnglishCommand
from meetings.network.models import AccessToken
from meetings.network.people import create_token
from meetings.network.selectors import person


class Command(EnglishCommand):
    help = "Issues a personal access token for the REST interface and prints it, this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--scope", choices=AccessToken.Scope.values, default=AccessToken.Scope.READ.value)
        parser.add_argument("--days", type=int, default=90, help="how long it lives (default: %(default)s)")
        parser.add_argument("--label", default="")

    def run(self, **options: Any) -> None:
        user = person(options["email"])
        token, text = create_token(user=user, scope=options["scope"], days=options["days"], label=options["label"])
        self.say(text)
        self.stderr.write(f"For {user.email}, scope {token.scope}, until {token.expires_at:%Y-%m-%d %H:%M} UTC. It is not shown again.")
