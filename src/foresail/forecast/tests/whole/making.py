"""A simulated company, kept through the doors of the rooms below: accounts, deals, and what happened in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from foresail.crm import services as crm
from foresail.crm.models import Pipeline
from foresail.people import services as people
from foresail.people.models import Team, User
from foresail.people.roles import Role
from foresail.science.simulator import Simulation
from foresail.timeline.services import NewEntry, append

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2025, 6, 2, 10, tzinfo=ZONE).astimezone(UTC)
PASSWORD = "correct horse battery"
KEYS = ("qualified", "solution", "evaluation", "quote", "negotiation")
NO_FACTS = frozenset({"deal", "opened", "owner", "amount", "result", "closed"})


@dataclass(kw_only=True)
class Company:
    """What was made. `deals` are keys by the simulation's names."""

    pipelines: list[int]
    teams: dict[str, Team]
    users: dict[str, User]
    deals: dict[str, int]
    account: int
    boss: dict[str, User] = field(default_factory=dict)
    ops: User


def keep(simulation: Simulation, *, at: datetime) -> Company:
    """Keep `simulation` as it stood at `at`."""
    at = at.astimezone(ZONE)  # as the simulation has it: polars compares no two zones
    ops = _hire("ops", Role.SALES_OPERATIONS, None, at)
    made = Company(pipelines=[], teams={}, users={}, deals={}, account=0, ops=ops)
    deals = simulation.deals.filter(pl.col("opened") <= at)
    pipelines: dict[str, Pipeline] = {}
    for line, team in sorted(deals.select("line", "team").unique().iter_rows()):
        owned = people.add_line(name=line, by=None, at=at)
        made.teams[team] = people.add_team(name=team, line=owned, by=None, at=at)
        boss = made.boss[team] = _hire(f"boss{len(made.teams)}", Role.MANAGER, made.teams[team], at)
        people.appoint_manager(team=made.teams[team], manager=boss, by=None, at=at)
        stages = [crm.StageSpec(key, key, key) for key in KEYS]
        pipelines[line] = crm.add_pipeline(name=line, line=owned, stages=stages, by=None, at=at)
    made.pipelines = [each.pk for each in pipelines.values()]
    for place, (owner, team) in enumerate(sorted(deals.select("owner", "team").unique().iter_rows())):
        made.users[owner] = _hire(f"rep{place}", Role.REP, made.teams[team], at)
    line = next(iter(made.teams.values())).line
    made.account = crm.add_account(name="上海晨光电力有限公司", line=line, by=None, at=at).pk
    rows = list(deals.iter_rows(named=True))
    stage = {(line, each.key): each.pk for line, p in pipelines.items() for each in p.stages.all()}
    keys = crm.add_deals([_deal(row, made, pipelines, stage, at) for row in rows], by=None, at=at)
    made.deals = dict(zip([row["deal"] for row in rows], keys, strict=True))
    pipeline_of = {row["deal"]: pipelines[row["line"]].pk for row in rows}
    append(_entries(simulation, rows, made, pipeline_of, at), at=at, quiet=True)
    return made


def late(deal: int, kind: str, *, happened_at: datetime, known_at: datetime, name: str = "") -> NewEntry:
    """Return an entry of `deal` as an import would bring it."""
    return NewEntry(
        known_at=known_at, at=happened_at, kind=kind, deal_id=deal, subject=f"crm.Deal:{deal}", source="later",
        source_id=f"{kind}:{deal}:{name}:{happened_at.isoformat()}", basis="own_record",
    )  # fmt: skip


def _hire(name: str, role: Role, team: Team | None, at: datetime) -> User:
    user = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=at)
    people.grant_role(user=user, role=role, by=None, at=at)
    return user


def _deal(
    row: dict[str, Any], made: Company, pipelines: dict[str, Pipeline], stage: dict[Any, int], at: datetime
) -> crm.NewDeal:
    ended = row["closed"] is not None and row["closed"] <= at
    return crm.NewDeal(
        number=row["deal"],
        name=f"项目 {row['deal']}",
        account=made.account,
        pipeline=pipelines[row["line"]].pk,
        stage=stage[row["line"], KEYS[0]],
        owner=made.users[row["owner"]].pk,
        team=made.teams[row["team"]].pk,
        amount=None if row["amount"] is None else Decimal(str(row["amount"])).quantize(Decimal("0.01")),
        status=row["result"] if ended else "open",
        opened_at=row["opened"],
        closed_at=row["closed"] if ended else None,
        facts={name: row[name] for name in row if name not in NO_FACTS and row[name] is not None},
    )


def _entries(
    simulation: Simulation,
    rows: Sequence[dict[str, Any]],
    made: Company,
    pipeline_of: dict[str, int],
    at: datetime,
) -> list[NewEntry]:
    def entry(deal: str, source_id: str, **given: Any) -> NewEntry:
        return NewEntry(
            deal_id=made.deals[deal], subject=f"crm.Deal:{made.deals[deal]}", source="test", source_id=source_id,
            basis="own_record", **given,
        )  # fmt: skip

    found = [
        entry(
            row["deal"], f"opened:{row['deal']}", at=row["opened"], known_at=row["opened"], kind="deal_opened",
            values={
                "pipeline": pipeline_of[row["deal"]],
                "owner": f"u{made.users[row['owner']].pk}",
                "amount": None if row["amount"] is None else str(row["amount"]),
                "facts": {name: row[name] for name in row if name not in NO_FACTS and row[name] is not None},
            },
        )
        for row in rows
    ]  # fmt: skip
    known = simulation.events.filter(pl.col("recorded_at") <= at)
    for place, row in enumerate(known.iter_rows(named=True)):
        if row["case_id"] not in made.deals:
            continue
        user = made.users.get(row["actor"])
        found.append(
            entry(
                row["case_id"], f"event:{place}", at=row["at"], known_at=row["recorded_at"], kind=row["kind"],
                actor_id=user and user.pk, actor_label=None if user else row["actor"],
                values={"stage": row["stage"]} if row["stage"] else None,
            )
        )  # fmt: skip
    return found
