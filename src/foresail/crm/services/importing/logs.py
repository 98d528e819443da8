"""A log of events as a file to import: one row for each thing that happened becomes one row for each deal, and its events.

What columns mean, science guesses, and reads accordingly; here a person's corrections go into that, and the deals
become a table like any other, so that they are checked, written and taken back as all imports are.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from foresail.core import sheets
from foresail.core.clock import ZONE
from foresail.core.events import emit
from foresail.core.sheets import FileUnreadable
from foresail.crm.errors import ImportUnready
from foresail.crm.events import Happening, LogTold
from foresail.crm.fields import DEAL, fields_of
from foresail.crm.services.importing import files
from foresail.crm.services.importing.guessing import guess
from foresail.crm.services.importing.naming import names_of
from foresail.crm.services.importing.targets import targets_of
from foresail.crm.services.telling import actor
from foresail.science.errors import MappingError, ScienceError
from foresail.science.log import DealLog, Outcome
from foresail.science.mapping import LogColumns, OutcomeKinds, StageRule, parse_mapping
from foresail.science.mapping import Mapping as LogMapping
from foresail.science.reading import Reading, read_log
from foresail.science.reading.guess import guess_mapping
from foresail.science.reading.table import read_table
from foresail.science.time import NEVER

if TYPE_CHECKING:
    from foresail.crm.models import Import
    from foresail.people.models import User

LOG, EVENTS, REJECTS = "log", "events.parquet", "rejects.parquet"
"""Beside the table of deals in the folder of an import."""
COLUMNS: Final = ("number", "account", "owner", "stage", "status", "amount", "opened_at", "closed_at")
"""What the table of deals says of each, by the keys of targets."""
MOST_KINDS: Final = 300
"""So many kinds of events are offered to be won or lost."""
OURS: Final = frozenset({"won", "lost", "deal_opened", "deal_amended"})
"""Kinds that mean something of their own on the timeline."""
LONGEST_NUMBER, LONGEST_STAGE = 50, 50
_AMOUNTS: Final = ("amount", "value", "金额")
_CUSTOMERS: Final = frozenset({"account", "customer", "client", "company", "客户", "客户名称", "公司"})
_STATUS: Final = {Outcome.WON: "won", Outcome.LOST: "lost", Outcome.OPEN: "open"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class Found:
    """A log that was read: `way` is how, as it is kept with the import."""

    way: dict[str, Any]
    columns: list[str]
    deals: pl.DataFrame
    events: pl.DataFrame
    rejects: pl.DataFrame


def recognised(path: Path, *, name: str, by: User | None) -> Found | None:
    """Return the log in the file at `path`, read as is guessed; None where it holds no log but a table of deals."""
    try:
        mapping = parse_mapping(guess_mapping(path).mapping_toml, folder=path.parent)
        if mapping.log is None or _is_table(path, by=by):
            return None
        return _read(path, _in_our_zone(mapping), name=name)
    except (ScienceError, ImportUnready):
        return None


def plain(path: Path) -> Path:
    """Return where the rows of an upload can be read as a log: a workbook's first sheet as CSV beside it."""
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            return path
    columns, frame = sheets.read(path)
    out = path.with_name(LOG)
    frame.rename(dict(zip(frame.columns, _unlike(columns), strict=True))).write_csv(out)
    return out


def reread(path: Path, way: Mapping[str, Any], *, name: str) -> Found:
    """Return the log read as somebody says. Raises ImportUnready where that makes no sense."""
    stage = way.get("stage") or None
    rule = StageRule(column=stage) if way.get("stage_by") == "column" else StageRule(prefix=stage)
    mapping = LogMapping(
        log=LogColumns(
            deal=way["case"], at=way["at"], kind=way["kind"], actor=way.get("actor") or None,
            known=way.get("known") or None, tz=way.get("tz") or None,
            attributes=tuple(dict.fromkeys(each for each in (way.get("amount"), way.get("customer")) if each)),
        ),
        outcome=OutcomeKinds(won=tuple(way["won"]), lost=tuple(way["lost"])),
        stage=rule if stage else None,
    )  # fmt: skip
    try:
        # Once through its own text, which says what makes no sense.
        mapping = parse_mapping(mapping.to_toml(), folder=path.parent)
        return _read(
            path, _in_our_zone(mapping), name=name, amount=way.get("amount"), customer=way.get("customer")
        )
    except (MappingError, ScienceError) as error:
        raise ImportUnready(zh=f"按这样的对应无法读取日志（{error}）", en=str(error).rstrip(".")) from error


def keep(found: Found, *, key: int, source: Path) -> None:
    """Keep beside the table of deals what else was read, and the file to read anew when something is corrected."""
    folder = files.folder(key)
    found.events.write_parquet(folder / EVENTS)
    found.rejects.write_parquet(folder / REJECTS)
    if source.name == LOG and source.parent != folder:
        shutil.move(source, folder / LOG)


def source_of(key: int) -> Path:
    """Return the file from which a log is read anew."""
    folder = files.folder(key)
    return folder / LOG if (folder / LOG).exists() else folder / files.ORIGINAL


def rejects_of(key: int) -> pl.DataFrame:
    """Return the rows of a log that were left out [line, column, value, why]. Raises FileUnreadable."""
    try:
        return pl.read_parquet(files.folder(key) / REJECTS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FileUnreadable("gone") from error


def settings_of(found: Found, *, by: User) -> dict[str, Any]:
    """Return how the deals of a log are brought in: what they name and nobody has is left empty, not refused."""
    fields, places = fields_of(DEAL), {key: str(place) for place, key in enumerate(COLUMNS)}
    targets = targets_of(DEAL, by=by)
    values: dict[str, dict[str, str]] = {}
    for key in ("owner", "stage"):
        names = names_of(fields[key], by=by)
        said = found.deals[places[key]].drop_nulls().unique().to_list()
        values[places[key]] = {each: "" for each in sorted(said) if names.find(each)[0] is None}
    return {
        "columns": {place: key for key, place in places.items() if key in targets},
        "keys": ["number"], "create_accounts": True, "values": values, "owner": None,
    }  # fmt: skip


def tell(of: Import, deals: Mapping[str, tuple[int, int]], *, by: User | None, at: datetime) -> None:
    """Tell what happened in `deals`, by number: each a deal's key and its account's. In the transaction that writes them."""
    found = (
        pl.scan_parquet(files.folder(of.pk) / EVENTS).filter(pl.col("number").is_in(list(deals))).collect()
    )
    people = names_of(fields_of(DEAL)["owner"], by=by)
    known: dict[str | None, tuple[int | None, str | None]] = {None: (None, None)}
    marks: Counter[tuple[int, str]] = Counter()
    happened = []
    for number, when, known_at, kind, who, stage in found.iter_rows():
        if who not in known:
            person = people.find(who)[0]
            known[who] = (int(person), None) if person else (None, who)
        deal, account = deals[number]
        mark = hashlib.blake2b(
            f"{kind}\x1f{when}\x1f{known_at}\x1f{who}".encode(), digest_size=12
        ).hexdigest()
        marks[deal, mark] += 1  # the same twice in one deal happened twice
        person_key, label = known[who]
        happened.append(
            Happening(
                deal=deal, account=account, kind=f"{kind} (log)" if kind in OURS else kind, at=_moment(when),
                known_at=_moment(known_at), actor=person_key, actor_label=label, stage=stage,
                mark=f"{mark}:{marks[deal, mark]}",
            )
        )  # fmt: skip
    if happened:
        emit(LogTold(events=tuple(happened), actor=actor(by), at=at))


# ---- reading


def _is_table(path: Path, *, by: User | None) -> bool:
    """Whether some column is called a deal's number and tells every row apart: then rows are deals, not events."""
    table = read_table(path, separator=None, encoding=None, max_bytes=sheets.MOST_UNPACKED)
    cells = [table.frame[name].cast(pl.String, strict=False) for name in table.columns]
    samples = [each.drop_nulls().head(200).to_list() for each in cells]
    guessed = guess(table.columns, samples, targets_of(DEAL, by=by))
    place = next((int(at) for at, key in guessed.items() if key == "number"), None)
    return place is not None and cells[place].n_unique() == len(table.frame)


def _in_our_zone(mapping: LogMapping) -> LogMapping:
    """Return the mapping with our zone where none is said: as in every file, times that name none are ours."""
    assert mapping.log is not None
    return replace(mapping, log=replace(mapping.log, tz=mapping.log.tz or ZONE.key))


def _read(
    path: Path, mapping: LogMapping, *, name: str, amount: str | None = None, customer: str | None = None
) -> Found:
    assert mapping.log is not None
    reading = read_log(mapping=mapping, path=path, allow_rejects=True, max_bytes=sheets.MOST_UNPACKED)
    log = reading.log
    if not log.dated or len(log.deals) > sheets.MOST_ROWS:
        raise FileUnreadable("rows", most=f"{sheets.MOST_ROWS:,}")
    amount = amount or _amount_in(log)
    customer = customer or _customer_in(log)
    table = read_table(path, separator=None, encoding=None, max_bytes=sheets.MOST_UNPACKED)
    rule = mapping.stage
    counts = Counter(
        dict(
            zip(
                log.events.kinds,
                np.bincount(log.events.kind, minlength=len(log.events.kinds)).tolist(),
                strict=True,
            )
        )
    )
    kinds = table.frame[mapping.log.kind].cast(pl.String).value_counts(sort=True).head(MOST_KINDS)
    way = {
        "case": mapping.log.deal, "at": mapping.log.at, "kind": mapping.log.kind, "actor": mapping.log.actor,
        "known": mapping.log.known, "amount": amount, "customer": customer, "tz": mapping.log.tz,
        "won": list(mapping.outcome.won) if mapping.outcome else [],
        "lost": list(mapping.outcome.lost) if mapping.outcome else [],
        "stage": rule and (rule.prefix or rule.column), "stage_by": "column" if rule and rule.column else "prefix",
        "columns": table.columns, "kinds": [{"name": kind, "count": count} for kind, count in kinds.iter_rows() if kind],
        "events": int(sum(counts.values())), "rejects": len(reading.rejects),
        **{side: int(np.sum(log.deals.outcome == outcome)) for outcome, side in (
            (Outcome.WON, "deals_won"), (Outcome.LOST, "deals_lost"), (Outcome.OPEN, "deals_open"))},
    }  # fmt: skip
    numbers = [_short(str(each)) for each in log.deals.ids]
    return Found(
        way,
        _headers(),
        _deals(log, numbers, amount, customer, name),
        _events(log, numbers),
        _rejects(reading),
    )


def _headers() -> list[str]:
    fields = fields_of(DEAL)
    return [fields[key].zh for key in COLUMNS]


def _deals(
    log: DealLog, numbers: Sequence[str], amount: str | None, customer: str | None, name: str
) -> pl.DataFrame:
    deals, n = log.deals, len(log.deals)
    stages: list[str | None] = [None] * n
    for deal, stage in zip(log.events.deal.tolist(), log.events.stage.tolist(), strict=True):
        if stage >= 0:
            stages[deal] = log.events.stages[stage][:LONGEST_STAGE]  # in order: the last one stays
    values = (
        deals.attributes[amount].to_list() if amount in deals.attributes.columns else deals.amount.tolist()
    )
    whose = (
        deals.attributes[customer].cast(pl.String).to_list()
        if customer in deals.attributes.columns
        else [None] * n
    )
    columns: list[list[str | None]] = [
        list(numbers),
        [" ".join(each.split())[:200] if each else name for each in whose],
        [None if owner < 0 else deals.owners[owner] for owner in deals.owner.tolist()],
        stages,
        [_STATUS[Outcome(each)] for each in deals.outcome.tolist()],
        [_amount(each) for each in values],
        [_moment(each).isoformat(timespec="seconds") for each in deals.opened.tolist()],
        [
            None if each == NEVER else _moment(each).isoformat(timespec="seconds")
            for each in deals.closed.tolist()
        ],
    ]
    return pl.DataFrame({str(place): pl.Series(each, dtype=pl.String) for place, each in enumerate(columns)})


def _events(log: DealLog, numbers: Sequence[str]) -> pl.DataFrame:
    events = log.events

    def named(codes: Any, names: Sequence[str]) -> list[str | None]:
        return [None if code < 0 else names[code] for code in codes.tolist()]

    return pl.DataFrame(
        {
            "number": [numbers[deal] for deal in events.deal.tolist()], "at": events.at, "known": events.known,
            "kind": named(events.kind, events.kinds), "actor": named(events.actor, events.actors),
            "stage": [stage and stage[:LONGEST_STAGE] for stage in named(events.stage, events.stages)],
        },
        schema={"number": pl.String, "at": pl.Int64, "known": pl.Int64, "kind": pl.String, "actor": pl.String, "stage": pl.String},
    )  # fmt: skip


def _rejects(reading: Reading) -> pl.DataFrame:
    return reading.rejects.select("line", "column", pl.col("value").cast(pl.String), "why")


def _amount_in(log: DealLog) -> str | None:
    if not np.isnan(log.deals.amount).all():
        return "amount"  # so called, it is the deal's amount
    named = [
        each.name
        for each in log.deals.attributes.iter_columns()
        if each.dtype.is_numeric() and each.name.casefold().startswith(_AMOUNTS)
    ]
    return named[0] if len(named) == 1 else None


def _customer_in(log: DealLog) -> str | None:
    return next((each for each in log.deals.attributes.columns if each.casefold() in _CUSTOMERS), None)


def _amount(value: float | None) -> str | None:
    if value is None or not np.isfinite(value) or value < 0:
        return None
    return str(Decimal(str(round(float(value), 2))).quantize(Decimal("0.01")))


def _short(case: str) -> str:
    """Return a case's id if a deal's number may be as long, else its beginning and a digest."""
    case = " ".join(case.split())
    if len(case) <= LONGEST_NUMBER:
        return case
    return f"{case[:33]} {hashlib.blake2b(case.encode(), digest_size=8).hexdigest()}"


def _unlike(names: Sequence[str]) -> list[str]:
    """Return names each its own: what a workbook calls the same is told apart by its place."""
    seen: Counter[str] = Counter()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 and name else f"{name} {seen[name]}")
    return told


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(instant))
