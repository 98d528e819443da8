"""Who may change records here, and shape how they are sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foresail.crm.errors import NotAllowed, OwnerInactive
from foresail.people.rules import Action, Decision, Scope, may, scope

if TYPE_CHECKING:
    from foresail.people.models import Guarded, User


def require(action: Action, *records: Guarded, by: User | None) -> None:
    """Raise NotAllowed, with the reason, unless `by` may do `action` to each of `records`. None is Foresail itself."""
    for record in records if by is not None else ():
        assert by is not None
        refuse_unless(may(user=by, action=action, record=record))


def refuse_unless(decision: Decision) -> None:
    if not decision.allowed:
        raise NotAllowed(zh=decision.because_zh, en=decision.because_en)


def require_configuring(*, by: User | None) -> None:
    """Raise NotAllowed unless `by` is sales operations, or Foresail itself."""
    if by is not None and scope(user=by, action=Action.CONFIGURE) is not Scope.ALL:
        raise NotAllowed(zh="只有销售运营可以执行此操作。", en="Only sales operations may do this.")


def require_active(owner: User | None) -> None:
    """Raise OwnerInactive where `owner` has left."""
    if owner is not None:
        owner.refresh_from_db(fields=["active", "name"])
        if not owner.active:
            raise OwnerInactive(name=owner.name)
