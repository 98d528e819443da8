"""`foresail train`: learn a model from a log and keep it in a folder, with its card."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog
from foresail.site.cli import inputs, screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import t
from foresail.site.cli.options import AllowRejects, Log, MappingFile, Seed, parse_moment
from foresail.site.cli.outputs import explained, make_folder


def run(
    mapping: MappingFile,
    model: Annotated[
        Path, typer.Option("--model", metavar="FOLDER", help="opt.model_new", show_default=False)
    ],
    log: Log = None,
    as_of: Annotated[
        date | None,
        typer.Option("--as-of", metavar="DATE", parser=parse_moment, help="opt.as_of", show_default=False),
    ] = None,
    seed: Seed = 0,
    allow_rejects: AllowRejects = False,
) -> None:
    require_model_or_nothing(model)
    make_folder(model.parent)
    understood = inputs.open_mapping(path=mapping, log=log)
    begun = perf_counter()
    with screen.progress() as report:
        source = inputs.read(
            mapping=understood, mapping_name=mapping.name, log=log, allow_rejects=allow_rejects, report=report
        )
        forecaster = fit(source.log, as_of=as_of, seed=seed, report=report)
        save(forecaster, folder=model)
    inputs.say_rejects(source, rejects=None)
    show = screen.Screen()
    show.say(learnt(forecaster))
    show.wrote(t("train.wrote"), model)
    show.say(t("seconds", seconds=f"{perf_counter() - begun:.1f}"), style="dim")


def fit(log: DealLog, *, as_of: date | None, seed: int, report: screen.Report) -> DealForecaster:
    """Learn from what `log` knew before `as_of`; without it, from all of it."""
    report(t("step.train"), 0.0)
    if log.dated and as_of is None:
        as_of = inputs.day_after(log)
    return DealForecaster(seed=seed).fit(log, as_of=as_of)


def learnt(forecaster: DealForecaster) -> str:
    """Return in one sentence what the model learned from."""
    return t(f"train.{forecaster.fitted.tier}", closed=f"{closed_deals(forecaster):,}")


def closed_deals(forecaster: DealForecaster) -> int:
    """Return how many closed deals the model learned from."""
    past = forecaster.fitted.past
    return past.won + past.lost


def require_model_or_nothing(folder: Path) -> None:
    """Raise CommandError unless `folder` is a saved model, empty, or not there yet."""
    if folder.exists() and not folder.is_dir():
        raise CommandError(t("error.no_folder_file", path=folder))
    if folder.exists() and any(folder.iterdir()) and not (folder / "model.json").is_file():
        raise CommandError(t("error.not_a_model", folder=folder))


def save(forecaster: DealForecaster, *, folder: Path) -> None:
    """Put the model into `folder`, in the place of one that is there."""
    with explained(folder):
        forecaster.save(folder)
