"""Who sees and changes which field: the organisation's rules on top of the one rule of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from foresail.crm.fields import Field, RecordType
from foresail.crm.models import FieldRule, Listed, Record
from foresail.people.rules import Standing, standing

if TYPE_CHECKING:
    from foresail.people.models import User


class Level(IntEnum):
    """What somebody may do with a field, least first. OWN is all on records of one's own, and nothing on others."""

    HIDDEN = 0
    OWN = 1
    READ = 2
    FULL = 3


_LEVELS: Final[Mapping[str, Level]] = {
    FieldRule.Level.HIDDEN.value: Level.HIDDEN,
    FieldRule.Level.OWN.value: Level.OWN,
    FieldRule.Level.READ.value: Level.READ,
}


@dataclass(frozen=True)
class Sight:
    """What one person sees of fields; `stands` None is Foresail itself, which sees all.

    `rules` are the levels by kind of record, field and role. Of several roles the one that allows most counts.
    """

    stands: Standing | None
    rules: Mapping[tuple[str, str, str], Level]

    @classmethod
    def of(cls, user: User | None) -> Sight:
        """Read it, in two queries."""
        if user is None:
            return cls(None, {})
        rules = FieldRule.objects.values_list("record_type", "field", "role", "level")
        return cls(
            standing(user=user), {(kind, field, role): _LEVELS[level] for kind, field, role, level in rules}
        )

    def level(self, kind: RecordType, field: Field) -> Level:
        if self.stands is None or not field.restrictable:
            return Level.FULL
        found = (
            self.rules.get((kind.key, field.of or field.key, role), Level.FULL) for role in self.stands.roles
        )
        return max(found, default=Level.HIDDEN)

    def everywhere(self, kind: RecordType, field: Field) -> bool:
        """Whether it is seen on all records: only then may one filter, sort or sum by it, which would give it away."""
        return self.level(kind, field) >= Level.READ

    def shows(self, kind: RecordType, field: Field, record: Listed) -> bool:
        level = self.level(kind, field)
        return level >= Level.READ or (level is Level.OWN and self._owns(record))

    def value(self, kind: RecordType, key: str, record: Listed) -> Any:
        """Return the value of one of our own fields, None where it is hidden or empty."""
        field = next(each for each in kind.fields if each.key == key)
        return field.value_of(record) if self.shows(kind, field, record) else None

    def may_change(self, kind: RecordType, field: Field, record: Listed) -> bool:
        """Whether the rules let the field be changed, by who may change the record."""
        level = self.level(kind, field)
        return field.changeable and (level is Level.FULL or (level is Level.OWN and self._owns(record)))

    def _owns(self, record: Listed) -> bool:
        if self.stands is None:
            return True
        return (
            isinstance(record, Record) and record.owner_id is not None and record.owner_id == self.stands.user
        )
