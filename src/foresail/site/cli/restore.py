"""`foresail restore`: what a backup holds, in the place of what is here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from foresail.core.cluster import ClusterUnusable
from foresail.core.home import Home, HomeUnusable
from foresail.site.backup import BackupUnusable, restore
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.ground import database_of, prepare
from foresail.site.serve import CannotServe, alone


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="opt.backup_file", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="opt.restore_replace")] = False,
) -> None:
    home = Home.of_environment(os.environ)
    try:
        home.prepare()
        with alone(home), database_of(home):
            restore(home=home, file=file.absolute(), replace=replace)
            prepare()
    except (BackupUnusable, CannotServe) as error:
        raise CommandError(t(error.code, **error.told)) from error
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    screen.Screen().say(t("restore.done", file=file))
