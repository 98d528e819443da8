"""Which rows of ours are about deals that somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from foresail.crm.queries import visible_deals

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from foresail.crm.models import Deal
    from foresail.people.models import User

Row = TypeVar("Row", bound="Model")


def about(rows: QuerySet[Row], *, user: User) -> QuerySet[Row]:
    """Return those of `rows` whose `deal` the user may see. Who sees everything costs no look at the deals."""
    deals = visible_deals(user=user).order_by()
    return rows if is_everything(deals) else rows.filter(deal__in=deals)


def as_table(rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
    """Return the query of `rows`, of values, and its parameters, to be read by a larger one. Raises EmptyResultSet."""
    sql, parameters = rows.query.sql_with_params()
    return sql, parameters


def is_everything(deals: QuerySet[Deal]) -> bool:
    """Whether nothing limits `deals`."""
    return not deals.query.where
