"""What of our records is compared to find those of the same customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl
from django.db.models import QuerySet

from foresail.crm import matching
from foresail.crm.fields import RecordType
from foresail.crm.models import MatchKey

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "account": {"name": "name", "code": "code", "phone": "phone", "domain": "domain"},
    "contact": {"name": "name", "phone": "phone", "email": "email", "company": "account__name"},
    "lead": {"name": "name", "phone": "phone", "email": "email", "company": "company"},
}
"""By kind of record: what is compared, and where its text lies."""
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "account": {"name": "name", "code": "code", "phone": "phone", "domain": "domain"},
    "contact": {"name": "name", "phone": "phone", "email": "email", "company": "account"},
    "lead": {"name": "name", "phone": "phone", "email": "email", "company": "company"},
}
"""By kind of record: of which field each of these texts is."""
BATCH: Final = 2_000


def rows_of(kind: RecordType, found: QuerySet[Any]) -> list[dict[str, Any]]:
    """Return what is compared of each record of `found`, with its `key`, in the order of the keys."""
    texts = TEXTS[kind.key]
    rows = found.order_by("pk").values_list("pk", *texts.values())
    return [
        {"key": key}
        | matching.row_of(kind.key, {name: text or "" for name, text in zip(texts, told, strict=True)})
        for key, *told in rows.iterator(chunk_size=BATCH)
    ]


def table_of(kind: RecordType, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    columns = list(matching.row_of(kind.key, {}))
    schema: dict[str, Any] = {"key": pl.Int64} | dict.fromkeys(columns, pl.String)
    return pl.DataFrame(list(rows), schema=schema)


def index(kind: RecordType, records: Collection[int]) -> None:
    """Keep anew under which keys `records` meet others. In a transaction of the caller's.

    Also of what lies in the bin or was merged, which may come back; who looks them up leaves these out.
    """
    MatchKey.objects.filter(record_type=kind.key, record__among=records).delete()
    _keep(kind, rows_of(kind, kind.model.with_deleted.filter(pk__among=records)))


def index_all(kind: RecordType, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep the keys of `rows` anew, which are all records of a kind that are in no bin."""
    there = kind.model.objects.order_by().values("pk")
    MatchKey.objects.filter(record_type=kind.key, record__in=there).delete()
    _keep(kind, rows)


def _keep(kind: RecordType, rows: Iterable[Mapping[str, Any]]) -> None:
    MatchKey.objects.bulk_create(
        (
            MatchKey(record_type=kind.key, record=row["key"], key=key)
            for row in rows
            for key in matching.keys_of(kind.key, row)
        ),
        batch_size=BATCH,
    )
