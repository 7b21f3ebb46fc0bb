from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from meetings.backup.services import restore_backup
from meetings.management.base import EnglishCommand


class Command(EnglishCommand):
    help = "Loads a backup into an empty, migrated database and proves it: all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.zip", type=Path)

    def run(self, **options: Any) -> None:
        file: Path = options["file"]
        try:
            done = restore_backup(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be restored: {error.strerror or error}") from error
        for name in done.missing:
            self.stderr.write(f"Warning: the file {name} was missing when the backup was made.")
        self.say(f"Restored and verified: {done.total} rows, {done.files} files. Everybody signs in anew.")
