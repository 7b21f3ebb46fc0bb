import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.errors import Invalid
from meetings.network.addresses import canonical, checked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Anna@Example.ORG", "anna@example.org"), ("  anna@example.org\t", "anna@example.org"), ("a.b+c@x-y.it", "a.b+c@x-y.it")],
)
def test_one_spelling(typed: str, kept: str) -> None:
    assert canonical(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@example",
        "anna @example.org",
        "a\nb@example.org",
        "anna@example.org\0",
        "anna@example.org,b@example.org",
        "mıke@example.org",  # a dotless i, which .upper() turns into I
        "ａnna@example.org",  # a full-width a, which NFKC turns into a
        "anna@exаmple.org",  # a Cyrillic а
        "anna@example.org\u200b",
        "\u212a@example.org",  # the Kelvin sign, which .lower() turns into k
        "a" * 250 + "@example.org",
    ],
)
def test_what_is_no_address_or_only_looks_like_one(typed: str) -> None:
    assert canonical(typed) is None
    with pytest.raises(Invalid) as refusal:
        checked(typed)
    assert set(refusal.value.errors) == {"email"}


@given(st.text(max_size=60))
def test_canonical_is_stable_and_plain(typed: str) -> None:
    found = canonical(typed)
    if found is not None:
        assert found.isascii()
        assert found == found.lower() == canonical(found)
