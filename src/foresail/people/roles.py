"""Roles, actions and scopes, and the one table that joins them. `rules` applies it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is for. One person may hold several; the widest scope wins."""

    REP = "rep"
    MANAGER = "manager"
    SALES_OPERATIONS = "sales_operations"
    LEGAL = "legal"
    ENGINEERING = "engineering"
    LOGISTICS = "logistics"
    ADMIN = "admin"
    READ_ONLY = "read_only"


SPECIALISTS = frozenset({Role.LEGAL, Role.ENGINEERING, Role.LOGISTICS})
"""They are called in, and share one row of the table; which of them somebody is, decides who is called."""


class Action(StrEnum):
    """What can be done. The last two are done to Foresail itself, never to a customer's record."""

    SEE = "see"
    CHANGE = "change"
    EXPORT = "export"
    ASSIGN = "assign"
    CLAIM = "claim"
    DELETE = "delete"
    SHARE = "share"
    CONFIGURE = "configure"
    ADMINISTER = "administer"


TO_RECORDS = frozenset(
    {
        Action.SEE,
        Action.CHANGE,
        Action.EXPORT,
        Action.ASSIGN,
        Action.CLAIM,
        Action.DELETE,
        Action.SHARE,
    }
)

TO_THE_OWNERLESS = frozenset({Action.CLAIM})
"""What can be done only to records that belong to nobody: what lies in the open pool may be found there, and taken."""


BY_SHARE: Mapping[Action, frozenset[str]] = MappingProxyType(
    {
        Action.SEE: frozenset({"see", "change"}),
        Action.CHANGE: frozenset({"change"}),
        Action.EXPORT: frozenset({"see", "change"}),
    }
)
"""What can be done to a record that was shared, and with which right: only what a role allows at all, somewhere."""


class Scope(IntEnum):
    """How far an action reaches. Each scope holds all that narrower ones hold.

    TEAM is one's own team, the teams one manages, and every team below these.
    LINE is the line of one's own team: whoever has no team has no line.
    """

    NONE = 0
    OWN = 1
    TEAM = 2
    LINE = 3
    ALL = 4


def _row(
    *,
    see: Scope = Scope.NONE,
    change: Scope = Scope.NONE,
    export: Scope = Scope.NONE,
    assign: Scope = Scope.NONE,
    claim: Scope = Scope.NONE,
    configure: Scope = Scope.NONE,
    administer: Scope = Scope.NONE,
) -> Mapping[Action, Scope]:
    return MappingProxyType(
        {
            Action.SEE: see,
            Action.CHANGE: change,
            Action.EXPORT: export,
            Action.ASSIGN: assign,
            Action.CLAIM: claim,
            Action.DELETE: change,
            Action.SHARE: change,
            Action.CONFIGURE: configure,
            Action.ADMINISTER: administer,
        }
    )


_SPECIALIST = _row(see=Scope.LINE)

# Export is narrower than see for everybody: a list that leaves the house cannot be called back, and the
# list a leaver takes along is the commonest loss.
# Sales operations works for every line, corrects and reassigns everywhere, but takes out one line at most.
# Whoever may change a record by their role may delete it and share it; who may by a share alone may neither.
# What belongs to nobody is claimed within the line: whoever has no team has no line, and claims nothing.
# An admin says who may come in and as what, and sees no customer by that alone: separation of duties.
TABLE: Mapping[Role, Mapping[Action, Scope]] = MappingProxyType(
    {
        Role.REP: _row(see=Scope.OWN, change=Scope.OWN, claim=Scope.LINE),
        Role.MANAGER: _row(
            see=Scope.TEAM, change=Scope.TEAM, export=Scope.OWN, assign=Scope.TEAM, claim=Scope.LINE
        ),
        Role.SALES_OPERATIONS: _row(
            see=Scope.ALL, change=Scope.ALL, export=Scope.LINE, assign=Scope.ALL, configure=Scope.ALL
        ),
        Role.LEGAL: _SPECIALIST,
        Role.ENGINEERING: _SPECIALIST,
        Role.LOGISTICS: _SPECIALIST,
        Role.ADMIN: _row(administer=Scope.ALL),
        Role.READ_ONLY: _row(see=Scope.LINE),
    }
)
