"""Records that are probably there already: the same e-mail, phone, credit code or name, whatever way they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from foresail.core.folding import fold
from foresail.crm.fields import RecordType

_MARKS: Final = " .,()-_·&/'\"“”‘’、"
_DROP: Final = str.maketrans("", "", _MARKS)
_NO_DIGITS: Final = re.compile(r"[^0-9]")


def _squashed(text: str) -> str:
    return fold(text).translate(_DROP)


def _digits(text: str) -> str:
    """Return the digits that tell a phone apart: a country's code does not count."""
    found = _NO_DIGITS.sub("", text)[-11:]
    return found if len(found) >= 7 else ""


_SQL_SQUASHED: Final = "translate(lower(normalize({}, NFKC)), ' .,()-_·&/''\"“”‘’、', '')"


@dataclass(frozen=True, kw_only=True)
class Trait:
    """Something in which two records of the same are alike. `sql` says the same of a column as `of` of a text."""

    field: str
    of: Callable[[str], str]
    sql: str
    zh: str
    en: str


_NAME: Final = Trait(field="name", of=_squashed, sql=_SQL_SQUASHED, zh="名称", en="name")
_PHONE: Final = Trait(
    field="phone", of=_digits, sql="right(regexp_replace({}, '[^0-9]', '', 'g'), 11)", zh="电话", en="phone number"
)  # fmt: skip
_EMAIL: Final = Trait(field="email", of=str.lower, sql="lower({})", zh="邮箱", en="e-mail address")
_CODE: Final = Trait(field="code", of=str, sql="{}", zh="统一社会信用代码", en="credit code")
TRAITS: Final[Mapping[str, tuple[Trait, ...]]] = {
    "account": (_CODE, _NAME, _PHONE),
    "contact": (_EMAIL, _PHONE),
    "lead": (_EMAIL, _PHONE),
    "product": (_NAME,),
}

Finder = Callable[[RecordType, Sequence[Mapping[str, Any]]], Sequence[Sequence[int]]]
"""Given the values of rows by field, return for each the keys of records that are probably the same."""
_finders: list[Finder] = []


def register_finder(finder: Finder) -> None:
    """Let checks show more records that may be the same. They are shown, and never keep a row out by themselves."""
    if finder not in _finders:
        _finders.append(finder)


def similar(kind: RecordType, rows: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """Return for each row the keys of what the registered finders found."""
    found: list[list[int]] = [[] for _ in rows]
    for finder in _finders:
        for place, keys in enumerate(finder(kind, rows)):
            found[place] += [key for key in keys if key not in found[place]]
    return found


class Twins:
    """What a file holds and what is there already, by traits."""

    def __init__(self, kind: RecordType, *, mapped: Sequence[str]) -> None:
        self.kind = kind
        self.traits = [trait for trait in TRAITS.get(kind.key, ()) if trait.field in mapped]
        self._in_file: dict[str, dict[str, int]] = {trait.field: {} for trait in self.traits}

    def there(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, int]]:
        """Return for each row: field → the key of a record that has the same."""
        found: list[dict[str, int]] = [{} for _ in rows]
        for trait in self.traits:
            said = [self.said(trait, row) for row in rows]
            known = self._known(trait, {text for text in said if text})
            for place, text in enumerate(said):
                if text in known:
                    found[place][trait.field] = known[text]
        return found

    def before(self, row: Mapping[str, Any]) -> tuple[Trait, int] | None:
        """Return in what a row further up has the same, and its number."""
        for trait in self.traits:
            text = self.said(trait, row)
            if text and text in self._in_file[trait.field]:
                return trait, self._in_file[trait.field][text]
        return None

    def remember(self, row: Mapping[str, Any], number: int) -> None:
        for trait in self.traits:
            if text := self.said(trait, row):
                self._in_file[trait.field].setdefault(text, number)

    @staticmethod
    def said(trait: Trait, row: Mapping[str, Any]) -> str:
        value = row.get(trait.field)
        return trait.of(value) if isinstance(value, str) and value else ""

    def _known(self, trait: Trait, texts: set[str]) -> dict[str, int]:
        if not texts:
            return {}
        quote = connection.ops.quote_name
        expression = trait.sql.format(quote(trait.field))
        table = quote(self.kind.model._meta.db_table)  # noqa: SLF001  # documented by Django
        with connection.cursor() as cursor:
            cursor.execute(
                # One by one through the index: nothing tells the planner how few there are, and it would read all. Nor
                # must it look for the lowest key from the first record on: hence + 0.
                f"SELECT said, (SELECT min(id + 0) FROM {table} "  # noqa: S608  (ours alone)
                f"WHERE deleted_at IS NULL AND {quote(trait.field)} <> '' AND {expression} = said) "
                "FROM unnest(%s::text[]) AS said",
                [list(texts)],
            )
            return {text: key for text, key in cursor.fetchall() if key is not None}
