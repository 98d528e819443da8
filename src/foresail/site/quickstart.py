"""`make run`: from a log to forecast, backtest and report in one go, by what the subcommands are made of.

Without a log a company is simulated first. Everything is written into one folder; a second run writes
over its own files and touches no others.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from foresail.science.describe import describe
from foresail.science.mapping import Mapping
from foresail.science.report import render_report
from foresail.science.simulator import simulate
from foresail.site.cli import inputs, screen
from foresail.site.cli.backtest import judge, show_result, to_report
from foresail.site.cli.door import Command
from foresail.site.cli.forecast import moment_of, open_deals, show_forecast
from foresail.site.cli.inputs import Source
from foresail.site.cli.language import pick, t
from foresail.site.cli.outputs import check_files, make_folder, write_json, write_table, write_text
from foresail.site.cli.simulate import FILES, require_own_folder, write_company
from foresail.site.cli.train import fit, learnt, require_model_or_nothing, save

_SHOWN_FINDINGS = 5
_SHOWN_DEALS = 5
_SEED = 0
"""That of the subcommands: both shall say the same of the same log."""

app = typer.Typer(name="foresail.site.quickstart", add_completion=False)


@app.command(cls=Command, help="help.quickstart", epilog="help.exit")
def run(
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="opt.quick_log", show_default=False)
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", metavar="FILE", help="opt.quick_mapping", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="opt.quick_out")] = Path("out"),
    deals: Annotated[int, typer.Option("--deals", metavar="M", min=1, help="opt.deals")] = 3000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="opt.sim_seed")] = 1,
) -> None:
    begun, simulated = perf_counter(), log is None and mapping is None
    report, table, figures, model = (
        out / name for name in ("report.html", "forecast.csv", "backtest.json", "model")
    )
    make_folder(out)
    require_model_or_nothing(model)
    check_files(report, table, figures, inputs=[log, mapping])
    show = screen.Screen()
    with screen.progress() as step:
        if simulated:
            understood, name = _simulated(out / "company", deals=deals, seed=seed, show=show, report=step)
        elif mapping is None:
            assert log is not None
            understood, name = _guessed(log, out=out, show=show)
        else:
            understood, name = inputs.open_mapping(path=mapping, log=log), mapping.name
        source = inputs.read(mapping=understood, mapping_name=name, log=log, allow_rejects=False, report=step)
        _say_findings(source, show=show)
        forecaster = fit(source.log, as_of=None, seed=_SEED, report=step)
        save(forecaster, folder=model)
        show.say(learnt(forecaster))
        at = moment_of(source.log, at=None)
        forecast = open_deals(forecaster, source.log, at=at)
        write_table(table, forecast)
        result = judge(source, seed=_SEED, report=step)
        data = replace(to_report(result, source), simulated=simulated)
        write_text(report, render_report(data))
        write_json(figures, result.figures)
    show.say()
    show_forecast(forecast, forecaster, at=at, top=_SHOWN_DEALS, show=show)
    show_result(data, show=show)
    show.say()
    for label, path in (("table", table), ("model", model), ("figures", figures), ("report", report)):
        show.wrote(t(f"quick.{label}"), path.resolve())
    show.say(t("seconds", seconds=f"{perf_counter() - begun:.0f}"), style="dim")
    if simulated:
        show.say(t("quick.own"), style="dim")


def _simulated(
    folder: Path, *, deals: int, seed: int, show: screen.Screen, report: screen.Report
) -> tuple[Mapping, str]:
    """Write a simulated company into `folder`; its mapping, and what that is called."""
    require_own_folder(folder)
    make_folder(folder)
    report(t("step.simulate"), 0.0)
    simulation = simulate(seed=seed, deals=deals)
    write_company(simulation, folder=folder)
    show.say(t("quick.simulated", deals=f"{deals:,}", events=f"{len(simulation.events):,}"))
    path = folder / FILES[-1]
    return inputs.open_mapping(path=path, log=None), path.name


def _guessed(log: Path, *, out: Path, show: screen.Screen) -> tuple[Mapping, str]:
    """Guess a mapping and keep it in `out`; one that is there may have been mended by hand, and is used."""
    path = out / f"{log.name.split('.')[0]}.mapping.toml"
    kept = path.exists()
    if not kept:
        guess, _, text = inputs.guess(log, beside=out)
        questions = "".join(f"# ? {pick(one.zh, one.en)}\n" for one in guess.questions)
        write_text(path, questions + text)
    show.say(t("quick.kept_mapping" if kept else "quick.guessed", path=path), style="yellow")
    return inputs.open_mapping(path=path, log=log), path.name


def _say_findings(source: Source, *, show: screen.Screen) -> None:
    found = describe(source.reading)
    numbers = {name: f"{getattr(found, name):,}" for name in ("deals", "open", "won", "lost")}
    show.say(f"{t('describe.title', log=source.name)}: {t('describe.deals.of', **numbers)}")
    inputs.say_rejects(source, rejects=None)
    for one in found.findings[:_SHOWN_FINDINGS]:
        show.say(f"  • {pick(one.zh, one.en)}", style="yellow")


if __name__ == "__main__":
    app(prog_name="foresail.site.quickstart")
