"""What a new installation begins with is what the steps of an older one have led to."""

from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader

from meetings.backup import contents

AT_ONCE, LAST_STEP = ("meetings", "0001_squashed_0004_news"), ("meetings", "0004_news")


def test_the_tables_at_once_are_those_of_the_steps() -> None:
    steps = MigrationLoader(None, replace_migrations=False)
    at_once = MigrationLoader(None)
    assert AT_ONCE in at_once.graph.nodes and LAST_STEP not in at_once.graph.nodes
    one, other = steps.project_state(LAST_STEP), at_once.project_state(AT_ONCE)
    assert len(one.models) > 40
    assert MigrationAutodetector(one, other).changes(steps.graph) == {}
    assert MigrationAutodetector(other, one).changes(steps.graph) == {}


def test_a_backup_does_not_say_by_which_way_the_tables_were_made(db: None) -> None:
    named = [name for name in contents.migrations("default") if name.startswith("meetings.")]
    assert named == [
        "meetings.0001_initial",
        "meetings.0002_clock_and_mail",
        "meetings.0003_live_session",
        "meetings.0004_news",
        "meetings.0005_archive",
    ]
