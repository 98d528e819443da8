"""Where sums are computed: DuckDB in this process, or a Spark cluster through Spark Connect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import ibis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MEMORY: Final = "2GiB"


class Engine(Protocol):
    """Computes an expression of `sums` over files of evidence."""

    def write(self, sums: Any, *, files: Sequence[Path], to: Path) -> None:
        """Write what `sums` give over `files` into Parquet files of the folder `to`, which is made for it."""


def engine() -> Engine:
    """Return what FORESAIL_ENGINE names: sc://host:port is a Spark cluster, nothing is DuckDB.

    Raises ImproperlyConfigured for anything else.
    """
    address = settings.ENGINE
    if not address:
        return DuckDB()
    if not address.startswith("sc://"):
        raise ImproperlyConfigured(
            f"FORESAIL_ENGINE is the address of Spark Connect, sc://host:port, not {address!r}"
        )
    return Spark(address)


@contextmanager
def limited(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a DuckDB that takes MEMORY and no more. What does not fit goes to a folder in `work`, and with the query."""
    with duckdb.connect() as database:
        database.execute(f"SET memory_limit = '{MEMORY}'")
        database.execute("SET preserve_insertion_order = false")
        database.execute("SET temp_directory = $work", {"work": str(work / "spilt")})
        yield database


class DuckDB:
    """On this machine, in this process."""

    def write(self, sums: Any, *, files: Sequence[Path], to: Path) -> None:
        to.mkdir()
        with limited(to.parent) as database:
            database.read_parquet([str(file) for file in files]).create_view("evidence")
            query = ibis.to_sql(sums, dialect="duckdb", pretty=False)
            database.execute(f"COPY ({query}) TO '{to / 'sums.parquet'}' (FORMAT parquet)")


class Spark:
    """A cluster at `address`. It sees the same folder under the same name, and writes what it computed there itself."""

    def __init__(self, address: str) -> None:
        self._address = address

    def write(self, sums: Any, *, files: Sequence[Path], to: Path) -> None:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415  an extra

            query = ibis.pyspark.compile(sums)
        except ImportError as error:
            raise ImproperlyConfigured("FORESAIL_ENGINE needs pip install 'foresail[spark]'") from error
        session = SparkSession.builder.remote(self._address).create()
        try:
            session.read.parquet(*(str(file) for file in files)).createOrReplaceTempView("evidence")
            session.sql(query).write.parquet(str(to))
        finally:
            session.stop()
