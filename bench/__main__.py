"""`python -m bench [name…]`: measure, print a table, write bench/latest.json. Fails if a goal is missed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import (
    alerts,
    backtest,
    departed,
    duplicates,
    features,
    imports,
    intake,
    interest,
    live,
    page,
    reasons,
    records,
    scale,
    scoring,
    signals,
    start,
    timeline,
    together,
)
from bench.figure import Figure, Skipped

SUBJECTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "features": features.measure,
    "scoring": scoring.measure,
    "backtest": backtest.measure,
    "reasons": reasons.measure,
    "live": live.measure,
    "together": together.measure,
    "timeline": timeline.measure,
    "page": page.measure,
    "records": records.measure,
    "start": start.measure,
    "imports": imports.measure,
    "duplicates": duplicates.measure,
    "departed": departed.measure,
    "intake": intake.measure,
    "interest": interest.measure,
    "signals": signals.measure,
    "scale": scale.measure,
    "alerts": alerts.measure,
}
WIDTH = 140
"""Of the table where there is no screen."""
LATEST = Path(__file__).with_name("latest.json")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure Foresail against its peers."
    )
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"what to measure: {', '.join(SUBJECTS)}; all if left out"
    )
    names = parser.parse_args().names or list(SUBJECTS)
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        parser.error(f"nothing is called {unknown[0]}; there is {', '.join(SUBJECTS)}")
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    figures: list[Figure] = []
    try:
        for name in names:
            try:
                with console.status(f"measuring {name} …"):
                    figures += SUBJECTS[name]()
            except Skipped as reason:
                console.print(f"{name}: skipped, {reason}")
    finally:  # what was measured before something failed is told
        console.print(as_table(figures))
        write(figures)
    return 0 if all(figure.met for figure in figures) else 1


def as_table(figures: list[Figure]) -> Table:
    table = Table("figure", "value", "unit", "peer", "ratio", "goal", "", "against")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:.3g}",
            figure.unit,
            "" if figure.peer is None else f"{figure.peer:.3g}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.goal or "",
            "" if figure.goal is None else "[green]met[/]" if figure.met else "[red]missed[/]",
            figure.against,
        )
    return table


def write(figures: list[Figure]) -> None:
    """Put `figures` into bench/latest.json; those of other subjects stay."""
    latest = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else {}
    latest |= {figure.name: figure.to_dict() for figure in figures}
    LATEST.write_text(
        json.dumps(latest, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    raise SystemExit(main())
