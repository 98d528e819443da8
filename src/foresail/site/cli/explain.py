"""`foresail explain`: what moves the number of one deal, the events behind it, and what if."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.text import Text

from foresail.science.forecaster import (
    AddEvent,
    Change,
    DealForecaster,
    Explanation,
    MoveStage,
    SetAmount,
    WhatIf,
    names,
)
from foresail.science.log import DealLog
from foresail.science.time import NEVER
from foresail.site.cli import inputs, screen
from foresail.site.cli.door import CommandError, Misuse
from foresail.site.cli.forecast import day, model_at, moment_of, open_deals, percent
from foresail.site.cli.language import pick, t
from foresail.site.cli.options import AllowRejects, At, Json, MappingFile, ModelFolder, Seed
from foresail.site.cli.outputs import STDOUT, check_files, write_json

_SPEC = re.compile(
    r"event=(?P<event>\S.*)|stage=(?P<stage>\S.*)|amount=(?P<share>[+-]\d+(?:\.\d+)?)%|amount=(?P<amount>\d+(?:\.\d+)?)"
)
_BAR = 12
_HARDLY = 0.005
"""Log-odds too small for a line of their own."""


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What is told of one deal: its forecast (a row of `predict`), the reasons, and what if."""

    forecast: dict[str, Any]
    reasons: Explanation
    what_if: tuple[tuple[str, WhatIf], ...]


def run(
    words: Annotated[
        list[str], typer.Argument(metavar="[LOG] DEAL", help="arg.log_and_deal", show_default=False)
    ],
    mapping: MappingFile,
    model: ModelFolder = None,
    at: At = None,
    what_if: Annotated[
        list[str] | None, typer.Option("--what-if", metavar="SPEC", help="opt.what_if", show_default=False)
    ] = None,
    json: Json = None,
    seed: Seed = 0,
    allow_rejects: AllowRejects = False,
) -> None:
    if len(words) > 2:
        raise Misuse(t("error.deal_args"))
    deal, log = words[-1], Path(words[0]) if len(words) == 2 else None
    specs = what_if or []
    for spec in specs:
        if not _SPEC.fullmatch(spec):
            raise Misuse(t("error.what_if", given=spec))
    understood = inputs.open_mapping(path=mapping, log=log)
    check_files(json, inputs=[mapping, *inputs.files_of(understood, log=log)])
    with screen.progress() as report:
        source = inputs.read(
            mapping=understood, mapping_name=mapping.name, log=log, allow_rejects=allow_rejects, report=report
        )
        moment = moment_of(source.log, at=at)
        number = find_open(source.log, deal=deal, at=moment)
        changes = [(spec, change_of(spec, source.log, deal=number)) for spec in specs]
        forecaster = model_at(source.log, model=model, at=moment, seed=seed, report=report)
        report(t("step.explain"), 0.0)
        found = explain(forecaster, source.log, deal=deal, at=moment, changes=changes)
    show = screen.Screen(to_stderr=json == STDOUT)
    show_explanation(found, source.log, horizon=forecaster.horizon, at=moment, show=show)
    if json is not None:
        write_json(json, as_json(found, source.log))


def find_open(log: DealLog, *, deal: str, at: datetime | None) -> int:
    """Return the number of `deal` in the log. Raises CommandError if it is not there, or not open at `at`."""
    ids = log.deals.ids.astype(str)
    place = np.flatnonzero(ids == deal)
    if not len(place):
        near = get_close_matches(deal, ids.tolist(), n=1, cutoff=0.6)
        raise CommandError(
            t("error.no_deal", deal=deal, near=t("near", name=near[0]) if near else "").rstrip()
        )
    number = int(place[0])
    if at is None:
        return number
    opened, closed = (
        t("never") if instant == NEVER else str(inputs.moment_in(instant, log).date())
        for instant in (int(log.deals.opened[number]), int(log.deals.closed[number]))
    )
    instant = inputs.instant_of(at)
    if not log.deals.opened[number] <= instant < log.deals.closed[number]:
        raise CommandError(t("error.not_open", deal=deal, at=day(at), opened=opened, closed=closed))
    return number


def change_of(spec: str, log: DealLog, *, deal: int) -> Change:
    """Return the change that `spec` writes; a share of the amount is taken of that of `deal`, a number."""
    found = _SPEC.fullmatch(spec)
    assert found is not None
    if found["event"]:
        return AddEvent(found["event"])
    if found["stage"]:
        return MoveStage(found["stage"])
    if found["amount"]:
        return SetAmount(float(found["amount"]))
    now = float(log.deals.amount[deal])
    if np.isnan(now):
        raise CommandError(t("error.no_amount", given=spec))
    return SetAmount(now * (1 + float(found["share"]) / 100))


def explain(
    forecaster: DealForecaster,
    log: DealLog,
    *,
    deal: str,
    at: datetime | None,
    changes: Sequence[tuple[str, Change]],
) -> Explained:
    """Return the forecast of `deal`, the reasons, and each change on its own; of several, also all at once."""
    if changes and at is None:
        raise CommandError(t("error.what_if_undated"))
    tried = [(spec, [change]) for spec, change in changes]
    if len(changes) > 1:
        tried.append((" + ".join(spec for spec, _ in changes), [change for _, change in changes]))
    (reasons,) = forecaster.explain(log, at=at, deals=[deal])
    table = open_deals(forecaster, log, at=at, closed_too=True)
    return Explained(
        forecast=next(row for row in table.iter_rows(named=True) if row["deal"] == deal),
        reasons=reasons,
        what_if=tuple(
            (spec, forecaster.what_if(log, at=at, deal=deal, changes=together))
            for spec, together in tried
            if at is not None
        ),
    )


def as_json(found: Explained, log: DealLog) -> dict[str, Any]:
    """Return all of it, instants as times in the log's zone."""
    reasons = asdict(found.reasons)
    for driver in reasons["drivers"]:
        for event in driver["events"]:
            event["at"] = inputs.moment_in(event["at"], log)
    told = {key: reasons[key] for key in ("base", "drivers", "rest", "calibration")}
    what_if = [{"change": spec, "before": one.before, "after": one.after} for spec, one in found.what_if]
    return {**found.forecast, **told, "what_if": what_if}


def show_explanation(
    found: Explained, log: DealLog, *, horizon: int, at: datetime | None, show: screen.Screen
) -> None:
    """Print the forecast, the drivers as bars to both sides, and what if."""
    row, reasons = found.forecast, found.reasons
    show.say(f"{row['deal']} · {day(at)}" if at else row["deal"], style="bold")
    show.say(t("explain.now", p=percent(row["p_won_final"])), style="bold")
    if at is not None:
        chances = {name: percent(row[f"p_{name}"]) for name in ("won", "lost", "open")}
        show.say(t("explain.state", days=horizon, **chances))
        band = {"low": percent(row["swing_low"]), "high": percent(row["swing_high"])}
        show.say(t("explain.swing", days=horizon, **band))
        show.say(
            t("explain.verdict", verdict=t(row["verdict"])) if row["verdict"] else t("explain.no_verdict")
        )
    show.say()
    lines = [
        (
            pick(one.zh, one.en),
            one.log_odds,
            ", ".join(f"{pick(names.zh(e.kind), names.en(e.kind))} {_when(e.at, log)}" for e in one.events),
        )
        for one in reasons.drivers
    ]
    rest = (("explain.rest", reasons.rest), ("explain.calibration", reasons.calibration))
    lines += [(t(key), size, "") for key, size in rest if abs(size) >= _HARDLY]
    widest = max((abs(size) for _, size, _ in lines), default=0.0) or 1.0
    show.table(
        title=t("explain.drivers"),
        columns=[
            (t("explain.driver"), "left"),
            ("", "left"),
            (t("explain.size"), "right"),
            (t("explain.events"), "left"),
        ],
        rows=[
            (t("explain.base"), "", f"{reasons.base:+.2f}", ""),
            *((text, bar(size / widest), f"{size:+.2f}", events) for text, size, events in lines),
        ],
        wrap_first=True,
    )
    if found.what_if:
        show.table(
            title=t("explain.what_if"),
            columns=[
                (t("explain.change"), "left"),
                (t("explain.before"), "right"),
                (t("explain.after"), "right"),
            ],
            rows=[
                (spec, percent(one.before, digits=1), percent(one.after, digits=1))
                for spec, one in found.what_if
            ],
        )


def bar(share: float) -> Text:
    """Return a bar for -1 … 1 that grows from the middle: to the right for what pushes up."""
    length = max(1, round(abs(share) * _BAR))
    blank, full = " " * (_BAR - length), "█" * length
    if share < 0:
        return Text(f"{blank}{full}│{' ' * _BAR}", style="red")
    return Text(f"{' ' * _BAR}│{full}{blank}", style="green")


def _when(instant: int, log: DealLog) -> str:
    return str(inputs.moment_in(instant, log).date())
