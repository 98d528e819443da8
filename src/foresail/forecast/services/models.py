"""Which model serves, and going back to an earlier one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from foresail.core.changes import Change, record
from foresail.core.outbox import tell
from foresail.forecast.errors import ModelMissing, NotAllowed
from foresail.forecast.models import ForecastModel
from foresail.forecast.serving import able, load, serving
from foresail.forecast.soon import score_anew
from foresail.people.rules import Action, Scope, scope

if TYPE_CHECKING:
    from foresail.people.models import User


def put_to_serve(model: ForecastModel) -> None:
    """Let `model` serve instead of the one that does. Inside the caller's transaction."""
    ForecastModel.objects.filter(pool=model.pool_id, status=ForecastModel.Status.SERVING).update(
        status=ForecastModel.Status.RETIRED
    )
    model.status, model.unfit_since = ForecastModel.Status.SERVING, None
    model.save(update_fields=["status", "unfit_since"])


def note_unfit(*, pool: int, at: datetime) -> bool:
    """Note that no model of `pool` can forecast; return whether that is news."""
    return bool(able().filter(pool=pool).update(unfit_since=at))


def note_fit(*, pool: int) -> None:
    """Note that a model forecasts `pool`, as where files came back. In the caller's transaction."""
    unfit = ForecastModel.objects.filter(pool=pool, status=ForecastModel.Status.SERVING)
    unfit.exclude(unfit_since=None).update(unfit_since=None)


def promote(*, model: ForecastModel, reason: str, by: User | None, at: datetime) -> ForecastModel:
    """Let `model` serve, and have all open deals scored by it. Raises NotAllowed or ModelMissing."""
    if by is not None and scope(user=by, action=Action.CONFIGURE) is not Scope.ALL:
        raise NotAllowed
    load(model)
    with transaction.atomic():
        model = ForecastModel.objects.select_for_update().get(pk=model.pk)
        if model.status == ForecastModel.Status.SERVING:
            return model
        before = serving(model.pool_id)
        put_to_serve(model)
        score_anew(model.pool_id)
        tell("forecast", 0)
        values = {"pool": model.pool_id, "version": model.version, "before": before and before.version}
        record(
            Change(
                actor=by.pk if by else None, verb="promote", subject="forecast.ForecastModel", key=str(model.pk), at=at,
                values=values | {"reason": reason},
            )
        )  # fmt: skip
    return model


def roll_back(*, pool: int, reason: str, by: User | None, at: datetime) -> ForecastModel:
    """Let the model that served before serve again. Raises NotAllowed or ModelMissing."""
    now = serving(pool)
    earlier = ForecastModel.objects.filter(pool=pool, status=ForecastModel.Status.RETIRED)
    if now is not None:
        earlier = earlier.filter(version__lt=now.version)
    model = earlier.order_by("-version").first()
    if model is None:
        raise ModelMissing
    return promote(model=model, reason=reason, by=by, at=at)
