"""`foresail forecast`: every open deal on one day, the one most likely to be lost first."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog, Outcome
from foresail.site.cli import inputs, screen
from foresail.site.cli.language import t
from foresail.site.cli.options import AllowRejects, At, Json, Log, MappingFile, ModelFolder, Seed
from foresail.site.cli.outputs import STDOUT, check_files, check_table, write_json, write_table
from foresail.site.cli.train import closed_deals, fit, learnt


def run(
    mapping: MappingFile,
    log: Log = None,
    model: ModelFolder = None,
    at: At = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="opt.forecast_out", show_default=False)
    ] = None,
    json: Json = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="opt.top")] = 20,
    seed: Seed = 0,
    allow_rejects: AllowRejects = False,
) -> None:
    check_table(out)
    understood = inputs.open_mapping(path=mapping, log=log)
    check_files(out, json, inputs=[mapping, *inputs.files_of(understood, log=log)])
    with screen.progress() as report:
        source = inputs.read(
            mapping=understood, mapping_name=mapping.name, log=log, allow_rejects=allow_rejects, report=report
        )
        moment = moment_of(source.log, at=at)
        forecaster = model_at(source.log, model=model, at=moment, seed=seed, report=report)
        report(t("step.forecast"), 0.0)
        table = open_deals(forecaster, source.log, at=moment)
    inputs.say_rejects(source, rejects=None)
    show = screen.Screen(to_stderr=json == STDOUT)
    show.say(learnt(forecaster), style="dim")
    show_forecast(table, forecaster, at=moment, top=top, show=show)
    if out is not None:
        write_table(out, table)
        show.wrote(t("wrote"), out)
    if json is not None:
        write_json(json, as_json(table, forecaster, at=moment))


def moment_of(log: DealLog, *, at: date | None) -> datetime | None:
    """Return the instant to forecast at: `at`, or the day after the log's end. None in a log without dates."""
    return inputs.moment_in(at or inputs.day_after(log), log) if log.dated else None


def model_at(
    log: DealLog, *, model: Path | None, at: datetime | None, seed: int, report: screen.Report
) -> DealForecaster:
    """Return the saved model, or one trained now on what was known before `at`.

    Notes on stderr where a saved model has seen what came after `at`.
    """
    if model is None:
        return fit(log, as_of=at, seed=seed, report=report)
    report(t("step.load"), 0.0)
    forecaster = DealForecaster.load(model)
    if at is not None and forecaster.fitted.dated:
        learnt_until = inputs.moment_in(forecaster.fitted.as_of, log)
        if learnt_until > at:
            screen.note(t("note.model_is_later", learnt=day(learnt_until), at=day(at)))
    return forecaster


def open_deals(
    forecaster: DealForecaster, log: DealLog, *, at: datetime | None, closed_too: bool = False
) -> pl.DataFrame:
    """Return the forecast of every deal open at `at`, in the log's zone, the greatest risk first.

    In a log without dates those that have no outcome; with `closed_too` the others as well.
    """
    table = forecaster.predict(log, at=at)
    if at is None and not closed_too:
        still_open = log.deals.ids[log.deals.outcome == Outcome.OPEN]
        table = table.filter(pl.col("deal").is_in(still_open.tolist()))
    table = table.with_columns(pl.col("at").dt.convert_time_zone(log.zone.key))
    return table.sort(["risk", "deal"], descending=[True, False])


def as_json(table: pl.DataFrame, forecaster: DealForecaster, *, at: datetime | None) -> dict[str, Any]:
    """Return the forecast with what one must know to read it."""
    return {
        "at": at,
        "horizon_days": forecaster.horizon,
        "tier": forecaster.fitted.tier,
        "closed": closed_deals(forecaster),
        "deals": table.drop("at", "tier").to_dicts(),
    }


def show_forecast(
    table: pl.DataFrame, forecaster: DealForecaster, *, at: datetime | None, top: int, show: screen.Screen
) -> None:
    """Print the first `top` deals of `open_deals()`."""
    if not len(table):
        show.say(t("forecast.nobody") if at is None else t("forecast.nobody_at", at=day(at)))
        return
    days = forecaster.horizon
    columns: list[Any] = [(t("forecast.deal"), "left"), (t("forecast.won"), "right")]
    if at is not None:
        columns += [
            (t("forecast.risk", days=days), "right"),
            (t("forecast.won_soon", days=days), "right"),
            (t("forecast.swing", days=days), "right"),
            (t("forecast.close"), "left"),
            (t("forecast.verdict"), "left"),
        ]
    title = (
        t("forecast.title", n=f"{len(table):,}", at=day(at))
        if at
        else t("forecast.undated", n=f"{len(table):,}")
    )
    rows = [_row(row, dated=at is not None) for row in table.head(top).iter_rows(named=True)]
    show.table(title=title, columns=columns, rows=rows)
    if len(table) > top:
        show.say(t("forecast.rest", n=f"{len(table) - top:,}"), style="dim")


def _row(row: dict[str, Any], *, dated: bool) -> list[str]:
    cells = [str(row["deal"]), percent(row["p_won_final"])]
    if dated:
        verdict = row["verdict"]
        cells += [
            percent(row["risk"]),
            percent(row["p_won"]),
            f"{percent(row['swing_low'])} – {percent(row['swing_high'])}",
            f"{row['close_early']} – {row['close_late']}",
            t(verdict) if verdict else "–",
        ]
    return cells


def percent(share: float | None, *, digits: int = 0) -> str:
    """Return a chance as percent, a dash where there is none."""
    return "–" if share is None else f"{100 * share:.{digits}f}%"


def day(moment: datetime) -> str:
    """Return a midnight as its date, another instant with its time."""
    return (
        moment.isoformat(sep=" ", timespec="minutes")
        if (moment.hour or moment.minute)
        else str(moment.date())
    )
