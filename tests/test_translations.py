"""Every text of the interface has its Italian, with the same placeholders; the catalogue holds nothing else.

The texts are read from the sources here, not by xgettext, so that this needs no tool and reads what gettext is asked at run time.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils.translation.template import templatize
from pytest_django import Settings

from meetings.network.models import User
from tests.factories import Side

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("api", "coordination", "frontend", "meetings")
CATALOGUE = ROOT / "meetings" / "locale" / "it" / "LC_MESSAGES" / "django.po"
GLOSSARY = ROOT / "docs" / "glossary.md"
# What each function's leading arguments are, and the names under which xgettext knows it
ARGUMENTS = {
    "gettext": ("msgid",),
    "gettext_lazy": ("msgid",),
    "gettext_noop": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "ngettext_lazy": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "pgettext_lazy": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
    "npgettext_lazy": ("context", "msgid", "plural"),
}
IN_TEMPLATES = re.compile(r"""\b(_|\w*gettext)\(\s*((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*,?\s*)+)(?:count)?\)""")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|%%|\{\w*\}|</?\w[^>]*>")
APART = re.compile(r"{% (comment|blocktranslate)\b.*?{% end\1 %}|<(script|style|code)\b.*?</\2>", re.DOTALL)
DYNAMIC = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
LITERAL = re.compile(r">([^<>{}]*[A-Za-z]{3}[^<>{}]*)<")
# The reference of the REST interface is English; the page of last resort says it in both languages, without anything that can fail
IN_THEIR_OWN_LANGUAGE = {"api/templates/api/docs.html", "frontend/templates/500.html"}
NOT_LANGUAGE = {"Raccordo", "CSV", "PDF", "PIN", "webcal"}


@dataclass(frozen=True)
class Message:
    msgid: str
    context: str | None = None
    plural: str = ""

    @classmethod
    def of(cls, function: str, texts: list[str]) -> "Message":
        return cls(**dict(zip(ARGUMENTS[function], texts, strict=True)))


def _aliases(tree: ast.Module) -> dict[str, str]:
    """The gettext functions by the names a module gives them."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"]
    return {name.asname or name.name: name.name for node in imports for name in node.names if name.name in ARGUMENTS}


def _in_code(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = _aliases(tree)
    assert set(names) <= {*ARGUMENTS, "_"}, f"{path}: xgettext knows only “_” as a short name"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            function = names[node.func.id]
            leading = [given for given in node.args[: len(ARGUMENTS[function])] if isinstance(given, ast.Constant)]
            texts = [literal.value for literal in leading if isinstance(literal.value, str)]
            assert len(texts) == len(ARGUMENTS[function]), f"{path}:{node.lineno}: only plain literals can be collected"
            yield Message.of(function, texts)


def _in_template(path: Path) -> Iterator[Message]:
    for function, arguments in IN_TEMPLATES.findall(templatize(path.read_text(encoding="utf-8"), origin=str(path))):
        texts = ast.literal_eval(f"({arguments},)" if not arguments.rstrip().endswith(",") else f"({arguments})")
        yield Message.of("gettext" if function == "_" else function, list(texts))


def _files(*patterns: str) -> list[Path]:
    found = (path for package in PACKAGES for pattern in patterns for path in (ROOT / package).rglob(pattern))
    return sorted(path for path in found if not {"node_modules", "static", "migrations"} & set(path.parts))


def _templates() -> list[Path]:
    return [path for path in _files("*.html", "*.txt") if "templates" in path.parts]


@pytest.fixture(scope="module")
def used() -> set[Message]:
    """Every text the sources ask gettext for."""
    code = {message for path in _files("*.py") for message in _in_code(path)}
    return code | {message for path in _templates() for message in _in_template(path)}


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def test_the_catalogue_has_every_text_in_use_and_no_other(used: set[Message], catalogue: polib.POFile) -> None:
    kept = {Message(entry.msgid, entry.msgctxt, entry.msgid_plural) for entry in catalogue if not entry.obsolete}
    assert not used - kept, f"run make messages, then translate: {used - kept}"
    assert not kept - used, f"run make messages: {kept - used}"
    assert not catalogue.obsolete_entries()


def test_a_singular_has_one_plural_everywhere(used: set[Message]) -> None:
    """gettext knows a text by its singular alone: two plurals of one singular would get the same translation."""
    counted = [(message.context, message.msgid) for message in used]
    assert [key for key in set(counted) if counted.count(key) > 1] == []


def test_nothing_is_untranslated_or_doubtful(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue if entry.fuzzy] == []
    assert catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
    assert not catalogue.metadata_is_fuzzy


def test_translations_keep_placeholders_and_marks(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        if entry.msgid_plural:
            assert set(entry.msgstr_plural) == {0, 1}, entry.msgid
            assert _placeholders(entry.msgstr_plural[1]) == _placeholders(entry.msgid_plural), entry.msgid
            known = {*_placeholders(entry.msgid), *_placeholders(entry.msgid_plural)}
            assert set(_placeholders(entry.msgstr_plural[0])) <= known, entry.msgid
        else:
            assert _placeholders(entry.msgstr) == _placeholders(entry.msgid), entry.msgid


def test_translations_are_typed_as_the_others(catalogue: polib.POFile) -> None:
    """Curly apostrophes, no doubled or hanging spaces, and the full stop or colon that the source has."""
    for entry in catalogue:
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            assert "'" not in text, text
            assert "  " not in text, text
            assert text == text.strip(), text
        if entry.msgid[-1] in ".:?" and not entry.msgid_plural and entry.msgid != "No.":
            assert entry.msgstr[-1] == entry.msgid[-1], entry.msgid


def test_templates_hold_no_text_outside_gettext() -> None:
    """What stands between two tags is a name, a sign, or inside {% translate %}."""
    for path in set(_templates()) - {ROOT / name for name in IN_THEIR_OWN_LANGUAGE}:
        bare = DYNAMIC.sub(" ", APART.sub("", path.read_text(encoding="utf-8")))
        found = {words for run in LITERAL.findall(bare) for words in re.findall(r"[A-Za-zÀ-ù.]{3,}", run)}
        assert found - NOT_LANGUAGE == set(), path


def test_the_glossary_gives_each_term_once() -> None:
    terms = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", GLOSSARY.read_text(encoding="utf-8"), flags=re.MULTILINE)
    english = [term for term, _ in terms if term not in ("English", "---")]
    assert len(english) == len(set(english)) > 40


@pytest.fixture
def compiled(tmp_path: Path, settings: Settings, catalogue: polib.POFile) -> None:
    """The catalogue as its source stands, whether `make build` has compiled it or not."""
    folder = tmp_path / "it" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue.save_as_mofile(str(folder / "django.mo"))
    settings.LOCALE_PATHS = [str(tmp_path)]


def _read(client: Client, address: str) -> str:
    return unescape(client.get(address, follow=True).content.decode())


@pytest.mark.usefixtures("compiled")
def test_sign_in_is_in_italian(db: None, browser_of: Callable[[User | None], Client]) -> None:
    italian, english = (_read(browser_of(None), f"/{language}/accounts/login/code/") for language in ("it", "en"))
    assert '<html lang="it">' in italian and '<html lang="en">' in english
    assert "Inviami un codice" in italian and "Send me a code" not in italian
    assert "Send me a code" in english and "Inviami un codice" not in english


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("address", "italian", "english"),
    [
        ("", "Prossima riunione", "Next meeting"),
        ("meetings/", "In programma", "To come"),
        ("action-items/", "Ancora nessuna attività", "No action items yet"),
        ("municipalities/", "Comune o persona", "Municipality or person"),
    ],
)
def test_pages_are_in_italian(home: Side, browser_of: Callable[[User | None], Client], address: str, italian: str, english: str) -> None:
    text = _read(browser_of(home.representative), f"/it/{home.network.slug}/{address}")
    assert italian in text
    assert english not in text
