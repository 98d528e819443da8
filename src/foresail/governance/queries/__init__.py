"""The other door: read the audit trail and prove that nobody has changed it; read what may be collected, and consent."""

from foresail.governance.chain import GENESIS, Head
from foresail.governance.queries.collecting import (
    all_wordings,
    boundaries,
    boundary,
    boundary_in_force,
    consents_of,
    first_boundary_at,
    guardians,
    is_guardian,
    ledger,
    left_out,
    oversees,
    require_overseer,
    standings_in,
    standings_of,
    who_refused,
    who_spoke,
    wording_of,
    wordings,
    words_of,
)
from foresail.governance.queries.entries import Entry, Unreadable, of_actor, trail
from foresail.governance.queries.reading import ITSELF, Audited, Filter, audit, audit_whole
from foresail.governance.queries.verification import Break, Verdict, head, verify
from foresail.governance.queries.verifications import last_ended, last_head, last_verification

__all__ = [
    "GENESIS", "ITSELF", "Audited", "Break", "Entry", "Filter", "Head", "Unreadable", "Verdict", "all_wordings", "audit",
    "audit_whole", "boundaries", "boundary", "boundary_in_force", "consents_of", "first_boundary_at", "guardians", "head", "is_guardian",
    "last_ended", "last_head", "last_verification", "ledger", "left_out", "of_actor", "oversees", "require_overseer", "standings_in",
    "standings_of", "trail", "verify", "who_refused", "who_spoke", "wording_of", "wordings", "words_of",
]  # fmt: skip
