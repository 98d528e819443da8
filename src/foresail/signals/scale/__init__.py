"""Sums of evidence at any size: defined once (`sums`), computed where FORESAIL_ENGINE says (`engine`)."""

from foresail.signals.scale.engine import DuckDB, Engine, Spark, engine, limited
from foresail.signals.scale.sums import EVIDENCE, daily_sums, interest_sums

__all__ = ["EVIDENCE", "DuckDB", "Engine", "Spark", "daily_sums", "engine", "interest_sums", "limited"]
