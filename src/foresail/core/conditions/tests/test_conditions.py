"""What a condition means, what is refused and where, how it reads, and how the API describes it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ninja import NinjaAPI

from foresail.core.api import Schema
from foresail.core.conditions import (
    ALWAYS,
    AllOf,
    Choice,
    ConditionInvalid,
    ConditionJson,
    Context,
    Field,
    Leaf,
    custom_field,
    describe,
    field_shape,
    holds,
    parse,
    to_json,
    values_of,
)

STAGES = (
    Choice(key="quote", zh="报价", en="Quote"),
    Choice(key="talks", zh="谈判", en="Negotiation"),
    Choice(key="won", zh="赢单", en="Won"),
)


def field(key: str, kind: Any, zh: str, en: str, **more: Any) -> Field:
    return Field(key=key, kind=kind, label_zh=zh, label_en=en, expression=key, **more)


FIELDS = {
    one.key: one
    for one in (
        field("name", "text", "名称", "Name"),
        field("amount", "money", "金额", "Amount"),
        field("due_on", "date", "预计成交日期", "Expected close"),
        field("opened_at", "datetime", "创建时间", "Opened"),
        field("urgent", "bool", "紧急", "Urgent"),
        field("stage", "choice", "阶段", "Stage", choices=STAGES),
        field("tags", "choices", "标签", "Tags"),
        field("owner", "reference", "负责人", "Owner", refers="person"),
        field("team", "reference", "团队", "Team", refers="team"),
        field("account", "reference", "客户", "Account"),
    )
}
# 00:30 on Monday 2 March in Shanghai, still Sunday in UTC.
CONTEXT = Context(
    now=datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
    zone=ZoneInfo("Asia/Shanghai"),
    me=7,
    teams=frozenset({1, 2}),
    mates=frozenset({7, 8}),
)


def held(key: str, op: str, asked: object, value: object) -> bool:
    json = {"field": key, "op": op} if asked is None else {"field": key, "op": op, "value": asked}
    return holds(parse(json, fields=FIELDS), values={key: value}, context=CONTEXT)


@pytest.mark.parametrize(
    ("key", "op", "asked", "yes", "no"),
    [
        ("name", "contains", "ａb", ["xAB%"], ["a b", None, ""]),
        ("name", "not_contains", "b", ["a", None, ""], ["aB"]),
        ("name", "is", "启明", ["启明"], ["启明 ", None]),
        ("name", "is_not", "a", ["b", None, ""], ["A"]),
        ("name", "starts", "50%", ["50% off"], ["500", "x50%", None]),
        ("name", "empty", None, [None, ""], [" "]),
        ("name", "filled", None, [" "], [None, ""]),
        ("amount", "eq", "0.1", [Decimal("0.10")], [Decimal("0.11"), None]),
        ("amount", "ne", "1", [Decimal(2), None], [1, Decimal("1.00")]),
        ("amount", "between", ["1", "2"], [1, 2, Decimal("1.5")], [Decimal("0.99"), Decimal("2.01"), None]),
        ("amount", "lt", "0", [Decimal("-0.01")], [0, None]),
        ("due_on", "on", "2026-03-02", [date(2026, 3, 2)], [date(2026, 3, 1), None]),
        ("due_on", "this", "day", [date(2026, 3, 2)], [date(2026, 3, 1), date(2026, 3, 3)]),
        (
            "due_on",
            "this",
            "week",
            [date(2026, 3, 2), date(2026, 3, 8)],
            [date(2026, 3, 1), date(2026, 3, 9)],
        ),
        ("due_on", "last", "week", [date(2026, 2, 23), date(2026, 3, 1)], [date(2026, 3, 2)]),
        (
            "due_on",
            "next",
            "month",
            [date(2026, 4, 1), date(2026, 4, 30)],
            [date(2026, 3, 31), date(2026, 5, 1)],
        ),
        ("due_on", "last", "quarter", [date(2025, 10, 1), date(2025, 12, 31)], [date(2026, 1, 1)]),
        ("due_on", "next", "year", [date(2027, 1, 1), date(2027, 12, 31)], [date(2028, 1, 1)]),
        (
            "due_on",
            "within_last",
            7,
            [date(2026, 2, 23), date(2026, 3, 2)],
            [date(2026, 2, 22), date(2026, 3, 3)],
        ),
        ("due_on", "older_than", 7, [date(2026, 2, 22)], [date(2026, 2, 23), None]),
        ("due_on", "within_next", 0, [date(2026, 3, 2)], [date(2026, 3, 1), date(2026, 3, 3)]),
        (
            "opened_at",
            "on",
            "2026-03-02",
            [datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=UTC)],
            [
                datetime(2026, 3, 1, 15, 59, 59, 999999, tzinfo=UTC),
                datetime(2026, 3, 2, 16, tzinfo=UTC),
                None,
            ],
        ),
        (
            "opened_at",
            "within_last",
            1,
            [datetime(2026, 2, 28, 16, tzinfo=UTC), CONTEXT.now],
            [datetime(2026, 2, 28, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, 31, tzinfo=UTC)],
        ),
        ("urgent", "is", False, [False], [True, None]),
        ("stage", "in", ["quote", "won"], ["quote"], ["talks", "", None]),
        ("stage", "not_in", ["quote"], ["talks", "", None], ["quote"]),
        ("tags", "has_any", ["a", "b"], [["b", "c"]], [["c"], [], None]),
        ("tags", "has_all", ["a", "b"], [("b", "a", "c")], [["b"], None]),
        ("tags", "has_none", ["a", "b"], [["c"], [], None], [["a"]]),
        ("tags", "empty", None, [[], None], [["a"]]),
        ("owner", "in", ["me", 9], [7, 9], [8, None]),
        ("owner", "in", ["my_team"], [7, 8], [1, None]),
        ("team", "in", ["my_team"], [1, 2], [7]),
        ("team", "not_in", ["my_team"], [7, None], [1]),
    ],
)
def test_what_an_operator_means(
    key: str, op: str, asked: object, yes: list[object], no: list[object]
) -> None:
    assert [held(key, op, asked, value) for value in yes] == [True] * len(yes)
    assert [held(key, op, asked, value) for value in no] == [False] * len(no)


def test_groups() -> None:
    always, never = parse({"all": []}, fields={}), parse({"any": []}, fields={})
    assert always == ALWAYS == AllOf(())
    assert [holds(one, values={}, context=CONTEXT) for one in (always, never)] == [True, False]
    assert not holds(parse({"not": {"all": []}}, fields={}), values={}, context=CONTEXT)


def test_nobody_is_me_for_the_system() -> None:
    mine = parse({"field": "owner", "op": "in", "value": ["me"]}, fields=FIELDS)
    nobody = Context(now=CONTEXT.now, zone=CONTEXT.zone)
    assert not holds(mine, values={"owner": 7}, context=nobody)


def test_values_that_are_missing_or_of_another_kind_are_faults_of_the_caller() -> None:
    condition = parse({"field": "amount", "op": "gt", "value": "1"}, fields=FIELDS)
    with pytest.raises(KeyError):
        holds(condition, values={}, context=CONTEXT)
    for amount in (1.5, "2", True):
        with pytest.raises(TypeError, match="amount is of the kind money"):
            holds(condition, values={"amount": amount}, context=CONTEXT)
    with pytest.raises(TypeError):
        held("due_on", "on", "2026-03-02", CONTEXT.now)
    with pytest.raises(TypeError):
        held("opened_at", "on", "2026-03-02", datetime(2026, 3, 2))  # noqa: DTZ001 (that is what is refused)
    with pytest.raises(ValueError, match="time zone"):
        Context(now=datetime(2026, 3, 2), zone=CONTEXT.zone)  # noqa: DTZ001


def test_a_value_is_found_in_a_record_by_its_path() -> None:
    class Thing:
        def __init__(self, **values: Any) -> None:
            self.__dict__.update(values)

    account = Field(
        key="account", kind="text", label_zh="客户", label_en="Account", expression="account__name"
    )
    budget = custom_field(
        key="custom.budget", name="budget", kind="money", label_zh="预算", label_en="Budget"
    )
    asked = {"all": [{"field": key, "op": "filled"} for key in ("account", "custom.budget")]}
    condition = parse(asked, fields={"account": account, "custom.budget": budget})
    deal = Thing(account=Thing(name="启明"), custom={"budget": "12.50"})
    assert values_of(condition, deal) == {"account": "启明", "custom.budget": Decimal("12.50")}
    assert values_of(condition, Thing(account=None, custom={"budget": "much"})) == {
        "account": None,
        "custom.budget": None,
    }
    with pytest.raises(ValueError, match="found in a record"):
        Field(key="x", kind="text", label_zh="", label_en="", expression=account.column())
    with pytest.raises(ValueError, match="not kept in JSON"):
        custom_field(key="x", name="x", kind="datetime", label_zh="", label_en="")


def leaf(key: str, op: str, *value: object) -> dict[str, object]:
    return {"field": key, "op": op} | ({"value": value[0]} if value else {})


def nested(levels: int) -> dict[str, Any]:
    return {"not": nested(levels - 1)} if levels > 1 else {"all": []}


NO_NUMBERS: list[object] = [
    "", "x", "NaN", "Infinity", float("inf"), True, None, [], "1_0", " 1", "１", "1e99999999", "0.00000000001", 10**20,
    "--1", "1.2.3",
]  # fmt: skip
NO_DAYS: list[object] = ["2026-02-29", "20260301", "2026-W01-1", "0999-01-01", "9001-01-01", 20260301, None]


@pytest.mark.parametrize(
    ("json", "path", "reason"),
    [
        (None, "", "shape"),
        ({}, "", "shape"),
        ({"all": {}}, "", "shape"),
        ({"all": [], "any": []}, "", "shape"),
        ({"all": [{"any": []}, {"not": []}]}, "all.1.not", "shape"),
        ({**leaf("name", "is", "a"), "more": 1}, "", "shape"),
        ({"field": 1, "op": "is"}, "", "shape"),
        (nested(9), ".".join(["not"] * 8), "depth"),
        ({"all": [{"all": []}] * 200}, "all.199", "nodes"),
        ({"all": [leaf("secret", "is", "a")]}, "all.0.field", "field"),
        ({"not": leaf("amount", "contains", "a")}, "not.op", "op"),
        (leaf("name", "empty", "x"), "value", "no_value"),
        (leaf("name", "is"), "value", "text"),
        (leaf("name", "is", ""), "value", "text"),
        (leaf("name", "is", "a" * 501), "value", "text"),
        (leaf("name", "is", "a\0"), "value", "text"),
        (leaf("name", "is", "\ud800"), "value", "text"),
        *[
            (leaf("amount", "eq", wrong), "value", "number")
            for wrong in NO_NUMBERS
        ],
        (leaf("amount", "between", ["1"]), "value", "pair"),
        (leaf("amount", "between", "12"), "value", "pair"),
        (leaf("amount", "between", ["2", "1"]), "value", "order"),
        *[
            (leaf("due_on", "on", wrong), "value", "date")
            for wrong in NO_DAYS
        ],
        (leaf("due_on", "within_last", -1), "value", "days"),
        (leaf("due_on", "within_last", True), "value", "days"),
        (leaf("due_on", "within_last", "7"), "value", "days"),
        (leaf("due_on", "this", "decade"), "value", "unit"),
        (leaf("due_on", "this", []), "value", "unit"),
        (leaf("urgent", "is", 1), "value", "bool"),
        (leaf("stage", "in", []), "value", "several"),
        (leaf("stage", "in", "quote"), "value", "several"),
        (leaf("stage", "in", ["quote", "quote"]), "value", "several"),
        (leaf("stage", "in", ["lost"]), "value", "choice"),
        (leaf("tags", "has_any", [""]), "value", "text"),
        (leaf("owner", "in", ["you"]), "value", "reference"),
        (leaf("team", "in", ["me"]), "value", "reference"),
        (leaf("account", "in", ["my_team"]), "value", "reference"),
        (leaf("account", "in", [2**63]), "value", "reference"),
        (leaf("account", "in", [True]), "value", "reference"),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(json: object, path: str, reason: str) -> None:
    with pytest.raises(ConditionInvalid) as caught:
        parse(json, fields=FIELDS)
    assert (caught.value.path, caught.value.reason) == (path, reason)
    assert caught.value.code == "condition_invalid"
    assert "{" not in caught.value.zh + caught.value.en


def test_a_refusal_says_so_in_both_languages() -> None:
    with pytest.raises(ConditionInvalid) as caught:
        parse(leaf("stage", "in", ["{lost}"]), fields=FIELDS)
    assert caught.value.zh == "条件不正确：字段“阶段”没有选项“{lost}”。"
    assert caught.value.en == "The condition is not right. Stage has no choice {lost}."


def test_what_is_just_allowed() -> None:
    parse(nested(8), fields={})
    parse({"all": [{"all": []}] * 199}, fields={})


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("100000.00", "100000.00"),
        (1, "1"),
        (0.1, "0.1"),
        ("-0.00", "0"),
        ("1E3", "1000"),
        ("+5", "5"),
        (1e-7, "0.0000001"),
    ],
)
def test_numbers_have_one_form(given: object, canonical: str) -> None:
    condition = parse(leaf("amount", "eq", given), fields=FIELDS)
    assert condition == Leaf(FIELDS["amount"], "eq", Decimal(canonical))
    assert to_json(condition) == leaf("amount", "eq", canonical)


@pytest.mark.parametrize(
    ("json", "zh", "en"),
    [
        (
            {"all": [leaf("amount", "gte", "100000.00"), leaf("stage", "in", ["quote", "talks"])]},
            "金额 ≥ 100,000 且 阶段 是 报价、谈判",
            "Amount ≥ 100,000 and Stage is Quote or Negotiation",
        ),
        (
            {"any": [{"all": [leaf("urgent", "is", True), leaf("name", "contains", "泵")]}, leaf("tags", "empty")]},
            "（紧急 为 是 且 名称 包含 “泵”） 或 标签 为空",
            '(Urgent is yes and Name contains "泵") or Tags is empty',
        ),
        (
            {"not": {"any": [leaf("owner", "in", ["me", 9, 10])]}},
            "不满足（负责人 是 我、王敏、#10）",
            "not (Owner is me, Wang Min or #10)",
        ),
        ({"all": []}, "不限", "anything"),
        ({"any": []}, "无符合项", "nothing"),
        (leaf("amount", "between", ["0.5", "1234.50"]), "金额 在 0.5 至 1,234.50 之间", "Amount is from 0.5 to 1,234.50"),
        (leaf("due_on", "this", "month"), "预计成交日期 在本月", "Expected close is this month"),
        (leaf("due_on", "last", "day"), "预计成交日期 是昨天", "Expected close was yesterday"),
        (leaf("opened_at", "older_than", 30), "创建时间 在 30 天以前", "Opened is more than 30 days ago"),
        (leaf("due_on", "before", "2026-03-02"), "预计成交日期 早于 2026-03-02", "Expected close is before 2026-03-02"),
        (
            leaf("tags", "has_none", list("abcdefghij")),
            "标签 不包含 a、b、c、d、e、f、g、h 等 10 项",
            "Tags has none of a, b, c, d, e, f, g, h and 2 more",
        ),
        (leaf("name", "is", "{v}"), "名称 是 “{v}”", 'Name is "{v}"'),
    ],
)  # fmt: skip
def test_it_reads_as_a_sentence(json: object, zh: str, en: str) -> None:
    condition = parse(json, fields=FIELDS)
    assert describe(condition, language="zh", names={"owner": {9: "王敏"}}) == zh
    assert describe(condition, language="en", names={"owner": {9: "Wang Min"}}) == en


def test_every_operator_of_every_field_has_its_words() -> None:
    values: dict[str, Any] = {
        "text": "a", "number": "1", "money": "1", "date": "2026-03-02", "datetime": "2026-03-02", "bool": True,
        "choice": ["quote"], "choices": ["a"], "reference": [1],
    }  # fmt: skip
    special: dict[str, list[Any]] = {
        "between": [[1, 2], ["2026-01-01", "2026-01-02"]], "within_last": [7], "within_next": [7], "older_than": [7],
        "empty": [None], "filled": [None],
        **{op: ["day", "week", "month", "quarter", "year"] for op in ("this", "last", "next")},
    }  # fmt: skip
    for one in FIELDS.values():
        for op in one.operators:
            for value in special.get(op, [values[one.kind]]):
                try:
                    condition = parse({"field": one.key, "op": op, "value": value}, fields=FIELDS)
                except ConditionInvalid as error:
                    assert op == "between", error  # of numbers, or of days: one of the two  # noqa: PT017
                    continue
                for language, label in (("zh", one.label_zh), ("en", one.label_en)):
                    said = describe(condition, language=language, names={})  # type: ignore[arg-type]
                    assert said.startswith(f"{label} ")
                    assert "{" not in said


class Filter(Schema):
    condition: ConditionJson


def test_the_api_describes_the_tree_and_lets_parse_judge_it() -> None:
    api = NinjaAPI(urls_namespace="conditions", docs_url=None)

    @api.post("/filters", response=Filter)
    def add(request: object, body: Filter) -> Filter:  # noqa: ARG001
        return body

    shapes = api.get_openapi_schema(path_prefix="")["components"]["schemas"]
    assert shapes["Filter"]["properties"]["condition"]["$ref"] == "#/components/schemas/ConditionNode"
    assert [part["$ref"].rpartition("/")[2] for part in shapes["ConditionNode"]["anyOf"]] == [
        "ConditionAll",
        "ConditionAny",
        "ConditionNot",
        "ConditionTest",
    ]
    assert shapes["ConditionNot"]["properties"]["not"] == {"$ref": "#/components/schemas/ConditionNode"}
    assert Filter(condition={"odd": 1}).condition == {"odd": 1}


def test_a_field_tells_what_may_be_asked_of_it() -> None:
    shape = field_shape(FIELDS["stage"])
    assert (shape.kind, shape.operators, shape.refers) == (
        "choice",
        ["in", "not_in", "empty", "filled"],
        None,
    )
    assert [choice.zh for choice in shape.choices] == ["报价", "谈判", "赢单"]
    assert field_shape(FIELDS["owner"]).refers == "person"
