"""What each kind of evidence counts, and how soon that halves: as shipped, as learned, or as somebody set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foresail.signals.kinds import KINDS
from foresail.signals.models import KindWeight


@dataclass(frozen=True, slots=True)
class Weight:
    weight: float
    half_life: float


def weights() -> Mapping[str, Weight]:
    """Return what counts now, by kind. One query."""
    kept = {each.kind: Weight(each.weight, each.half_life) for each in KindWeight.objects.all()}
    return {key: kept.get(key, Weight(kind.weight, kind.half_life)) for key, kind in KINDS.items()}


def half_lives() -> dict[str, float]:
    """Return in how many days evidence of each kind halves."""
    return {kind: weight.half_life for kind, weight in weights().items()}
