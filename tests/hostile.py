"""What somebody might type, one corpus for forms, pages, mails, documents, feeds and programs.

Each piece has a name; the lists at the end say what each place is given. What a test makes up at random (hypothesis) is beside it.
"""

# Markup and what breaks out of it
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
TAG = "hostile-tag"
BREAKER = f"'\"--></title></textarea></script><{TAG} onload=x>{{{{7|add:7}}}}"
"""Leaves whatever it is written into; where it is not escaped, an element `TAG` is on the page."""
SHORT_BREAKER = f"'\"><{TAG}>"
LINK = '"><a href="https://evil.example.org">click</a>'
SCRIPT_LINK = "[x](javascript:alert(1)) ![x](//evil.example.org/x.png)"
TEMPLATE = "{{ 7|add:7 }}{% now 'Y' %}%(name)s %s {0} {title} $x"

# Spreadsheets, headers, lines
FORMULA = "=cmd|' /C calc'!A0"
CRLF = "=HYPERLINK(1)\r\nSet-Cookie: x=1"
HEADERS = "Buses\r\nBcc: evil@example.org\r\n\r\nAnother body\nX-Evil: 1\rX-Evil: 2"
BREAKS = "a\x0bX\x0cX\x1cX\x1dX\x1eX\x85X\u2028X\u2029X"

# Letters
NUL = "a\0b"
LONE_SURROGATE = "\ud800"
BIDI = "\u202eevil\u2066\u200f"
EXECUTABLE = "\u202efdp.exe"
FAMILY = "👨\u200d👩\u200d👧"
ZALGO = "z" + "\u0301\u0316\u0489\u0338" * 8
SCRIPTS = "Žižkov Привет Ελλάδα 😀 ∑"
ENDLESS = "x" * 200_000

WIDE = f"{BIDI}{ZALGO}{FAMILY}"
"""How a text begins that shall push a page apart; `word` makes it as long as its field takes."""


def word(length: int) -> str:
    """One word without a place to break it, as wide as the letters allow; no field shows more than 5,000 of them at once."""
    length = min(length, 5_000)
    return WIDE + "W" * (length - len(WIDE)) if length > 2 * len(WIDE) else "W" * length


TYPED = (
    "",
    NUL,
    ENDLESS,
    MARKUP,
    BIDI,
    "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
    "-1",
    "9" * 26,
    "1e309",
    TEMPLATE,
    CRLF,
    FAMILY,
)
"""For a field of a form, or a parameter of an address."""

REFUSED = (NUL, ENDLESS, "9" * 26, "1e309", FAMILY)
"""Of these, what a database would refuse where a check is missing."""

FILES = (
    ("a.exe", b"MZ"),
    ("a.pdf", b""),
    ("a.pdf", b"<html>"),
    ("../../etc/passwd", b"%PDF-"),
    ("x" * 300 + ".pdf", b"%PDF-1.7"),
    (EXECUTABLE, b"MZ"),
)
"""What nobody may attach."""

FILE_NAMES = (
    "../../etc/passwd.pdf",
    "..\\..\\boot.pdf",
    "/etc/cron.d/x.pdf",
    "C:\\x\\y.pdf",
    "a\r\nSet-Cookie: x.pdf",
    "a\x00b.pdf",
    "x" * 400 + ".pdf",
)
"""What a good file may be called."""

MAILS = (
    HEADERS,
    MARKUP,
    LINK,
    TEMPLATE,
    "x" * 10_000,
    "\u202eevil\u2066\0\x1b[31m\u2028line",
    "=?utf-8?q?evil=0D=0ABcc:evil@example.org?=",
    "\n.\r\nMAIL FROM:<evil@example.org>\r\n",
    "Übung – “città” 🏔",
)

FEEDS = (
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:evil",
    "a\nATTENDEE:mailto:x@evil.example",
    "a\rX-EVIL:1",
    BREAKS,
    "a\\nb\\,c\\;d\\",
    'a";X-EVIL=1:b',
    "a^nb^'c",
    "\x00\x07\x7f",
    LONE_SURROGATE,
    "😀" * 100,
    "è" * 200,
    "漢字" * 100,
    TEMPLATE,
    FORMULA,
    "",
)

PRINTED = (
    '<img src="/etc/passwd">',
    '<a href="javascript:alert(1)">x</a>',
    "<b>never closed",
    "</para><para>",
    "<para bulletText='x'>y",
    "<font name=Courier>c</font>",
    "<!-- comment -->",
    "&nbsp;&lt;&#x41;",
    TEMPLATE,
    FORMULA,
    SCRIPTS,
)
"""What a document prints as it was written."""

TOLERATED = (
    "",
    " ",
    "\n\n\n",
    "\0",
    "a\0b\r\nc\rd\x0be",
    ENDLESS,
    "word " * 40_000,
    "line\n" * 40_000,
    "*" * 50_000,
    "[" * 50_000,
    "- " * 20_000,
    "a*b*" * 40_000,
    "Жa" * 100_000,
    "e" + "\N{COMBINING ACUTE ACCENT}" * 100_000,
    "שלום עולם " * 20,
    "مرحبا",
    FAMILY,
    "\ud800\udfff",
    "\U0010ffff\ue000",
    "中文" * 50,
    BIDI,
)
"""What must not break a document, whatever it looks like."""

CELLS = (f"Bus;{FORMULA};x", "a\t@SUM(1)", "a,+1", "a;  -1", 'a";"=1', "a\n=1")
"""For a cell of a table, whatever separates it from the next."""

PROGRAMS = ("=1+1", MARKUP, BIDI, "🏛️" * 50, "a\u0300" * 200, "x" * 5000, "\x00", LONE_SURROGATE, "\r\nX: y", "-0", "1e400", " ")
"""For a value of a JSON body."""
