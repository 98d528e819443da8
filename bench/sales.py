"""Large made-up logs, drawn by numpy in seconds: for measuring speed, not for learning anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from foresail.science.time import DAY, SECOND, to_instant

LANDMARK = to_instant(datetime(2025, 6, 30, tzinfo=UTC), zone=ZoneInfo("UTC"))
"""The instant at which every benchmark looks."""

KINDS = 20
STAGES = 8
ACTORS = 200
EVENTS_PER_DEAL = 50
CLOSED_PER_OPEN = 0.1
"""Closed deals beside the open ones, so that owners, actors and attributes have a record."""
LATE_SHARE = 0.1
"""Events typed in hours after they happened."""


@dataclass(frozen=True)
class Tables:
    """Deals and events as `DealLog.build` takes them; the first `open` deals are open at `LANDMARK`."""

    deals: pl.DataFrame
    events: pl.DataFrame
    open: int


def draw(*, events: int, seed: int = 1) -> Tables:
    """Draw `events` events of `events` / 50 open deals, and on top a tenth as many closed deals with short courses."""
    rng = np.random.default_rng(seed)
    n_open = events // EVENTS_PER_DEAL
    n_closed = int(n_open * CLOSED_PER_OPEN)
    n = n_open + n_closed
    opened = LANDMARK - (rng.gamma(2.0, 60.0, n) * DAY).astype(np.int64) - DAY
    closed = opened + (rng.uniform(0.05, 0.99, n) * (LANDMARK - opened)).astype(np.int64)
    is_open = np.arange(n) < n_open
    deal = np.concatenate(
        [_spread(rng, events, n_open), n_open + _spread(rng, n_closed * EVENTS_PER_DEAL // 5, n_closed)]
    )
    until = np.where(is_open, LANDMARK, closed)
    # More happens early in a deal than late.
    at = opened[deal] + (rng.random(len(deal)) ** 1.5 * (until - opened)[deal]).astype(np.int64)
    late = np.where(rng.random(len(deal)) < LATE_SHARE, rng.exponential(6 * 3600, len(deal)), 0.0)
    kind = _skewed(rng, KINDS, len(deal), exponent=1.1)
    owner = rng.integers(0, ACTORS, n)
    helper = rng.random(len(deal)) < 0.2
    actor = np.where(helper, rng.integers(0, ACTORS, len(deal)), owner[deal])
    # The rarer half of the kinds moves deals from stage to stage; the third commonest is the customer's.
    stage = np.where(kind >= KINDS // 2, kind % STAGES, -1)
    names = np.array([f"D{i:07d}" for i in range(n)])
    return Tables(
        deals=pl.DataFrame(
            {
                "deal": names,
                "opened": _datetimes(opened),
                "closed": _datetimes(closed).set(pl.Series(is_open), None),
                "outcome": pl.Series(np.where(rng.random(n) < 0.4, "won", "lost")).set(
                    pl.Series(is_open), None
                ),
                "owner": _named("owner", owner, ACTORS),
                "amount": np.round(rng.lognormal(11, 1, n), 2),
                "source": _named("source", _skewed(rng, 8, n, exponent=0.8), 8),
                "region": _named("region", _skewed(rng, 12, n, exponent=0.5), 12),
                "seats": rng.poisson(20, n).astype(np.float64),
            }
        ),
        events=pl.DataFrame(
            {
                "deal": pl.Series(names).gather(deal),
                "at": _datetimes(at),
                "known": _datetimes(at + (late * SECOND).astype(np.int64)),
                "kind": _named("kind", kind, KINDS),
                "actor": _named("owner", np.where(kind == 2, -1, actor), ACTORS),
                "stage": _named("stage", stage, STAGES),
            }
        ),
        open=n_open,
    )


def _spread(rng: np.random.Generator, events: int, deals: int) -> npt.NDArray[np.int64]:
    """Return the deal of each event: every deal has one, some have ten times as many as others."""
    if not deals:
        return np.zeros(0, dtype=np.int64)
    weight = rng.lognormal(0.0, 0.7, deals)
    more = rng.multinomial(events - deals, weight / weight.sum())
    return rng.permutation(np.repeat(np.arange(deals), more + 1))


def _skewed(rng: np.random.Generator, names: int, n: int, *, exponent: float) -> npt.NDArray[np.int64]:
    weight = 1.0 / np.arange(1, names + 1) ** exponent
    return np.searchsorted(np.cumsum(weight / weight.sum())[:-1], rng.random(n), side="right")


def _datetimes(instants: npt.NDArray[np.int64]) -> pl.Series:
    return pl.Series(instants).cast(pl.Datetime("us", "UTC"))


def _named(prefix: str, codes: npt.NDArray[np.int64], n: int) -> pl.Series:
    """Return `codes` as text; -1 is null."""
    names = pl.Series([f"{prefix} {i:03d}" for i in range(n)])
    return names.gather(pl.Series(codes).set(pl.Series(codes < 0), None).cast(pl.UInt32))
