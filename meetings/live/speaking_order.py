"""The order of the list of speakers and who has spoken how much, computed from the state of the session alone.

Requests and the floor are mappings as `speaker_as_object` and `floor_as_object` give them: whoever holds the state, or has replayed
the log, comes to the same order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from meetings.live.models import Floor, SpeakerRequest, SpeakerState

Asked = Mapping[str, Any]
_STATES = {SpeakerState.SPEAKING: 0, SpeakerState.WAITING: 1, SpeakerState.SPOKEN: 2, SpeakerState.WITHDRAWN: 3}


class Figures(NamedTuple):
    """How often and how long somebody has spoken."""

    times: int = 0
    seconds: int = 0


def in_order(requests: Iterable[Asked], floor: Asked | None, current_item: Any) -> list[Asked]:
    """Who speaks; who waits on the current item, then on others; who is done; who left the list.

    Points of order come first. Without a floor the others follow as they came; with one by its rule, but that whoever has once stood on
    one of its protected places is overtaken by points of order alone.
    """
    rows = list(requests)
    place = {row["id"]: n for item in _items(rows) for n, row in enumerate(_waiting(rows, floor, item))}

    def key(row: Asked) -> tuple[int, bool, str, int, datetime, str]:
        return (
            _STATES[SpeakerState(row["state"])],
            row["agenda_item"] != current_item,
            str(row["agenda_item"]) if row["id"] in place else "",
            place.get(row["id"], 0),
            *_came(row),
        )

    return sorted(rows, key=key)


def spoken(requests: Iterable[Asked], *, now: datetime | None = None) -> dict[Any, Figures]:
    """Times and whole seconds by municipality. `now`: whoever speaks has spoken until then; without it, only those done have seconds."""
    found: dict[Any, Figures] = defaultdict(Figures)
    for row in requests:
        if row["given_at"] is None:
            continue
        until = row["ended_at"] or now or row["given_at"]
        times, seconds = found[row["municipality"]]
        found[row["municipality"]] = Figures(times + 1, seconds + max(int((until - row["given_at"]).total_seconds()), 0))
    return dict(found)


def _items(rows: Iterable[Asked]) -> set[Any]:
    return {row["agenda_item"] for row in rows if row["state"] == SpeakerState.WAITING}


def _waiting(rows: Sequence[Asked], floor: Asked | None, item: Any) -> list[Asked]:
    asked = [row for row in rows if row["agenda_item"] == item]
    first = [row for row in asked if row["state"] == SpeakerState.WAITING and _is_point_of_order(row)]
    others = [row for row in asked if not _is_point_of_order(row)]
    held = _held(others, rows, floor) if floor else []
    rest = [row for row in others if row["state"] == SpeakerState.WAITING and row not in held]
    return [*sorted(first, key=_came), *held, *_ranked(rest, rows, floor, None)]


def _held(asked: Sequence[Asked], rows: Sequence[Asked], floor: Asked) -> list[Asked]:
    """Who stands on the protected places: since the rule was made, each that became free went to whoever then was next by the rule."""
    held: list[Asked] = []
    for at in _instants(asked, floor["changed_at"]) if floor["protected_places"] else []:
        held = [row for row in held if not _left(row, at)]
        free = floor["protected_places"] - len(held)
        if free > 0:
            there = [row for row in asked if row["requested_at"] <= at and not _left(row, at) and row not in held]
            held += _ranked(there, rows, floor, at)[:free]
    return held


def _instants(asked: Iterable[Asked], since: datetime) -> list[datetime]:
    """When somebody came or left, from `since` on."""
    times = {row[name] for row in asked for name in ("requested_at", "given_at", "ended_at")}
    return [since, *sorted(at for at in times if at and at > since)]


def _left(row: Asked, at: datetime) -> bool:
    """Whether the request was no longer waiting at that instant."""
    if row["given_at"]:
        return bool(row["given_at"] <= at)
    return row["state"] == SpeakerState.WITHDRAWN and (row["ended_at"] is None or row["ended_at"] <= at)


def _ranked(waiting: Iterable[Asked], rows: Sequence[Asked], floor: Asked | None, at: datetime | None) -> list[Asked]:
    """By the rule, as things stood at an instant (None: now)."""
    rule = floor["order_rule"] if floor else Floor.Order.FIRST_COME
    had = spoken(_until(rows, at)) if rule != Floor.Order.FIRST_COME else {}

    def key(row: Asked) -> tuple[int, datetime, str]:
        figures = had.get(row["municipality"], Figures())
        return (figures.times if rule == Floor.Order.FEWEST_TIMES else figures.seconds, *_came(row))

    return sorted(waiting, key=key)


def _until(rows: Iterable[Asked], at: datetime | None) -> list[Asked]:
    """The contributions begun by then, with their end if they had one."""
    if at is None:
        return list(rows)
    begun = [row for row in rows if row["given_at"] and row["given_at"] <= at]
    return [row if row["ended_at"] and row["ended_at"] <= at else {**row, "ended_at": None} for row in begun]


def _came(row: Asked) -> tuple[datetime, str]:
    return row["requested_at"], str(row["id"])


def _is_point_of_order(row: Asked) -> bool:
    return bool(row["kind"] == SpeakerRequest.Kind.POINT_OF_ORDER)
