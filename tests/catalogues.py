"""The catalogues of the interface, as their sources stand."""

from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "meetings" / "locale"
PLURALS = {"it": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}


def catalogue_of(language: str) -> polib.POFile:
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))


def compile_into(folder: Path) -> None:
    for language in PLURALS:
        place = folder / language / "LC_MESSAGES"
        place.mkdir(parents=True)
        catalogue_of(language).save_as_mofile(str(place / "django.mo"))
