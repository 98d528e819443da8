"""What lists of deals show, filter and sort by of the latest forecast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db.models import Case, DecimalField, F, OuterRef, Subquery, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Now

from foresail.crm.fields import Choice, Field, Kind, register_fields
from foresail.forecast.models import Score

WEEK: Final = timedelta(days=7)


def register() -> None:
    """Called from the app's `ready`."""
    sides = (Choice(key="won", zh="将赢", en="Will be won"), Choice(key="lost", zh="将输", en="Will be lost"))
    register_fields(
        "deal",
        _field(
            "win_chance",
            Kind.NUMBER,
            "赢率",
            "Win chance",
            lambda: _exact(_latest("p_won_final")),
            share=True,
        ),
        _field(
            "win_change", Kind.NUMBER, "赢率周变化", "Change in a week", _change, share=True, sortable=False
        ),
        _field("verdict", Kind.CHOICE, "定论", "Verdict", lambda: _latest("verdict"), choices=sides),
        _field("risk", Kind.NUMBER, "丢单风险", "Risk", lambda: _exact(_latest("risk")), share=True),
        _field("alerted", Kind.BOOL, "流失预警", "Alert", lambda: _latest("alerted")),
    )


def _field(
    key: str, kind: Kind, zh: str, en: str, expression: Callable[[], Combinable], **more: Any
) -> Field:
    """Return a field that nobody enters. No rule hides it: the deal's own page tells it too."""
    return Field(
        key=key, kind=kind, zh=zh, en=en, expression=expression, changeable=False, restrictable=False, **more
    )


def _latest(name: str) -> Case:
    """Return what the outlook says. A deal that ended has none, also before the worker took it away."""
    return Case(When(status="open", then=F(f"outlook__{name}")))


def _exact(value: Any) -> Combinable:
    """Numbers in lists are decimals: pages go on from them, digit for digit."""
    return Cast(value, DecimalField(max_digits=20, decimal_places=15))


def _change() -> Combinable:
    """What p(won) gained or lost since the last score of a week ago; nothing where there is none so old."""
    before = Score.objects.filter(deal=OuterRef("pk"), at__lte=Now() - WEEK).order_by("-at", "-pk")
    return _exact(_latest("p_won_final") - Subquery(before.values("p_won_final")[:1]))
