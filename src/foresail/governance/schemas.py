"""Wire shapes of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from foresail.core.api import Reference, Schema

What = Literal["changed", "missing", "order"]
State = Literal["kept", "erased", "damaged", "withheld"]


class AuditFilter(Schema):
    """`actor` is a user's key, or 0 for Foresail itself; the period holds `since` and not `until`."""

    actor: int | None = None
    subject: str | None = None
    key: str | None = None
    verb: str | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class AuditQuery(AuditFilter):
    before: int | None = None
    limit: int = 50


class AuditValue(Schema):
    """A value that the change set. `before` is what was there, where that was kept.

    Where it is a record's key, `text` and `before_text` are the names of what it points to, as far as they may be seen.
    `state` says why a value cannot be shown: erased with its person, damaged, or withheld from who asks.
    """

    name: str
    state: State
    value: Any = None
    text: str | None = None
    before: Any = None
    before_text: str | None = None
    has_before: bool = False


class AuditRowOut(Schema):
    """`actor` is None for Foresail itself. `name` is the record's, where there is one that may be seen."""

    sequence: int
    at: datetime
    actor: Reference | None
    verb: str
    subject: str
    key: str
    name: str | None
    values: list[AuditValue]


class AuditPage(Schema):
    items: list[AuditRowOut]
    next: int | None


class BreakOut(Schema):
    sequence: int
    what: What
    because: str


class VerificationOut(Schema):
    """`rows` is how many hold, from the first on, and `head` the last that does; both None while it is under way."""

    asked_at: datetime
    asked_by: Reference | None
    ended_at: datetime | None
    rows: int | None
    head: HeadOut | None
    broken: BreakOut | None


class HeadOut(Schema):
    """The last row: who writes it down elsewhere can later prove that nothing before it was changed."""

    sequence: int
    hash: str


class ChainOut(Schema):
    head: HeadOut
    last: VerificationOut | None
    under_way: bool
