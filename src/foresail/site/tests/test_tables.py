"""Tables are made by migrations; those that make them at once come to the same as those that came step by step."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation


def changes(before: ProjectState, after: ProjectState) -> dict[str, list[Any]]:
    """Return what Django would do to the tables, for each app."""
    found = MigrationAutodetector(before, after).changes(graph=MigrationLoader(None).graph)
    return {app: [step.operations for step in steps] for app, steps in found.items()}


def test_migrations_make_what_models_name() -> None:
    with translation.override(None):  # texts of Django's own tables are compared as they are written
        assert changes(MigrationLoader(None).project_state(), ProjectState.from_apps(apps)) == {}


def test_at_once_is_the_same_as_step_by_step() -> None:
    at_once, step_by_step = MigrationLoader(None), MigrationLoader(None, replace_migrations=False)
    known = step_by_step.disk_migrations
    last = [name for name in step_by_step.graph.leaf_nodes() if not known[name].replaces]
    assert any(migration.replaces for migration in at_once.graph.nodes.values())
    once, steps = at_once.project_state(), step_by_step.project_state(last)
    assert changes(once, steps) == {}
    columns = [{name: list(model.fields) for name, model in state.models.items()} for state in (once, steps)]
    assert columns[0] == columns[1]
