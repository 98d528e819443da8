"""Changes for tests, told as a verb of another room tells them, and hands that tamper."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from foresail.core.changes import Change, record

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def tell(
    *,
    key: str = "7",
    values: Mapping[str, Any] | None = None,
    personal: frozenset[str] = frozenset(),
    person: str | None = None,
    actor: int | None = 3,
    minute: int = 0,
) -> None:
    with transaction.atomic():
        record(
            Change(
                actor=actor,
                verb="renamed",
                subject="crm.Account",
                key=key,
                at=MORNING + timedelta(minutes=minute),
                values={"stage": "won"} if values is None else values,
                personal=personal,
                person=person,
            )
        )


def tell_of(person: str, *, key: str = "7") -> None:
    tell(
        key=key,
        values={"name": "王芳", "phone": "13800000000", "role": "buyer"},
        personal=frozenset({"name", "phone"}),
        person=person,
    )


def tamper(sql: str, values: Sequence[bytes | int] = ()) -> None:
    """Run `sql` as somebody who may switch the trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE governance_auditrow DISABLE TRIGGER governance_append_only")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE governance_auditrow ENABLE ALWAYS TRIGGER governance_append_only")
