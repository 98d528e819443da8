"""Signals go: with the consent they rested on, and when their time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from foresail.core.outbox import tell
from foresail.governance.collecting import Basis
from foresail.governance.erasing import Erasure
from foresail.governance.services import hold_consents
from foresail.signals.models import Signal, Visitor

BATCH: Final = 20_000
_ERASE: Final = """
    WITH gone AS (
        DELETE FROM signals_signal WHERE {which} RETURNING fingerprint, visitor_id
    ), unseen AS (
        DELETE FROM signals_seen USING gone WHERE signals_seen.fingerprint = gone.fingerprint
    )
    SELECT count(*), array_agg(DISTINCT visitor_id) FROM gone
"""


def erase_subjects(erasure: Erasure) -> int:
    """Erase what only this consent allowed, and visitors of whom nothing is left; return how many signals that were.

    Their fingerprints go too: what is sent again after consent was given anew is another matter.
    """
    names = [each.removeprefix("visitor:") for each in erasure.subjects if each.startswith("visitor:")]
    visitors = list(Visitor.objects.filter(anonymous__among=names).values_list("pk", flat=True))
    if not visitors:
        return 0
    which = "visitor_id = ANY(%s) AND purpose = %s AND basis = %s"
    return _erase(which, [visitors, erasure.purpose.value, Basis.CONSENT.value])


def forget_old(*, at: datetime) -> int:
    """Erase signals whose time is over, in batches; return how many that were."""
    gone = 0
    which = f"(id, known_at) IN (SELECT id, known_at FROM signals_signal WHERE until <= %s LIMIT {BATCH})"  # noqa: S608
    while True:
        with transaction.atomic():
            hold_consents(alone=True)  # or a visitor could go to whom somebody just adds
            count = _erase(which, [at])
        gone += count
        if count < BATCH:
            return gone


def _erase(which: str, values: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ERASE.format(which=which), values)
        ((count, visitors),) = cursor.fetchall()
    if count:
        left = Signal.objects.filter(visitor__in=visitors).values("visitor")
        Visitor.objects.filter(pk__in=visitors).exclude(pk__in=left).delete()
        tell("signals", 0)
    return int(count)
