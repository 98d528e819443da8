"""Imports of tests: a home of their own, and what begins, runs and reads one."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.db import connection

from foresail.core.home import Home
from foresail.crm import services
from foresail.crm.fields import RecordType
from foresail.crm.models import (
    Import,
)
from foresail.crm.services.importing import twins
from foresail.people.models import User

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
USCC = "91310000607378135B"
"""Of a valid check digit."""


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.HOME = Home(tmp_path)
    monkeypatch.setattr(twins, "_finders", [])


def upload(
    kind: RecordType, content: bytes | str, *, by: User, name: str = "名单.csv", **settings: Any
) -> Import:
    raw = content.encode() if isinstance(content, str) else content
    of = services.begin_import(kind=kind, pieces=[raw], name=name, by=by, at=NOW)
    if settings:
        wanted = {k: v for k, v in of.settings.items() if k != "remembered"} | settings
        services.configure_import(of=of, settings=wanted, by=by)
    return of


def run(of: Import, *, at: datetime = NOW) -> Import:
    services.check_import(of=of, by=of.by)
    services.start_import(of=of, by=of.by, at=at)
    services.run_import(key=of.pk, at=at)
    of.refresh_from_db()
    return of


def bring(kind: RecordType, content: bytes | str, *, by: User, **settings: Any) -> Import:
    return run(upload(kind, content, by=by, **settings))


def counts(of: Import) -> tuple[int, int, int, int]:
    return of.added, of.updated, of.same, of.rejected


def problems(of: Import) -> dict[int, str]:
    """Line of the file → what was said of it, in Chinese."""
    rows = of.outcomes.exclude(problems=None).order_by("row")
    return {row.row + 2: "；".join(each["zh"] for each in row.problems or []) for row in rows}


def tables(*leaving: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of this room."""
    names = [
        name
        for name in connection.introspection.table_names()
        if name.startswith("crm_") and name not in {"crm_import", "crm_importmapping", *leaving}
    ]
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute(f"SELECT r::text FROM {name} r ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


def workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                else:
                    sheet.write(place, column, cell)
    return out.getvalue()
