"""`foresail export --everything`: all that is kept, in one file that other programs read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from foresail.core import clock
from foresail.core.cluster import ClusterUnusable
from foresail.core.home import Home, HomeUnusable
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.ground import ground


def run(
    everything: Annotated[
        Path, typer.Option("--everything", metavar="OUT.zip", help="opt.everything", show_default=False)
    ],
) -> None:
    home = Home.of_environment(os.environ)
    out = everything.absolute()
    try:
        with ground(home):
            from foresail.core.everything import write  # noqa: PLC0415  (only now Django is set up)
            from foresail.governance.leaving import keep_everything  # noqa: PLC0415

            try:
                written = write(out, at=clock.now())
            except OSError as error:
                raise CommandError(t("backup.unwritable", file=out, why=error.strerror or error)) from error
            keep_everything(written=written, by=None, at=clock.now())
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    size = f"{written.bytes / 2**20:.1f}"
    screen.Screen().say(
        t("export.made", file=out, rows=f"{written.rows:,}", files=f"{written.files:,}", size=size)
    )
