"""Reading a company's files: rows in, a `DealLog` out, and nothing lost without a word."""

from foresail.science.reading.reading import MOST_BYTES, MOST_REJECTS, Reading, read_log
from foresail.science.reading.rows import REASONS, Notice

__all__ = ["MOST_BYTES", "MOST_REJECTS", "REASONS", "Notice", "Reading", "read_log"]
