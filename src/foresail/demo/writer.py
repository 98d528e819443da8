"""What was said in a deal: texts that fit its stage, its people and its troubles, and answers that fit the question."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Final

from foresail.demo.customers import Customer, Person
from foresail.demo.names import romanised
from foresail.demo.texts import Line, book, words

CHANNELS: Final = frozenset({"mail_in", "mail_out", "call", "meeting", "visit"})
APART: Final = 12
"""A text about a trouble comes again at most after so many others."""
SOME: Final = 3
WHOLE_LINES: Final = "产线集成"
"""The line of business whose goods cannot be carried along."""
ANSWERED_WITHIN: Final = timedelta(days=14)
_GROUPS: Final = {
    "qualified": ("early",),
    "solution": ("early",),
    "evaluation": ("evaluation",),
    "quote": ("commercial",),
    "negotiation": ("commercial", "negotiation"),
}
_WHO: Final = {
    "early": {"champion": 5, "technical": 4, "user": 2},
    "evaluation": {"technical": 7, "champion": 4, "blocker": 1, "user": 2},
    "commercial": {"economic_buyer": 6, "champion": 3, "blocker": 2},
}
# How much of the talk a trouble takes up, at first and later.
_TROUBLE: Final = {
    "price_objection": (0.85, 0.55),
    "competitor_enters": (0.6, 0.2),
    "budget_freeze": (0.9, 0.6),
    "champion_leaves": (0.6, 0.08),
    "evaluation_stalls": (0.75, 0.5),
    "slow_followup": (0.4, 0.12),
}
_FRESH: Final = timedelta(days=7)
_WEEKDAYS: Final = (
    ("周一", "周二", "周三", "周四", "周五"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
)


@dataclass(slots=True)
class Trouble:
    """A cause that our side could see from `since` on, and until it healed, if it did."""

    cause: str
    since: datetime
    until: datetime | None

    def active(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Said:
    title: str
    text: str
    person: Person | None


@dataclass(slots=True, eq=False)
class Story:
    """A deal as it unfolds in the order of time. The same `random` and talks give the same texts."""

    random: Random
    customer: Customer
    product: str
    rep: str
    engineer: str
    line: str
    troubles: list[Trouble]
    known_before: bool
    stage: str = "qualified"
    quoted: bool = False
    slots: dict[str, str] = field(default_factory=dict)
    used: dict[Line, int] = field(default_factory=dict)
    count: int = 0
    quantity: int = 0
    talks: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[datetime, str, str, Person | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Choose what stays the same in all texts of the deal."""
        chinese = self.language == "zh"
        end = "" if chinese else "_en"
        product, industry = words()["products"][self.product], words()["industries"][self.customer.industry]
        low, high = product["quantity"]
        self.quantity = quantity = self.random.randint(low, high)
        self.slots = {
            "p": product.get("name", self.product) if chinese else product["en"],
            "qty": f"{quantity} {product['unit']}" if chinese else f"{quantity} unit{'s' * (quantity > 1)}",
            "cell": self.random.choice(industry[f"cell{end}"]),
            "rival": self.random.choice(words()[f"rivals{end}"][self.line]),
            "a": self.customer.short,
            "r": f"{self.rep[0]}经理" if chinese else romanised(self.rep),
            "e": f"{self.engineer[0]}工" if chinese else romanised(self.engineer),
            "w": str(self.random.randint(6, 14)),
        }

    @property
    def language(self) -> str:
        return "en" if self.customer.english else "zh"

    @property
    def group(self) -> str:
        return _GROUPS[self.stage][0]

    def say(self, *, kind: str, at: datetime) -> Said:
        """Return what was written or said in a talk of `kind`, one of CHANNELS."""
        if kind == "mail_out" and (answer := self._answer(at)) is not None:
            return answer
        line, trouble = self._choose(kind, at)
        self.count += 1
        self.used[line] = self.count
        self.talks[f"{kind} {self.group}"] += 1
        self.talks[self.group] += 1
        person = self.person(at)
        if trouble is not None:
            self.talks[trouble.cause] += 1
            if trouble.cause == "champion_leaves":
                person = self._successor(at)
        slots = self._slots(at, person)
        said = Said(line.title.format_map(slots), line.text.format_map(slots), person)
        if line.answer:
            self.asked.append((at, said.title, line.answer.format_map(slots), person))
        return said

    def note(self, *, head: str, at: datetime, person: Person | None = None) -> str:
        """Return one of the short texts under `head`: a task, a demo, a reason."""
        lines = book(self.language).get(head) or book(self.language)[head.partition(" ")[0]]
        slots = self._slots(at, person or self.person(at))
        return self.random.choice(lines).title.format_map(slots)

    def person(self, at: datetime) -> Person | None:
        """Return whom of the customer's one speaks to at this stage; None where nobody is left."""
        there = [one for one in self.customer.people if one.there(at)]
        weights = [_WHO[self.group].get(one.role, 0.4) for one in there]
        return self.random.choices(there, weights)[0] if there else None

    def _answer(self, at: datetime) -> Said | None:
        """Return the answer to the oldest mail of the customer's that waits for one."""
        self.asked = [each for each in self.asked if at - each[0] < ANSWERED_WITHIN]
        waiting = [each for each in self.asked if each[3] is None or each[3].there(at)]
        if not waiting:
            return None
        self.asked.remove(waiting[0])
        _, title, text, person = waiting[0]
        return Said(f"{'回复：' if self.language == 'zh' else 'Re: '}{title}", text, person)

    def _choose(self, kind: str, at: datetime) -> tuple[Line, Trouble | None]:
        for trouble in reversed(self.troubles):
            if not trouble.active(at) or (trouble.cause == "champion_leaves" and self._successor(at) is None):
                continue
            chance = _TROUBLE[trouble.cause][at - trouble.since > _FRESH]
            if self.random.random() < chance and (line := self._of_trouble(kind, trouble.cause)):
                return line, trouble
        groups = _GROUPS[self.stage] if self.stage not in {"quote", "negotiation"} or self.quoted else ()
        lines = _pool(self.language, kind, groups)
        line = self._fitting(kind, lines)
        assert line is not None, "every pool has a line without a mark"
        return line, None

    def _of_trouble(self, kind: str, cause: str) -> Line | None:
        """Return a line about a trouble: at first one that brings it up, then others."""
        lines = [line for line in book(self.language)[f"{kind} {cause}"] if self._portable(line.place)]
        first = [line for line in lines if "!" in line.place]
        later = [line for line in lines if "!" not in line.place]
        if self.talks[cause]:
            later = [line for line in later if self.count - self.used.get(line, -APART) >= APART]
        return self._fresh(later if self.talks[cause] else first or later)

    def _successor(self, at: datetime) -> Person | None:
        """Return who took over at the customer's, once somebody did."""
        return next((one for one in self.customer.people if one.since and one.there(at)), None)

    def _fitting(self, kind: str, lines: tuple[Line, ...]) -> Line | None:
        """Return a line that is in its place: one the deal had not yet, else the one it had longest ago."""
        fitting = [line for line in lines if not line.place or self._in_place(kind, line.place)]
        return self._fresh(fitting)

    def _fresh(self, lines: list[Line]) -> Line | None:
        unused = [line for line in lines if line not in self.used]
        if unused:
            return unused[int(self.random.random() * len(unused))]
        return min(lines, key=self.used.__getitem__, default=None)

    def _in_place(self, kind: str, place: str) -> bool:
        group = self.group
        if "!" in place and (self.talks[f"{kind} {group}"] or (group == "early" and self.known_before)):
            return False
        return not (">" in place and self.talks[group] < SOME) and self._portable(place)

    def _portable(self, place: str) -> bool:
        return "~" not in place or self.line != WHOLE_LINES

    def _slots(self, at: datetime, person: Person | None) -> dict[str, str]:
        product = words()["products"][self.product]
        chinese = self.language == "zh"
        spec, spec2 = self.random.sample(product["spec" if chinese else "spec_en"], k=2)
        names, weekday = _WEEKDAYS[not chinese], at.weekday()
        ahead = self.random.randint(weekday + 1, 4) if weekday < 4 else -1
        first, second = sorted(self.random.sample(range(5), k=2))
        after = "下{}" if chinese else "next {}"
        day = names[ahead] if ahead >= 0 else after.format(names[first])
        later = after.format(names[second])
        address = person.address if person else "您" if chinese else "all"
        # Two of the same surname and trade in one sentence would read as one person.
        helper = self.engineer if address == self.slots["e"] else self.slots["e"]
        return self.slots | {
            "e": helper,
            "c": address,
            "spec": spec,
            "spec2": spec2,
            "test": self.random.choice(product["test" if chinese else "test_en"]),
            "day": day,
            "later": later,
            "left": person.title if person else "",
        }


@cache
def _pool(language: str, kind: str, groups: tuple[str, ...]) -> tuple[Line, ...]:
    return tuple(line for group in (*groups, "any") for line in book(language)[f"{kind} {group}"])
