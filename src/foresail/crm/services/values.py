"""What people type, made fit to be kept, or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Model

from foresail.crm.errors import AmountInvalid, CurrencyInvalid, FactsInvalid, TextInvalid, TextTooLong
from foresail.people.services import KEEP

LABELS: Final = {
    "name": "名称",
    "key": "标识",
    "number": "编号",
    "title": "标题",
    "job title": "职务",
    "e-mail address": "邮箱",
    "phone number": "电话",
    "industry": "行业",
    "region": "地区",
    "domain": "网站域名",
    "reason": "原因",
    "fact": "补充信息",
    "note": "备注",
}
BELOW: Final = Decimal(10) ** 14
LONGEST_REASON: Final = 2000
LONGEST_FACT: Final = 500


def text_of(text: str, *, of: str, longest: int) -> str:
    """Return `text` on one line, without control characters. Raises TextInvalid where nothing or too much is left."""
    kept = plain(text)
    if not 0 < len(kept) <= longest:
        raise TextInvalid(zh=LABELS[of], en=of, longest=longest)
    return kept


def short_of(text: str, *, of: str, longest: int) -> str:
    """Return `text` on one line; it may be empty. Raises TextTooLong."""
    kept = plain(text)
    if len(kept) > longest:
        raise TextTooLong(zh=LABELS[of], en=of, longest=longest)
    return kept


def reason_of(text: str) -> str:
    """Return `text` with its lines, each plain. Raises TextTooLong."""
    kept = "\n".join(plain(line) for line in text.splitlines()).strip()
    if len(kept) > LONGEST_REASON:
        raise TextTooLong(zh=LABELS["reason"], en="reason", longest=LONGEST_REASON)
    return kept


def amount_of(amount: Decimal | None) -> Decimal | None:
    """Return `amount` with two decimals. Raises AmountInvalid; nothing is rounded."""
    if amount is None:
        return None
    if not amount.is_finite() or not 0 <= amount < BELOW or amount != round(amount, 2):
        raise AmountInvalid
    return round(abs(amount), 2)  # abs: there is a Decimal -0


def currency_of(currency: str) -> str:
    if re.fullmatch("[A-Z]{3}", currency) is None:
        raise CurrencyInvalid
    return currency


def facts_of(facts: Mapping[Any, Any]) -> dict[str, str]:
    """Return `facts` as plain texts. Raises FactsInvalid or TextTooLong."""
    kept = {}
    for name, value in facts.items():
        if not isinstance(name, str) or not isinstance(value, str) or not plain(name):
            raise FactsInvalid
        kept[short_of(name, of="fact", longest=100)] = short_of(value, of="fact", longest=LONGEST_FACT)
    return kept


def changes_of(record: Model, wanted: dict[str, Any]) -> dict[str, object]:
    """Put onto `record` those of `wanted` that are not kept and differ; return them."""
    changed = {
        field: value
        for field, value in wanted.items()
        if value is not KEEP and value != getattr(record, field)
    }
    for field, value in changed.items():
        setattr(record, field, value)
    return changed


def told(value: Any) -> Any:
    """Return `value` as the audit trail takes it: a day as its text."""
    return value.isoformat() if type(value) is date else value


def plain(text: str) -> str:
    """Return `text` on one line, without control characters."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())
