"""`search/`: pages of what is found, filters, and queries of every kind."""

import pytest

from meetings.archive.kinds import Kind
from tests import factories
from tests.archive.test_contract import HOSTILE
from tests.factories import Side

ADDRESS = "networks/home/search/"


def texts(pieces: list[dict[str, object]]) -> str:
    return "".join(str(piece["text"]) for piece in pieces)


def test_what_is_found_says_what_it_is_and_where(side: Side, api) -> None:  # type: ignore[no-untyped-def]
    meeting = factories.circulated(side).meeting
    [found] = [row for row in api(side.observer).get(ADDRESS + "?q=lines stay").json()["results"] if row["kind"] == Kind.DECISION]
    item = factories.items(meeting)[0]
    assert (found["meeting"], found["agenda_item"], found["number"], found["year"]) == (str(meeting.pk), str(item.pk), 1, 2026)
    assert [piece["text"] for piece in found["excerpt"] if piece["hit"]] == ["lines", "stay"]
    assert found["abilities"] == []
    [note] = [row for row in api(side.observer).get(ADDRESS + "?q=heard&kind=note").json()["results"]]
    assert texts(note["excerpt"]) == "The operators were heard. home"


def test_pages(side: Side, api) -> None:  # type: ignore[no-untyped-def]
    for n in range(5):
        factories.proposal(side, f"Bridge {n}", seat=0)
    client = api(side.representative)
    whole = [row["id"] for row in client.get(ADDRESS + "?q=bridge").json()["results"]]
    walked, page = [], client.get(ADDRESS + "?q=bridge&limit=2").json()
    walked += [row["id"] for row in page["results"]]
    while page["next"]:
        page = client.get(page["next"].partition("/api/v1/")[2]).json()
        walked += [row["id"] for row in page["results"]]
    assert walked == whole
    assert len(whole) == 5


def test_filters(side: Side, api) -> None:  # type: ignore[no-untyped-def]
    factories.agenda_published(side)
    client = api(side.observer)
    assert {row["kind"] for row in client.get(ADDRESS + "?q=school&kind=agenda_item").json()["results"]} == {"agenda_item"}
    assert client.get(ADDRESS + "?q=school&kind=decision").json()["results"] == []
    assert client.get(ADDRESS + "?q=school&from=2026-11-26&to=2026-11-26").json()["results"] != []
    assert client.get(ADDRESS + "?q=school&to=2026-11-25").json()["results"] == []
    assert client.get(ADDRESS + f"?q=school&municipality={side.seats[0].pk}").json()["results"] != []
    assert client.get(ADDRESS + f"?q=school&municipality={side.seats[5].pk}").json()["results"] == []
    assert client.get(ADDRESS + "?q=school&state=declined").json()["results"] == []


@pytest.mark.parametrize("wrong", ["kind=pigeon", "from=yesterday", "municipality=x", "to=9999-99-99"])
def test_a_filter_that_makes_no_sense_is_refused(side: Side, api, wrong: str) -> None:  # type: ignore[no-untyped-def]
    assert api(side.observer).get(ADDRESS + f"?q=a&{wrong}").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "%00", "MCAyMDI2", "é", "MiAyMDI2LTExLTI2VDA5OjAwOjAwKzAwOjAwIG5vdGUgeA=="])
def test_a_cursor_of_somebody_else_is_refused(side: Side, api, cursor: str) -> None:  # type: ignore[no-untyped-def]
    assert api(side.observer).get(ADDRESS + f"?q=a&cursor={cursor}").status_code == 400


def test_no_query_is_an_error(side: Side, api) -> None:  # type: ignore[no-untyped-def]
    factories.agenda_published(side)
    client = api(side.observer)
    for query in HOSTILE:
        if "\ud800" not in query:
            answer = client.client.get(f"/api/v1/{ADDRESS}", {"q": query})
            assert answer.status_code == 200, (query[:50], answer.content[:300])


def test_it_takes_the_same_few_queries(side: Side, api, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    factories.circulated(side)
    client = api(side.observer)
    client.get(ADDRESS + "?q=home")
    with django_assert_num_queries(4):
        assert len(client.get(ADDRESS + "?q=home").json()["results"]) > 5
