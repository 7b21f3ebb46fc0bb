"""What every command shares: a refusal is one clear line on standard error and exit code 1, never a traceback."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from meetings.errors import DomainError


class DomainCommand(BaseCommand):
    """Parse arguments in `add_arguments`, call a service in `run`."""

    @abstractmethod
    def run(self, **options: Any) -> None:
        """The command itself; may raise DomainError and CommandError."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.run(**options)
        except DomainError as error:
            raise CommandError(_one_line(error)) from error

    def say(self, text: str) -> None:
        self.stdout.write(text)


class EnglishCommand(DomainCommand):
    """One that stores no text in the site's language: its refusals are in the language of its own words."""

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            super().handle(*args, **options)


def _one_line(error: DomainError) -> str:
    fields = [f"{name}: {' '.join(texts)}" for name, texts in error.errors.items()]
    return " ".join([error.detail, *(text for text in fields if text.partition(": ")[2] != error.detail)])


def contents(name: str) -> bytes:
    """The bytes of a file that the command line names. Raises CommandError."""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from error
