"""What each kind of evidence counts is set by sales operations, and learned from how deals ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.errors import NotFound
from foresail.core.locks import lock
from foresail.core.outbox import tell
from foresail.crm.queries import may_configure
from foresail.people.errors import NotAllowed
from foresail.signals.errors import WeightInvalid
from foresail.signals.kinds import KINDS
from foresail.signals.models import KindWeight
from foresail.signals.soon import sum_all_soon
from foresail.signals.weighing import weights

if TYPE_CHECKING:
    from foresail.people.models import User


def set_weight(*, kind: str, weight: float, half_life: float, by: User, at: datetime) -> None:
    """Let a kind count `weight`, halving in `half_life` days, from now on. Raises NotAllowed, NotFound or WeightInvalid."""
    if not may_configure(user=by):
        raise NotAllowed
    if kind not in KINDS:
        raise NotFound
    if not (0 <= weight <= 100 and 1 <= half_life <= 365):
        raise WeightInvalid
    with transaction.atomic():
        lock("signals weights")
        before = weights()[kind]
        KindWeight.objects.update_or_create(
            kind=kind,
            defaults={"weight": weight, "half_life": half_life, "edited_by": by, "changed_at": at},
        )
        told("set_weight", kind, {"weight": weight, "half_life": half_life}, by=by, at=at)
        if before.half_life != half_life:
            sum_all_soon()


def reset_weight(*, kind: str, by: User, at: datetime) -> None:
    """Let a kind count what was learned, or as shipped. Raises NotAllowed or NotFound."""
    if not may_configure(user=by):
        raise NotAllowed
    if kind not in KINDS:
        raise NotFound
    with transaction.atomic():
        lock("signals weights")
        before = weights()[kind]
        kept = KindWeight.objects.filter(kind=kind).first()
        if kept is None:
            return
        shipped = KINDS[kind]
        if kept.learned is None:
            kept.delete()
        else:
            kept.weight, kept.half_life = kept.learned["weight"], shipped.half_life
            kept.edited_by, kept.changed_at = None, at
            kept.save()
        told("reset_weight", kind, {}, by=by, at=at)
        if before.half_life != shipped.half_life:
            sum_all_soon()


def told(verb: str, kind: str, values: dict[str, float], *, by: User | None, at: datetime) -> None:
    """Tell pages and the audit of what became of a weight, in the caller's transaction."""
    tell("topics", 0)
    record(
        Change(
            actor=by.pk if by else None, verb=verb, subject="signals.KindWeight", key=kind, at=at,
            values={"kind": kind, **values},
        )
    )  # fmt: skip
