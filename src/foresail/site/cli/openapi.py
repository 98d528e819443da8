"""`foresail openapi`: the description of the HTTP interface, from which clients are generated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foresail.site.cli import outputs
from foresail.site.ground import set_up


def run(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="opt.openapi_out")] = outputs.STDOUT,
) -> None:
    outputs.check_files(out)
    set_up()
    # What the routes are made of may be imported only once Django is set up.
    from foresail.site.api import api  # noqa: PLC0415

    outputs.write_json(out, api.get_openapi_schema(path_prefix="/api/"))
