"""A boundary that lets the website in on consent, keys, and visitors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from foresail.governance import services as governance
from foresail.governance.collecting import PRESETS
from foresail.people import services as people
from foresail.people.models import User
from foresail.people.roles import Role
from foresail.signals import services
from foresail.signals.reading import Incoming
from foresail.signals.services import Brought, KnownKey

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITE = "https://www.example.com"


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> None:
    settings.PARQUET = str(tmp_path / "parquet")


@pytest.fixture
def ops(db: None) -> User:  # noqa: ARG001
    user = people.add_user(email="ops@example.com", name="Ops", team=None, by=None, at=AT)
    people.grant_role(user=user, role=Role.SALES_OPERATIONS, by=None, at=AT)
    return user


@pytest.fixture
def admin(db: None) -> User:  # noqa: ARG001
    user = people.add_user(email="admin@example.com", name="Admin", team=None, by=None, at=AT)
    people.grant_role(user=user, role=Role.ADMIN, by=None, at=AT)
    return user


@pytest.fixture
def guardian(admin: User) -> User:
    user = people.add_user(email="dpo@example.com", name="Dpo", team=None, by=None, at=AT)
    governance.add_guardian(person=user, by=admin, at=AT)
    return user


@pytest.fixture
def allow(ops: User, guardian: User) -> Callable[..., None]:
    """Put a boundary in force: that of a preset, with what is said otherwise of a source."""

    def allow(at: datetime = AT, **otherwise: Mapping[str, Any]) -> None:
        rules = [{**rule, **otherwise.get(rule["source"], {})} for rule in PRESETS[0].rules()]
        made = governance.propose_boundary(rules=rules, reason="to begin with", by=ops, at=at)
        governance.decide_boundary(boundary=made, approved=True, note="", by=guardian, at=at)

    return allow


def _known(token: str) -> KnownKey:
    return services.known_keys()[services.keys.digest_of(token)]


@pytest.fixture
def browser(ops: User) -> KnownKey:
    _, token = services.create_intake_key(
        kind="browser", name="site", sources=["web", "form"], origins=[SITE], by=ops, at=AT
    )
    return _known(token)


@pytest.fixture
def server(ops: User) -> KnownKey:
    _, token = services.create_intake_key(
        kind="server", name="shop", sources=["product", "web", "form"], by=ops, at=AT
    )
    return _known(token)


def page(
    key: KnownKey, visitor: str = "v1", name: str = "1", *, kind: str = "page", at: datetime = AT, **more: Any
) -> Brought:
    values = more.pop("values", {"url": f"{SITE}/price", "title": "价格"})
    return Brought(
        key,
        Incoming(
            sender=SITE,
            id=name,
            source=more.pop("source", None),
            kind=kind,
            visitor=visitor,
            at=at,
            values=values,
            **more,
        ),
    )


def consent(
    key: KnownKey, visitor: str = "v1", name: str = "c1", *, given: bool = True, at: datetime = AT
) -> Brought:
    return page(key, visitor, name, kind="consent_given" if given else "consent_withdrawn", at=at, values={})
