"""What is brought to the gate."""

from __future__ import annotations

from dataclasses import dataclass

from foresail.signals.reading import Incoming
from foresail.signals.services.keys import KnownKey


@dataclass(frozen=True, slots=True)
class Brought:
    """A signal, and the key under which it came. `said_by` is whose consent it rests on, its visitor's where empty."""

    key: KnownKey
    signal: Incoming
    said_by: str = ""

    @property
    def subject(self) -> str:
        return self.said_by or subject_of(self.signal.visitor)


def subject_of(visitor: str) -> str:
    """Return the name under which a visitor stands in the ledger of consent."""
    return f"visitor:{visitor}"
