"""`foresail signals`: a file of signals, through the gate, as whoever may use this shell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from foresail.core import clock
from foresail.core.cluster import ClusterUnusable
from foresail.core.errors import Refusal
from foresail.core.home import Home, HomeUnusable
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.cli.options import parse_day
from foresail.site.ground import ground


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="arg.signals_file", show_default=False)],
    source: Annotated[
        str, typer.Option("--source", metavar="SOURCE", help="opt.signals_source", show_default=False)
    ],
    day: Annotated[
        date | None,
        typer.Option("--day", metavar="DATE", parser=parse_day, help="opt.signals_day", show_default=False),
    ] = None,
) -> None:
    if not file.is_file():
        raise CommandError(t("signals.no_file", file=file))
    try:
        with ground(Home.of_environment(os.environ)):
            bring(file, source=source, day=day)
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error


def bring(file: Path, *, source: str, day: date | None) -> None:
    """Bring the file, and say what came of it. Raises CommandError."""
    # Models may be imported only once Django is set up.
    from foresail.signals import services  # noqa: PLC0415
    from foresail.signals.channels import channels  # noqa: PLC0415

    if source not in channels():
        raise CommandError(t("signals.no_source", given=source, known=", ".join(channels())))
    try:
        of = services.bring_now(
            source=source, pieces=_pieces(file), name=file.name, day=day, by=None, at=clock.now()
        )
    except Refusal as error:
        raise CommandError(pick(error.zh, error.en)) from error
    except OSError as error:
        raise CommandError(t("signals.unreadable", file=file, why=error.strerror or error)) from error
    show = screen.Screen()
    counts = of.counts
    show.say(t("signals.done", rows=f"{of.rows:,}", kept=f"{counts['kept']:,}", seen=f"{counts['seen']:,}"))
    for reason, count in sorted(counts["left_out"].items()):
        show.say(t("signals.left_out", why=t(f"signals.because.{reason}"), n=f"{count:,}"))
    if counts["doubtful"]:
        show.say(t("signals.doubtful", n=f"{counts['doubtful']:,}"))
    if of.wrong:
        show.say(t("signals.wrong", n=f"{sum(counts['wrong'].values()):,}", rows=_places(of.wrong)))


def _places(wrong: list[list[object]], most: int = 20) -> str:
    told = ", ".join(str(int(str(row)) + 1) for row, _ in wrong[:most])
    return f"{told} …" if len(wrong) > most else told


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(1 << 20):
            yield piece
