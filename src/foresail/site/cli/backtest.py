"""`foresail backtest`: forecast as if on past days, and be judged by what came after."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from foresail import __version__
from foresail.science.backtest import Backtest, backtest, report_data
from foresail.science.reading import REASONS
from foresail.science.report import Reject, ReportData, Text, render_report
from foresail.science.report.findings import answers, headline
from foresail.science.report.language import Language
from foresail.science.report.tables import side_by_side
from foresail.site.cli import inputs, screen
from foresail.site.cli.inputs import Source
from foresail.site.cli.language import current, t
from foresail.site.cli.options import (
    AllowRejects,
    Json,
    Log,
    MappingFile,
    Seed,
    parse_day,
    parse_days,
    require_order,
)
from foresail.site.cli.outputs import STDOUT, check_files, check_table, write_json, write_table, write_text
from foresail.site.cli.words import WORDS

_TONES = {"ok": "bold green", "warn": "bold yellow", "bad": "bold red", "plain": "bold"}


def run(
    mapping: MappingFile,
    log: Log = None,
    cutoff: Annotated[
        date | None,
        typer.Option("--cutoff", metavar="DATE", parser=parse_day, help="opt.cutoff", show_default=False),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option("--until", metavar="DATE", parser=parse_day, help="opt.until", show_default=False),
    ] = None,
    every: Annotated[
        int, typer.Option("--every", metavar="DAYS", parser=parse_days, help="opt.every", show_default="2d")
    ] = 2,
    horizon: Annotated[
        int,
        typer.Option("--horizon", metavar="DAYS", parser=parse_days, help="opt.horizon", show_default="14d"),
    ] = 14,
    json: Json = None,
    rows: Annotated[
        Path | None, typer.Option("--rows", metavar="FILE", help="opt.rows", show_default=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="opt.report", show_default=False)
    ] = None,
    seed: Seed = 0,
    allow_rejects: AllowRejects = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE.csv", help="opt.rejects", show_default=False)
    ] = None,
) -> None:
    require_order(every=every, horizon=horizon, cutoff=cutoff, until=until)
    check_table(rows)
    understood = inputs.open_mapping(path=mapping, log=log)
    check_files(json, rows, report, rejects, inputs=[mapping, *inputs.files_of(understood, log=log)])
    with screen.progress() as shown:
        source = inputs.read(
            mapping=understood,
            mapping_name=mapping.name,
            log=log,
            allow_rejects=allow_rejects,
            rejects=rejects,
            report=shown,
        )
        result = judge(
            source, cutoff=cutoff, until=until, every=every, horizon=horizon, seed=seed, report=shown
        )
        data = to_report(result, source)
        page = render_report(data) if report is not None else ""
    inputs.say_rejects(source, rejects=rejects)
    show = screen.Screen(to_stderr=json == STDOUT)
    show_result(data, show=show)
    if rows is not None:
        write_table(rows, result.rows)
        show.wrote(t("backtest.rows"), rows)
    if report is not None:
        write_text(report, page)
        show.wrote(t("backtest.report"), report)
    if rejects is not None:
        show.wrote(t("backtest.rejects"), rejects)
    if json is not None:
        write_json(json, result.figures)
        if json != STDOUT:
            show.wrote(t("backtest.json"), json)


def judge(
    source: Source,
    *,
    cutoff: date | None = None,
    until: date | None = None,
    every: int = 2,
    horizon: int = 14,
    seed: int = 0,
    report: screen.Report,
) -> Backtest:
    """Run the backtest on a log that has been read."""

    def step(name: str, share: float) -> None:
        key = f"step.{name}"
        report(t(key) if key in WORDS else name, share)

    return backtest(
        source.log,
        cutoff=cutoff,
        until=until,
        every=every,
        horizon=horizon,
        seed=seed,
        rejected=len(source.reading.rejects),
        duplicates=source.reading.duplicates,
        read_seconds=source.seconds,
        progress=step,
    )


def to_report(result: Backtest, source: Source) -> ReportData:
    """Return all that the report shows, the rows that were set aside included."""
    rejects = tuple(
        Reject(reason=Text(zh=REASONS[why][0], en=REASONS[why][1]), rows=rows, line=line)
        for why, rows, line in source.reading.rejects.group_by("why", maintain_order=True)
        .agg(rows=pl.len(), line=pl.col("line").first())
        .iter_rows()
    )
    return report_data(
        result,
        log_name=source.name,
        mapping_name=source.mapping_name,
        version=__version__,
        rejects=rejects,
    )


def show_result(data: ReportData, *, show: screen.Screen) -> None:
    """Print the verdict, the main figures beside the baselines', and what they mean in plain words."""
    lang = Language(current())
    top = headline(data, lang)
    show.say(top.text, style=_TONES[top.tone])
    table = side_by_side(data, lang)
    if table:
        methods = [method for method, _, _ in table[0][1]]
        cells = [[name, *(_cell(value, interval) for _, value, interval in row)] for name, row in table]
        show.table(
            title=t("backtest.title"),
            columns=[(t("backtest.figure"), "left"), *((method, "right") for method in methods)],
            rows=cells,
        )
    for question, answer in answers(data, lang):
        show.say(question, style="bold")
        show.say(f"  {answer}")


def _cell(value: str, interval: str) -> str:
    return f"{value}\n{interval}" if interval else value
