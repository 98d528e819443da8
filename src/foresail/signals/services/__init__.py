"""The door: keys are made and revoked, signals taken in, by file too, and taken away with the consent they rested on."""

from foresail.signals.reading import Incoming
from foresail.signals.services.adding import add_up, resolve_again
from foresail.signals.services.brought import Brought
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
from foresail.signals.services.intake import take
from foresail.signals.services.keys import (
    KnownKey,
    create_intake_key,
    digest_of,
    known_keys,
    revoke_intake_key,
)
from foresail.signals.services.learning import learn_weights
from foresail.signals.services.leaving import forget_contacts, forget_old
from foresail.signals.services.links import (
    Opened,
    followed,
    is_person,
    make_link,
    name_in,
    point_back,
    repoint,
    require_target,
    revoke_links,
    token_of,
)
from foresail.signals.services.months import drop_stale, write_months
from foresail.signals.services.opening import open_link
from foresail.signals.services.summing import judge_all, sum_all
from foresail.signals.services.topics import add_topic, change_topic
from foresail.signals.services.weights import reset_weight, set_weight

__all__ = [
    "Brought",
    "Incoming",
    "KnownKey",
    "Opened",
    "add_topic",
    "add_up",
    "begin_file",
    "bring_now",
    "change_topic",
    "configure_file",
    "create_intake_key",
    "digest_of",
    "discard_file",
    "drop_stale",
    "followed",
    "forget_contacts",
    "forget_dropped",
    "forget_files",
    "forget_old",
    "is_person",
    "judge_all",
    "known_keys",
    "learn_weights",
    "look_in_drop",
    "make_link",
    "name_in",
    "open_link",
    "point_back",
    "repoint",
    "require_target",
    "reset_weight",
    "resolve_again",
    "revoke_intake_key",
    "revoke_links",
    "run_file",
    "set_weight",
    "start_file",
    "sum_all",
    "take",
    "token_of",
    "write_months",
]
