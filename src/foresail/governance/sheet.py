"""The audit trail as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from foresail.governance.queries import Unreadable

if TYPE_CHECKING:
    from foresail.governance.queries import Audited

BOM: Final = "\ufeff"
"""Without it Excel reads Chinese as something else."""
HEADINGS: Final = {
    "zh": ("序号", "时间（UTC）", "操作人编号", "操作人", "操作", "记录类型", "记录编号", "记录名称", "内容"),
    "en": ("Sequence", "Time (UTC)", "Actor key", "Actor", "Verb", "Record", "Key", "Name", "Values"),
}
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def sheet_of(rows: Iterable[Audited], *, language: str) -> str:
    """Return `rows` as CSV: verbs and kinds by their own names, values as JSON, "<erased>" where they cannot be read."""
    made = io.StringIO()
    made.write(BOM)
    table = csv.writer(made)
    table.writerow(HEADINGS[language])
    for row in rows:
        entry = row.entry
        values = {
            name: f"<{value.value}>" if isinstance(value, Unreadable) else value
            for name, value in entry.values.items()
        }
        cells = (
            str(entry.sequence),
            entry.at.isoformat(),
            "" if entry.actor is None else str(entry.actor),
            row.actor_name or "",
            entry.verb,
            entry.subject,
            entry.key,
            row.name or "",
            json.dumps(values, ensure_ascii=False, sort_keys=True),
        )
        table.writerow([_harmless(cell) for cell in cells])
    return made.getvalue()


def _harmless(cell: str) -> str:
    """Return `cell` such that no spreadsheet takes it for a formula: somebody's name may begin with =."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
