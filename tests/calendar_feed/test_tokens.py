import logging

import pytest

from meetings.calendar_feed import tokens


def test_a_token_is_prefixed_safe_in_a_url_and_never_the_same() -> None:
    issued = {tokens.new_token() for _ in range(1000)}
    assert len(issued) == 1000
    assert all(tokens.is_well_formed(token) and token.startswith("rcf_") for token in issued)


def test_a_token_holds_256_bits() -> None:
    assert tokens.ENTROPY_BYTES * 8 == 256
    assert len(tokens.new_token()) == len("rcf_") + 43  # base64 without padding


def test_the_digest_is_sha_256_in_hexadecimal() -> None:
    assert tokens.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_only_the_token_itself_matches_its_digest() -> None:
    token = tokens.new_token()
    assert tokens.matches(token, tokens.digest(token))
    assert not tokens.matches(token + "x", tokens.digest(token))
    assert not tokens.matches(tokens.new_token(), tokens.digest(token))


@pytest.mark.parametrize(
    "text", ["", "rcf_", "rcf_" + "a" * 42, "rcf_" + "a" * 44, "xyz_" + "a" * 43, "rcf_" + "é" * 43, "rcf_" + "a" * 42 + "\n"]
)
def test_anything_else_is_not_well_formed(text: str) -> None:
    assert not tokens.is_well_formed(text)


@pytest.mark.parametrize("text", ["", "\ud800", "é" * 10_000, "\0"])
def test_any_text_has_a_digest(text: str) -> None:
    assert len(tokens.digest(text)) == 64


@pytest.mark.parametrize(
    "args", [("/calendar/{}.ics",), ({"path": "/calendar/{}.ics"},), ("127.0.0.1:1", "GET", "/calendar/{}.ics?x=1", "1.1", 404)]
)
def test_the_log_never_shows_a_token(args: tuple[object, ...]) -> None:
    token = tokens.new_token()

    def filled(value: object) -> object:
        return value.format(token) if isinstance(value, str) else value

    given = tuple({"path": filled(value["path"])} if isinstance(value, dict) else filled(value) for value in args)
    text = "%(path)s" if isinstance(given[0], dict) else " ".join(["%s"] * len(given))
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, f"{token}: {text}", given, None)
    assert tokens.HideTokens().filter(record)
    assert token.removeprefix("rcf_") not in record.getMessage()
    assert "/calendar/rcf_….ics" in record.getMessage()
