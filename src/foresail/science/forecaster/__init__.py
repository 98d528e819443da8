"""The forecaster: models, thresholds, reasons, and how they are kept."""

from foresail.science.forecaster.card import ModelCard
from foresail.science.forecaster.explain import (
    AddEvent,
    Change,
    Explanation,
    MoveStage,
    SetAmount,
    WhatIf,
)
from foresail.science.forecaster.forecaster import DealForecaster

__all__ = [
    "AddEvent",
    "Change",
    "DealForecaster",
    "Explanation",
    "ModelCard",
    "MoveStage",
    "SetAmount",
    "WhatIf",
]
