"""How a change of a user is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foresail.core.changes import Change, record
from foresail.people.models import User

PERSONAL = frozenset({"email", "name", "address", "agent", "subject"})


def tell(verb: str, user: User, values: Mapping[str, Any], *, by: User | None, at: datetime) -> None:
    """Record a change of `user`; whatever in `values` is about the person is named as such."""
    record(
        Change(
            actor=by.pk if by else None,
            verb=verb,
            subject="people.User",
            key=str(user.pk),
            at=at,
            values=values,
            personal=PERSONAL.intersection(values),
            person=str(user.pk),
        )
    )
