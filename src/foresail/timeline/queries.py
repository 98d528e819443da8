"""The other door: the timeline of a record as people read it, and the log of deals as `science` does."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection
from django.db.models import Count, Q, QuerySet
from psycopg import sql

from foresail.core.api import Reference
from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.crm.queries import deal as find_deal
from foresail.crm.queries import hidden_fields
from foresail.people.queries import names_of
from foresail.science.log import DealLog
from foresail.timeline.errors import CursorInvalid
from foresail.timeline.excerpts import excerpts
from foresail.timeline.kinds import codes_of, kind_of, registered
from foresail.timeline.models import Entry
from foresail.timeline.schemas import EntriesPage, EntryRow
from foresail.timeline.scopes import SCOPES, Scope
from foresail.timeline.standing import stood_in
from foresail.timeline.traces import traces_of

if TYPE_CHECKING:
    from foresail.people.models import User

__all__ = [
    "DealFrames",
    "Happened",
    "deal_log",
    "entry_of_deal",
    "entry_of_ref",
    "happened",
    "keys_by_facts",
    "of_deal",
    "of_record",
    "stood_in",
]

LONGEST_PAGE: Final = 200
OUTCOMES: Final = ("won", "lost")
NOT_IN_LOG: Final = ("deal_opened", "deal_amended", "mail_auto", "talk_left", "content_sent")
"""Kinds that say what is known of a deal, not what happened in it; what nobody wrote who decides anything; and that a
link was copied, of which nobody knows whether it was sent.
"""
FOREVER: Final = datetime.max.replace(tzinfo=UTC)
_EVENTS: Final = {
    "deal": pl.String(),
    "at": pl.Int64(),
    "known": pl.Int64(),
    "kind": pl.String(),
    "actor": pl.String(),
    "stage": pl.String(),
    "entry": pl.Int64(),
}
_SQL_OF: Final = {
    "deal": "deal_id",
    "at": "(date_part('epoch', at) * 1000000)::bigint",
    "known": "(date_part('epoch', known_at) * 1000000)::bigint",
    "kind": """'"' || replace(kind, '"', '""') || '"'""",
    "actor": """coalesce('u' || actor_id, '"' || replace(actor_label, '"', '""') || '"')""",
    "stage": """'"' || replace(values->>'stage', '"', '""') || '"'""",
    "entry": "id",
}
"""Each column as CSV has it, which tells NULL from an empty text."""
_MOMENTS: Final = {
    "deal": pl.Int64(),
    "at": pl.Int64(),
    "known": pl.Int64(),
    "kind": pl.String(),
    "entry": pl.Int64(),
}


def of_deal(
    *,
    user: User,
    deal: int,
    groups: set[str] | None = None,
    key_only: bool = False,
    before: str | None = None,
    limit: int = 30,
) -> EntriesPage:
    """Return a page of the entries of a deal, newest first, from `before` on. Raises NotFound or CursorInvalid."""
    find_deal(user=user, key=deal)
    scope = Scope(entries=Q(deal=deal), deals={})
    return _page(scope, user=user, groups=groups, key_only=key_only, before=before, limit=limit)


def of_record(
    *,
    user: User,
    record_type: str,
    record: int,
    groups: set[str] | None = None,
    key_only: bool = False,
    before: str | None = None,
    limit: int = 30,
) -> EntriesPage:
    """Return the same of an account, a contact or a lead, each entry with its deal, as far as `user` may see that.

    Raises NotFound or CursorInvalid.
    """
    scope = SCOPES[record_type](user=user, key=record)
    return _page(scope, user=user, groups=groups, key_only=key_only, before=before, limit=limit)


def _page(
    scope: Scope, *, user: User, groups: set[str] | None, key_only: bool, before: str | None, limit: int
) -> EntriesPage:
    found = _chosen(Entry.objects.filter(scope.entries), groups, key_only=key_only)
    if before is not None:
        at, key = _place(before)
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=key))
    limit = min(max(limit, 1), LONGEST_PAGE)
    page = list(found.order_by("-at", "-pk")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    return EntriesPage(
        items=_rows(page, user=user, deals=scope.deals),
        next=_cursor(page[-1]) if more else None,
        counts=_counts(scope) if before is None else {},
    )


def entry_of_deal(*, user: User, deal: int, entry: int) -> EntryRow:
    """Return one entry of a deal. Raises NotFound, also if `user` may not see the deal."""
    find_deal(user=user, key=deal)
    found = Entry.objects.filter(deal=deal, pk=entry).first()
    if found is None:
        raise NotFound
    return _rows([found], user=user, deals={})[0]


def entry_of_ref(*, user: User, deal: int, ref: str) -> EntryRow:
    """Return the entry of a deal that shows what lies at `ref`. Raises NotFound, also if `user` may not see the deal."""
    key = Entry.objects.filter(deal=deal, ref=ref).values_list("pk", flat=True).first()
    return entry_of_deal(user=user, deal=deal, entry=key or 0)


def keys_by_facts(*, deal: int) -> list[tuple[int, str, datetime, datetime, int | None, str | None]]:
    """Return (id, kind, at, known_at, actor, actor_label) of every entry of a deal, in the order of the log."""
    columns = ("pk", "kind", "at", "known_at", "actor", "actor_label")
    return list(Entry.objects.filter(deal=deal).order_by("known_at", "at", "pk").values_list(*columns))


class Happened(NamedTuple):
    """An entry as higher rooms read it. `title` is what it says of itself; what was said lies where `ref` points."""

    entry: int
    deal: int
    kind: str
    at: datetime
    known_at: datetime
    actor: int | None
    ref: str | None
    title: str | None


def happened(
    *, deals: Collection[int], since: datetime, until: datetime, known_by: datetime
) -> list[Happened]:
    """Return what happened in `deals` from `since` until before `until`, as known at `known_by`, in order of time.

    A plain read for higher rooms: nobody is shown it before `visible_deals` was asked.
    """
    found = Entry.objects.filter(deal__in=deals, at__gte=since, at__lt=until, known_at__lte=known_by)
    columns = ("pk", "deal", "kind", "at", "known_at", "actor", "ref", "values__title")
    return [Happened(*row) for row in found.order_by("at", "pk").values_list(*columns)]


def table_of(
    *, deals: Collection[int], kinds: Collection[str], stages: bool = False, known_by: datetime
) -> pl.DataFrame:
    """Return the entries of `kinds`, and of moves with `stages`, in `deals`, as known at `known_by`: for higher rooms.

    Columns are deal, at, known, kind and entry, in the order of at and entry.
    """
    where = sql.SQL("""
        deal_id = ANY({deals}::bigint[]) AND known_at <= {until}
            AND (kind = ANY({kinds}) OR {stages} AND kind LIKE {stage})
    """).format(
        deals=sql.Literal(list(deals)), until=sql.Literal(known_by), kinds=sql.Literal(list(kinds)),
        stages=sql.Literal(stages), stage=sql.Literal("stage\\_%"),
    )  # fmt: skip
    return _entries(_MOMENTS, where).sort("at", "entry")


@dataclass(frozen=True)
class DealFrames:
    """`deals` and `events` as `DealLog.build` takes them; `events` has also `entry`, the key of each, null for traces."""

    deals: pl.DataFrame
    events: pl.DataFrame
    zone: ZoneInfo

    def log(self) -> DealLog:
        return DealLog.build(deals=self.deals, events=self.events.drop("entry"), zone=self.zone)


def deal_log(
    *,
    pipelines: Sequence[int] | None = None,
    deals: Sequence[int] | None = None,
    known_by: datetime | None = None,
    zone: ZoneInfo = ZONE,
) -> DealFrames:
    """Return the log of `deals`, or of the deals opened in `pipelines`, as it was known at `known_by` (None: now).

    It is made from entries: what a deal was like when it opened, its entry `deal_opened` says, and it is
    open, and closed, from when we knew of it. Told twice of an opening or an outcome, the first counts. What other
    rooms know of its account joins it here (`traces`), and is kept in no entry.
    """
    opened = _read(
        """
        SELECT deal_id::text, account_id, known_at, values->>'owner', (values->>'amount')::float8, values->'facts'
        FROM (
            SELECT DISTINCT ON (deal_id) deal_id, account_id, known_at, values
            FROM timeline_entry WHERE kind = 'deal_opened' AND deal_id IS NOT NULL AND known_at <= %(until)s
                AND (%(deals)s::bigint[] IS NULL OR deal_id = ANY(%(deals)s::bigint[]))
            ORDER BY deal_id, known_at, id
        ) AS opening
        WHERE %(pipelines)s::bigint[] IS NULL OR (values->>'pipeline')::bigint = ANY(%(pipelines)s::bigint[])
        ORDER BY deal_id
        """,
        pipelines=pipelines, deals=deals, known_by=known_by,
    )  # fmt: skip
    ids, accounts, opened_at, owners, amounts, facts = zip(*opened, strict=True) if opened else ((),) * 6
    facts = tuple(json.loads(each) if each else {} for each in facts)
    known = pl.DataFrame(
        {
            "deal": pl.Series(ids, dtype=pl.String),
            "opened": pl.Series(opened_at, dtype=pl.Datetime("us", "UTC")),
            "owner": pl.Series(owners, dtype=pl.String),
            "amount": pl.Series(amounts, dtype=pl.Float64),
        }
    )
    names = sorted({name for each in facts for name in each} - {*known.columns, "closed", "outcome"})
    known = known.with_columns(
        pl.Series(n, [f.get(n) for f in facts], dtype=pl.String, strict=False) for n in names
    )
    happened = _events(
        [int(key) for key in ids], everything=deals is None and pipelines is None, known_by=known_by
    )
    closing = (
        happened.filter(pl.col("kind").is_in(OUTCOMES))
        .sort("known", "at", "entry")
        .unique("deal", keep="first")
    )
    known = known.join(
        closing.select("deal", closed=pl.col("known"), outcome=pl.col("kind")), on="deal", how="left"
    ).sort("deal")
    with_whom = pl.DataFrame(
        {"deal": ids, "account": accounts}, schema={"deal": pl.String, "account": pl.Int64}
    )
    traces = traces_of(known.join(with_whom, on="deal"), known_by=known_by)
    return DealFrames(known, pl.concat([happened, traces], how="diagonal"), zone)


def _events(deals: list[int], *, everything: bool, known_by: datetime | None) -> pl.DataFrame:
    where = sql.SQL("""
        deal_id IS NOT NULL AND known_at <= {until}
            AND ({everything} OR deal_id = ANY({deals}::bigint[])) AND kind <> ALL({left_out})
    """).format(
        until=sql.Literal(known_by or FOREVER),
        everything=sql.Literal(everything),
        deals=sql.Literal(deals),
        left_out=sql.Literal(list(NOT_IN_LOG)),
    )
    return _entries(_EVENTS, where)


def _entries(schema: Mapping[str, pl.DataType], where: sql.Composed) -> pl.DataFrame:
    """Return the columns `schema` of all entries `where`, in any order."""
    columns = sql.SQL(", ',', ").join(sql.SQL(_SQL_OF[name]) for name in schema)
    # Some thousand entries in each text: row by row, even COPY holds Python's lock for seconds, and a page waits.
    query = sql.SQL("""
        SELECT string_agg(concat({columns}), E'\\n') FROM timeline_entry WHERE {where} GROUP BY id / 4096
    """).format(columns=columns, where=where)
    with connection.cursor() as cursor:
        cursor.execute(query)
        text = b"\n".join(part.encode() for (part,) in cursor)
    rows = pl.read_csv(text, has_header=False, schema=dict(schema), raise_if_empty=False)
    return rows.with_columns(pl.col("at", "known").cast(pl.Datetime("us", "UTC")))


def _read(query: str, *, known_by: datetime | None, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters | {"until": known_by or FOREVER})
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _chosen(entries: QuerySet[Entry], groups: set[str] | None, *, key_only: bool) -> QuerySet[Entry]:
    if groups is None and not key_only:
        return entries
    codes, stages = codes_of(groups, key=key_only)
    condition = Q(kind__in=codes)
    if stages:
        condition |= Q(kind__startswith="stage_")
    if groups is not None and "system" in groups and not key_only:
        condition |= ~Q(kind__in=registered()) & ~Q(kind__startswith="stage_")
    return entries.filter(condition)


def _counts(scope: Scope) -> dict[str, int]:
    counts: dict[str, int] = {}
    kinds = Entry.objects.filter(scope.entries).order_by("kind").values_list("kind").annotate(Count("pk"))
    for code, count in kinds:
        group = kind_of(code).group
        counts[group] = counts.get(group, 0) + count
    return counts


def _rows(entries: Sequence[Entry], *, user: User, deals: Mapping[int, str]) -> list[EntryRow]:
    """Return `entries` as they are shown; of values, what the rules of the deal's fields let `user` see."""
    hidden = hidden_fields(user=user, record_type="deal")
    said = excerpts({entry.ref for entry in entries if entry.ref}, user=user)
    names = names_of({entry.actor for entry in entries if entry.actor is not None})
    named = {key: Reference(id=key, name=name) for key, name in deals.items()}
    rows = []
    for entry in entries:
        kind, excerpt = kind_of(entry.kind), said.get(entry.ref or "")
        values = {
            name: _seen(value, hidden) for name, value in (entry.values or {}).items() if name not in hidden
        }
        actor = Reference(id=entry.actor, name=names[entry.actor]) if entry.actor in names else None
        rows.append(
            EntryRow(
                id=entry.pk,
                kind=entry.kind,
                group=kind.group,
                zh=kind.zh,
                en=kind.en,
                title=excerpt.title if excerpt else values.get("title"),
                text=excerpt.text if excerpt else None,
                people=list(excerpt.people) if excerpt else [],
                at=entry.at,
                known_at=entry.known_at,
                actor=actor,
                actor_label=entry.actor_label,
                deal=named.get(entry.deal or 0),
                source=entry.source,
                basis=entry.basis,
                key=kind.key,
                values=values,
            )
        )
    return rows


def _seen(value: Any, hidden: Collection[str]) -> Any:
    """Return a value; of names of fields, those that are not hidden."""
    return [each for each in value if each not in hidden] if isinstance(value, list) else value


def _cursor(entry: Entry) -> str:
    return f"{entry.at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z_{entry.pk}"  # no + that an address eats


def _place(cursor: str) -> tuple[datetime, int]:
    at, _, key = cursor.rpartition("_")
    try:
        place = datetime.fromisoformat(at), int(key)
    except ValueError as error:
        raise CursorInvalid from error
    if place[0].tzinfo is None or not -(2**63) <= place[1] < 2**63:
        raise CursorInvalid
    return place
