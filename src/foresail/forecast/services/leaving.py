"""Deals leave the forecast, for the bin, from which they may come back, or for good; and what reasons rested on leaves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from foresail.core.outbox import tell
from foresail.forecast.models import Outlook, Score, Verdict
from foresail.timeline import traces
from foresail.timeline.kinds import kind_of

ERASED: Final = ("依据的信号已删除", "rests on signals that were erased")
BATCH: Final = 500


def let_go(*, deals: Collection[int]) -> None:
    """Take deals out of what is forecast; what was said of them stays."""
    with transaction.atomic():
        Outlook.objects.filter(deal__in=deals).delete()
        tell("forecast", 0)


def forget_deals(*, deals: Collection[int]) -> None:
    """Remove all that was ever said of deals."""
    with transaction.atomic():
        let_go(deals=deals)
        Verdict.objects.filter(deal__in=deals).delete()
        Score.objects.filter(deal__in=deals).delete()


def forget_traces(*, deals: Collection[int]) -> int:
    """Let no reason of `deals` say any more what traces it rested on; return of how many scores that was.

    All of them, not only what is gone: a sentence tells of one kind of trace as a whole. Chances, and how much each
    reason added, stay: they are what was said, and whom it went by cannot be told from them.
    """
    words = {name for kind in traces.kinds() for name in (kind, kind_of(kind).zh)}
    text = Cast("reasons", TextField())
    found = (
        Score.objects.filter(deal__in=deals).annotate(text=text).filter(text__regex="|".join(sorted(words)))
    )
    told = [score for score in found.only("reasons").iterator(BATCH) if _silence(score.reasons, words)]
    Score.objects.bulk_update(told, ["reasons"], batch_size=BATCH)
    return len(told)


def _silence(reasons: dict[str, Any], words: Collection[str]) -> bool:
    """Take from the drivers of `reasons` what names one of `words`; return whether any did."""
    named = [
        driver
        for driver in reasons.get("drivers", ())
        if any(word in driver[part] for part in ("code", "zh") for word in words)
    ]
    for place, driver in enumerate(named):
        driver.update(code=f"erased:{place}", zh=ERASED[0], en=ERASED[1])
    return bool(named)
