"""When somebody last did something about a record. Higher rooms register what they know of deals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from foresail.crm.fields import ACCOUNT, LEAD, RecordType
from foresail.crm.models import Deal, FieldChange, Note, Task

Reader = Callable[[Collection[int]], Mapping[int, datetime]]
"""Takes deals; returns when there was last a talk about each, or a move of its stage."""

_readers: list[Reader] = []


def register_touches(reader: Reader) -> None:
    """Let `reader` say what its room knows. Called from an app's `ready`; twice is once."""
    if reader not in _readers:
        _readers.append(reader)


def last_touches(kind: RecordType, records: Collection[int]) -> dict[int, datetime]:
    """Return when accounts or leads were last touched, by key; those that never were are not there.

    A touch is a talk or a move of stage in one of an account's deals, a task that was done, a note, that a lead was
    taken up, and that the record came to its owner: nobody loses what they have just got. Ten queries at most.
    """
    found: dict[int, datetime] = {}

    def take(rows: Iterable[tuple[int, datetime]]) -> None:
        for key, at in rows:
            found[key] = max(at, found.get(key, at))

    changed = ("owner", "status") if kind is LEAD else ("owner",)
    of_kind = {"record_type": kind.key, "record__in": records}
    take(_latest(FieldChange.objects.filter(**of_kind, field__in=changed), "record", "at"))
    take(_latest(Note.objects.filter(**of_kind), "record", "created_at"))
    done = Task.objects.filter(done_at__isnull=False)
    take(_latest(done.filter(**{f"{kind.key}__in": records}), kind.key, "done_at"))
    if kind is ACCOUNT:
        for path in ("contact__account", "deal__account"):
            take(_latest(done.filter(**{f"{path}__in": records}), path, "done_at"))
        account_of = dict(Deal.objects.filter(account__in=records).values_list("pk", "account_id"))
        for reader in _readers:
            take((account_of[deal], at) for deal, at in reader(account_of).items())
    return found


def _latest(found: Any, by: str, at: str) -> Iterable[tuple[int, datetime]]:
    rows: Iterable[tuple[int, datetime]] = found.order_by().values_list(by).annotate(latest=Max(at))
    return rows
