"""Forecasts of open deals: models, scores, reasons, and how they fared."""
