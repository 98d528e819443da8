"""A small company, what was told of it, and a kind of record that the rule applies to."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from django.apps import apps
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection, models

from foresail.core import events
from foresail.core.changes import Change
from foresail.people import services
from foresail.people.errors import PeopleError
from foresail.people.models import Guarded, Team, User
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no higher room listen: what people promises, it promises without them."""
    monkeypatch.setattr(events, "_listeners", {})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Argon2 work less: what is tested here does not depend on how hard it is."""
    monkeypatch.setattr(Argon2PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 64)


@pytest.fixture
def changes() -> list[Change]:
    """What was told, from here on."""
    told: list[Change] = []
    events.listen(Change, told.append)
    return told


@pytest.fixture
def deals(db: None) -> Iterator[type[Guarded]]:  # noqa: ARG001 (asks for the database)
    class Deal(Guarded):
        noun_zh, noun_en = "商机", "deal"
        within: ClassVar = {"deal": "parent"}

        parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

        class Meta:
            app_label = "people"

    with connection.schema_editor() as editor:
        editor.create_model(Deal)
    yield Deal
    # Elsewhere it has no table, and who removes a team asks all models.
    del apps.all_models["people"]["deal"]
    apps.clear_cache()


@pytest.fixture
def hire(db: None) -> Callable[..., User]:  # noqa: ARG001 (asks for the database)
    def hire(name: str, *roles: Role, team: Team | None = None) -> User:
        user = services.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        for role in roles:
            services.grant_role(user=user, role=role, by=None, at=AT)
        return user

    return hire


@pytest.fixture
def admin(hire: Callable[..., User]) -> User:
    return hire("Ada", Role.ADMIN)


@pytest.fixture
def li(hire: Callable[..., User]) -> User:
    user = hire("Li", Role.REP)
    services.set_password(user=user, password=PASSWORD, by=None, at=AT)
    return user


@pytest.fixture
def come_in() -> Callable[..., str]:
    def come_in(
        at: datetime, password: str = PASSWORD, email: str = "li@example.com", address: str = "192.0.2.1"
    ) -> str:
        """Try to sign in; return "in" or the code of the refusal."""
        try:
            services.authenticate(email=email, password=password, address=address, at=at)
        except PeopleError as error:
            return error.code
        return "in"

    return come_in
