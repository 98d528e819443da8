"""Deals leave the forecast: for the bin, from which they may come back, or for good."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from foresail.core.outbox import tell
from foresail.forecast.models import Outlook, Score, Touched, Verdict


def let_go(*, deals: Collection[int]) -> None:
    """Take deals out of what is forecast; what was said of them stays."""
    with transaction.atomic():
        Touched.objects.filter(deal__in=deals).delete()
        Outlook.objects.filter(deal__in=deals).delete()
        tell("forecast", 0)


def forget_deals(*, deals: Collection[int]) -> None:
    """Remove all that was ever said of deals."""
    with transaction.atomic():
        let_go(deals=deals)
        Verdict.objects.filter(deal__in=deals).delete()
        Score.objects.filter(deal__in=deals).delete()
