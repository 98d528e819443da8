"""`foresail demo`: fill an empty Foresail with a made-up company, and say as whom one can sign in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from foresail.core import clock
from foresail.core.cluster import ClusterUnusable
from foresail.core.errors import Refusal
from foresail.core.home import Home, HomeUnusable
from foresail.site import serve
from foresail.site.cli import screen
from foresail.site.cli.door import CommandError
from foresail.site.cli.language import pick, t
from foresail.site.ground import ground

if TYPE_CHECKING:
    from foresail.forecast.models import Pool

DEALS, SEED = 2400, 1
NoTrain = Annotated[bool, typer.Option("--no-train", help="opt.no_train")]


def run(
    deals: Annotated[int, typer.Option("--deals", metavar="M", min=20, help="opt.demo_deals")] = DEALS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="opt.sim_seed")] = SEED,
    no_train: NoTrain = False,  # an option
) -> None:
    show = screen.Screen()
    try:
        with ground(Home.of_environment(os.environ)):
            fill(deals=deals, seed=seed, train=not no_train, show=show)
            show_logins(show)
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(str(error)) from error
    except Refusal as error:
        raise CommandError(pick(error.zh, error.en)) from error
    show.say(t("demo.next", address=f"http://{serve.HOST}:{serve.PORT}"), style="dim")


def fill(*, deals: int, seed: int, train: bool, show: screen.Screen) -> None:
    """Fill, say what there is now, and let it learn. Raises Refusal."""
    # Models may be imported only once Django is set up.
    from foresail.demo import services  # noqa: PLC0415

    with screen.progress() as report:
        filled = services.fill(
            deals=deals,
            seed=seed,
            at=clock.now(),
            progress=lambda step, share: report(t(f"demo.step.{step}"), share),
        )
    numbers = {name: f"{getattr(filled, name):,}" for name in ("people", "accounts", "deals", "entries")}
    show.say(t("demo.filled", **numbers, open=f"{filled.open_deals:,}"))
    learn(filled.pool, train=train, show=show)


def learn(pool: Pool, *, train: bool, show: screen.Screen) -> None:
    """Let `pool` learn now, or leave it to the worker. Raises Refusal."""
    from foresail.forecast import services, soon  # noqa: PLC0415

    learned = False
    with screen.progress() as report:
        if train:
            learned = services.learn(
                pool=pool, at=clock.now(), progress=lambda step, share: report(t(f"demo.step.{step}"), share)
            )
            report(t("demo.step.score"), 0.0)
            services.score_all(pool=pool, at=clock.now())
        else:
            soon.train_soon(pool.pk, replay=True)
    show.say(t("demo.learned") if learned else t("demo.learns_later"))


def show_logins(show: screen.Screen) -> None:
    """Print as whom one can sign in."""
    from foresail.demo.logins import demo_logins  # noqa: PLC0415

    show.table(
        title=t("demo.logins"),
        columns=[(t(f"demo.{name}"), "left") for name in ("email", "password", "name", "role")],
        rows=[(email, password, name, pick(zh, en)) for email, password, name, zh, en in demo_logins()],
    )
