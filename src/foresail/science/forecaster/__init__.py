"""The forecaster: models, thresholds, reasons, and how they are kept."""

from foresail.science.forecaster.forecaster import DealForecaster

__all__ = ["DealForecaster"]
