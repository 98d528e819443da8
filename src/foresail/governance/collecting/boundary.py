"""The boundary: for each source what may be kept, for what, on which ground and how long. What it does not name is dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Final

from foresail.governance.collecting.sources import masked, source_of, spelled
from foresail.governance.errors import BoundaryInvalid

LONGEST_DAYS: Final = 1_827
"""Five years: nothing here is of use for longer."""


class Purpose(StrEnum):
    """What a signal is used for. Who consents to one has not consented to another."""

    INTENT = "intent"
    SERVICE = "service"


class Basis(StrEnum):
    """The ground on which it may be kept: GDPR article 6, PIPL article 13. PIPL knows no legitimate interest."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Treatment(StrEnum):
    KEEP = "keep"
    MASK = "mask"


class Reason(StrEnum):
    """Why a signal was not kept, or not whole; counted by these."""

    NO_BOUNDARY = "no_boundary"
    SOURCE = "source"
    KIND = "kind"
    CONSENT = "consent"
    UNPROVEN = "unproven"
    TOO_OLD = "too_old"
    FIELD_DROPPED = "field_dropped"
    FIELD_MASKED = "field_masked"


PURPOSES: Final[Mapping[Purpose, tuple[str, str]]] = {
    Purpose.INTENT: ("分析购买意向", "to see who is interested in buying"),
    Purpose.SERVICE: ("提供服务与支持", "to serve customers"),
}
BASES: Final[Mapping[Basis, tuple[str, str]]] = {
    Basis.CONSENT: ("本人同意", "consent"),
    Basis.CONTRACT: ("履行合同所必需", "needed for a contract"),
    Basis.LEGITIMATE_INTEREST: ("合法利益", "legitimate interest"),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Of one source. `kinds` are the kinds of signals that may be kept, all where it is empty."""

    source: str
    purpose: Purpose
    basis: Basis
    days: int
    fields: Mapping[str, Treatment]
    kinds: frozenset[str] = frozenset()

    def told(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return {
            "source": self.source,
            "purpose": self.purpose.value,
            "basis": self.basis.value,
            "days": self.days,
            "fields": {name: how.value for name, how in sorted(self.fields.items())},
            "kinds": sorted(self.kinds),
        }


@dataclass(frozen=True, kw_only=True)
class Passed:
    """What may be kept of a signal, until when, and how much of it was left out."""

    values: Mapping[str, Any]
    rule: Rule
    until: datetime
    dropped: int = 0
    masked: int = 0


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """The rules in force. `version` 0 is that of an installation in which nobody has allowed anything."""

    version: int
    rules: Sequence[Rule] = field(default=())

    @cached_property
    def by_source(self) -> Mapping[str, Rule]:
        return {rule.source: rule for rule in self.rules}

    def judge(
        self, *, source: str, kind: str, values: Mapping[str, Any], at: datetime, now: datetime
    ) -> Passed | Reason:
        """Return what may be kept of a signal of `at`, or why nothing. Whether consent was given is asked elsewhere."""
        if not self.rules:
            return Reason.NO_BOUNDARY
        rule, known = self.by_source.get(source), source_of(source)
        if rule is None or known is None:
            return Reason.SOURCE
        if rule.kinds and kind not in rule.kinds:
            return Reason.KIND
        until = at + timedelta(days=rule.days)
        if until <= now:
            return Reason.TOO_OLD
        kept: dict[str, Any] = {}
        left, less = 0, 0
        for name, value in values.items():
            how, of_source = rule.fields.get(name), known.field(name)
            if how is None or of_source is None:
                left += 1
            elif how is Treatment.KEEP:
                kept[name] = value
            else:
                kept[name] = masked(of_source, value)
                less += kept[name] != value
        return Passed(values=kept, rule=rule, until=until, dropped=left, masked=less)


def boundary_kept(version: int, rules: Sequence[Mapping[str, Any]]) -> Boundary:
    """Return a boundary that was approved, without sources and fields that an update took away: nothing of them comes.

    Raises BoundaryInvalid for what else is wrong with it.
    """
    known = [rule for rule in rules if source_of(str(rule.get("source", "")))]
    return boundary_of(version, [{**rule, "fields": _known_fields(rule)} for rule in known])


def _known_fields(rule: Mapping[str, Any]) -> dict[str, Any]:
    source = source_of(str(rule["source"]))
    return {name: how for name, how in (rule.get("fields") or {}).items() if source and source.field(name)}


def boundary_of(version: int, rules: Sequence[Mapping[str, Any]]) -> Boundary:
    """Return the boundary that JSON holds. Raises BoundaryInvalid, which names the rule and what is wrong with it."""
    made = [_rule(place, rule) for place, rule in enumerate(rules, start=1)]
    twice = {rule.source for rule in made if sum(other.source == rule.source for other in made) > 1}
    if twice:
        raise _wrong(len(made), "twice")
    return Boundary(version=version, rules=tuple(made))


_WRONG: Final = {
    "source": ("来源不存在", "there is no such source"),
    "twice": ("同一来源只能有一条规则", "a source has one rule"),
    "purpose": ("用途不存在", "there is no such purpose"),
    "basis": ("法律依据不存在", "there is no such ground"),
    "days": (f"保存期限须为 1 至 {LONGEST_DAYS} 天", f"signals are kept from 1 to {LONGEST_DAYS} days"),
    "field": ("来源中没有这个字段", "the source has no such field"),
    "treatment": ("字段只能保留或脱敏", "a field is kept or masked"),
    "mask": ("这个字段无法脱敏，只能保留或不采集", "this field cannot be masked: it is kept or not"),
    "kinds": ("信号类型须为文本", "kinds of signals are texts"),
}


def _wrong(rule: int, what: str) -> BoundaryInvalid:
    zh, en = _WRONG[what]
    return BoundaryInvalid(rule=rule, why_zh=zh, why_en=en)


def _rule(place: int, said: Mapping[str, Any]) -> Rule:
    wrong = partial(_wrong, place)
    source = source_of(str(said.get("source", "")))
    if source is None:
        raise wrong("source")
    days = said.get("days")
    if type(days) is not int or not 1 <= days <= LONGEST_DAYS:
        raise wrong("days")
    try:
        purpose = Purpose(str(said.get("purpose")))
    except ValueError:
        raise wrong("purpose") from None
    try:
        basis = Basis(str(said.get("basis")))
    except ValueError:
        raise wrong("basis") from None
    fields: dict[str, Treatment] = {}
    for name, how in dict(said.get("fields") or {}).items():
        of_source = source.field(name)
        if of_source is None:
            raise wrong("field")
        try:
            fields[name] = Treatment(how)
        except ValueError:
            raise wrong("treatment") from None
        if fields[name] is Treatment.MASK and of_source.mask is None:
            raise wrong("mask")
    kinds = said.get("kinds") or ()
    if not all(isinstance(kind, str) and kind for kind in kinds):
        raise wrong("kinds")
    return Rule(
        source=source.key,
        purpose=purpose,
        basis=basis,
        days=days,
        fields=fields,
        kinds=frozenset(map(spelled, kinds)),
    )
