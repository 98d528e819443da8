"""The tree of teams, read in one query whatever its depth."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, kw_only=True)
class Ancestor:
    """A team on the way up; `steps` is 0 for the team itself."""

    key: int
    name: str
    manager: int | None
    steps: int


def keys_below(*, team: int) -> frozenset[int]:
    """Return the keys of `team` and of every team below it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE below (id) AS (
                SELECT id FROM people_team WHERE id = %s
                UNION SELECT team.id FROM people_team team JOIN below ON team.parent_id = below.id
            ) SELECT id FROM below
            """,
            [team],
        )
        return frozenset(key for (key,) in cursor.fetchall())


def way_up(*, team: int) -> tuple[Ancestor, ...]:
    """Return `team` and the teams above it, nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up (id, name, manager_id, parent_id, steps) AS (
                SELECT id, name, manager_id, parent_id, 0 FROM people_team WHERE id = %s
                UNION ALL
                SELECT team.id, team.name, team.manager_id, team.parent_id, up.steps + 1
                FROM people_team team JOIN up ON team.id = up.parent_id
            ) CYCLE id SET again USING path
            SELECT id, name, manager_id, steps FROM up WHERE NOT again ORDER BY steps
            """,
            [team],
        )
        return tuple(
            Ancestor(key=key, name=name, manager=manager, steps=steps)
            for key, name, manager, steps in cursor.fetchall()
        )


def managers_above(*, people: Collection[int]) -> frozenset[int]:
    """Return the active managers of the teams of `people`, and of every team above these."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up (parent_id, manager_id) AS (
                SELECT team.parent_id, team.manager_id
                FROM people_team team JOIN people_user person ON person.team_id = team.id
                WHERE person.id = ANY(%s)
                UNION SELECT team.parent_id, team.manager_id FROM people_team team JOIN up ON team.id = up.parent_id
            ) SELECT DISTINCT manager_id FROM up JOIN people_user manager ON manager.id = manager_id AND manager.active
            """,
            [list(people)],
        )
        return frozenset(key for (key,) in cursor.fetchall())
