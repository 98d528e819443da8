"""Three backtests on a public log, each in a process of its own: what they take, and how good the forecast is."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.figure import Figure, Skipped
from foresail.science import metrics
from foresail.science.backtest import Backtest, backtest
from foresail.science.log import Outcome
from foresail.science.mapping import load_mapping
from foresail.science.metrics import DealBootstrap, Statistic, Vector
from foresail.science.reading import read_log

Score = Callable[..., Vector]

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "bpic12"
CUTOFFS = (date(2011, 12, 8), date(2011, 12, 15), date(2011, 12, 22))
LAST_DAY = date(2012, 1, 12)

FLOORS: dict[str, tuple[float | None, float | None]] = {
    "final.auc": (0.78, None),
    "final.brier": (None, 0.178),
    "final.ece": (None, 0.05),
    "state.log_loss": (None, 0.83),
    "verdicts.right": (0.87, None),
    "verdicts.coverage": (0.13, None),
    "swing.band80": (0.74, 0.86),
}
"""At least and at most, for the median of the cutoffs."""

SCORES: dict[str, Score] = {
    "auc": metrics.auc,
    "ap": metrics.average_precision,
    "brier": metrics.brier,
    "log_loss": metrics.log_loss,
}
HIGHER_IS_BETTER = ("auc", "ap")


def measure() -> Iterator[Figure]:
    if not DATA.is_dir():
        raise Skipped("the public data sets are not beside this repository")
    runs = [_in_a_process(cutoff) for cutoff in CUTOFFS]
    yield Figure("backtest_seconds", max(run["seconds"] for run in runs), "s", at_most=60)
    yield Figure("backtest_memory", max(run["gib"] for run in runs), "GiB", at_most=2)
    for name, (least, most) in FLOORS.items():
        group, key = name.split(".")
        value = median(run["figures"][group][key]["value"] for run in runs)
        yield Figure(f"backtest_{group}_{key}", value, "", at_least=least, at_most=most)
    for name in SCORES:
        value = median(run["margins"][name] for run in runs)
        yield Figure(f"backtest_margin_{name}", value, "lower end, nearest baseline", at_least=0)


def _in_a_process(cutoff: date) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.backtest", cutoff.isoformat()]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _run(cutoff: date) -> dict[str, Any]:
    """Read the log and backtest it once; `gib` is the most memory that this process held."""
    start = perf_counter()
    log = read_log(mapping=load_mapping(DATA / "mapping.toml")).log
    result = backtest(log, cutoff=cutoff, until=min(cutoff + timedelta(weeks=4), LAST_DAY))
    seconds = perf_counter() - start
    return {
        "seconds": seconds,
        "gib": _peak_gib(),
        "figures": result.figures,
        "margins": _margins(result),
    }


def _peak_gib() -> float:
    """Return the most memory that this process has held since it started."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux hands getrusage's figure down from the process that started this one.
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if peak:
            return int(peak[1]) / 2**20
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def _margins(result: Backtest) -> dict[str, float]:
    """Return how much better p(won finally) is than the nearest baseline: the low end of the 95 % interval."""
    trial, judged = result.trial, result.judged
    assert trial is not None
    won = trial.outcome[judged] == Outcome.WON
    ours = result.scores.won_finally[judged]
    boot = DealBootstrap(trial.scored.deal[judged], seed=0)
    margins: dict[str, float] = {}
    for name, score in SCORES.items():
        sign = 1 if name in HIGHER_IS_BETTER else -1

        def scored(p: Vector, score: Score = score, sign: int = sign) -> Statistic:
            return lambda w: sign * score(won, p, weight=w)

        margins[name] = min(
            boot.paired(scored(ours), scored(theirs.won_finally[judged])).low
            for theirs in result.baselines.values()
        )
    return margins


if __name__ == "__main__":
    print(json.dumps(_run(date.fromisoformat(sys.argv[1]))))
