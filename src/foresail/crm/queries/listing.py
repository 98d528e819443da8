"""Lists of records of any kind: filtered by a condition, sorted, paged and summed, as far as the asking user may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import (
    CharField,
    Count,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, NullIf

from foresail.core import conditions
from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.core.folding import Folded
from foresail.core.search import wanted
from foresail.crm.asking import askable, is_groupable, seen, seen_if
from foresail.crm.currencies import converted, rate, rated
from foresail.crm.errors import FieldUnknown
from foresail.crm.fields import REFERENCES, Field, Kind, RecordType, computed_fields, fields_of
from foresail.crm.models import AMOUNT, NO_AMOUNT_HIGH, NO_DAY, Record
from foresail.crm.queries.currencies import Lacking
from foresail.crm.queries.paging import BY_NAME, SORTS, Page, Sort, page_of
from foresail.crm.queries.records import may_configure, sought
from foresail.crm.sight import Sight
from foresail.people.queries import colleagues_of
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User

LAST_TEXT: Final = "\U0010ffff"
FIRST_DAY: Final = date(1, 1, 1)
FIRST_INSTANT: Final = datetime(1, 1, 2, tzinfo=UTC)
LAST_INSTANT: Final = datetime(9999, 12, 30, tzinfo=UTC)
MOST_GROUPS: Final = 500
BY_DELETION: Final = Sort(value=F("deleted_at"), field=DateTimeField(), down=True)
WEIGHT: Final[DecimalField[Decimal, Decimal]] = DecimalField(max_digits=20, decimal_places=15)

WEIGHED: Final[DecimalField[Decimal, Decimal]] = DecimalField(max_digits=60, decimal_places=27)


@dataclass(frozen=True, kw_only=True)
class Group:
    """How many records have one value of a field, and what theirs add up to: sums by field, exact.

    Amounts are in the house currency, each at the rate of its day; `lacking` are those that are in no sum because
    nobody said what their currency is worth.
    """

    value: object
    count: int
    sums: Mapping[str, Decimal]
    weighted: Decimal | None = None
    lacking: tuple[Lacking, ...] = ()


def visible(kind: RecordType, *, user: User, deleted: bool = False) -> QuerySet[Any]:
    """Return the records of a kind that `user` may see; those in the bin alone if `deleted`."""
    found: QuerySet[Any] = (
        kind.model.with_deleted.filter(deleted_at__isnull=False, merged_into__isnull=True)
        if deleted
        else kind.model.objects.all()
    )
    return limited(found, user=user, action=Action.SEE) if issubclass(kind.model, Record) else found


def record(kind: RecordType, *, user: User, key: int) -> Any:
    """Return one record that `user` may see. Raises NotFound."""
    found = computed(visible(kind, user=user), computed_fields(kind)).select_related(*kind.related)
    one = found.filter(pk=key).first()
    if one is None:
        raise NotFound
    return one


def records(
    kind: RecordType,
    *,
    user: User,
    now: datetime,
    where: Mapping[str, Any] | None = None,
    q: str | None = None,
    sort: str = "",
    after: str | None = None,
    limit: int = 50,
    deleted: bool = False,
) -> Page[Any]:
    """Return a page of what `chosen` chooses. Raises ConditionInvalid, FieldUnknown or CursorInvalid."""
    fields, sight = fields_of(kind), Sight.of(user)
    found = chosen(kind, user=user, now=now, where=where, q=q, deleted=deleted, fields=fields, sight=sight)
    shown = computed(found, fields).select_related(*kind.related)
    order = BY_DELETION if deleted and not sort else sorted_by(kind, sort or "-changed_at", fields, sight)
    items, following = page_of(shown, sort=order, after=after, limit=limit)
    return Page(items=items, next=following, total=found.count())


def chosen(
    kind: RecordType,
    *,
    user: User,
    now: datetime,
    where: Mapping[str, Any] | None = None,
    q: str | None = None,
    deleted: bool = False,
    fields: Mapping[str, Field] | None = None,
    sight: Sight | None = None,
) -> QuerySet[Any]:
    """Return the records that `user` may see, that meet a condition and that `q` finds.

    Raises ConditionInvalid, also for a field that the user does not see on every record.
    """
    sight = sight or Sight.of(user)
    found = visible(kind, user=user, deleted=deleted)
    if where:
        asked = conditions.parse(where, fields=askable(kind, fields or fields_of(kind), sight))
        found = found.filter(conditions.to_q(asked, context=context_of(user, sight, now)))
    if text := sought(q):
        found = found.filter(found_by(kind, text, sight))
    return found


def found_by(kind: RecordType, q: str, sight: Sight) -> Q:
    """Return the condition that `q` finds a record.

    Where one of the texts that find it is not shown to the person on every record, only its name does: a telephone
    number that one may not see must not be found out by asking for it.
    """
    keys = Q(keys__contains=wanted(q))
    words = {path.split("__")[0] for path in kind.words}
    if all(sight.everywhere(kind, field) for field in kind.fields if field.key in words):
        return keys
    return keys & Q(name__icontains=q)


def grouped(
    kind: RecordType,
    *,
    user: User,
    now: datetime,
    by: str,
    sums: Sequence[str] = (),
    weigh: str | None = None,
    where: Mapping[str, Any] | None = None,
    q: str | None = None,
) -> list[Group]:
    """Return for each value of the field `by` how many records there are, the sums of fields, and the first of
    `sums` weighed by the field `weigh`. Nothing is rounded on the way. Texts that differ in case alone are one value,
    as they are to conditions.

    Raises ConditionInvalid or FieldUnknown.
    """
    fields, sight = fields_of(kind), Sight.of(user)
    found = chosen(kind, user=user, now=now, where=where, q=q, fields=fields, sight=sight)
    group = value = seen_if(is_groupable, kind, by, fields, sight).found_by()
    totals: dict[str, Any] = {"count": Count("pk")}
    if fields[by].kind is Kind.TEXT:
        group = Folded(value)
        totals["text"] = Min(value)
    worth = _worth(kind, [seen(kind, key, fields, sight) for key in sums], now)
    for key, amount in worth.items():
        totals[f"sum_{key}"] = Sum(amount)
    if weigh and sums:
        weight = Cast(seen(kind, weigh, fields, sight).found_by(), WEIGHT)
        totals["weighted"] = Sum(worth[sums[0]] * Coalesce(weight, Decimal(0)), output_field=WEIGHED)
    without = Q()
    for field in (fields[key] for key in sums if in_own_currency(kind, fields[key])):
        found = found.annotate(**{f"own_{field.key}": field.found_by()})
        without |= Q(**{f"own_{field.key}__isnull": False})
    if without:
        found = found.annotate(rated=rated(today=_day(now), ends=kind.key == "deal"))
        without &= Q(rated=False)
        totals["without"] = Count("pk", filter=without)
    rows = list(found.order_by().values(group=group).annotate(**totals).order_by("group")[:MOST_GROUPS])
    lacking: dict[object, list[Lacking]] = {}
    if any(row.get("without") for row in rows):
        told = sight.everywhere(kind, fields["currency"])
        by_currency = (
            found.filter(without)
            .order_by()
            .values(group=group, in_currency=F("currency") if told else Value(""))
        )
        for row in by_currency.annotate(n=Count("pk")).order_by("-n", "in_currency"):
            lacking.setdefault(row["group"], []).append(Lacking(currency=row["in_currency"], count=row["n"]))
    return [
        Group(
            value=row.get("text", row["group"]),
            count=row["count"],
            sums={key: row[f"sum_{key}"] or Decimal(0) for key in sums},
            weighted=(row["weighted"] or Decimal(0)) if "weighted" in row else None,
            lacking=tuple(lacking.get(row["group"], ())),
        )
        for row in rows
    ]


def in_own_currency(kind: RecordType, field: Field) -> bool:
    """Whether amounts of `field` are in the currency of their record."""
    return (
        field.kind is Kind.MONEY and not field.in_house and "currency" in {each.key for each in kind.fields}
    )


def _worth(kind: RecordType, summed: Sequence[Field], now: datetime) -> dict[str, Any]:
    """Return what each field is summed by, amounts in the house currency."""
    exchange = rate(today=_day(now), ends=kind.key == "deal")
    return {
        field.key: converted(field.found_by(), exchange) if in_own_currency(kind, field) else field.found_by()
        for field in summed
    }


def _day(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def computed(found: QuerySet[Any], fields: Mapping[str, Field]) -> QuerySet[Any]:
    """Return `found` with what is no column computed along, one attribute for each such field."""
    more = {f"field_{key}": field.found_by() for key, field in fields.items() if field.expression}
    return found.annotate(**more) if more else found


def context_of(user: User, sight: Sight, now: datetime) -> conditions.Context:
    teams = sight.stands.teams if sight.stands else frozenset()
    return conditions.Context(now=now, zone=ZONE, me=user.pk, teams=teams, mates=colleagues_of(teams))


def changeable(
    kind: RecordType, *, user: User, keys: Collection[int], deleted: bool = False
) -> frozenset[int]:
    """Return those of the records `keys` that `user` may change; of those in the bin, if `deleted`, may bring back."""
    if not issubclass(kind.model, Record):
        return frozenset(keys) if may_configure(user=user) else frozenset()
    records = kind.model.with_deleted if deleted else kind.model.objects
    found = limited(
        records.filter(pk__in=keys), user=user, action=Action.DELETE if deleted else Action.CHANGE
    )
    return frozenset(found.values_list("pk", flat=True))


def sorted_by(kind: RecordType, wanted: str, fields: Mapping[str, Field], sight: Sight) -> Sort:
    """Return how to sort by a field, with what has no value last either way."""
    down, key = wanted.startswith("-"), wanted.removeprefix("-")
    field = seen(kind, key, fields, sight)
    if not field.sortable:
        raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
    if kind.key == "deal" and wanted in SORTS:
        return SORTS[wanted]
    if key == "name" and not down:
        return BY_NAME
    match field.kind:
        case Kind.TEXT | Kind.LONG_TEXT | Kind.CHOICE if field.required and not field.custom:
            return Sort(value=F(field.column), field=CharField(), down=down)
        case Kind.TEXT | Kind.LONG_TEXT | Kind.CHOICE:
            return _or_last(field.found_by(), CharField(), "", LAST_TEXT, down)
        case Kind.NUMBER | Kind.MONEY:
            return _or_last(field.found_by(), AMOUNT, -NO_AMOUNT_HIGH, NO_AMOUNT_HIGH, down)
        case Kind.DATE:
            return _or_last(field.found_by(), DateField(), FIRST_DAY, NO_DAY, down)
        case Kind.DATETIME if field.key in {"created_at", "changed_at", "opened_at"}:
            return Sort(value=F(field.column), field=DateTimeField(), down=down)
        case Kind.DATETIME:
            return _or_last(field.found_by(), DateTimeField(), FIRST_INSTANT, LAST_INSTANT, down)
        case Kind.STAGE:
            return Sort(value=F(f"{field.column}__position"), field=IntegerField(), down=down)
        case _ if field.kind in REFERENCES and not field.custom:
            name = NullIf(F(f"{field.column}__name"), Value(""))
            return _or_last(name, CharField(), "", LAST_TEXT, down)
        case _:
            raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)


def _or_last(value: Any, field: Any, low: object, high: object, down: bool) -> Sort:
    return Sort(value=Coalesce(value, Value(low if down else high, field)), field=field, down=down)
