"""The `foresail` command: one module per subcommand, and what they share.

`door` decides the language, loads the subcommand and turns every error into a sentence and an exit
code; `language` and `words` hold the texts; `options`, `inputs`, `outputs` and `screen` are what goes in
and what comes out.
"""

import sys
from typing import Annotated

import typer

from foresail.site.cli.door import Subcommands, add_subcommands, print_version

app = typer.Typer(
    cls=Subcommands,
    name="foresail",
    help="help.foresail",
    epilog="help.exit",
    no_args_is_help=True,
    add_completion=False,
)
add_subcommands(app)


@app.callback()
def foresail(
    lang: Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="opt.lang")] = None,
    version: Annotated[
        bool, typer.Option("--version", help="opt.version", callback=print_version, is_eager=True)
    ] = False,
) -> None:
    # Both are dealt with before this runs; they stand here to be in the help.
    del lang, version


def main() -> None:
    """Run the command line and end the process with its exit code."""
    app(sys.argv[1:], prog_name="foresail")
