"""How a change is told: to higher rooms, to open pages, and last, because it locks, to the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.crm.services.values import told

if TYPE_CHECKING:
    from foresail.people.models import User

PERSONAL = frozenset({"name", "title", "email", "phone"})


def actor(by: User | None) -> int | None:
    return by.pk if by else None


def tell_of_deal(*deals: int) -> None:
    """Let pages that show one of `deals`, or a list of deals, load again."""
    tell("deal", *deals)
    tell("deals", 0)


def person_key(record: Model) -> str:
    """Return the key under which governance keeps what is about the person that `record` is."""
    return f"crm.{type(record).__name__}:{record.pk}"


def person_of(contact: int) -> str:
    """Return the key under which governance keeps the personal values of a contact."""
    return f"crm.Contact:{contact}"


def keep(
    verb: str,
    subject: Model,
    values: Mapping[str, Any],
    *,
    by: User | None,
    at: datetime,
    personal: Collection[str] = (),
    person: str | None = None,
) -> None:
    """Record a change of `subject`.

    Texts that people write freely (a reason, the title of a task) are not among `values`: they may name
    somebody, and the trail cannot forget.
    """
    record(
        Change(
            actor=actor(by),
            verb=verb,
            subject=f"crm.{type(subject).__name__}",
            key=str(subject.pk),
            at=at,
            values={name: told(value) for name, value in values.items()},
            personal=frozenset(personal),
            person=person,
        )
    )


def keep_contact(
    verb: str, contact: Model, values: Mapping[str, Any], *, by: User | None, at: datetime
) -> None:
    """Record a change of a contact; whatever in `values` is about the person can be erased with them."""
    personal = PERSONAL.intersection(values)
    keep(verb, contact, values, by=by, at=at, personal=personal, person=person_of(contact.pk))
