"""A condition as a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from foresail.core.conditions.field import Field
from foresail.core.conditions.tree import AllOf, AnyOf, Condition, Leaf, NotOf

Language: TypeAlias = Literal["zh", "en"]
SHOWN: Final = 8
"""So many values of a list are named; the rest are counted."""

_COMPARED: Final = {"eq": "=", "ne": "≠", "lt": "<", "lte": "≤", "gt": ">", "gte": "≥"}

# {v} is the value, {a} and {b} its two ends. Named by kind where the same operator reads differently.
_PHRASES: Final[Mapping[str, tuple[str, str]]] = {
    "empty": ("为空", "is empty"),
    "filled": ("不为空", "is filled in"),
    "contains": ("包含 {v}", "contains {v}"),
    "not_contains": ("不包含 {v}", "does not contain {v}"),
    "is": ("是 {v}", "is {v}"),
    "is_not": ("不是 {v}", "is not {v}"),
    "starts": ("以 {v} 开头", "starts with {v}"),
    "between": ("在 {a} 至 {b} 之间", "is from {a} to {b}"),
    "on": ("是 {v}", "is on {v}"),
    "before": ("早于 {v}", "is before {v}"),
    "after": ("晚于 {v}", "is after {v}"),
    "within_last": ("在最近 {v} 天内", "is within the last {v} days"),
    "within_next": ("在未来 {v} 天内", "is within the next {v} days"),
    "older_than": ("在 {v} 天以前", "is more than {v} days ago"),
    "in": ("是 {v}", "is {v}"),
    "not_in": ("不是 {v}", "is not {v}"),
    "has_any": ("包含 {v} 中任意一项", "has any of {v}"),
    "has_all": ("同时包含 {v}", "has all of {v}"),
    "has_none": ("不包含 {v}", "has none of {v}"),
}
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "this day": ("是今天", "is today"),
    "this week": ("在本周", "is this week"),
    "this month": ("在本月", "is this month"),
    "this quarter": ("在本季度", "is this quarter"),
    "this year": ("在今年", "is this year"),
    "last day": ("是昨天", "was yesterday"),
    "last week": ("在上周", "was last week"),
    "last month": ("在上月", "was last month"),
    "last quarter": ("在上季度", "was last quarter"),
    "last year": ("在去年", "was last year"),
    "next day": ("是明天", "is tomorrow"),
    "next week": ("在下周", "is next week"),
    "next month": ("在下月", "is next month"),
    "next quarter": ("在下季度", "is next quarter"),
    "next year": ("在明年", "is next year"),
}
_WORDS: Final[Mapping[object, tuple[str, str]]] = {
    True: ("是", "yes"),
    False: ("否", "no"),
    "me": ("我", "me"),
    "my_team": ("我的团队", "my team"),
}


def describe(
    condition: Condition, *, language: Language, names: Mapping[str, Mapping[int, str]] | None = None
) -> str:
    """Return one sentence, such as: 金额 ≥ 100,000 且 阶段 是 报价、谈判.

    `names` are those of the records that references mean: field key → record key → name. A record without a
    name reads #7.
    """
    return _Wording(language, names or {}).of(condition, alone=True)


class _Wording:
    def __init__(self, language: Language, names: Mapping[str, Mapping[int, str]]) -> None:
        self.place, self.names = ("zh", "en").index(language), names

    def say(self, zh: str, en: str) -> str:
        return (zh, en)[self.place]

    def of(self, condition: Condition, *, alone: bool = False) -> str:
        match condition:
            case Leaf():
                return self.leaf(condition)
            case NotOf(node):
                return self.say("不满足（{}）", "not ({})").format(self.of(node, alone=True))
            case AllOf(nodes):
                return self.joined(nodes, self.say(" 且 ", " and "), self.say("不限", "anything"), alone)
            case AnyOf(nodes):
                return self.joined(nodes, self.say(" 或 ", " or "), self.say("无符合项", "nothing"), alone)

    def joined(self, nodes: Sequence[Condition], word: str, none: str, alone: bool) -> str:
        if len(nodes) < 2:
            return self.of(nodes[0], alone=alone) if nodes else none
        said = word.join(self.of(node) for node in nodes)
        return said if alone else self.say("（{}）", "({})").format(said)

    def leaf(self, leaf: Leaf) -> str:
        field, op, value = leaf.field, leaf.op, leaf.value
        return f"{self.say(field.label_zh, field.label_en)} {self.test(field, op, value)}"

    def test(self, field: Field, op: str, value: Any) -> str:
        if op in _COMPARED:
            return f"{_COMPARED[op]} {_number(value)}"
        if op in ("this", "last", "next"):
            return self.say(*_UNITS[f"{op} {value}"])
        phrase = self.say(*_PHRASES[op])
        if value is None:
            return phrase
        if op == "between":
            return phrase.format(a=self.value(field, value[0]), b=self.value(field, value[1]))
        if isinstance(value, tuple):
            return phrase.format(v=self.several(field, op, value))
        if field.kind == "bool":
            phrase = self.say("为 {v}", "is {v}")
        return phrase.format(v=self.value(field, value))

    def several(self, field: Field, op: str, values: tuple[Any, ...]) -> str:
        said = [self.value(field, value) for value in values[:SHOWN]]
        more = len(values) - len(said)
        if more:
            return self.say("、".join(said) + f" 等 {len(values)} 项", ", ".join(said) + f" and {more} more")
        if op in ("in", "not_in"):
            return self.say("、".join(said), ", ".join(said[:-1]) + " or " * (len(said) > 1) + said[-1])
        return self.say("、", ", ").join(said)

    def value(self, field: Field, value: Any) -> str:
        match field.kind, value:
            case "text", str():
                return self.say(f"“{value}”", f'"{value}"')
            case (("choice" | "choices"), str()):
                choice = next((choice for choice in field.choices if choice.key == value), None)
                return value if choice is None else self.say(choice.zh, choice.en)
            case "reference", int():
                return self.names.get(field.key, {}).get(value, f"#{value}")
            case _, Decimal():
                return _number(value)
            case _, date():
                return value.isoformat()
            case (("bool" | "reference"), _):
                return self.say(*_WORDS[value])
        return str(value)


def _number(value: Decimal) -> str:
    """Return it with thousands set apart, and without cents where there are none."""
    return f"{value.to_integral_value() if value == value.to_integral_value() else value:,f}"
