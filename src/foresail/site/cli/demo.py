"""`foresail demo`: fill an empty Foresail with a made-up company, and say as whom one can sign in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

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
OVERDUE: Final = timedelta(minutes=10)
"""When a worker trains what a command began to train and did not finish."""
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
        raise CommandError(pick(error.zh, error.en)) from error
    except Refusal as error:
        raise CommandError(pick(error.zh, error.en)) from error
    show.say(t("demo.next", address=f"http://{serve.HOST}:{serve.PORT}"), style="dim")


def fill(*, deals: int, seed: int, train: bool, show: screen.Screen) -> None:
    """Fill, say what there is now, and let it learn. Raises Refusal."""
    # Models may be imported only once Django is set up.
    from foresail.demo import services  # noqa: PLC0415

    with screen.progress() as report, called_to_learn(train=train) as pools:
        filled = services.fill(
            deals=deals,
            seed=seed,
            at=clock.now(),
            progress=lambda step, share: report(t(f"demo.step.{step}"), share),
        )
        pools.append(filled.pool)
    with screen.progress() as report:
        report(t("demo.step.doubles"), 0.0)
        services.find_doubles(accounts=filled.accounts, at=clock.now())
    numbers = {name: f"{getattr(filled, name):,}" for name in ("people", "accounts", "deals", "entries")}
    show.say(t("demo.filled", **numbers, open=f"{filled.open_deals:,}"))
    learn(filled.pool, train=train, show=show)


@contextmanager
def called_to_learn(*, train: bool) -> Iterator[list[Pool]]:
    """Yield a list for pools: they and the call for the worker to let them learn are kept together.

    Where we `train` them ourselves it waits: should we be killed over it, nobody has to notice.
    """
    from django.db import transaction  # noqa: PLC0415

    from foresail.forecast import soon  # noqa: PLC0415

    pools: list[Pool] = []
    with transaction.atomic():
        yield pools
        for pool in pools:
            soon.train_soon(pool.pk, replay=True, after=OVERDUE if train else None)


def learn(pool: Pool, *, train: bool, show: screen.Screen, resume: bool = False) -> None:
    """Let `pool` learn now, with `resume` from where that was cut off, or leave it to the worker. Raises Refusal."""
    from foresail.forecast import services, soon  # noqa: PLC0415

    learned = False
    if train:
        with screen.progress() as report:
            learned = services.learn(
                pool=pool,
                at=clock.now(),
                progress=lambda step, share: report(t(f"demo.step.{step}"), share),
                resume=resume,
            )
            report(t("demo.step.score"), 0.0)
            services.score_all(pool=pool, at=clock.now())
        soon.call_off_training(pool.pk)
        soon.score_pool_soon(pool.pk)  # a worker that runs already reads what is new only when it is told to
    show.say(t("demo.learned") if learned else t("demo.learns_later"))


def show_logins(show: screen.Screen) -> None:
    """Print as whom one can sign in."""
    from foresail.demo.logins import demo_logins  # noqa: PLC0415

    show.table(
        title=t("demo.logins"),
        columns=[(t(f"demo.{name}"), "left") for name in ("email", "password", "name", "role")],
        rows=[(email, password, name, pick(zh, en)) for email, password, name, zh, en in demo_logins()],
    )
