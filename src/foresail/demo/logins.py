"""Who of the demo's people one may sign in as, for the sign-in page and the shell."""

from __future__ import annotations

from typing import Final

from django.contrib.auth import get_user_model
from django.db.models import Min, Q

from foresail.demo.names import DOMAIN
from foresail.demo.organisation import PASSWORD
from foresail.people.roles import Role

Login = tuple[str, str, str, str, str]
"""E-mail address, password, name, and what the person is in both languages."""

_TYPICAL: Final = (
    ("rep", "销售代表", "Sales rep"),
    ("manager", "销售经理", "Sales manager"),
    ("head", "业务线负责人", "Head of a business line"),
    ("operations", "销售运营", "Sales operations"),
    ("legal", "法务", "Legal"),
    ("chief", "总经理（只读）", "Chief executive (read only)"),
    ("admin", "系统管理员", "Administrator"),
)


def demo_logins() -> list[Login]:
    """Return seven typical people; none where the demo is not here. Two queries."""
    people = get_user_model().objects.filter(email__endswith=f"@{DOMAIN}", active=True)
    manager = Q(grants__role=Role.MANAGER)
    found = people.aggregate(
        chief=Min("pk", filter=Q(grants__role=Role.READ_ONLY)),
        admin=Min("pk", filter=Q(grants__role=Role.ADMIN)),
        legal=Min("pk", filter=Q(grants__role=Role.LEGAL)),
        operations=Min("pk", filter=Q(grants__role=Role.SALES_OPERATIONS)),
        head=Min("pk", filter=manager & Q(managed_teams__children__isnull=False)),
        manager=Min("pk", filter=manager & Q(managed_teams__children__isnull=True)),
        rep=Min("pk", filter=Q(grants__role=Role.REP)),
    )
    known = people.in_bulk([key for key in found.values() if key is not None])
    return [
        (user.email, PASSWORD, user.name, zh, en)
        for name, zh, en in _TYPICAL
        if (user := known.get(found[name])) is not None
    ]
