"""Wire shapes of people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema

from foresail.core.api import Problem, Reference


class SignIn(Schema):
    email: str
    password: str
    code: str | None = None


class SignInRefused(Problem):
    """Its `code` is wrong_credentials, code_needed, code_wrong or wait."""

    wait_seconds: int = 0


class Me(Schema):
    """`scopes`: action → none|own|team|line|all. `live` is the address of the event socket."""

    id: int
    name: str
    email: str
    language: Literal["zh", "en"]
    roles: list[str]
    team: Reference | None
    line: Reference | None
    scopes: dict[str, str]
    second_step: bool
    live: str
    demo: bool


class ChangeMe(Schema):
    name: str | None = None
    language: Literal["zh", "en"] | None = None


class ChangePassword(Schema):
    old: str
    new: str


class SessionOut(Schema):
    id: int
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str
    current: bool


class SecondStepStarted(Schema):
    secret: str
    uri: str


class CodeIn(Schema):
    code: str


class SecondStepConfirmed(Schema):
    recovery_codes: list[str]


class UserOut(Schema):
    id: int
    name: str
    email: str
    team: Reference | None
    roles: list[str]
    active: bool


class TeamOut(Schema):
    id: int
    name: str
    line: Reference
    manager: Reference | None
    below: list[TeamOut]
