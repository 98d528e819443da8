"""Which rows of ours are about deals that somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from foresail.crm.queries import visible_deals
from foresail.people.rules import Action, Scope, scope

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from foresail.people.models import User

Row = TypeVar("Row", bound="Model")


def about(rows: QuerySet[Row], *, user: User) -> QuerySet[Row]:
    """Return those of `rows` whose `deal` the user may see. Who sees everything costs no look at the deals."""
    if sees_everything(user):
        return rows.filter(deal__deleted_at=None)
    return rows.filter(deal__in=visible_deals(user=user).order_by())


def as_table(rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
    """Return the query of `rows`, of values, and its parameters, to be read by a larger one. Raises EmptyResultSet."""
    sql, parameters = rows.query.sql_with_params()
    return sql, parameters


def sees_everything(user: User) -> bool:
    """Whether nothing limits the deals that `user` may see."""
    return scope(user=user, action=Action.SEE) is Scope.ALL
