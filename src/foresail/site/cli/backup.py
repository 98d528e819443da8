"""`foresail backup`: all that this installation knows, in one file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from foresail.core.cluster import ClusterUnusable
from foresail.core.home import Home, HomeUnusable
from foresail.site.backup import BackupUnusable, back_up
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.ground import ground


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="opt.backup_file", show_default=False)],
) -> None:
    home = Home.of_environment(os.environ)
    try:
        with ground(home):
            back_up(home=home, file=file.absolute())
    except BackupUnusable as error:
        raise CommandError(t(error.code, **error.told)) from error
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    screen.Screen().say(t("backup.made", file=file, size=f"{file.stat().st_size / 2**20:.1f}"))
