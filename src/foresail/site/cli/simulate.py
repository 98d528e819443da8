"""`foresail simulate`: write the log of a made-up company, and apart from it the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foresail.science.simulator import Simulation, simulate
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import t
from foresail.site.cli.outputs import atomic, check_files, make_folder

FILES = ("events.csv.gz", "deals.csv", "mapping.toml")
OURS = "# How Foresail reads this simulated log."
"""How the mapping of a simulated company begins: a folder with another one is not ours to write over."""


def run(
    deals: Annotated[int, typer.Option("--deals", metavar="M", min=1, help="opt.deals")],
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="opt.sim_seed")] = 1,
    months: Annotated[int, typer.Option("--months", metavar="N", min=1, max=120, help="opt.months")] = 18,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="opt.sim_out")] = Path("simulated"),
    truth: Annotated[
        Path | None, typer.Option("--truth", metavar="FILE", help="opt.truth", show_default=False)
    ] = None,
) -> None:
    require_own_folder(out)
    make_folder(out)
    check_files(truth, inputs=[out / name for name in FILES])
    with screen.progress() as report:
        report(t("step.simulate"), 0.0)
        simulation = simulate(seed=seed, deals=deals, months=months)
        write_company(simulation, folder=out)
        if truth is not None:
            with atomic(truth) as part:
                simulation.truth.write(part)
    show = screen.Screen()
    events = f"{len(simulation.events):,}"
    show.say(t("simulate.done", deals=f"{deals:,}", events=events, months=months, seed=seed))
    for name in FILES:
        show.wrote(t("wrote"), out / name)
    if truth is not None:
        show.wrote(t("simulate.truth"), truth)
    show.say(t("simulate.next", mapping=out / "mapping.toml"), style="dim")


def require_own_folder(folder: Path) -> None:
    """Raise CommandError where `folder` is a file, or holds files of these names that are not a simulation's."""
    if folder.exists() and not folder.is_dir():
        raise CommandError(t("error.no_folder_file", path=folder))
    there = [name for name in FILES if (folder / name).exists()]
    mapping = folder / "mapping.toml"
    if there and not (mapping.is_file() and mapping.read_bytes().startswith(OURS.encode())):
        raise CommandError(t("error.not_simulated", folder=folder, file=there[0]))


def write_company(simulation: Simulation, *, folder: Path) -> None:
    """Write the log and its mapping into `folder`, each file complete or not at all."""
    fresh = folder / ".simulating"
    try:
        simulation.write(fresh)
        for name in FILES:
            (fresh / name).replace(folder / name)
    except OSError as error:
        raise CommandError(t("error.write", path=folder, why=error.strerror or str(error))) from error
    finally:
        for left in fresh.glob("*"):
            left.unlink()
        if fresh.exists():
            fresh.rmdir()
