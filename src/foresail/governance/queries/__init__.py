"""The other door: read the audit trail, and prove that nobody has changed it."""

from foresail.governance.chain import GENESIS, Head
from foresail.governance.queries.entries import Entry, Unreadable, of_actor, trail
from foresail.governance.queries.verification import Break, Verdict, head, verify

__all__ = [
    "GENESIS", "Break", "Entry", "Head", "Unreadable", "Verdict", "head", "of_actor", "trail", "verify",
]  # fmt: skip
