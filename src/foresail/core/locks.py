"""Locks by name, for what no row stands for."""

from __future__ import annotations

from django.db import connection


def lock(name: str) -> None:
    """Wait until no other transaction holds the lock `name`, such as "people organisation"; held to its end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"foresail.{name}"])


def try_lock(name: str) -> bool:
    """Hold the lock `name` to this transaction's end, if no other holds it; return whether."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"foresail.{name}"])
        (held,) = cursor.fetchone()
    return bool(held)
