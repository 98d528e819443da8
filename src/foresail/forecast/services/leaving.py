"""Deals leave the forecast: for the bin, from which they may come back, or for good."""

from __future__ import annotations

from django.db import transaction

from foresail.core.outbox import tell
from foresail.forecast.models import Outlook, Score, Touched, Verdict


def let_go(*, deal: int) -> None:
    """Take a deal out of what is forecast; what was said of it stays."""
    with transaction.atomic():
        Touched.objects.filter(deal=deal).delete()
        Outlook.objects.filter(deal=deal).delete()
        tell("forecast", 0)


def forget_deal(*, deal: int) -> None:
    """Remove all that was ever said of a deal."""
    with transaction.atomic():
        let_go(deal=deal)
        Verdict.objects.filter(deal=deal).delete()
        Score.objects.filter(deal=deal).delete()
