"""Every text of the interface has its Italian and its French, with the same placeholders; the catalogues hold nothing else.

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
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from meetings.network.models import User
from tests.catalogues import PLURALS, catalogue_of
from tests.factories import Side

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("api", "coordination", "frontend", "meetings")
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
# The reference of the REST interface is English and the samples of the style guide are Italian; the pages of last resort say it in every
# language, without anything that can fail
IN_THEIR_OWN_LANGUAGE = {
    "api/templates/api/docs.html",
    "frontend/templates/413.html",
    "frontend/templates/500.html",
    "frontend/templates/styleguide/show.html",
}
NOT_LANGUAGE = {"Raccordo", "CSV", "PDF", "PIN", "webcal"}
# French: a no-break space before a high mark that ends a word, and inside its quotes; a plain one nowhere there
HIGH_MARK = re.compile(r"(?<![\u00a0\s:;?!)])[:;?!](?=\s|$|[<»])|«(?!\u00a0)|(?<!\u00a0)»|[ \t\n][:;?!»]|« ")
OTHER_QUOTES = re.compile(r"[“”\"]")
# A text and something shown right beside it, in one run of words: a sentence cut in two, which no other language can put together
WITHIN = r"(?:\s|</?(?:strong|em|b|s|q|time)\b[^>]*>|<a\b[^>]*>)*"
SHOWN = r"(?:{{.*?}}|{% (?:moment|firstof|translate|blocktranslate)\b(?:(?! as \w+ %}).)*?%})"
CUT_AFTER = re.compile(r"""{% translate (?:"[^"]*[^".:?!…]"|'[^']*[^'.:?!…]')(?: context "[^"]*")? %}""" + WITHIN + SHOWN)
CUT_BEFORE = re.compile(
    r"(?:}}|{% endblocktranslate %}|{% moment [^%]*%})" + WITHIN + r":?" + WITHIN + r"""{% translate ["'][a-z, ][^%]*["'] %}"""
)
GLUED_BLOCK = re.compile(r"{% blocktranslate[^%]*%}\s*[,;:.]")
BARE_MARK = re.compile(r"(?:}}|%}|</\w+>)\s*(?:[:;!](?=\s|<|{)|\?(?=\s|<))")
BLOCK = re.compile(r"({% blocktranslate\b.*?%}).*?({% endblocktranslate %})", re.DOTALL)


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


@pytest.fixture(scope="module", params=list(PLURALS))
def catalogue(request: pytest.FixtureRequest) -> polib.POFile:
    return catalogue_of(request.param)


def test_every_language_of_the_interface_has_acatalogue_of() -> None:
    assert {*PLURALS, "en"} == set(dict(settings.LANGUAGES))


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
    assert catalogue.metadata["Plural-Forms"] == PLURALS[catalogue.metadata["Language"]]
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


def test_a_singular_names_no_number_that_its_source_lacks(catalogue: polib.POFile) -> None:
    """What compiles the catalogue refuses a placeholder that the English singular does not have, once it has another one."""
    for entry in catalogue:
        named = set(PLACEHOLDER.findall(entry.msgid)) if entry.msgid_plural else set()
        if {mark for mark in named if mark.startswith("%(")}:
            assert set(_placeholders(entry.msgstr_plural[0])) <= named, entry.msgid


def test_french_sets_its_marks_with_a_no_break_space() -> None:
    """Before : ; ? ! and inside « », and never a plain one; quotes are « »."""
    for entry in catalogue_of("fr"):
        for text in filter(None, [entry.msgstr, *entry.msgstr_plural.values()]):
            plain = re.sub(r"</?\w[^>]*>", "", text)
            assert not HIGH_MARK.search(plain), text
            assert not OTHER_QUOTES.search(plain), text


@pytest.mark.parametrize(
    "text", ["Pourquoi?", "Pourquoi ?", "a: b", "« a »", "«a»", "a ; b", "Motif: %(reason)s", "%(title)s: %(number)s", "Note :"]
)
def test_the_rule_for_french_marks_can_fail(text: str) -> None:
    assert HIGH_MARK.search(text)


@pytest.mark.parametrize("text", ["Pourquoi\u00a0?", "«\u00a0a\u00a0»\u00a0: b", "https://a.example", "à 10:30", "a\u00a0!", "(a)."])
def test_the_rule_for_french_marks_can_hold(text: str) -> None:
    assert not HIGH_MARK.search(text)


def test_templates_hold_no_text_outside_gettext() -> None:
    """What stands between two tags is a name, a sign, or inside {% translate %}."""
    for path in set(_templates()) - {ROOT / name for name in IN_THEIR_OWN_LANGUAGE}:
        bare = DYNAMIC.sub(" ", APART.sub("", path.read_text(encoding="utf-8")))
        found = {words for run in LITERAL.findall(bare) for words in re.findall(r"[A-Za-zÀ-ù.]{3,}", run)}
        assert found - NOT_LANGUAGE == set(), path


def test_templates_say_whole_sentences() -> None:
    """No text is a piece of a sentence beside a variable or another piece, and no mark stands bare after data ({% mark ":" %} does it)."""
    for path in set(_templates()) - {ROOT / name for name in IN_THEIR_OWN_LANGUAGE}:
        source = path.read_text(encoding="utf-8")
        assert not GLUED_BLOCK.findall(source), path
        whole = BLOCK.sub(r"\1\2", source)
        assert not BARE_MARK.findall(whole), path
        assert not CUT_AFTER.findall(whole), path
        assert not CUT_BEFORE.findall(whole), path


def test_code_says_whole_sentences() -> None:
    """No text is added to another one or set into an f-string: its marks and its order would be those of English."""
    for path in _files("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = _aliases(tree)
        for node in ast.walk(tree):
            parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)] if isinstance(node, ast.JoinedStr) else []
            parts += [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) else []
            cut = [part for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in names]
            assert not cut, f"{path}:{cut[0].lineno}"


def test_the_glossary_gives_each_term_once_in_every_language() -> None:
    terms = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", GLOSSARY.read_text(encoding="utf-8"), flags=re.MULTILINE)
    english = [term for term, *_ in terms if term not in ("English", "---")]
    assert len(english) == len(set(english)) > 40


def _read(client: Client, address: str) -> str:
    return unescape(client.get(address, follow=True).content.decode())


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(("language", "asks"), [("en", "Send me a code"), ("it", "Inviami un codice"), ("fr", "M’envoyer un code")])
def test_sign_in_is_in_every_language(db: None, browser_of: Callable[[User | None], Client], language: str, asks: str) -> None:
    page = _read(browser_of(None), f"/{language}/accounts/login/code/")
    assert f'<html lang="{language}">' in page
    assert [said for said in ("Send me a code", "Inviami un codice", "M’envoyer un code") if said in page] == [asks]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("address", "english", "texts"),
    [
        ("", "Next meeting", {"it": "Prossima riunione", "fr": "Prochaine réunion"}),
        ("meetings/", "To come", {"it": "In programma", "fr": "À venir"}),
        ("action-items/?whose=", "No action items yet", {"it": "Ancora nessuna attività", "fr": "Aucune action pour l’instant"}),
        ("municipalities/", "Municipality or person", {"it": "Comune o persona", "fr": "Commune ou personne"}),
    ],
)
@pytest.mark.parametrize("language", list(PLURALS))
def test_pages_are_in_every_language(
    home: Side, browser_of: Callable[[User | None], Client], language: str, address: str, english: str, texts: dict[str, str]
) -> None:
    text = _read(browser_of(home.representative), f"/{language}/{home.network.slug}/{address}")
    assert texts[language] in text
    assert english not in text


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(("language", "said"), [("en", "Somebody:"), ("it", "Somebody:"), ("fr", "Somebody\u00a0:")])
def test_a_mark_after_data_is_set_as_the_language_sets_it(language: str, said: str) -> None:
    with translation.override(language):
        assert Template('{% load texts %}{{ who }}{% mark ":" %}').render(Context({"who": "Somebody"})) == said
