from argparse import ArgumentParser
from typing import Any

from meetings.management.base import EnglishCommand
from meetings.network.models import Network
from meetings.network.selectors import network_for_commands
from meetings.privacy.retention import Report, retention


class Command(EnglishCommand):
    help = "Deletes what has been kept long enough, as the worker does once a day; with --dry-run only says what that would be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("network", nargs="?", default="", metavar="NETWORK", help="its short name (default: all)")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    def run(self, **options: Any) -> None:
        slug: str = options["network"]
        networks = [network_for_commands(slug)] if slug else list(Network.objects.order_by("slug"))
        for network in networks:
            self._print(retention(network, dry_run=options["dry_run"]))

    def _print(self, report: Report) -> None:
        done = "would be deleted" if report.dry_run else "deleted"
        self.say(f"{report.network.slug}: {report.total} {done}")
        for line in report.lines:
            since = f", the oldest of {line.oldest}" if line.oldest else ""
            self.say(f"  {line.count:>6}  {line.label}{since}")
