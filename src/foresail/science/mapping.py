"""What the columns of a company's data mean: the TOML file beside a log, checked and typed.

Every complaint names the key and the file, and says what to write instead.
"""

from __future__ import annotations

import codecs
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from foresail.science.errors import MappingError

EVERY_COLUMN = "*"
"""As the only attribute: every column that the mapping does not use otherwise."""

XES_DEAL, XES_AT, XES_KIND = "case:concept:name", "time:timestamp", "concept:name"
"""The standard names of XES: what `deal`, `at` and `kind` mean when an .xes file's mapping omits them."""


@dataclass(frozen=True, kw_only=True)
class LogColumns:
    """The columns of the table of events, and where it lies."""

    file: str | None = None
    deal: str
    at: str
    known: str | None = None
    kind: str
    actor: str | None = None
    detail: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    tz: str | None = None
    separator: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True)
class OutcomeKinds:
    """The kinds of event, bare or as kind|detail, that close a deal."""

    won: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StageRule:
    """Which events move the deal to a stage. Exactly one of the three is set."""

    prefix: str | None = None
    kinds: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class DealColumns:
    """The columns of the table of deals, and where it lies. Without `deal` a row's number is its id."""

    file: str | None = None
    deal: str | None = None
    opened: str | None = None
    closed: str | None = None
    result: str | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    owner: str | None = None
    amount: str | None = None
    attributes: tuple[str, ...] = ()
    tz: str | None = None
    separator: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A whole mapping. `folder` is what the `file` entries are relative to."""

    log: LogColumns | None = None
    outcome: OutcomeKinds | None = None
    stage: StageRule | None = None
    deals: DealColumns | None = None
    folder: Path = Path()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the landmarks' midnight, and of naive times where a table names none."""
        named = (table.tz for table in (self.log, self.deals) if table and table.tz)
        return ZoneInfo(next(named, "UTC"))

    @property
    def dated(self) -> bool:
        """Whether the mapping says when deals open."""
        return self.log is not None or (self.deals is not None and self.deals.opened is not None)

    def to_toml(self) -> str:
        """Return the mapping as the text of its TOML file."""
        blocks = []
        for name in ("log", "outcome", "stage", "deals"):
            table = getattr(self, name)
            if table is None:
                continue
            lines = [f"[{name}]"]
            for item in fields(table):
                value = getattr(table, item.name)
                if value is not None and (value != () or name == "outcome"):
                    lines.append(f"{item.name} = {_toml(value)}")
                elif value == () and name == "deals" and item.name in ("won", "lost") and table.result:
                    lines.append(f"{item.name} = []")
            blocks.append("\n".join(lines) + "\n")
        return "\n".join(blocks)


def load_mapping(path: Path) -> Mapping:
    """Read the mapping file at `path`. Raises MappingError where it is absent or wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MappingError(f"The mapping file {path} cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise MappingError(f"The mapping file {path} is not UTF-8. Save it as UTF-8.") from error
    return _parse(text, folder=path.parent, source=path.name)


def parse_mapping(text: str, *, folder: Path) -> Mapping:
    """Parse the TOML `text`; `file` entries are relative to `folder`. Raises MappingError."""
    return _parse(text, folder=folder, source="the mapping")


def closest(name: str, known: Iterable[str]) -> str:
    """Return a phrase that proposes the known name nearest to `name`, or nothing."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    near = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f" Did you mean {by_folded[near[0]]!r}?" if near else ""


def _parse(text: str, *, folder: Path, source: str) -> Mapping:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{source} is not valid TOML: {error}.") from error
    root = _Table(document, name="", source=source)
    mapping = Mapping(
        log=_log(root.table("log")),
        outcome=_outcome(root.table("outcome")),
        stage=_stage(root.table("stage")),
        deals=_deals(root.table("deals")),
        folder=folder,
    )
    root.finish()
    _check_whole(mapping, source=source)
    return mapping


class _Table:
    """A TOML table that hands out typed values and knows in the end which keys nobody asked for."""

    def __init__(self, values: dict[str, Any], *, name: str, source: str) -> None:
        self.values = values
        self.name = name
        self.source = source
        self.asked: list[str] = []

    def wrong(self, key: str, complaint: str) -> MappingError:
        where = f"[{self.name}] {key}" if self.name else f"[{key}]"
        return MappingError(f"{self.source}, {where}: {complaint}")

    def table(self, key: str) -> _Table | None:
        self.asked.append(key)
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(key, f"write a table that begins with the line [{key}].")
        return _Table(value, name=key, source=self.source)

    def text(self, key: str) -> str | None:
        self.asked.append(key)
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(key, f'{value!r} is no text. Write one text in quotes: {key} = "…".')
        if value == "":
            raise self.wrong(key, "the text is empty. Write a name, or leave the line out.")
        return value

    def required(self, key: str, what: str) -> str:
        value = self.text(key)
        if value is None:
            self.finish()
            raise self.wrong(key, f'is missing. Write {key} = "…", {what}.')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        self.asked.append(key)
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, f"{value!r} is no list. Write {key} = [{_toml(str(value))}].")
        for item in value:
            if not isinstance(item, str):
                raise self.wrong(key, f'{item!r} is no text. Write it in quotes: ["{item}"].')
        if len(set(value)) < len(value):
            raise self.wrong(key, "names the same thing twice.")
        return tuple(value)

    def finish(self) -> None:
        """Complain about the first key that means nothing here."""
        for key in self.values:
            if key not in self.asked:
                what = f"known keys are {', '.join(self.asked)}"
                raise self.wrong(key, f"this key is unknown; {what}.{closest(key, self.asked)}")


def _log(table: _Table | None) -> LogColumns | None:
    if table is None:
        return None
    keys = [item.name for item in fields(LogColumns)]
    table.asked.extend(keys)
    table.finish()
    file = table.text("file")
    standard = file is not None and file.lower().endswith((".xes", ".xes.gz"))
    deal = table.text("deal") if standard else table.required("deal", "the column with the deal's id")
    at = table.text("at") if standard else table.required("at", "the column that says when it happened")
    kind = table.text("kind") if standard else table.required("kind", "the column that says what happened")
    return LogColumns(
        file=file,
        deal=deal or XES_DEAL,
        at=at or XES_AT,
        known=table.text("known"),
        kind=kind or XES_KIND,
        actor=table.text("actor"),
        detail=table.texts("detail"),
        attributes=_attributes(table),
        tz=_tz(table),
        separator=_separator(table),
        encoding=_encoding(table),
    )


def _outcome(table: _Table | None) -> OutcomeKinds | None:
    if table is None:
        return None
    won, lost = _won_and_lost(table)
    table.finish()
    return OutcomeKinds(won=won, lost=lost)


def _stage(table: _Table | None) -> StageRule | None:
    if table is None:
        return None
    rule = StageRule(prefix=table.text("prefix"), kinds=table.texts("kinds"), column=table.text("column"))
    table.finish()
    if sum(map(bool, (rule.prefix, rule.kinds, rule.column))) != 1:
        raise MappingError(f"{table.source}, [stage]: write exactly one of prefix, kinds and column.")
    return rule


def _deals(table: _Table | None) -> DealColumns | None:
    if table is None:
        return None
    table.asked.extend(item.name for item in fields(DealColumns))
    table.finish()
    result = table.text("result")
    won, lost = _won_and_lost(table) if result else (table.texts("won"), table.texts("lost"))
    if not result and (won or lost):
        raise table.wrong("result", 'is missing, but won and lost need it. Write result = "…", their column.')
    return DealColumns(
        file=table.text("file"),
        deal=table.text("deal"),
        opened=table.text("opened"),
        closed=table.text("closed"),
        result=result,
        won=won,
        lost=lost,
        owner=table.text("owner"),
        amount=table.text("amount"),
        attributes=_attributes(table),
        tz=_tz(table),
        separator=_separator(table),
        encoding=_encoding(table),
    )


def _won_and_lost(table: _Table) -> tuple[tuple[str, ...], tuple[str, ...]]:
    won, lost = table.texts("won"), table.texts("lost")
    for key in ("won", "lost"):
        if key not in table.values:
            table.finish()
            raise table.wrong(key, f'is missing. Write {key} = ["…"], or {key} = [] if there is none.')
    if not won and not lost:
        raise table.wrong("won", "won and lost are both empty. Name at least one value.")
    both = sorted(set(won) & set(lost))
    if both:
        raise table.wrong("won", f"{both[0]!r} is in won and in lost. Leave it in one of them.")
    return won, lost


def _attributes(table: _Table) -> tuple[str, ...]:
    names = table.texts("attributes")
    if EVERY_COLUMN in names and len(names) > 1:
        raise table.wrong("attributes", '"*" already means every column. Write attributes = ["*"].')
    return names


def _tz(table: _Table) -> str | None:
    name = table.text("tz")
    zones = available_timezones() if name else set()
    if name and name not in zones:
        raise table.wrong(
            "tz", f'{name!r} is no time zone. Write one like "Asia/Shanghai".{closest(name, zones)}'
        )
    return name


def _separator(table: _Table) -> str | None:
    separator = table.text("separator")
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\r\n'):
        raise table.wrong("separator", f'{separator!r} is not one plain character. Write one such as ";".')
    return separator


def _encoding(table: _Table) -> str | None:
    encoding = table.text("encoding")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
            "".encode(encoding)
        except (LookupError, ValueError) as error:
            complaint = f'{encoding!r} is no text encoding. Write one such as "utf-8" or "gb18030".'
            raise table.wrong("encoding", complaint) from error
    return encoding


def _check_whole(mapping: Mapping, *, source: str) -> None:
    log, deals = mapping.log, mapping.deals
    if log is None and deals is None:
        raise MappingError(f"{source}: write a table [log] for events, [deals] for deals, or both.")
    for name in ("outcome", "stage"):
        if log is None and getattr(mapping, name) is not None:
            raise MappingError(f"{source}, [{name}]: speaks of events, so it needs a table [log].")
    if mapping.outcome is None and (deals is None or deals.result is None):
        advice = "[outcome] with won and lost" if log else "result, won and lost in [deals]"
        raise MappingError(f"{source}: nothing says when a deal is won or lost. Write {advice}.")
    if deals is None:
        return
    if log is not None and deals.deal is None:
        raise MappingError(f"{source}, [deals] deal: is missing; events find their deal by it.")
    if deals.closed and not mapping.dated:
        raise MappingError(
            f"{source}, [deals] opened: is missing, but closed is there. Write both, or neither (a log "
            "without dates)."
        )
    if mapping.dated and deals.result and not deals.closed:
        raise MappingError(f"{source}, [deals] closed: is missing; a result needs the column with its date.")


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "[" + ", ".join(_toml(item) for item in value) + "]"
