"""The door: keys are made and revoked, signals taken in, and taken away with the consent they rested on."""

from foresail.signals.reading import Incoming
from foresail.signals.services.adding import add_up, resolve_again
from foresail.signals.services.intake import Brought, take
from foresail.signals.services.keys import (
    KnownKey,
    create_intake_key,
    digest_of,
    known_keys,
    revoke_intake_key,
)
from foresail.signals.services.leaving import erase_subjects, forget_old
from foresail.signals.services.months import drop_stale, write_months
from foresail.signals.services.summing import judge_all, sum_all
from foresail.signals.services.topics import add_topic, change_topic
from foresail.signals.services.weights import reset_weight, set_weight

__all__ = [
    "Brought",
    "Incoming",
    "KnownKey",
    "add_topic",
    "add_up",
    "change_topic",
    "create_intake_key",
    "digest_of",
    "drop_stale",
    "erase_subjects",
    "forget_old",
    "judge_all",
    "known_keys",
    "reset_weight",
    "resolve_again",
    "revoke_intake_key",
    "set_weight",
    "sum_all",
    "take",
    "write_months",
]
