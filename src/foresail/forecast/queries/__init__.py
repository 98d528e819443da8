"""The other door: forecasts and how they fared, limited to deals that the asking user may see."""

from foresail.forecast.queries.changes import changes
from foresail.forecast.queries.deals import (
    Look,
    history,
    looks_at,
    outlook,
    outlooks,
    what_if,
    what_if_options,
)
from foresail.forecast.queries.record import alerts, calibration, is_learned, model, models, verdicts
from foresail.forecast.queries.totals import totals

__all__ = [
    "Look", "alerts", "calibration", "changes", "history", "is_learned", "looks_at", "model", "models", "outlook", "outlooks", "totals",
    "verdicts", "what_if", "what_if_options",
]  # fmt: skip
