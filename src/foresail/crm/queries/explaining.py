"""Why somebody may see a record, or may not: the one rule, asked about somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from foresail.crm.errors import NoSuchRecord
from foresail.crm.models import Account, Deal
from foresail.crm.queries.sharing import Shared, shares
from foresail.people.models import Guarded
from foresail.people.queries import require_admin
from foresail.people.rules import Action, Decision, may

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.people.models import User

Record = TypeVar("Record", bound=Guarded)
ASKED: Final = (Action.SEE, Action.CHANGE, Action.ASSIGN, Action.EXPORT)
LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Explained:
    """`name` is None where who asks may not see the record: why is about the organisation, not about the customer."""

    key: int
    number: str | None
    name: str | None
    decisions: Mapping[Action, Decision]
    shares: Sequence[Shared]


def explain(*, about: User, kind: Literal["deal", "account"], record: str, user: User) -> Explained:
    """Return what the rule says of `about` and one record, for an admin. `record` is a deal's number, or a key.

    Raises NotAllowed or NoSuchRecord.
    """
    require_admin(user=user)
    found = _deal(record) if kind == "deal" else _account(record)
    if found is None:
        raise NoSuchRecord(key=record)
    return Explained(
        key=found.pk,
        number=found.number if isinstance(found, Deal) else None,
        name=found.name if may(user=user, action=Action.SEE, record=found).allowed else None,
        decisions={action: may(user=about, action=action, record=found) for action in ASKED},
        shares=shares(user=user, record=found),
    )


def _deal(text: str) -> Deal | None:
    deals = Deal.objects.select_related("line", "account")
    by_number = deals.filter(number__iexact=text.strip().replace("\0", "")).first()
    return by_number or _by_key(deals, text)


def _account(text: str) -> Account | None:
    return _by_key(Account.objects.select_related("line"), text)


def _by_key(found: QuerySet[Record], text: str) -> Record | None:
    text = text.strip()
    key = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(LARGEST)) else None
    return None if key is None else found.filter(pk=key).first()
