"""The door: keys are made and revoked, signals taken in, and taken away with the consent they rested on."""

from datetime import datetime

from foresail.signals.reading import Incoming
from foresail.signals.services.adding import add_up, judge_all, resolve_again, sum_all
from foresail.signals.services.brought import Brought
from foresail.signals.services.intake import take
from foresail.signals.services.keys import (
    KnownKey,
    create_intake_key,
    digest_of,
    known_keys,
    revoke_intake_key,
)
from foresail.signals.services.leaving import erase_subjects, forget_contacts, forget_old
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
from foresail.signals.services.topics import add_topic, change_topic
from foresail.signals.services.weights import reset_weight, set_weight

__all__ = [
    "Brought",
    "Incoming",
    "KnownKey",
    "Opened",
    "add_topic",
    "add_up",
    "change_topic",
    "create_intake_key",
    "digest_of",
    "erase_subjects",
    "followed",
    "forget_contacts",
    "forget_old",
    "is_person",
    "judge_all",
    "known_keys",
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
    "set_weight",
    "sum_all",
    "take",
    "token_of",
]


def open_link(*, token: str, agent: str = "", at: datetime) -> str | None:
    """Follow a link as a person does: return where it leads, None for one that does not, and keep that it was opened.

    Where the gate lets nothing through it leads there all the same.
    """
    opened = followed(token=token, agent=agent, at=at)
    if opened is None:
        return None
    if opened.brought is not None:
        take([opened.brought], at=at)
    return opened.location
