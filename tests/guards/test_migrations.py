"""Migrations are one line per app, with names that tell, and nothing waits to be made (habit 40)."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.guards.source import APPS


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None)


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_one_line_of_migrations(loader: MigrationLoader, app: str) -> None:
    if app not in loader.migrated_apps:
        pytest.fail(f"{app} has no migrations")
    assert len(loader.graph.leaf_nodes(app)) == 1
    numbers = sorted(name[:4] for label, name in loader.disk_migrations if label == app)
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_migrations_have_names_that_tell(loader: MigrationLoader) -> None:
    names = [name for label, name in loader.disk_migrations if label in APPS]
    told = re.compile(r"\d{4}_[a-z]+(_[a-z0-9]+)*")
    assert [name for name in names if not told.fullmatch(name) or re.search(r"auto|merge", name)] == []


@pytest.mark.django_db
def test_no_change_of_a_model_waits_for_its_migration() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1, stdout=said)
    except SystemExit:
        pytest.fail(said.getvalue())
