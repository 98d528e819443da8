"""The door: the audit trail is kept, people are erased, boundaries decided, consent given and withdrawn."""

from foresail.governance.services.boundaries import (
    add_guardian,
    decide_boundary,
    propose_boundary,
    remove_guardian,
    withdraw_boundary,
)
from foresail.governance.services.consent import (
    ConsentGiven,
    Withdrawals,
    add_wording,
    count_left_out,
    hold_consents,
    join_consents,
    note_consents,
    part_consents,
    tell_withdrawals,
    withdraw_again,
)
from foresail.governance.services.trail import (
    LOCK,
    ask_verification,
    erase_person,
    erase_persons_again,
    keep,
    keep_export,
    keep_verdict,
)

__all__ = [
    "LOCK",
    "ConsentGiven",
    "Withdrawals",
    "add_guardian",
    "add_wording",
    "ask_verification",
    "count_left_out",
    "decide_boundary",
    "erase_person",
    "erase_persons_again",
    "hold_consents",
    "join_consents",
    "keep",
    "keep_export",
    "keep_verdict",
    "note_consents",
    "part_consents",
    "propose_boundary",
    "remove_guardian",
    "tell_withdrawals",
    "withdraw_again",
    "withdraw_boundary",
]
