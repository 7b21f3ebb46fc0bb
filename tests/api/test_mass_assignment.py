"""Every field of a model is sent to every edit: only those that are described change."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import Model

from tests.access_matrix import SCENES, Row, Scene
from tests.access_matrix_api import ROWS
from tests.api.client import Api
from tests.api.test_fuzz import _who_may, names
from tests.factories import World
from tests.test_access_matrix import address, client_of, version

EDITS = [row for row in ROWS if row.edit and row.method == "PATCH"]
MOVED_BY_EVERY_WRITE = {"version", "changed_at", "updated_at"}
COLUMNS_OF = {"thresholds": {"threshold_municipalities", "threshold_population"}, "zone": {"zone_id"}, "owner": {"owner_id"}}


@pytest.mark.parametrize("name", sorted({row.scene for row in EDITS}))
def test_only_described_fields_change(world: World, name: str) -> None:
    scene = SCENES[name](world)
    for row in (row for row in EDITS if row.scene == name):
        cache.clear()
        thing: Model = getattr(scene, row.target)
        before = columns(thing)
        allowed = MOVED_BY_EVERY_WRITE | set(names(row)) | {c for field in names(row) for c in COLUMNS_OF.get(field, ())}
        hostile = {field.name: other(world, thing, field.attname) for field in thing._meta.concrete_fields if field.name not in names(row)}
        right = row.body(scene) if callable(row.body) else dict(row.body or {})
        response = Api(client_of(scene, _who_may(row))).patch(
            address(row, scene), {**hostile, **hostile_ids(thing, hostile), **right}, version=version(row, scene)
        )

        assert response.status_code == 200, response.content
        after = columns(type(thing)._default_manager.get(pk=thing.pk))
        assert {column for column in after if after[column] != before[column]} <= allowed, row.path
        assert any(after[column] != before[column] for column in after)
        _refresh(scene, row)


def columns(thing: Model) -> dict[str, Any]:
    return {field.attname: getattr(thing, field.attname) for field in thing._meta.concrete_fields}


def other(world: World, thing: Model, column: str) -> Any:
    """Another value of the same kind."""
    value = getattr(thing, column)
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return "evil"
        case _:
            return str(world.away.network.pk) if column.endswith("id") else "2000-01-01T00:00:00Z"


def hostile_ids(thing: Model, hostile: dict[str, Any]) -> dict[str, Any]:
    """The same under the columns' own names."""
    return {field.attname: hostile[field.name] for field in thing._meta.concrete_fields if field.name in hostile}


def _refresh(scene: Scene, row: Row) -> None:
    """The next row edits what this one has left."""
    for name, thing in scene.things.items():
        scene.things[name] = type(thing)._default_manager.get(pk=thing.pk)
