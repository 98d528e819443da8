"""Who is named in a note, and who can be: people stand in its text by their key, as `@[12]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from foresail.crm.models import Listed, Record
from foresail.people.queries import active_users, who_sees

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.people.models import User

_MENTION: Final = re.compile(r"@\[([0-9]{1,18})\]")


def mentioned(text: str) -> list[int]:
    """Return the keys of who is named in `text`, in order, each once.

    >>> mentioned("@[12] 和 @[7]：请看 @[12] 的报价，抄送 a@[b]")
    [12, 7]
    """
    return list(dict.fromkeys(int(key) for key in _MENTION.findall(text)))


def seeing(record: Listed) -> QuerySet[User]:
    """Return the active users who may see `record`."""
    return who_sees(record=record) if isinstance(record, Record) else active_users()
