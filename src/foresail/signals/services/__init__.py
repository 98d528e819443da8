"""The door: keys are made and revoked, signals taken in, by file too, and taken away with the consent they rested on."""

from foresail.signals.reading import Incoming
from foresail.signals.services.adding import add_up, judge_all, resolve_again, sum_all
from foresail.signals.services.drop import forget_dropped, look_in_drop
from foresail.signals.services.files import (
    begin_file,
    bring_now,
    configure_file,
    discard_file,
    forget_files,
    run_file,
    start_file,
)
from foresail.signals.services.intake import Brought, take
from foresail.signals.services.keys import (
    KnownKey,
    create_intake_key,
    digest_of,
    known_keys,
    revoke_intake_key,
)
from foresail.signals.services.leaving import erase_subjects, forget_old
from foresail.signals.services.topics import add_topic, change_topic
from foresail.signals.services.weights import reset_weight, set_weight

__all__ = [
    "Brought",
    "Incoming",
    "KnownKey",
    "add_topic",
    "add_up",
    "begin_file",
    "bring_now",
    "change_topic",
    "configure_file",
    "create_intake_key",
    "digest_of",
    "discard_file",
    "erase_subjects",
    "forget_dropped",
    "forget_files",
    "forget_old",
    "judge_all",
    "known_keys",
    "look_in_drop",
    "reset_weight",
    "resolve_again",
    "revoke_intake_key",
    "run_file",
    "set_weight",
    "start_file",
    "sum_all",
    "take",
]
