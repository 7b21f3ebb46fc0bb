"""Which municipality somebody in a video call was there for, by their address or by the name they chose.

Only what points to one municipality alone is a match; everything else is for a person to look at, with the likeliest first.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from rapidfuzz import fuzz, process

from meetings.network.models import Membership, Municipality

BY_ADDRESS, BY_DOMAIN, BY_NAME, BY_PERSON = 1.0, 0.95, 0.9, 0.85
"""How sure a match is: a member's own address; the municipality's own domain; its name within the name; a member's name."""
MOST_SUGGESTED, LEAST_LIKE = 5, 60
_PHONE = re.compile(r"[+(]?[\d*•x.\s()/-]{5,}", re.IGNORECASE)
_DEVICES = frozenset(
    re.findall(
        r"\w+",
        "iphone ipad ipod galaxy samsung huawei xiaomi redmi oppo pixel android macbook imac laptop desktop pc tablet phone smartphone "
        "guest ospite invite invitee user utente utilisateur telefono cellulare portatile zoom teams",
    )
)
_OFFICIAL = frozenset(("comune", "citta", "municipio", "sindaco", "sindaca", "commune", "mairie"))
_SMALL = frozenset(("di", "d", "del", "della", "dell", "de", "des", "la", "il", "lo", "l", "e"))


class Guess(NamedTuple):
    """A municipality and how sure it is, from 0 to 1."""

    municipality: UUID
    name: str
    confidence: float


class Found(NamedTuple):
    """What is taken unless somebody says otherwise, and what else it may be."""

    match: Guess | None
    person: Membership | None
    suggestions: Sequence[Guess]


class Matcher:
    """Knows a meeting's seats and who represents them; asks the database for nothing."""

    def __init__(self, seats: Iterable[Municipality], members: Iterable[Membership]) -> None:
        self.seats = {seat.pk: seat for seat in seats}
        self.words = {seat.pk: words(seat.name) for seat in self.seats.values()}
        self.choices = {pk: " ".join(parts) for pk, parts in self.words.items()}
        self.domains: dict[str, set[UUID]] = defaultdict(set)
        for pk, parts in self.words.items():
            self.domains["".join(parts)].add(pk)
        self.by_address: dict[str, list[Membership]] = defaultdict(list)
        self.by_person: dict[tuple[str, ...], list[Membership]] = defaultdict(list)
        for member in members:
            if member.municipality_id in self.seats:
                self.by_address[member.user.email.casefold()].append(member)
                self.by_person[tuple(sorted(words(member.user.name)))].append(member)

    def find(self, name: str, email: str) -> Found:
        """Raises nothing: who is nobody's has no match and no suggestions."""
        known, parts = self.by_address.get(email.casefold(), []), words(name)
        if known:
            return self._of_members(known, BY_ADDRESS)
        anonymous = bool(_PHONE.fullmatch(name.strip())) or (bool(_DEVICES & set(parts)) and not _OFFICIAL & set(parts))
        at = self._at_domain(email)
        named = set() if anonymous else self._named(parts)
        for seats, confidence in ((at, BY_DOMAIN), (named, BY_NAME)):
            if len(seats) == 1:
                match = self._guess(next(iter(seats)), confidence)
                return Found(match, self._person(parts, match.municipality), self._like(parts, match))
        if same := self.by_person.get(tuple(sorted(parts)), []) if not anonymous else []:
            return self._of_members(same, BY_PERSON)
        several = [self._guess(pk, BY_NAME / 2) for pk in sorted(named | at, key=lambda pk: self.seats[pk].name)]
        return Found(None, None, several or ([] if anonymous else self._like(parts, None)))

    def _of_members(self, members: Sequence[Membership], confidence: float) -> Found:
        """A match when they represent one municipality; who represents several is there for one that somebody must choose."""
        by_seat = {member.municipality_id: member for member in members if member.municipality_id}
        if len(by_seat) == 1:
            [(pk, member)] = by_seat.items()
            return Found(self._guess(pk, confidence), member, [])
        return Found(None, None, [self._guess(pk, confidence / 2) for pk in sorted(by_seat, key=lambda pk: self.seats[pk].name)])

    def _guess(self, pk: UUID, confidence: float) -> Guess:
        return Guess(pk, self.seats[pk].name, round(confidence, 2))

    def _person(self, parts: Sequence[str], pk: UUID) -> Membership | None:
        """The member of that seat whose whole name stands in what the participant is called."""
        rows = [row for names, found in self.by_person.items() if set(names) <= set(parts) for row in found if row.municipality_id == pk]
        return rows[0] if len(rows) == 1 else None

    def _at_domain(self, email: str) -> set[UUID]:
        """Of an address such as sindaco@comune.san-mauro.to.it: the municipality that is called so."""
        labels = email.casefold().rpartition("@")[2].split(".")
        after = next((labels[place + 1] for place, label in enumerate(labels[:-1]) if label in ("comune", "citta")), "")
        return self.domains.get("".join(words(after)), set()) if after else set()

    def _named(self, parts: Sequence[str]) -> set[UUID]:
        """The municipalities whose whole names stand in it. One that is only a part of a longer one there does not count."""
        found: list[tuple[int, int, UUID]] = []
        for pk, name in self.words.items():
            found += [(at, at + len(name), pk) for at in _places(parts, name)]
        return {
            pk for begins, ends, pk in found if not any(b <= begins and ends <= e and (b, e) != (begins, ends) for b, e, _other in found)
        }

    def _like(self, parts: Sequence[str], match: Guess | None) -> list[Guess]:
        told = " ".join(part for part in parts if part not in _OFFICIAL)
        near = process.extract(told, self.choices, scorer=fuzz.WRatio, limit=MOST_SUGGESTED + 1, score_cutoff=LEAST_LIKE) if told else []
        guesses = [self._guess(pk, score / 100 * BY_NAME) for _choice, score, pk in near]
        return [guess for guess in guesses if match is None or guess.municipality != match.municipality][:MOST_SUGGESTED]


def words(text: str) -> tuple[str, ...]:
    """Without case, accents, signs and the small words of place names, so that “Città di Chieri” is “citta chieri”."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return tuple(word for word in re.findall(r"[^\W_]+", plain) if word not in _SMALL)


def _places(parts: Sequence[str], name: Sequence[str]) -> list[int]:
    size = len(name)
    return [at for at in range(len(parts) - size + 1) if size and tuple(parts[at : at + size]) == tuple(name)]
