"""`foresail serve`: start everything, say where it is, stop everything on Ctrl-C."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from foresail.core.cluster import ClusterUnusable
from foresail.core.home import Home, HomeUnusable, Unusable
from foresail.site import serve
from foresail.site.cli import screen
from foresail.site.cli.demo import DEALS, SEED, fill, show_logins
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.programs import apart


def run(
    port: Annotated[
        int, typer.Option("--port", min=1, max=serve.HIGHEST_PORT, metavar="PORT", help="opt.port")
    ] = serve.PORT,
    demo: Annotated[bool, typer.Option("--demo", help="opt.serve_demo")] = False,
) -> None:
    home = Home.of_environment(os.environ)
    show = screen.Screen(to_stderr=False)

    def ready(served: serve.Served) -> None:
        show.say(t("serve.ready", address=served.address, seconds=f"{served.seconds:.1f}"), style="bold")
        show.say(t("serve.home", folder=home.folder))
        if demo:
            show_logins(show)
        sys.stdout.flush()  # who reads it through a pipe shall not wait for the end

    def before() -> None:
        if demo:
            _fill_if_empty()

    def trouble(error: Unusable) -> None:
        with suppress(OSError):  # what is said may go to the disk that is full
            screen.note(t("serve.database", why=pick(error.zh, error.en)))

    try:
        serve.serve(home=home, host=serve.HOST, port=port, ready=ready, before=before, trouble=trouble)
    except serve.CannotServe as error:
        raise CommandError(t(error.code, **error.told)) from error
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    show.say(t("serve.stopped"))


def _fill_if_empty() -> None:
    """Put the demo company into a database in which nobody works yet; its model is learned while it serves."""
    from foresail.people.queries import is_empty  # noqa: PLC0415  models need Django set up

    if is_empty():
        apart(_fill)


def _fill() -> None:
    fill(deals=DEALS, seed=SEED, train=False, show=screen.Screen(to_stderr=False))
