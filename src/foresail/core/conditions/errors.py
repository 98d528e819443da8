"""What is wrong with a condition, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from foresail.core.errors import Refusal

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "shape": (
        "每一项只能是“全部满足”“任一满足”“不满足”或一个字段的条件。",
        "Each part is all, any, not, or the test of one field.",
    ),
    "nodes": ("条件过多，最多 {most} 项。", "There are too many parts; {most} at most."),
    "depth": ("嵌套过深，最多 {most} 层。", "It is nested too deeply; {most} levels at most."),
    "field": ("没有字段“{field}”，或不能按它筛选。", "There is no field {field}, or it cannot be asked for."),
    "op": ("字段“{label_zh}”不支持“{op}”。", "The field {label_en} cannot be asked with {op}."),
    "no_value": ("字段“{label_zh}”的这个条件不需要填写值。", "This test of {label_en} takes no value."),
    "text": (
        "字段“{label_zh}”需要填写 1 至 {most} 个字符的文字。",
        "{label_en} needs a text of 1 to {most} characters.",
    ),
    "number": (
        "字段“{label_zh}”需要填写数字，整数部分最多 20 位，小数最多 10 位。",
        "{label_en} needs a number with at most 20 digits before the point and 10 after it.",
    ),
    "date": (
        "字段“{label_zh}”需要填写 1000 年至 9000 年间的日期，例如 2026-03-02。",
        "{label_en} needs a date like 2026-03-02, in the years 1000 to 9000.",
    ),
    "days": (
        "字段“{label_zh}”需要填写 0 至 {most} 的天数。",
        "{label_en} needs a number of days, 0 to {most}.",
    ),
    "unit": (
        "字段“{label_zh}”需要从日、周、月、季度、年中选择。",
        "{label_en} needs one of day, week, month, quarter, year.",
    ),
    "pair": ("字段“{label_zh}”需要填写起、止两个值。", "{label_en} needs two values, from and to."),
    "order": (
        "字段“{label_zh}”的起始值不能大于结束值。",
        "The first value of {label_en} is above the second.",
    ),
    "bool": ("字段“{label_zh}”需要填写是或否。", "{label_en} needs true or false."),
    "several": (
        "字段“{label_zh}”需要选择 1 至 {most} 项，且不重复。",
        "{label_en} needs 1 to {most} values, each once.",
    ),
    "choice": ("字段“{label_zh}”没有选项“{value}”。", "{label_en} has no choice {value}."),
    "reference": ("字段“{label_zh}”需要选择已有的记录。", "{label_en} needs the keys of records."),
}


class ConditionInvalid(Refusal):
    """`reason` is a key of REASONS. `path` leads from the root to what is wrong, such as all.1.value; the root is ""."""

    code = "condition_invalid"
    status = 422
    zh = "条件不正确：{zh}"
    en = "The condition is not right. {en}"

    def __init__(self, reason: str, *, path: str, **values: object) -> None:
        self.reason, self.path = reason, path
        zh, en = (text.format(**values) for text in REASONS[reason])
        super().__init__(zh=zh, en=en)
