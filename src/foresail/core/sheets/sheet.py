"""`python -m foresail.core.sheets.sheet BOOK OUT MOST_ROWS`: the first sheet of a workbook as CSV.

A program of its own, with little memory and time: a workbook made to do harm ends it and nothing else. It imports
nothing of ours, so it starts at once.
"""

from __future__ import annotations

import csv
import datetime as dt
import sys
from pathlib import Path
from typing import Final

MEMORY: Final = 3 << 30
SECONDS: Final = 240
EMPTY, TOO_MANY_ROWS, DAMAGED = 3, 4, 5
"""Exit codes."""


def main(book: str, out: str, most_rows: int) -> int:
    _little()
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  (after the limits)

    try:
        with CalamineWorkbook.from_path(book) as workbook:
            for name in workbook.sheet_names:
                sheet = workbook.get_sheet_by_name(name)
                if sheet.height and sheet.width:
                    break
            else:
                return EMPTY
            if sheet.height > most_rows + 1000:
                return TOO_MANY_ROWS
            with Path(out).open("w", encoding="utf-8", newline="") as file:
                write = csv.writer(file)
                for row in sheet.iter_rows():
                    write.writerow([text(cell) for cell in row])
    except CalamineError:
        return DAMAGED
    return 0


def text(cell: object) -> str:
    """Return a cell as people see it: whole numbers without a point, days without midnight."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case float():
            return format(cell, ".15g") if 1e-4 <= abs(cell) < 1e15 else format(cell, "f")
        case dt.datetime() if cell.time() == dt.time(0):
            return cell.date().isoformat()
        case dt.datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case dt.date():
            return cell.isoformat()
        case _:
            return str(cell)


def _little() -> None:
    try:
        import resource  # noqa: PLC0415  (not everywhere)
    except ImportError:
        return
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
