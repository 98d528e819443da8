"""Wire shapes of people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from foresail.core.api import Problem, Reference, Schema
from foresail.people.roles import Role


class SignIn(Schema):
    email: str
    password: str
    code: str | None = None


class SignInRefused(Problem):
    """Its `code` is wrong_credentials, code_needed, code_wrong, passwords_off or wait."""

    wait_seconds: int = 0


class Me(Schema):
    """`scopes`: action → none|own|team|line|all. `live` is the address of the event socket.

    `password`: whether they have one; who only comes through the company's sign-in has none. `offers` are pages for some.
    """

    id: int
    name: str
    email: str
    language: Literal["zh", "en"]
    roles: list[str]
    team: Reference | None
    line: Reference | None
    scopes: dict[str, str]
    offers: list[str]
    second_step: bool
    live: str
    demo: bool
    password: bool


class LinkIn(Schema):
    token: str


class UseLink(Schema):
    token: str
    password: str


class LinkOwner(Schema):
    """Whom a link greets. The name and address are told to who holds it."""

    name: str
    email: str
    language: Literal["zh", "en"]


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


class PersonOut(Schema):
    """Somebody as an administrator sees them. `link_ends_at`: until when they may choose a password by link."""

    id: int
    name: str
    email: str
    language: Literal["zh", "en"]
    team: Reference | None
    line: Reference | None
    roles: list[Role]
    manages: list[Reference]
    active: bool
    joined_at: datetime
    left_at: datetime | None
    last_seen_at: datetime | None
    sessions: int
    second_step: bool
    link_ends_at: datetime | None


class PeoplePage(Schema):
    items: list[PersonOut]
    next: int | None
    total: int


class NewPerson(Schema):
    name: str
    email: str
    language: Literal["zh", "en"] = "zh"
    team: int | None = None
    roles: list[Role] = []  # noqa: RUF012  # pydantic gives each its own


class ChangePerson(Schema):
    """What is not sent stays; a team sent as null is taken away."""

    name: str | None = None
    email: str | None = None
    language: Literal["zh", "en"] | None = None
    team: int | None = None
    roles: list[Role] | None = None


class LinkOut(Schema):
    """`token` goes behind the # of /welcome. It is shown this once."""

    token: str
    ends_at: datetime


class PersonWithLink(Schema):
    person: PersonOut
    link: LinkOut


class TeamNodeOut(Schema):
    """`members`: how many active people are in the team itself."""

    id: int
    name: str
    manager: Reference | None
    members: int
    below: list[TeamNodeOut]


class LineOut(Schema):
    id: int
    name: str
    teams: list[TeamNodeOut]


class OrganisationOut(Schema):
    """`teamless`: how many active people are in no team."""

    lines: list[LineOut]
    teamless: int


class NewLine(Schema):
    name: str


class NewTeam(Schema):
    name: str
    line: int
    parent: int | None = None
    manager: int | None = None


class ChangeTeam(Schema):
    """What is not sent stays; a parent or manager sent as null is taken away."""

    name: str | None = None
    parent: int | None = None
    manager: int | None = None


class WordOut(Schema):
    key: str
    zh: str
    en: str


class RoleOut(Schema):
    """`scopes`: action → none|own|team|line|all. `first` are some of those `holders`."""

    key: Role
    zh: str
    en: str
    scopes: dict[str, str]
    holders: int
    first: list[Reference]


class RolesOut(Schema):
    """The table of who may do what, how far. It is the same in every installation."""

    roles: list[RoleOut]
    actions: list[WordOut]
    scopes: list[WordOut]
