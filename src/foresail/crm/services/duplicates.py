"""Pairs of records that look like one customer: found each night and on demand, decided by people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from foresail.core.errors import NotFound
from foresail.core.events import emit
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm import matching
from foresail.crm.errors import PairDecided
from foresail.crm.events import RecordsDoubted
from foresail.crm.fields import RecordType, record_type
from foresail.crm.matched import index_all, rows_of, table_of
from foresail.crm.models import DuplicatePair, MatchModel, QualitySetting
from foresail.crm.services.permission import require, require_configuring
from foresail.crm.services.telling import keep
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

MATCHED: Final = tuple(matching.SPECS)
"""The kinds of records of which duplicates are looked for."""


def find_duplicates(*, kind: RecordType, at: datetime) -> int:
    """Look through all records of `kind`; return how many pairs are open. Foresail itself does this.

    What was decided stays decided. Pairs that are no longer found, because a record changed, are let go. The
    records are read, compared, and only then locked for the writing: nobody waits while pairs are weighed.
    """
    spec = matching.SPECS[kind.key]
    rows = rows_of(kind, kind.model.objects.all())
    table = table_of(kind, rows)
    model = matching.learn(table, spec)
    pairs = matching.find(table, spec, model=model)
    with transaction.atomic():
        lock("crm find_duplicates")
        MatchModel.objects.update_or_create(
            record_type=kind.key,
            defaults={"records": model.records, "u": model.u, "learned_at": at},
        )
        index_all(kind, rows)
        found = {(pair.left, pair.right) for pair in pairs}
        known = set(DuplicatePair.objects.filter(record_type=kind.key).values_list("low", "high"))
        open_pairs = DuplicatePair.objects.filter(record_type=kind.key, state=DuplicatePair.State.OPEN)
        let_go = [
            key for key, low, high in open_pairs.values_list("pk", "low", "high") if (low, high) not in found
        ]
        DuplicatePair.objects.filter(pk__in=let_go).delete()
        DuplicatePair.objects.bulk_create(
            (
                DuplicatePair(
                    record_type=kind.key,
                    low=pair.left,
                    high=pair.right,
                    weight=pair.weight,
                    chance=pair.chance,
                    outcomes=dict(pair.outcomes),
                    found_at=at,
                )
                for pair in pairs
            ),
            batch_size=1_000,
            update_conflicts=True,
            unique_fields=["record_type", "low", "high"],
            update_fields=["weight", "chance", "outcomes"],
        )
        if doubted := {key for pair in found - known for key in pair}:
            records = tuple(sorted(doubted))
            emit(RecordsDoubted(record_type=kind.key, records=records, doubt="duplicate", at=at))
        tell("duplicates", 0)
        return open_pairs.count()


def dismiss_pair(*, pair: DuplicatePair, by: User | None, at: datetime) -> None:
    """Say that the two are not the same. Raises NotFound, NotAllowed or PairDecided."""
    _decide(pair, DuplicatePair.State.OPEN, DuplicatePair.State.DISMISSED, by=by, at=at)


def reopen_pair(*, pair: DuplicatePair, by: User | None, at: datetime) -> None:
    """Take back that the two are not the same. Raises NotFound, NotAllowed or PairDecided."""
    _decide(pair, DuplicatePair.State.DISMISSED, DuplicatePair.State.OPEN, by=by, at=at)


def set_quality(
    *, hidden_matches: str, departs_from: float | None, by: User | None, at: datetime
) -> QualitySetting:
    """Say what is told of matches somebody may not see, and from when contacts are noted as left unasked.

    Raises NotAllowed unless `by` is sales operations; ValueError for what is no such setting.
    """
    with transaction.atomic():
        require_configuring(by=by)
        setting = QualitySetting(
            pk=1, hidden_matches=QualitySetting.Told(hidden_matches).value, departs_from=departs_from
        )
        setting.save()
        keep(
            "set_quality", setting, {"hidden_matches": hidden_matches, "departs_from": departs_from}, by=by, at=at
        )  # fmt: skip
        tell("quality", 0)
        return setting


def quality() -> QualitySetting:
    """Return how the organisation wants it, or what is usual."""
    return QualitySetting.objects.first() or QualitySetting(pk=1)


def _decide(pair: DuplicatePair, was: str, state: str, *, by: User | None, at: datetime) -> None:
    with transaction.atomic():
        pair.refresh_from_db(from_queryset=DuplicatePair.objects.select_for_update())
        require(Action.CHANGE, *both(pair), by=by)
        if pair.state != was:
            raise PairDecided
        pair.state = state
        dismissed = state == DuplicatePair.State.DISMISSED
        pair.decided_at, pair.decided_by = (at, by) if dismissed else (None, None)
        pair.save(update_fields=["state", "decided_at", "decided_by"])
        tell("duplicates", 0)
        keep(
            "dismiss_duplicate" if dismissed else "reopen_duplicate", pair,
            {"record_type": pair.record_type, "low": pair.low, "high": pair.high}, by=by, at=at,
        )  # fmt: skip


def both(pair: DuplicatePair) -> list[Any]:
    """Return the two records. Raises NotFound where one is not there any more."""
    found = list(
        record_type(pair.record_type).model.objects.filter(pk__in=(pair.low, pair.high)).order_by("pk")
    )
    if len(found) < 2:
        raise NotFound
    return found


def note_hidden(kind: RecordType, *, count: int, by: User, at: datetime) -> None:
    """Keep that somebody was told of `count` matches that they may not see: who asks too often, stands out."""
    with transaction.atomic():
        keep("told_of_hidden_match", by, {"record_type": kind.key, "count": count}, by=by, at=at)
