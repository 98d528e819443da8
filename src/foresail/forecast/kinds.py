"""What the audit trail may be told of models and estimates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from foresail.forecast.models import Estimate, ForecastModel
from foresail.governance.kinds import Kind
from foresail.people.rules import Action, Scope, scope

if TYPE_CHECKING:
    from foresail.people.models import User


def _models(_: User, keys: Collection[int]) -> Mapping[int, str]:
    found = ForecastModel.objects.filter(pk__in=keys).values_list("pk", "pool__name", "version")
    return {key: f"{pool} {version}" for key, pool, version in found}


def _estimates(user: User, keys: Collection[int]) -> Mapping[int, str]:
    """Estimates are sums over many deals: shown to who sees all of them."""
    if scope(user=user, action=Action.SEE) is not Scope.ALL:
        return {}
    return dict(Estimate.objects.filter(pk__in=keys).values_list("pk", "period"))


OURS = (
    Kind(subject="forecast.ForecastModel", names=_models, guarded=False),
    Kind(subject="forecast.Estimate", names=_estimates),
)
