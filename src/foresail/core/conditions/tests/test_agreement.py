"""What `to_q` chooses in PostgreSQL is what `holds` says in Python, for any condition and any rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foresail.core.conditions import (
    Choice,
    Context,
    Field,
    Kind,
    custom_field,
    fields_of,
    holds,
    parse,
    to_json,
    to_q,
    values_of,
)

APART = Apps()


class Company(models.Model):
    name = models.TextField(null=True)

    objects: ClassVar[models.Manager[Company]] = models.Manager()

    class Meta:
        app_label, apps = "core", APART


class Row(models.Model):
    company = models.ForeignKey(Company, models.CASCADE, null=True)
    name = models.TextField(null=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    due_on = models.DateField(null=True)
    opened_at = models.DateTimeField(null=True)
    urgent = models.BooleanField(null=True)
    stage = models.CharField(max_length=10, blank=True)
    tags = ArrayField(models.CharField(max_length=10), null=True)
    owner_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    custom = models.JSONField(default=dict)

    last_touch_at: datetime | None
    objects: ClassVar[models.Manager[Row]] = models.Manager()

    class Meta:
        app_label, apps = "core", APART


class Touch(models.Model):
    row = models.ForeignKey(Row, models.CASCADE)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager[Touch]] = models.Manager()

    class Meta:
        app_label, apps = "core", APART


LAST_TOUCH = Subquery(
    Touch.objects.filter(row=OuterRef("pk")).values("row").annotate(last=Max("at")).values("last")
)
KEYS = ("a", "A", "b%", "报价", "'\"", "x\\")
STAGES = tuple(Choice(key=key, zh=key, en=key) for key in KEYS)


def field(key: str, kind: Any, expression: Any = None, **more: Any) -> Field:
    return Field(
        key=key,
        kind=kind,
        label_zh=key,
        label_en=key,
        expression=key if expression is None else expression,
        **more,
    )


COLUMNS = [
    field("name", "text"),
    field("company", "text", "company__name"),
    field("amount", "money"),
    field("due_on", "date"),
    field("opened_at", "datetime"),
    field("urgent", "bool"),
    field("stage", "choice", choices=STAGES),
    field("tags", "choices"),
    field("owner", "reference", "owner_id", refers="person"),
    field("team", "reference", "team_id", refers="team"),
    field("touched", "datetime", F("last_touch_at"), value="last_touch_at"),
    field("touched_again", "datetime", LAST_TOUCH, value=lambda row: row.last_touch_at),
]
NAMES: dict[Kind, str] = {
    "text": "备注 %s",
    "number": "7",
    "money": "it's",
    "date": 'd"d',
    "bool": "b\\",
    "choice": "c%",
    "choices": "cs",
    "reference": "r",
}
CUSTOM = [
    custom_field(key=f"custom.{kind}", name=name, kind=kind, label_zh=kind, label_en=kind, refers="person")
    for kind, name in NAMES.items()
]
FIELDS = {field.key: field for field in [*COLUMNS, *CUSTOM]}

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = (SHANGHAI, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Beirut"))
# Beirut springs forward at midnight of 29 March 2026; New York on 8 March, at two.
DAYS = [
    date(2026, 3, 29) + timedelta(days=step)
    for step in (-380, -90, -28, -22, -8, -7, -2, -1, 0, 1, 2, 6, 7, 30, 370)
]
NOW = datetime(2026, 3, 29, 9, 30, tzinfo=UTC)

TEXTS = [
    None, "", "a", "A", "Ａ", "ab", "xa", "a%", "a_b", "axb", "\\", "a\\", "%", "％", "_", "'", '"', "启明", "启明自动化", "é",
    "e\u0301", "Σ", "σς", "ß", "ss", "İ", "i", "ı", "ﬁ", "fi", " a",
]  # fmt: skip
NUMBERS = [None, "0", "-0.01", "0.10", "0.1", "0.11", "100000", "100000.00", "100000.01", "99999999999999.99"]
MIDNIGHTS = [
    datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(microseconds=step)
    for day in (DAYS[1], DAYS[5], DAYS[7], DAYS[8], DAYS[9], DAYS[12])
    for zone in ZONES
    for step in (-1, 0, 1)
]
VALUES: dict[Kind, list[Any]] = {
    "text": TEXTS,
    "number": [None if number is None else Decimal(number) for number in NUMBERS],
    "money": [None if number is None else Decimal(number) for number in NUMBERS],
    "date": [None, *DAYS],
    "datetime": [None, NOW, NOW + timedelta(microseconds=1), NOW - timedelta(microseconds=1), *MIDNIGHTS],
    "bool": [None, True, False],
    "choice": ["", *KEYS],
    "choices": [None, [], ["a"], ["A"], ["a", "b%"], ["报价", "'\"", "x\\"]],
    "reference": [None, 1, 2, 3, 4],
}
WRONGS = [
    "", "x", "1.", "--1", "1e5", "1\n", "１", 1.5, 1e300, 10**25, -1, True, False, "true", {"a": 1}, [1], ["a", 1, None], [["a"]],
    "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "2026-3-2", "2026-04-31", "2026-12-31x",
]  # fmt: skip

texts = st.sampled_from([text for text in TEXTS if text]) | st.text(
    alphabet="aA%_\\'\"启明ＡＫkΣσςİıßﬁé\u0301％ ", max_size=5
)
numbers = st.sampled_from([number for number in VALUES["number"] if number is not None]) | st.decimals(
    min_value=-100, max_value=100, places=2
)
days = st.sampled_from([*DAYS, date(1000, 1, 1), date(9000, 12, 31), date(2024, 2, 29)])
instants = st.sampled_from([instant for instant in VALUES["datetime"] if instant])
keys = st.integers(1, 4)
names = st.sampled_from(KEYS)
wrongs = st.sampled_from(WRONGS) | st.integers(-(10**22), 10**22)
kept = {
    "text": texts,
    "number": numbers.map(str) | st.integers(-5, 5) | st.floats(-1e20, 1e20),
    "money": numbers.map(str),
    "date": days.map(str) | st.dates().map(str),
    "bool": st.booleans(),
    "choice": names,
    "choices": st.lists(names, max_size=3),
    "reference": keys | keys.map(str),
}


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    def perhaps(values: st.SearchStrategy[Any]) -> Any:
        return draw(st.none() | values)

    custom = {}
    for one in CUSTOM:
        name = one.expression.name  # type: ignore[union-attr]
        value = draw(st.none() | kept[one.kind] | wrongs)
        # A whole number written as a fraction (5.0) is another text in JSON than in PostgreSQL.
        if draw(st.booleans()) and not (one.kind == "reference" and isinstance(value, float)):
            custom[name] = value
    return {
        "company": draw(st.none() | st.just("") | texts),
        "linked": draw(st.booleans()),
        "touches": draw(st.lists(instants, max_size=2)),
        "columns": {
            "name": perhaps(texts),
            "amount": perhaps(numbers),
            "due_on": perhaps(days),
            "opened_at": perhaps(instants),
            "urgent": perhaps(st.booleans()),
            "stage": draw(st.just("") | names),
            "tags": perhaps(st.lists(names, max_size=3)),
            "owner_id": perhaps(keys),
            "team_id": perhaps(keys),
            "custom": custom,
        },
    }


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    asked = FIELDS[draw(st.sampled_from(sorted(FIELDS)))]
    op = draw(st.sampled_from(asked.operators))
    node: dict[str, Any] = {"field": asked.key, "op": op}
    if op in ("empty", "filled"):
        return node
    match asked.kind, op:
        case "text", _:
            value: Any = draw(texts.filter(bool))
        case (("number" | "money"), "between"):
            value = [str(number) for number in sorted(draw(st.tuples(numbers, numbers)))]
        case (("number" | "money"), _):
            value = draw(numbers.map(str))
        case _, "between":
            value = [str(day) for day in sorted(draw(st.tuples(days, days)))]
        case _, ("within_last" | "within_next" | "older_than"):
            value = draw(st.sampled_from([0, 1, 7, 30, 36_500]))
        case _, ("this" | "last" | "next"):
            value = draw(st.sampled_from(["day", "week", "month", "quarter", "year"]))
        case (("date" | "datetime"), _):
            value = str(draw(days))
        case "bool", _:
            value = draw(st.booleans())
        case "reference", _:
            words = ["me", "my_team"] if asked.refers == "person" else ["my_team"]
            value = draw(st.lists(keys | st.sampled_from(words), min_size=1, max_size=3, unique=True))
        case _:
            value = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    return {**node, "value": value}


trees = st.recursive(
    questions(),
    lambda part: st.one_of(
        st.lists(part, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(part, max_size=3).map(lambda parts: {"any": parts}),
        part.map(lambda one: {"not": one}),
    ),
    max_leaves=6,
)
contexts = st.builds(
    Context,
    now=st.just(NOW),
    zone=st.sampled_from(ZONES),
    me=st.none() | keys,
    teams=st.frozensets(keys, max_size=2),
    mates=st.frozensets(keys, max_size=2),
)


def depth(tree: dict[str, Any]) -> int:
    parts = tree.get("all", tree.get("any", [tree["not"]] if "not" in tree else []))
    return 1 + max((depth(part) for part in parts), default=0)


@pytest.fixture
def tables(db: None) -> None:  # noqa: ARG001 (asks for the database)
    with connection.schema_editor() as editor:
        for model in (Company, Row, Touch):
            editor.create_model(model)


def put(drawn: dict[str, Any]) -> Row:
    company = Company.objects.create(name=drawn["company"]) if drawn["linked"] else None
    row = Row.objects.create(company=company, **drawn["columns"])
    Touch.objects.bulk_create([Touch(row=row, at=at) for at in drawn["touches"]])
    return row


def listed() -> QuerySet[Any]:
    return Row.objects.annotate(last_touch_at=LAST_TOUCH).select_related("company")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(rows(), min_size=1, max_size=5),
    asked=st.lists(trees.filter(lambda tree: depth(tree) < 8), min_size=1, max_size=4),
    context=contexts,
)
def test_python_and_the_database_choose_the_same_rows(
    tables: None,  # noqa: ARG001 (asks for the tables)
    drawn: list[dict[str, Any]],
    asked: list[dict[str, Any]],
    context: Context,
) -> None:
    with transaction.atomic():
        for one in drawn:
            put(one)
        loaded = list(listed())
        # A list's own condition, which joins the same tables, stands beside it.
        own = Q(company__name="a") | Q(amount__gt=0)
        for json in asked:
            condition = parse(json, fields=FIELDS)
            found = to_q(condition, context=context)
            chosen = set(listed().filter(found).values_list("pk", flat=True))
            held = {
                row.pk
                for row in loaded
                if holds(condition, values=values_of(condition, row), context=context)
            }
            assert chosen == held, (json, context, list(listed().values()))
            opposite = to_q(parse({"not": json}, fields=FIELDS), context=context)
            assert listed().filter(opposite).count() == len(loaded) - len(held)
            assert set(listed().filter(own, found)) == set(listed().filter(own, pk__in=held))
        transaction.set_rollback(True)


@settings(deadline=None)
@given(asked=trees.filter(lambda tree: depth(tree) <= 8))
def test_the_canonical_form_is_parsed_to_the_same(asked: dict[str, Any]) -> None:
    condition = parse(asked, fields=FIELDS)
    canonical = to_json(condition)
    again = parse(canonical, fields=FIELDS)
    assert (again, to_json(again), hash(again)) == (condition, canonical, hash(condition))
    assert {one.key for one in fields_of(condition)} <= FIELDS.keys()


def asked_of(one: Field) -> list[dict[str, Any]]:
    """Return every operator of the field, with each value that a row has and those between."""
    present = [value for value in VALUES[one.kind] if value not in (None, "", [])]
    dates = [str(day) for day in DAYS]
    spans: list[Any] = [*dates, *pairwise(dates)]
    numbers = [str(number) for number in present] if one.kind in ("number", "money") else []
    found: list[dict[str, Any]] = []
    for op in one.operators:
        match one.kind, op:
            case _, ("empty" | "filled"):
                found.append({"field": one.key, "op": op})
                continue
            case (("number" | "money"), "between"):
                values: list[Any] = [sorted(pair, key=Decimal) for pair in pairwise(numbers)]
            case (("number" | "money"), _):
                values = numbers
            case _, "between":
                values = [sorted(pair) for pair in spans if isinstance(pair, tuple)]
            case _, ("within_last" | "within_next" | "older_than"):
                values = [0, 1, 7, 8, 30]
            case _, ("this" | "last" | "next"):
                values = ["day", "week", "month", "quarter", "year"]
            case (("date" | "datetime"), _):
                values = dates
            case "choices", _:
                values = [["a"], ["a", "b%"], ["A", "报价"], ["x\\", "'\""]]
            case "choice", _:
                values = [["a"], ["A", "b%"], ["x\\", "'\"", "报价"]]
            case "reference", _:
                values = [
                    [1],
                    [2, 3],
                    ["my_team"],
                    ["my_team", 4],
                    *([["me"]] if one.refers == "person" else []),
                ]
            case _:
                values = present
        found += [{"field": one.key, "op": op, "value": value} for value in values]
    return found


def row_with(place: int) -> dict[str, Any]:
    """Return a row that has the value in `place` of each list, or what does not fit."""

    def value(kind: Kind) -> Any:
        return VALUES[kind][place % len(VALUES[kind])]

    custom = {}
    for kind, name in NAMES.items():
        fits = place < len(VALUES[kind])
        kept = value(kind) if fits else WRONGS[(place - len(VALUES[kind])) % len(WRONGS)]
        custom[name] = str(kept) if isinstance(kept, Decimal | date) else kept
    touched = value("datetime")
    return {
        "company": value("text"),
        "linked": place % 7 > 0,
        "touches": [] if touched is None else [touched, touched - timedelta(days=9)],
        "columns": {
            "name": value("text"),
            "amount": value("money"),
            "due_on": value("date"),
            "opened_at": value("datetime"),
            "urgent": value("bool"),
            "stage": value("choice"),
            "tags": value("choices"),
            "owner_id": value("reference"),
            "team_id": value("reference"),
            "custom": custom,
        },
    }


@pytest.mark.parametrize("zone", ZONES[:3], ids=str)
def test_every_operator_chooses_the_same_rows(tables: None, zone: ZoneInfo) -> None:  # noqa: ARG001 (asks for the tables)
    context = Context(now=NOW, zone=zone, me=1, teams=frozenset({2}), mates=frozenset({1, 3}))
    for place in range(len(VALUES["datetime"])):
        put(row_with(place))
    loaded = list(listed())
    for one in FIELDS.values():
        if zone is not SHANGHAI and one.kind != "datetime":
            continue
        values = {row.pk: {one.key: one.of(row)} for row in loaded}
        chosen_at_all: set[int] = set()
        for json in asked_of(one):
            condition = parse(json, fields=FIELDS)
            chosen = set(listed().filter(to_q(condition, context=context)).values_list("pk", flat=True))
            held = {pk for pk, value in values.items() if holds(condition, values=value, context=context)}
            assert chosen == held, (json, [values[pk] for pk in chosen ^ held])
            opposite = to_q(parse({"not": json}, fields=FIELDS), context=context)
            assert listed().filter(opposite).count() == len(loaded) - len(held), json
            chosen_at_all |= chosen
        assert len(chosen_at_all) == len(loaded)
