"""What cells name: choices, people, lines, pipelines, stages, records. Resolved many at once, and offered where close."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from foresail.core.sheets.cells import Unread, answer_of, folded
from foresail.crm.fields import Field, Kind, RecordType, record_type
from foresail.crm.models import Pipeline, Record, Stage
from foresail.people.models import BusinessLine
from foresail.people.models import User as People
from foresail.people.queries import users_visible_to
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_OFFERED: Final = 5
MOST_LISTED: Final = 300
MOST_COMPARED: Final = 20_000
CLOSE: Final = 0.6


@dataclass(frozen=True)
class Offer:
    """Something that a cell may mean: its key as a text, what it is called, and how close that is, 0 to 1."""

    key: str
    label: str
    score: float


@dataclass
class Names:
    """All that cells of one column may name, by how they may say it.

    `exact` holds labels as they are, `loose` labels without capitals, spaces and marks; of what several things are
    called, all keys.
    """

    labels: dict[str, str] = field(default_factory=dict)
    exact: dict[str, set[str]] = field(default_factory=dict)
    loose: dict[str, set[str]] = field(default_factory=dict)

    def add(self, key: str, *labels: str) -> None:
        self.labels.setdefault(key, labels[0])
        for label in filter(None, labels):
            self.exact.setdefault(label, set()).add(key)
            self.loose.setdefault(folded(label), set()).add(key)

    def find(self, cell: str, *, strict: bool = False) -> tuple[str | None, int]:
        """Return the key of the only thing so called, and how many there are."""
        found = self.exact.get(cell) or (set() if strict else self.loose.get(folded(cell))) or set()
        return (next(iter(found)), 1) if len(found) == 1 else (None, len(found))

    def offers(self, cell: str) -> list[Offer]:
        """Return what comes closest to a cell, best first."""
        wanted = folded(cell)
        if not wanted:
            return []
        same = [Offer(key, self.labels[key], 1.0) for key in sorted(self.loose.get(wanted, ()))]
        if len(self.loose) > MOST_COMPARED:
            return same[:MOST_OFFERED]
        seen = {offer.key for offer in same}
        scored: list[Offer] = []
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(wanted)
        for label, keys in self.loose.items():
            matcher.set_seq1(label)
            if matcher.real_quick_ratio() < CLOSE or matcher.quick_ratio() < CLOSE:
                continue
            score = round(matcher.ratio(), 3)
            if score >= CLOSE:
                scored += [Offer(key, self.labels[key], score) for key in keys - seen]
        best = sorted(scored, key=lambda offer: (-offer.score, offer.label))
        return (same + list({offer.key: offer for offer in reversed(best)}.values())[::-1])[:MOST_OFFERED]


def names_of(field_: Field, *, by: User | None) -> Names:
    """Return all that a field may name, for fields whose values are few enough to be read at once."""
    names = Names()
    match field_.kind:
        case Kind.CHOICE | Kind.CHOICES:
            for choice in field_.choices:
                names.add(choice.key, choice.zh, choice.en, choice.key, *choice.synonyms)
        case Kind.PERSON:
            people = users_visible_to(user=by) if by else People.objects.all()
            for key, name, email in people.filter(active=True).values_list("pk", "name", "email"):
                names.add(str(key), name, email, email.partition("@")[0])
        case Kind.LINE | Kind.PIPELINE:
            named = BusinessLine.objects if field_.kind is Kind.LINE else Pipeline.objects
            for key, name in named.values_list("pk", "name"):
                names.add(str(key), name)
        case Kind.STAGE:
            for stage in Stage.objects.filter(retired_at=None).select_related("pipeline"):
                names.add(stage.key, stage.name_zh, stage.name_en, stage.key)
        case Kind.BOOL:
            names.add("true", "是", "Yes")
            names.add("false", "否", "No")
        case Kind.RECORD:
            _add_records(names, record_type(field_.target), by=by)
    return names


def _add_records(
    names: Names, target: RecordType, *, by: User | None, among: Iterable[str] | None = None
) -> None:
    found: Any = target.model.objects.all()
    if by is not None and issubclass(target.model, Record):
        found = limited(found, user=by, action=Action.SEE)
    code = {"account": "code", "product": "code", "deal": "number"}.get(target.key)
    columns = ("pk", "name", code) if code else ("pk", "name")
    if among is not None:
        texts = list(among)
        found = found.filter(name__among=texts) | (
            found.filter(**{f"{code}__among": texts}) if code else found.none()
        )
    for key, *labels in found.values_list(*columns):
        names.add(str(key), *labels)


def records_named(target: RecordType, cells: Iterable[str], *, by: User | None) -> Names:
    """Return the records called exactly so, among those that `by` sees: for kinds of which there are many."""
    names = Names()
    _add_records(names, target, by=by, among=[cell for cell in set(cells) if cell])
    return names


@dataclass
class Unmatched:
    """Values of a column that name nothing, with how often they stand in the file."""

    counts: Counter[str] = field(default_factory=Counter)

    def told(self, names: Names, *, most: int = 200) -> dict[str, Any]:
        """Return the commonest values with what comes closest, and all that may be meant where that is little."""
        labels = sorted(names.labels.items(), key=lambda each: each[1])
        options = (
            [{"key": key, "label": label} for key, label in labels] if len(labels) <= MOST_LISTED else []
        )
        return {"options": options, "values": self._values(names, most)}

    def _values(self, names: Names, most: int) -> list[dict[str, Any]]:
        return [
            {
                "value": value, "count": count,
                "offers": [{"key": each.key, "label": each.label, "score": each.score} for each in names.offers(value)],
            }
            for value, count in self.counts.most_common(most)
        ]  # fmt: skip


def yes_or_no(cell: str) -> str | None:
    try:
        return "true" if answer_of(cell) else "false"
    except Unread:
        return None
