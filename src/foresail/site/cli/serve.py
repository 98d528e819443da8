"""`foresail serve`: start everything, say where it is, stop everything on Ctrl-C."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from foresail.core.cluster import ClusterUnusable
from foresail.core.home import Home, HomeUnusable
from foresail.site import serve
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import t


def run(
    port: Annotated[
        int, typer.Option("--port", min=1, max=serve.HIGHEST_PORT, metavar="PORT", help="opt.port")
    ] = serve.PORT,
) -> None:
    home = Home.of_environment(os.environ)
    show = screen.Screen(to_stderr=False)

    def ready(served: serve.Served) -> None:
        show.say(t("serve.ready", address=served.address, seconds=f"{served.seconds:.1f}"), style="bold")
        show.say(t("serve.home", folder=home.folder))
        sys.stdout.flush()  # who reads it through a pipe shall not wait for the end

    try:
        serve.serve(home=home, host=serve.HOST, port=port, ready=ready)
    except serve.CannotServe as error:
        raise CommandError(t(error.code, **error.told)) from error
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(str(error)) from error
    show.say(t("serve.stopped"))
