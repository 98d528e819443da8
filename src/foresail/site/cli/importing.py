"""`foresail import`: put a company's own log into Foresail, as deals with their timeline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from foresail.core import clock
from foresail.core.cluster import ClusterUnusable
from foresail.core.errors import Refusal
from foresail.core.home import Home, HomeUnusable
from foresail.site.cli import inputs, screen
from foresail.site.cli.demo import NoTrain, called_to_learn, learn
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.cli.options import AllowRejects, Log, MappingFile
from foresail.site.cli.outputs import check_files
from foresail.site.ground import ground


def run(
    mapping: MappingFile,
    log: Log = None,
    line: Annotated[
        str | None, typer.Option("--line", metavar="NAME", help="opt.import_line", show_default=False)
    ] = None,
    team: Annotated[
        str | None, typer.Option("--team", metavar="NAME", help="opt.import_team", show_default=False)
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="PIPELINE", help="opt.import_name", show_default=False)
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", metavar="FILE", help="opt.rejects", show_default=False)
    ] = None,
    allow_rejects: AllowRejects = False,  # an option
    no_train: NoTrain = False,  # an option
) -> None:
    check_files(rejects, inputs=[log, mapping])
    understood = inputs.open_mapping(path=mapping, log=log)
    show = screen.Screen()
    with screen.progress() as report:
        source = inputs.read(
            mapping=understood,
            mapping_name=mapping.name,
            log=log,
            allow_rejects=allow_rejects,
            rejects=rejects,
            report=report,
        )
    inputs.say_rejects(source, rejects=rejects)
    name = name or source.name.partition(".")[0]
    try:
        with ground(Home.of_environment(os.environ)):
            bring_in(source, line=line or name, team=team, name=name, train=not no_train, show=show)
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    except Refusal as error:
        raise CommandError(pick(error.zh, error.en)) from error


def bring_in(
    source: inputs.Source, *, line: str, team: str | None, name: str, train: bool, show: screen.Screen
) -> None:
    """Import the log, say what is new, and let it learn; cut off while it learned, it goes on there. Raises Refusal."""
    # Models may be imported only once Django is set up.
    from foresail.connectors import services  # noqa: PLC0415
    from foresail.forecast.queries import is_learned  # noqa: PLC0415

    with screen.progress() as report, called_to_learn(train=train) as pools:
        done = services.import_log(
            source.log,
            line=line,
            team=team,
            name=name,
            at=clock.now(),
            progress=lambda share: report(t("import.step"), share),
        )
        unfinished = not done.deals and not is_learned(done.pool.pk)
        if done.deals or unfinished:
            pools.append(done.pool)
    numbers = {each: f"{getattr(done, each):,}" for each in ("accounts", "deals", "entries")}
    show.say(t("import.done", **numbers, open=f"{done.open_deals:,}", name=name))
    if done.known:
        show.say(t("import.known", n=f"{done.known:,}"))
    if done.deals or unfinished:
        learn(done.pool, train=train, show=show, resume=unfinished)
