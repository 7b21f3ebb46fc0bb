from argparse import ArgumentParser
from typing import Any

from meetings.management.base import EnglishCommand
from meetings.privacy.forgetting import preview
from meetings.privacy.identity import Identity
from meetings.privacy.services import erase_person, obstacle, person_for_commands


class Command(EnglishCommand):
    help = "Erases a person from every network (docs/operating.md says what stays as a public act, and why). Cannot be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def run(self, **options: Any) -> None:
        user = person_for_commands(options["email"])
        if problem := obstacle(user):
            raise problem
        for label, count in preview(Identity.of(user)):
            self.say(f"  {count:>6}  {label}")
        if options["dry_run"]:
            self.say("Nothing was changed.")
            return
        erase_person(actor=None, user=user)
        self.say("Erased. Backups made before still hold the person: keep them no longer than you must.")
