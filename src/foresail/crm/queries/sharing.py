"""Who has a share of a record, for who may see the record; and whose to end a share is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foresail.core.errors import NotFound
from foresail.crm.fields import record_type, type_of
from foresail.crm.models import Record
from foresail.people.queries import live_share, shares_of
from foresail.people.rules import Action, Scope, limited, may, scope

if TYPE_CHECKING:
    from foresail.people.models import Share, User


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A share that holds. `through` is what it is of, where that is not the record itself."""

    share: Share
    through: Record | None
    may_end: bool


def shares(*, user: User, record: Record) -> Sequence[Shared]:
    """Return who has a share of `record` now, for who may see it. A constant number of queries."""
    found = shares_of(record=record)
    if not found:
        return ()
    freely = (
        record.owner_id == user.pk
        or may(user=user, action=Action.ASSIGN, record=record).allowed
        or scope(user=user, action=Action.ADMINISTER) is Scope.ALL
    )
    kind = type_of(record).key
    above: Any = getattr(record, "account", None)
    return [
        Shared(
            share=share,
            through=None if share.kind == kind else above,
            may_end=share.kind == kind and (freely or share.shared_by_id == user.pk),
        )
        for share in found
    ]


def share(*, user: User, key: int) -> tuple[Share, Record]:
    """Return a share that holds and its record: for who may see the record, who shared it, and administrators.

    Raises NotFound.
    """
    found = live_share(key=key)
    model: Any = record_type(found.kind).model
    record: Record | None = model.objects.filter(pk=found.record).first()
    if record is None:
        raise NotFound
    if (
        found.shared_by_id != user.pk
        and not limited(model.objects.filter(pk=record.pk), user=user, action=Action.SEE).exists()
        and scope(user=user, action=Action.ADMINISTER) is not Scope.ALL
    ):
        raise NotFound
    return found, record
