"""The door of the command line: which language, which subcommand, and what each error becomes.

Exit codes: 0 fine, 1 the data or the question is at fault, 2 the command was used wrongly, 3 a fault of
Foresail, 130 interrupted.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from foresail import __version__
from foresail.science.errors import ScienceError
from foresail.site.cli import language, screen
from foresail.site.cli.language import t
from foresail.site.cli.words import WORDS

SUBCOMMANDS: Final = (
    "describe",
    "backtest",
    "train",
    "forecast",
    "explain",
    "simulate",
    "serve",
    "user",
    "backup",
    "restore",
    "demo",
    "import",
    "signals",
    "export",
    "openapi",
    "doctor",
)

_MODULES: Final = {"import": "importing", "export": "exporting"}
"""Where a subcommand's module has another name: Python keeps some words for itself."""

FINE, AT_FAULT, MISUSED, BROKEN, INTERRUPTED = 0, 1, 2, 3, 130


class CommandError(Exception):
    """The command cannot go on, for a reason its user can mend; the message is in the user's language."""


class Misuse(typer.TyperException):
    """The options contradict each other; the message is in the user's language."""


class Command(TyperCommand):
    """A single command."""

    def main(self, *args: Any, **extra: Any) -> Any:
        _enter(self, super().main, *args, **extra)

    def get_help_option(self, ctx: Any) -> Any:
        return _in_our_words(super().get_help_option(ctx))


class Subcommands(TyperGroup):
    """The group of all subcommands. Only the one that is asked for is imported: help comes at once."""

    def main(self, *args: Any, **extra: Any) -> Any:
        _enter(self, super().main, *args, **extra)

    def get_help_option(self, ctx: Any) -> Any:
        return _in_our_words(super().get_help_option(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        assert name is not None
        alone = typer.Typer(add_completion=False)
        module = import_module(f"foresail.site.cli.{_MODULES.get(name, name)}")
        alone.command(name, cls=Command, help=f"help.{name}")(module.run)
        command = typer.main.get_command(alone)
        _translate(command)
        return name, command, rest


def _enter(
    command: Any, run: Callable[..., Any], args: Sequence[str] | None = None, **extra: Any
) -> NoReturn:
    """Run a command in the language asked for, and end with its exit code."""
    # Threads that wait for a core someone else has must not burn it: LightGBM's would, and take ten times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    chosen, words = language.split(list(sys.argv[1:] if args is None else args))
    spoken = language.of_environment(os.environ) if chosen is None else language.named(chosen)
    with language.speaking(spoken or language.of_environment(os.environ)):
        if spoken is None:
            screen.complain(t("error.language", given=chosen))
            sys.exit(MISUSED)
        _translate(command)
        sys.exit(guarded(lambda: run(args=words, **(extra | {"standalone_mode": False}))))


def _in_our_words(option: Any) -> Any:
    if option is not None:
        option.help = t("opt.help")
    return option


def add_subcommands(app: typer.Typer) -> None:
    """Give `app` the names and helps of all subcommands."""
    for name in SUBCOMMANDS:
        app.command(name, help=f"help.{name}")(lambda: None)


def print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"foresail {__version__}")
        raise typer.Exit


def guarded(work: Callable[[], object]) -> int:
    """Do `work` and return the exit code; say what went wrong on stderr."""
    try:
        code = work()
        sys.stdout.flush()
    except (CommandError, ScienceError) as error:
        screen.complain(_in_words(error))
        return AT_FAULT
    except typer.TyperException as error:
        message = error.format_message()
        if message.strip():  # without arguments the help was printed, and there is nothing to add
            screen.complain(_misuse(message))
        return MISUSED
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except (BrokenPipeError, SystemExit):
        # Whoever reads us has seen enough (`| head`); typer makes an exit of it, for which there is no other
        # cause here. Without a stdout Python does not complain again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except Exception:  # noqa: BLE001  # the last place where a fault can still be explained
        traceback.print_exc()
        screen.complain(t("error.fault"))
        return BROKEN
    if code == INTERRUPTED:
        return _interrupted()
    return code if isinstance(code, int) else FINE


def _interrupted() -> int:
    screen.complain(t("error.interrupted"))
    return INTERRUPTED


def _in_words(error: Exception) -> str:
    """Return the message; a Chinese reader gets what it is about in Chinese before the details."""
    if isinstance(error, ScienceError) and language.current() == "zh":
        known = f"code.{error.code}"
        return t(known if known in WORDS else "code.science_error") + str(error)
    return str(error)


# What the parser complains about, in its words and in ours.
_MISUSES: Final = (
    (r"Missing (?:option|argument) '?(?P<name>[^']+?)'?\.", "misuse.missing"),
    (r"No such option: (?P<name>[^ ]+)(?: \(Possible options: (?P<near>.+)\))?", "misuse.option"),
    (r"No such command '(?P<name>.+?)'\.?(?: Did you mean (?P<near>.+)\?)?", "misuse.command"),
    (r"Missing command\.", "misuse.no_command"),
    (r"Option '(?P<name>.+)' requires an argument\.", "misuse.no_value"),
    (r"Got unexpected extra argument(?:s|\(s\))? \((?P<name>.+)\)", "misuse.surplus"),
    (r"Invalid value for '?(?P<name>[^':]+)'?: (?P<why>.+)", "misuse.value"),
)


def _misuse(message: str) -> str:
    for pattern, key in _MISUSES:
        found = re.fullmatch(pattern, message, flags=re.DOTALL)
        if found:
            parts = found.groupdict()
            near = t("misuse.near", near=parts["near"].replace("'", "")) if parts.get("near") else ""
            return t(key, **{**parts, "near": near})
    return message


def _translate(command: Any) -> None:
    """Replace the keys that stand for the help texts of a command, its options and its subcommands."""
    rich_utils.OPTIONS_PANEL_TITLE = t("title.options")
    rich_utils.ARGUMENTS_PANEL_TITLE = t("title.arguments")
    rich_utils.COMMANDS_PANEL_TITLE = t("title.commands")
    rich_utils.DEFAULT_STRING = t("title.default")
    rich_utils.REQUIRED_LONG_STRING = t("title.required")
    for thing in (command, *command.params, *getattr(command, "commands", {}).values()):
        for name in ("help", "epilog", "short_help"):
            key = getattr(thing, name, None)
            if key in WORDS:
                setattr(thing, name, _breakable(t(key)))


def _breakable(text: str) -> str:
    """Return `text` with room after Chinese punctuation: the help breaks lines at spaces only."""
    return re.sub(r"(?<=[，。；：])(?=[^\s）])", " ", text)
