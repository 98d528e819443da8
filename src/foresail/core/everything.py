"""All that an installation keeps in one zip that other programs read: JSON Lines for each table, files, a manifest.

Each room says in its app's `everything` what of its tables leaves, and what does not and why; who adds a table has to
say so. The zip is written while it is read: neither rows nor files are held in memory.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction

from foresail import __version__

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
_PIECE: Final = 1 << 20
_PLACED = Callable[[str], Path]

Said = tuple[str, str]
"""In Chinese and English."""


@dataclass(frozen=True, kw_only=True)
class Everything:
    """What of a room's tables leaves, by the name of the model: `taken` says what its rows are, `left_out` why none is.

    `without` names columns that stay here. `files` says, for a model whose rows have a `place`, where that lies.
    """

    taken: Mapping[str, Said] = field(default_factory=dict)
    left_out: Mapping[str, Said] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, _PLACED] = field(default_factory=dict)


class TablesUndeclared(Exception):
    """Tables of which no room says whether they leave."""


_PLUMBING: Final = ("框架自身的表，没有业务数据", "a table of the framework itself, without business data")
OTHERS: Final = {
    "contenttypes": _PLUMBING,
    "auth": _PLUMBING,
    "procrastinate": ("后台任务的队列", "the queue of background jobs"),
}
"""Apps that are not ours: nothing of theirs leaves."""


@dataclass(frozen=True)
class Table:
    """A table that leaves, as the file `path` of the zip."""

    model: type[models.Model]
    said: Said
    columns: tuple[models.Field[Any, Any], ...]
    placed: _PLACED | None

    @property
    def path(self) -> str:
        return f"{self.model._meta.app_label}/{self.model.__name__}.jsonl"  # noqa: SLF001  # documented by Django


def tables() -> tuple[list[Table], dict[str, Said]]:
    """Return the tables that leave, and why the others do not, by label. Raises TablesUndeclared."""
    going: list[Table] = []
    staying: dict[str, Said] = {}
    undeclared: list[str] = []
    for model in apps.get_models(include_auto_created=True):
        name, label = model.__name__, model._meta.label  # noqa: SLF001  # documented by Django
        config = apps.get_app_config(model._meta.app_label)  # noqa: SLF001  # documented by Django
        said = getattr(config, "everything", Everything())
        if name in said.taken:
            columns = tuple(
                each
                for each in model._meta.concrete_fields  # noqa: SLF001  # documented by Django
                if each.attname not in said.without.get(name, ())
            )
            going.append(Table(model, said.taken[name], columns, said.files.get(name)))
        elif name in said.left_out or config.label in OTHERS:
            staying[label] = said.left_out.get(name) or OTHERS[config.label]
        else:
            undeclared.append(label)
    if undeclared:
        raise TablesUndeclared(", ".join(undeclared))
    return going, staying


@dataclass(frozen=True, kw_only=True)
class Written:
    """What an export came to: `sha256` is that of the zip."""

    rows: int
    files: int
    bytes: int
    sha256: str


def write(out: Path, *, at: datetime) -> Written:
    """Write everything to `out`, as it is at one instant. Killed or failed, there is no such file."""
    going, staying = tables()
    part = out.with_name(out.name + ".part")
    listed: list[dict[str, Any]] = []
    missing: list[str] = []
    try:
        # For its owner alone: it holds all there is.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
            transaction.atomic(durable=not connection.in_atomic_block),
        ):
            _hold_still()
            for table in going:
                listed.append(_write_table(archive, table))
                if table.placed is not None:
                    listed.extend(_files(archive, table, missing))
            told = _manifest(going, staying, listed, missing, at=at)
            archive.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1))
            file.flush()
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return Written(
        rows=sum(each.get("rows", 0) for each in listed),
        files=sum("rows" not in each for each in listed),
        bytes=out.stat().st_size,
        sha256=_digest_of(out),
    )


def _hold_still() -> None:
    """Let all tables be read as they are now. Inside a transaction of the caller's they are as that sees them."""
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")


def _write_table(archive: zipfile.ZipFile, table: Table) -> dict[str, Any]:
    rows = 0

    def lines() -> Iterator[bytes]:
        nonlocal rows
        for line in _rows(table):
            rows += 1
            yield line.encode() + b"\n"

    size, digest = _put(archive, table.path, lines())
    return {
        "path": table.path, "model": table.model._meta.label, "rows": rows, "bytes": size, "sha256": digest,  # noqa: SLF001
    }  # fmt: skip


def _rows(table: Table) -> Iterator[str]:
    """Yield each row as JSON, made by the database. Decimals are texts, so that no reader rounds them; bytes are hex."""
    quote = connection.ops.quote_name
    meta = table.model._meta  # noqa: SLF001  # documented by Django
    columns = ", ".join(_told(each, quote(str(each.column))) for each in table.columns)
    query = f"SELECT {columns} FROM {quote(meta.db_table)} ORDER BY {quote(str(meta.pk.column))}"  # noqa: S608
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY (SELECT row_to_json(r)::text FROM ({query}) r) TO STDOUT") as copy,  # noqa: S608  (names of ours alone)
    ):
        for (line,) in copy.rows():
            yield line


def _told(column: models.Field[Any, Any], name: str) -> str:
    match column:
        case models.DecimalField():
            return f"{name}::text AS {name}"
        case models.BinaryField():
            return f"encode({name}, 'hex') AS {name}"
        case _:
            return name


def _files(archive: zipfile.ZipFile, table: Table, missing: list[str]) -> Iterator[dict[str, Any]]:
    assert table.placed is not None
    found = table.model._base_manager.order_by("pk").values_list("place", flat=True)  # noqa: SLF001
    for place in found.iterator(chunk_size=2_000):
        path = f"files/{place}"
        try:
            with table.placed(place).open("rb") as file:
                size, digest = _put(archive, path, iter(lambda: file.read(_PIECE), b""))
        except FileNotFoundError:
            missing.append(path)
            continue
        yield {"path": path, "bytes": size, "sha256": digest}


def _put(archive: zipfile.ZipFile, path: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with archive.open(path, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _manifest(
    going: Iterable[Table],
    staying: Mapping[str, Said],
    listed: list[dict[str, Any]],
    missing: list[str],
    *,
    at: datetime,
) -> dict[str, Any]:
    return {
        "product": "foresail",
        "version": __version__,
        "format": FORMAT,
        "made_at": at.isoformat(),
        "files": listed,
        "missing": missing,
        "schema": {table.path: _schema(table) for table in going},
        "left_out": {label: {"zh": zh, "en": en} for label, (zh, en) in sorted(staying.items())},
    }


def _schema(table: Table) -> dict[str, Any]:
    zh, en = table.said
    meta = table.model._meta  # noqa: SLF001  # documented by Django
    stay = [each.attname for each in meta.concrete_fields if each not in table.columns]
    return {
        "zh": zh, "en": en, "model": meta.label, "key": meta.pk.column,
        "columns": [_column(each) for each in table.columns], "left_out": stay,
    }  # fmt: skip


def _column(each: models.Field[Any, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": each.column, "type": _type(each), "empty": each.null}
    if each.remote_field is not None:
        told["names"] = each.remote_field.model._meta.label  # noqa: SLF001  # documented by Django
    return told


def _type(each: models.Field[Any, Any]) -> str:
    match each:
        case models.DecimalField():
            return "decimal as text"
        case models.BinaryField():
            return "bytes as hex"
        case models.JSONField():
            return "json"
        case ArrayField():
            return f"list of {_type(each.base_field)}"
        case _:
            return str(each.db_type(connection))


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["FORMAT", "MANIFEST", "Everything", "Table", "TablesUndeclared", "Written", "tables", "write"]
