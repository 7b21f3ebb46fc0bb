"""Texts that were made to be slow to read: what tried each place anew would take minutes over one of these."""

import pytest

from meetings.archive.words import excerpt
from meetings.documents.sheets import neutralised

pytestmark = pytest.mark.timeout(30)
LONG = 200_000


@pytest.mark.parametrize("run", ["_", "a___b", "[", "[](", "[a](", "*", "\\", "(", "**_", "] ("])
def test_an_excerpt_reads_a_text_once(run: str) -> None:
    text = "zebra a" + run * (LONG // len(run)) + "b"
    assert any(piece.hit for piece in excerpt([text], ["zebra"]))


@pytest.mark.parametrize("run", ['"', "\n", ";", " ", ", ", '" '])
def test_a_cell_is_read_once(run: str) -> None:
    assert neutralised("a" + run * (LONG // len(run)) + "b").startswith("a")
