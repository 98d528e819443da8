"""`foresail user`: add a user from the shell, the first administrator above all."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from foresail.core.cluster import ClusterUnusable
from foresail.core.errors import Refusal
from foresail.core.home import Home, HomeUnusable
from foresail.site.cli import language, screen
from foresail.site.cli.door import CommandError, Misuse
from foresail.site.cli.language import pick, t
from foresail.site.ground import ground


def run(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="opt.user_email", show_default=False)],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="opt.user_name", show_default=False)],
    roles: Annotated[
        list[str] | None, typer.Option("--role", metavar="ROLE", help="opt.user_role", show_default=False)
    ] = None,
) -> None:
    password = _password()
    try:
        with ground(Home.of_environment(os.environ)):
            _add(email=email, name=name, roles=roles or [], password=password)
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    screen.Screen().say(t("user.added", email=email))


def _password() -> str:
    """Return the password, asked for twice at a terminal, else the first line of stdin."""
    if sys.stdin.isatty():
        asked: str = typer.prompt(t("user.password"), hide_input=True, confirmation_prompt=t("user.again"))
        return asked
    return sys.stdin.readline().rstrip("\n")


def _add(*, email: str, name: str, roles: list[str], password: str) -> None:
    # Models may be imported only once Django is set up.
    from django.db import transaction  # noqa: PLC0415

    from foresail.people import services  # noqa: PLC0415
    from foresail.people.roles import Role  # noqa: PLC0415

    unknown = [role for role in roles if role not in set(Role)]
    if unknown:
        raise Misuse(t("error.role", given=unknown[0], known=", ".join(Role)))
    now = datetime.now(UTC)
    try:
        with transaction.atomic():
            spoken = language.current()
            user = services.add_user(email=email, name=name, language=spoken, by=None, at=now)
            for role in dict.fromkeys(roles):
                services.grant_role(user=user, role=Role(role), by=None, at=now)
            services.set_password(user=user, password=password, by=None, at=now)
    except Refusal as error:
        raise CommandError(pick(error.zh, error.en)) from error
