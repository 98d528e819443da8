"""What evidence adds up to, written once for every engine. Instants are microseconds since 1970, days are counted from then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import ibis

EVIDENCE: Final = {
    "account": "int64",
    "topic": "int64",
    "kind": "string",
    "signal": "int64",
    "at": "int64",
    "on": "int32",
    "known_at": "int64",
    "ended_at": "int64",
    "amount": "float64",
    "topics": "int16",
}
"""A table of evidence as the files have it: numbers and kinds alone, and who it was is left out."""
KEY: Final = ("account", "topic", "kind")
DAY: Final = 86_400_000_000.0


def interest_sums(lives: Mapping[str, float], *, as_of: int | None = None) -> Any:
    """Return the expression of all standing evidence by account, topic and kind: `at`, `value`, `whole`, `count`.

    It fades, with a half-life in days of `lives`, until the latest of its own instants; with `as_of` until then, and
    what stood and was known then counts.
    """
    stood = _standing(as_of).join(_half_lives(lives), "kind")
    latest = (
        stood["at"].max().over(ibis.window(group_by=KEY)) if as_of is None else ibis.literal(as_of, "int64")
    )
    timed = stood.mutate(latest=latest)
    # Cast, or Spark takes 86400000000.0 for a decimal, divides whole numbers by it, and keeps six places.
    ago = (timed["at"] - timed.latest).cast("float64")
    kept = 2.0 ** (ago / DAY / timed.days)
    faded = timed.select(*KEY, "latest", value=timed.amount * kept, whole=timed.amount / timed.topics * kept)
    return faded.group_by(*KEY).agg(
        at=faded.latest.max(), value=faded.value.sum(), whole=faded.whole.sum(), count=faded.count()
    )


def daily_sums(*, as_of: int | None = None) -> Any:
    """Return the expression of all standing evidence by account, day, topic and kind: `amount`, `whole`, `count`."""
    stood = _standing(as_of)
    return stood.group_by("account", "on", "topic", "kind").agg(
        amount=stood.amount.sum(), whole=(stood.amount / stood.topics).sum(), count=stood.count()
    )


def _standing(as_of: int | None) -> Any:
    evidence = ibis.table(EVIDENCE, name="evidence")
    if as_of is None:
        return evidence.filter(evidence.ended_at.isnull())
    return evidence.filter(
        evidence["at"] <= as_of,
        evidence.known_at <= as_of,
        evidence.ended_at.isnull() | (evidence.ended_at > as_of),
    )


def _half_lives(lives: Mapping[str, float]) -> Any:
    """Return half-lives as a table. Not a memtable: compiled for Spark, nobody would register it."""
    rows = ibis.array(
        [ibis.struct({"kind": kind, "days": float(days)}) for kind, days in sorted(lives.items())]
    )
    of = rows.unnest().name("life").as_table()
    return of.select(kind=of.life["kind"], days=of.life["days"])
