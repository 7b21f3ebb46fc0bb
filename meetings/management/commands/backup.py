from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from meetings.backup.services import write_backup
from meetings.management.base import EnglishCommand


class Command(EnglishCommand):
    help = "Writes the whole installation, rows and files, to one zip; consistent while the site runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.zip", type=Path)

    def run(self, **options: Any) -> None:
        file: Path = options["file"]
        try:
            done = write_backup(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror or error}") from error
        for name in done.missing:
            self.stderr.write(f"Warning: the file {name} is named by a row and is not there.")
        self.say(f"{file}: {done.total} rows and {done.files} files, {file.stat().st_size:,} bytes. Keep it as safe as the database.")
