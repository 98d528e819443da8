"""What the cells of a row say: values by field, and a problem in each cell that says none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet

from foresail.core.sheets import cells
from foresail.crm.errors import ValueInvalid
from foresail.crm.fields import ACCOUNT, Kind, RecordType, record_type
from foresail.crm.models import Listed, Pipeline, Record
from foresail.crm.services.importing.naming import Names, Unmatched, names_of, records_named, yes_or_no
from foresail.crm.services.importing.targets import Target, operates, targets_of
from foresail.crm.services.typed import typed
from foresail.people.models import BusinessLine
from foresail.people.models import User as People
from foresail.people.rules import Action, limited
from foresail.science.reading.words import outcome_of

if TYPE_CHECKING:
    from foresail.crm.sight import Sight
    from foresail.people.models import User

CACHED: Final = 20_000
"""So many different cells of a column are remembered."""
MANY: Final = frozenset({"account", "contact", "lead", "deal"})
"""Kinds of records of which there are too many to be read at once."""

Problem = dict[str, Any]
"""`column` is the place of the cell at fault, None for the whole row; `zh` and `en` say what is."""


def problem(zh: str, en: str, *, column: int | None = None) -> Problem:
    return {"column": column, "zh": zh, "en": en}


@dataclass
class Plan:
    """One row: its `values` by target, and what becomes of it. `record` is what an update is about.

    `make` names an account that is to be made for it; `later` what it names that may stand further down.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    action: str = "added"
    record: Listed | None = None
    wanted: dict[str, Any] = field(default_factory=dict)
    make: str = ""
    later: dict[str, str] = field(default_factory=dict)
    twins: list[Problem] = field(default_factory=list)

    def reject(self, zh: str, en: str, *, column: int | None = None) -> None:
        self.problems.append(problem(zh, en, column=column))
        self.action = "rejected"


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a file is read, from the settings of its import."""

    columns: Mapping[int, str]
    keys: tuple[str, ...] = ()
    policy: str = "both"
    twins: str = "reject"
    create_accounts: bool = False
    orders: Mapping[int, str] = field(default_factory=dict)
    values: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    owner: int | None = None
    line: int | None = None
    pipeline: int | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Way:
        return cls(
            columns={int(place): key for place, key in settings.get("columns", {}).items()},
            keys=tuple(settings.get("keys", ())),
            policy=settings.get("policy", "both"),
            twins=settings.get("twins", "reject"),
            create_accounts=bool(settings.get("create_accounts")),
            orders={int(place): order for place, order in settings.get("orders", {}).items()},
            values={int(place): each for place, each in settings.get("values", {}).items()},
            owner=settings.get("owner"),
            line=settings.get("line"),
            pipeline=settings.get("pipeline"),
        )


@dataclass(frozen=True)
class Unnamed:
    """A cell that names no account yet."""

    text: str


@dataclass(frozen=True)
class Ended:
    """A stage that says how the deal ended."""

    outcome: str


class Reader:
    """Reads rows of one file, as whoever imports it may.

    `columns` are the places that are read, each with its target; `lacking` what must be there and stands in none. What
    names nothing is counted in `unmatched`, by place.
    """

    def __init__(self, kind: RecordType, way: Way, *, by: User | None, sight: Sight) -> None:
        self.kind, self.way, self.by = kind, way, by
        self.operates = operates(sight)
        targets = targets_of(kind, by=by, sight=sight)
        self.columns = [(place, targets[key]) for place, key in sorted(way.columns.items()) if key in targets]
        self.place = {target.key: place for place, target in self.columns}
        self.targets = {target.key: target for _, target in self.columns}
        self.lacking = [
            target for target in targets.values() if target.required and target.key not in self.place
        ]
        self.pipelines = {str(each.pk): each for each in Pipeline.objects.select_related("line").prefetch_related("stages")}  # fmt: skip
        self.unmatched: dict[int, Unmatched] = {}
        self._names: dict[int, Names] = {}
        self._read: dict[int, dict[str, tuple[Any, Problem | None]]] = {
            place: {} for place, _ in self.columns
        }
        self._objects: dict[str, dict[str, Any]] = {}

    def look_up(self, rows: Sequence[Sequence[str]]) -> None:
        """Look up at once what the cells of these rows name, where there is too much of it to be known by heart."""
        for place, target in self.columns:
            field_ = target.field
            if field_.kind is not Kind.RECORD or field_.target not in MANY:
                continue
            names = records_named(
                record_type(field_.target), (cells.plain_of(row[place]) for row in rows), by=self.by
            )
            self._names[place] = names
            self._read[place] = {}
            self._objects[target.key] = {}
            keys = [int(key) for key in names.labels]
            if not field_.custom and keys:
                found = (
                    record_type(field_.target)
                    .model.objects.filter(pk__among=keys)
                    .defer("keys", "custom", "tags")
                )
                self._objects[target.key] = {str(each.pk): each for each in found}

    def closest(self, place: int) -> dict[str, Any]:
        """Return the values of a column that name nothing, with what comes closest."""
        target = next(target for at, target in self.columns if at == place)
        names = self._names.get(place) or Names()
        if target.field.kind is Kind.RECORD and target.field.target in MANY:
            names = names_of(target.field, by=self.by)
        return self.unmatched[place].told(names)

    def read(self, number: int, row: Sequence[str]) -> Plan:
        """Return a row's values, and what is wrong with its cells."""
        plan = Plan(number=number)
        for place, target in self.columns:
            cell = row[place]
            if not cell:
                continue
            known = self._read[place]
            found = known.get(cell)
            if found is None:
                found = self._value(place, target, cells.plain_of(cell))
                if len(known) < CACHED:
                    known[cell] = found
            value, wrong = found
            if wrong is not None:
                plan.problems.append(wrong)
                plan.action = "rejected"
                if target.names:
                    self.unmatched.setdefault(place, Unmatched()).counts[cell] += 1
            elif value is not None:
                plan.values[target.key] = value
        return plan

    def _value(self, place: int, target: Target, cell: str) -> tuple[Any, Problem | None]:
        """Return what a cell says, or what is wrong with it."""
        chosen = self.way.values.get(place, {}).get(cell)
        if chosen is not None and target.names:
            found = self._chosen(target, chosen) if chosen else None
            return ([found] if found and target.field.kind is Kind.CHOICES else found), None
        try:
            return self._reading(place, target, cell), None
        except cells.Unread:
            reason = {Kind.DATETIME: "date"}.get(target.field.kind, target.field.kind.value)
            wrong = ValueInvalid(target.field, reason if reason in ValueInvalid.REASONS else "unknown")
        except ValueInvalid as refused:
            wrong = refused
        zh, en = wrong.fields[target.field.key]
        return None, problem(zh, en, column=place)

    def _reading(self, place: int, target: Target, cell: str) -> Any:
        order: Any = self.way.orders.get(place, "mdy")
        match target.field.kind:
            case Kind.DATE:
                return cells.day_of(cell, order)
            case Kind.DATETIME:
                return cells.moment_of(cell, order)
            case Kind.MONEY | Kind.NUMBER:
                return typed(target.field, cells.amount_of(cell), kind=self.kind, by=self.by)
            case Kind.TAGS:
                return typed(target.field, cells.parts_of(cell), kind=self.kind, by=self.by)
            case Kind.CHOICES:
                return [self._named(place, target, part) for part in cells.parts_of(cell)]
            case Kind.TEXT | Kind.LONG_TEXT:
                if target.key == "currency":
                    cell = cell.upper()
                if target.key == "code" and self.kind is ACCOUNT:
                    cell = cell.upper().replace(" ", "")
                return typed(target.field, cell, kind=self.kind, by=self.by)
            case _:
                return self._named(place, target, cell)

    def _named(self, place: int, target: Target, cell: str) -> Any:
        """Return what a cell names. Raises ValueInvalid where that is nothing, or several."""
        if target.field.kind is Kind.BOOL and (said := yes_or_no(cell)):
            return said == "true"
        if target.key == "stage" and (ended := outcome_of(cell)) and self.operates:
            return Ended(ended)
        names = self._names_of(place, target)
        strict = target.field.kind is Kind.RECORD
        key, count = names.find(cell, strict=strict)
        if key is not None:
            return self._chosen(target, key)
        if target.key in {"account", "parent"} and count == 0:
            return Unnamed(cell)
        if count > 1:
            raise ValueInvalid(target.field, "several", count=count)
        raise ValueInvalid(target.field, "unnamed")

    def _names_of(self, place: int, target: Target) -> Names:
        if place not in self._names:
            self._names[place] = names_of(target.field, by=self.by)
        return self._names[place]

    def _chosen(self, target: Target, key: str) -> Any:
        """Return what a key names: the record, or the key of a choice."""
        field_ = target.field
        known = self._objects.setdefault(target.key, {})
        if key in known:
            return known[key]
        found: Any = key
        match field_.kind:
            case Kind.BOOL:
                found = key == "true"
            case Kind.PERSON:
                found = user_of(int(key))
            case Kind.LINE:
                found = BusinessLine.objects.filter(pk=int(key)).first()
            case Kind.PIPELINE:
                found = self.pipelines.get(key)
            case Kind.RECORD:
                found = self._record(record_type(field_.target), int(key))
            case _:
                pass
        if field_.custom and field_.kind in {Kind.PERSON, Kind.RECORD} and found is not None:
            found = found.pk
        known[key] = found
        return found

    def _record(self, target: RecordType, key: int) -> Any:
        found: QuerySet[Any] = target.model.objects.all()
        if self.by is not None and issubclass(target.model, Record):
            found = limited(found, user=self.by, action=Action.SEE)
        return found.filter(pk=key).first()


def user_of(key: int | None) -> User | None:
    return People.objects.select_related("team__line").filter(pk=key).first() if key else None
