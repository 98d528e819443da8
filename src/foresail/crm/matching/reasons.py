"""Why two records may be of the same customer, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Reason:
    """`supports` says whether it speaks for the pair. `field` is the field of the record whose value is told of."""

    field: str
    zh: str
    en: str
    supports: bool


_WORDS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("name", "same"): ("名称相同", "same name"),
    ("name", "form"): ("名称仅差公司后缀或地名", "names differ only in legal form or place"),
    ("name", "near"): ("名称相近", "similar names"),
    ("name", "sound"): ("姓名同音", "names sound alike"),
    ("name", "differs"): ("名称不同", "names differ"),
    ("place", "same"): ("名称中地名相同", "same place in the name"),
    ("place", "differs"): ("名称中地名不同", "another place in the name"),
    ("code", "same"): ("统一社会信用代码相同", "same credit code"),
    ("code", "differs"): ("统一社会信用代码不同", "credit codes differ"),
    ("phone", "same"): ("电话相同", "same phone"),
    ("phone", "differs"): ("电话不同", "phones differ"),
    ("mobile", "same"): ("手机号相同", "same mobile number"),
    ("mobile", "near"): ("手机号仅差一位", "mobile numbers differ in one digit"),
    ("mobile", "differs"): ("手机号不同", "mobile numbers differ"),
    ("line", "same"): ("座机相同", "same landline"),
    ("line", "differs"): ("座机不同", "landlines differ"),
    ("email", "same"): ("邮箱相同", "same e-mail"),
    ("email", "differs"): ("邮箱不同", "e-mails differ"),
    ("domain", "same"): ("网站域名相同", "same web domain"),
    ("domain", "differs"): ("网站域名不同", "web domains differ"),
    ("company", "same"): ("公司相同", "same company"),
    ("company", "differs"): ("公司不同", "companies differ"),
}
_PERSON: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("name", "same"): ("姓名相同", "same name"),
    ("name", "near"): ("姓名相近", "similar names"),
    ("name", "differs"): ("姓名不同", "names differ"),
}
_FIELDS: Final = {"place": "name", "mobile": "phone", "line": "phone"}


def reasons_of(kind: str, outcomes: Mapping[str, str]) -> list[Reason]:
    """Return the words for outcomes by column, those that speak for it first; what says nothing is left out."""
    found = [
        Reason(field=_field(kind, column), zh=zh, en=en, supports=code != "differs")
        for column, code in outcomes.items()
        if (words := _words(kind, column, code)) is not None
        for zh, en in [words]
    ]
    return sorted(found, key=lambda each: not each.supports)


def sentence(reasons: Iterable[Reason], *, chinese: bool) -> str:
    """Return the reasons as one line: “电话相同；名称仅差公司后缀或地名”."""
    return "；".join(each.zh for each in reasons) if chinese else "; ".join(each.en for each in reasons)


def _words(kind: str, column: str, code: str) -> tuple[str, str] | None:
    key = (column, code)
    return (_PERSON.get(key) if kind != "account" else None) or _WORDS.get(key)


def _field(kind: str, column: str) -> str:
    if column == "company" and kind == "contact":
        return "account"
    return _FIELDS.get(column, column)
