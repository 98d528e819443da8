"""A way to type commands."""

from collections.abc import Callable

from typer import Typer
from typer.testing import CliRunner, Result

from foresail.site.cli import app

Run = Callable[..., Result]


def typed(*words: object, lang: str = "en_US.UTF-8", command: Typer = app) -> Result:
    """Type a command in a terminal of the locale `lang`."""
    environment = {"LC_ALL": None, "LC_MESSAGES": None, "LANG": lang, "COLUMNS": "120"}
    return CliRunner(env=environment).invoke(command, [str(word) for word in words], prog_name="foresail")
