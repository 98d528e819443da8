"""How well the alert "evaluation stands still, interest in a competitor rises" finds what is planted, and nothing else."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.figure import Figure
from bench.served import fresh, inside
from foresail.core.home import Home
from foresail.site.ground import ground

SEEDS: Final = range(201, 209)
"""None of them was looked at while demo, topics, weights or triggers were made."""
DEALS: Final = 1_200
FLAGSHIP: Final = "evaluation-stalled-competitor"
PLANTED: Final = "stalled_and_rising"


def measure() -> Iterator[Figure]:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for seed in SEEDS:
        with fresh() as installation:
            told = inside(installation, judged, deals=DEALS, seed=seed)
        right.update(told["right"])
        wrong.update(told["wrong"])
    planted, found, fired = right["planted"], right["found"], right["found"] + sum(wrong.values())
    beside = f"{len(SEEDS)} unseen companies of {DEALS} deals; {planted} planted, {fired} fired for; wrongly: {dict(wrong) or 'none'}"
    yield Figure(
        "alert_recall", found / planted, "", right["stalled"] / planted,
        f"who is told of every evaluation that stands still; {beside}", at_least=0.9, bounds_value=True,
    )  # fmt: skip
    yield Figure(
        "alert_precision", found / fired, "", right["stalled"] / right["all_stalled"], "the same", at_least=0.8, bounds_value=True
    )  # fmt: skip


def judged(*, deals: int, seed: int) -> dict[str, Any]:
    """Fill an empty Foresail, and return what the alert fires for beside what was planted."""
    from foresail.advice import queries, services
    from foresail.core import clock
    from foresail.demo.services import fill

    with ground(Home(Path(os.environ["FORESAIL_HOME"]))):
        at = clock.now()
        filled = fill(deals=deals, seed=seed, at=at)
        services.install_shipped(at=at)
        flagship = next(each for each in queries.triggers() if each.key == FLAGSHIP)
        found = set(services.fired(flagship, at=at))
    cases = {deal: case for case, among in filled.planted.items() for deal in among}
    planted = set(filled.planted.get(PLANTED, ()))
    stalled = {deal for deal, case in cases.items() if case != "rising"}
    return {
        "right": {
            "planted": len(planted),
            "found": len(found & planted),
            "stalled": len(planted & stalled),
            "all_stalled": len(stalled),
        },
        "wrong": Counter(cases.get(deal, "nothing planted") for deal in found - planted),
    }
