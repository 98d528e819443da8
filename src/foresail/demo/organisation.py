"""启明自动化's people: who sells in which team, who leads them, and who helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Final

from foresail.demo.history import Rep
from foresail.demo.names import emails, fresh_names
from foresail.people import services as people
from foresail.people.roles import Role

if TYPE_CHECKING:
    from foresail.people.models import BusinessLine, Team, User

PASSWORD: Final = "qiming-demo-2026"  # noqa: S105  # printed for everybody who tries the demo
MOST_PASSWORDS: Final = 60
"""Who comes after so many people cannot sign in: a password takes long to compute, on purpose."""


@dataclass(slots=True)
class Organisation:
    """What was made, by the names that the simulation uses; and somebody of each role."""

    lines: dict[str, BusinessLine] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    typical: dict[Role, User] = field(default_factory=dict)


def found(
    *, reps: Sequence[Rep], engineers: Mapping[str, str], random: Random, at: datetime
) -> Iterator[Organisation]:
    """Make lines, teams and people; yield the organisation as it grows, once for each person.

    `engineers` gives the line of each engineer. The chief executive leads the root team of every line, and so
    sees all of them.
    """
    made = Organisation()
    names = fresh_names(random, taken={*(rep.name for rep in reps), *engineers})
    places = _Places(at)
    staff: list[tuple[str, Role, Team | None, Team | None]] = []  # name, role, own team, team led
    chief = next(names)
    roots = []
    for line in dict.fromkeys(rep.line for rep in reps):
        made.lines[line] = people.add_line(name=line, by=None, at=at)
        root = places(f"{line}事业部", made.lines[line])
        sales = places(f"{line}销售部", made.lines[line], root)
        support = places(f"{line}技术支持组", made.lines[line], root)
        roots.append(root)
        staff.append((next(names), Role.MANAGER, sales, sales))
        for team in dict.fromkeys(rep.team for rep in reps if rep.line == line):
            made.teams[team] = places(team, made.lines[line], sales)
            staff.append((next(names), Role.MANAGER, made.teams[team], made.teams[team]))
        staff.extend((next(names), role, root, None) for role in (Role.LEGAL, Role.LOGISTICS))
        staff.extend((one, Role.ENGINEERING, support, None) for one in engineers if engineers[one] == line)
    staff = [
        (chief, Role.READ_ONLY, None, None),
        (next(names), Role.ADMIN, None, None),
        *((next(names), Role.SALES_OPERATIONS, None, None) for _ in range(2)),
        *staff,
        *((rep.name, Role.REP, made.teams[rep.team], None) for rep in reps),
    ]
    hashed = people.shown_password(PASSWORD)
    for (name, role, own, led), email in zip(staff, emails([name for name, *_ in staff]), strict=True):
        user = people.add_user(email=email, name=name, team=own, by=None, at=at)
        people.grant_role(user=user, role=role, by=None, at=at)
        if len(made.users) < MOST_PASSWORDS:
            people.set_shown_password(user=user, hashed=hashed, at=at)
        for one in roots if role is Role.READ_ONLY else [led] if led else []:
            people.appoint_manager(team=one, manager=user, by=None, at=at)
        made.users[name] = user
        made.typical.setdefault(role, user)
        yield made


@dataclass(frozen=True)
class _Places:
    at: datetime

    def __call__(self, name: str, line: BusinessLine, parent: Team | None = None) -> Team:
        return people.add_team(name=name, line=line, parent=parent, by=None, at=self.at)
