"""The model that serves a pool, and its files."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from django.db.models import QuerySet

from foresail.core.home import Home
from foresail.forecast.errors import ModelMissing
from foresail.forecast.models import ForecastModel
from foresail.science.errors import ScienceError
from foresail.science.forecaster import DealForecaster

MODELS = "models"
MAKING = ".making-"
log = logging.getLogger(__name__)
_loaded: dict[str, DealForecaster] = {}


def folder_of(model: ForecastModel) -> Path:
    return Home.of_environment(os.environ).folder / MODELS / model.folder


def keep_files(forecaster: DealForecaster, *, pool: int, version: int) -> str:
    """Write the files of a version, whole or not at all; return their folder below the home's models.

    The caller holds the pool: what somebody else left half made there was killed over it.
    """
    name = f"{pool}/{version}"
    place = Home.of_environment(os.environ).folder / MODELS / name
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in place.parent.glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=MAKING, dir=place.parent))
    try:
        forecaster.save(made / "model")
        if place.exists():  # of a training that was killed before its row was kept
            shutil.rmtree(place)
        (made / "model").rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return name


def load(model: ForecastModel) -> DealForecaster:
    """Return the forecaster of `model`, read once in each process. Raises ModelMissing."""
    key = str(folder_of(model))
    if key not in _loaded:
        try:
            _loaded[key] = DealForecaster.load(Path(key))
        except (ScienceError, OSError) as error:
            raise ModelMissing from error
    return _loaded[key]


def serving(pool: int) -> ForecastModel | None:
    return ForecastModel.objects.filter(pool=pool, status=ForecastModel.Status.SERVING).first()


def able() -> QuerySet[ForecastModel]:
    """Return the models that serve and, as far as is known, can forecast."""
    return ForecastModel.objects.filter(status=ForecastModel.Status.SERVING, unfit_since=None)


def usable(pool: int) -> tuple[ForecastModel, DealForecaster] | None:
    """Return the model that serves `pool`, read; where its files are damaged, the last before it that can be read.

    None where none ever served. Raises ModelMissing where none of them can be read.
    """
    model = serving(pool)
    if model is None:
        return None
    try:
        return model, load(model)
    except ModelMissing:
        log.exception("the files of model %s are missing or damaged: an earlier one stands in", model)
    retired = ForecastModel.objects.filter(pool=pool, status=ForecastModel.Status.RETIRED)
    for earlier in retired.order_by("-version"):
        with suppress(ModelMissing):
            return earlier, load(earlier)
    raise ModelMissing
