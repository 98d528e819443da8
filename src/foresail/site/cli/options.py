"""Options that several subcommands share, and how their values are read."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from foresail.site.cli.door import Misuse
from foresail.site.cli.language import t

_UNITS = {"d": 1, "w": 7}
_MOST_DAYS = 366


def parse_days(text: str | int) -> int:
    """Read a duration such as `2d` or `2w` as days. A default is a number of days already."""
    if isinstance(text, int):
        return text
    found = re.fullmatch(r"(\d{1,4})([dw])", text.strip().lower())
    days = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= days <= _MOST_DAYS:
        raise typer.BadParameter(t("error.duration", given=text))
    return days


def parse_day(text: str) -> date:
    """Read a date such as `2025-06-01`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise typer.BadParameter(t("error.date", given=text)) from error


def parse_moment(text: str) -> date | datetime:
    """Read a date, or a date and a time of day such as `2025-06-01T09:30`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise typer.BadParameter(t("error.moment", given=text)) from error


Log = Annotated[Path | None, typer.Argument(metavar="[LOG]", help="arg.log", show_default=False)]
MappingFile = Annotated[
    Path, typer.Option("--mapping", metavar="FILE", help="opt.mapping", show_default=False)
]
Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="FILE|-", help="opt.json", show_default=False, allow_dash=True),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="opt.seed")]
AllowRejects = Annotated[bool, typer.Option("--allow-rejects", help="opt.allow_rejects")]
ModelFolder = Annotated[
    Path | None, typer.Option("--model", metavar="FOLDER", help="opt.model", show_default=False)
]
At = Annotated[
    date | None,
    typer.Option("--at", metavar="DATE", parser=parse_moment, help="opt.at", show_default=False),
]


def require_order(*, every: int, horizon: int, cutoff: date | None, until: date | None) -> None:
    """Raise Misuse unless `every` divides `horizon` and `cutoff` comes before `until`."""
    if horizon % every:
        divisors = ", ".join(f"{n}d" for n in range(1, horizon + 1) if horizon % n == 0)
        raise Misuse(t("error.every", every=every, horizon=horizon, divisors=divisors))
    if cutoff is not None and until is not None and until <= cutoff:
        raise Misuse(t("error.until", cutoff=cutoff, until=until))
