"""What the two import commands share: their arguments and how a report is printed."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from meetings.management.base import EnglishCommand
from meetings.network.tables import Report

MOST_SHOWN = 10


class ImportCommand(EnglishCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("network", metavar="NETWORK", help="the network's short name")
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def show(self, report: Report) -> None:
        """Prints the report. Raises CommandError, for exit code 1, when lines were refused."""
        for line, reason in report.refused:
            self.say(f"  line {line}: {reason}" if line else f"  {reason}")
        if report.refused:
            raise CommandError(f"{len(report.refused)} refused; nothing was changed.")
        for what, names in (("created", report.created), ("updated", report.updated)):
            for name in names[:MOST_SHOWN]:
                self.say(f"  {what}: {name}")
            if len(names) > MOST_SHOWN:
                self.say(f"  … and {len(names) - MOST_SHOWN} more {what}")
        counts = f"{len(report.created)} created, {len(report.updated)} updated, {len(report.unchanged)} unchanged, 0 refused."
        self.say(f"Dry run, nothing was changed: {counts}" if report.dry_run else counts)
