"""What appears on the terminal: results on stdout, everything else on stderr.

Names in somebody's data may hold colour codes or markup; what is printed here is cleaned of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.style import Style
from rich.table import Table
from rich.text import Text

from foresail.science.texts import clean
from foresail.site.cli.language import t

Report = Callable[[str, float], None]
"""Called with the step at hand and the share of the whole that is done, 0 to 1."""

PIPED_WIDTH = 120
"""How wide tables are where there is no terminal to ask."""


class Screen:
    """Where the results of one run are shown. With `to_stderr` stdout is left to the JSON alone."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        self.console = _console(stderr=to_stderr)

    def say(self, text: str = "", *, style: str = "") -> None:
        """Print one paragraph."""
        self.console.print(Text(clean(text), style=style), soft_wrap=True)

    def wrote(self, label: str, path: Path) -> None:
        """Print where a file lies; a terminal can open it by a click."""
        line = Text(f"{label} ", style="dim")
        line.append(clean(str(path)), style=Style(link=path.resolve().as_uri()))
        self.console.print(line, soft_wrap=True)

    def table(
        self,
        *,
        title: str,
        columns: Sequence[tuple[str, Literal["left", "right"]]],
        rows: Iterable[Sequence[str | Text]],
        wrap_first: bool = False,
    ) -> None:
        """Print a table; the first column stays on one line unless `wrap_first`."""
        made = Table(
            header_style="bold",
            box=SIMPLE_HEAD,
            show_header=any(name for name, _ in columns),
        )
        for number, (name, justify) in enumerate(columns):
            made.add_column(
                clean(name), justify=justify, overflow="fold", no_wrap=number == 0 and not wrap_first
            )
        for row in rows:
            made.add_row(*(cell if isinstance(cell, Text) else Text(clean(cell)) for cell in row))
        self.say(title, style="bold")
        self.console.print(made)


def complain(message: str) -> None:
    """Print an error on stderr."""
    line = Text(t("error"), style="bold red")
    line.append(clean(message), style="not bold default")
    _console(stderr=True).print(line, soft_wrap=True)


def note(message: str) -> None:
    """Print something worth knowing on stderr."""
    _console(stderr=True).print(Text(clean(message), style="yellow"), soft_wrap=True)


@contextmanager
def progress() -> Iterator[Report]:
    """Show a bar on stderr while the work inside goes on, if a terminal is there to see it."""
    console = _console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("", total=None)

        def report(step: str, share: float) -> None:
            bars.update(bar, description=step, completed=share, total=1.0 if share > 0 else None)

        yield report


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(stderr=stderr, highlight=False, markup=False, width=max(console.width, PIPED_WIDTH))
    return console
