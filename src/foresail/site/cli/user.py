"""`foresail user`: add a user from the shell, the first administrator above all.

With --existing somebody known gets a password and roles: the way in when single sign-on, or the only administrator's
memory, fails.
"""

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
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="opt.user_name", show_default=False)
    ] = None,
    roles: Annotated[
        list[str] | None, typer.Option("--role", metavar="ROLE", help="opt.user_role", show_default=False)
    ] = None,
    existing: Annotated[bool, typer.Option("--existing", help="opt.user_existing")] = False,
) -> None:
    if existing == (name is not None):
        raise Misuse(t("error.user_name"))
    password = _password()
    try:
        with ground(Home.of_environment(os.environ)):
            _keep(email=email, name=name, roles=roles or [], password=password)
    except (HomeUnusable, ClusterUnusable) as error:
        raise CommandError(pick(error.zh, error.en)) from error
    screen.Screen().say(t("user.changed" if existing else "user.added", email=email))


def _password() -> str:
    """Return the password, asked for twice at a terminal, else the first line of stdin."""
    if sys.stdin.isatty():
        asked: str = typer.prompt(t("user.password"), hide_input=True, confirmation_prompt=t("user.again"))
        return asked
    return sys.stdin.readline().rstrip("\n")


def _keep(*, email: str, name: str | None, roles: list[str], password: str) -> None:
    """Add a user called `name`, or where it is None find the one there is; then give roles and the password."""
    # Models may be imported only once Django is set up.
    from django.db import transaction  # noqa: PLC0415

    from foresail.people import queries, services  # noqa: PLC0415
    from foresail.people.roles import Role  # noqa: PLC0415

    unknown = [role for role in roles if role not in set(Role)]
    if unknown:
        raise Misuse(t("error.role", given=unknown[0], known=", ".join(Role)))
    now = datetime.now(UTC)
    try:
        with transaction.atomic():
            spoken = language.current()
            if name is None:
                user = queries.user_of(email=email)
            else:
                user = services.add_user(email=email, name=name, language=spoken, by=None, at=now)
            held = queries.roles_of(user=user)
            for role in dict.fromkeys(roles):
                if role not in held:
                    services.grant_role(user=user, role=Role(role), by=None, at=now)
            services.set_password(user=user, password=password, by=None, at=now)
    except Refusal as error:
        raise CommandError(pick(error.zh, error.en)) from error
