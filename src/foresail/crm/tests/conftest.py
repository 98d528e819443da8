"""A company that sells in one line: Li and Wang in the east, Zhao in the west, and who stands above them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from foresail.core import events
from foresail.core.changes import Change
from foresail.crm import events as told
from foresail.crm import services
from foresail.crm.models import Account, Deal, Pipeline
from foresail.people import services as people
from foresail.people.models import BusinessLine, Team, User
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 5, 9, tzinfo=UTC)
STAGES = (
    services.StageSpec("qualified", "已确认", "qualified", 10),
    services.StageSpec("quote", "报价", "quote", 14),
    services.StageSpec("negotiation", "谈判", "negotiation"),
)


@dataclass(kw_only=True)
class Company:
    line: BusinessLine
    east: Team
    west: Team
    li: User
    wang: User
    zhao: User
    boss: User
    ops: User
    reader: User
    pipeline: Pipeline
    account: Account
    deal: Deal


def begun(*, at: datetime, by: User | None, version: int = 1) -> dict[str, Any]:
    """What every listed record has that nobody did anything to but begin and change."""
    return {
        "custom": {},
        "tags": [],
        "version": version,
        "created_at": at,
        "created_by_id": by and by.pk,
        "changed_at": at,
        "deleted_at": None,
        "deleted_by_id": None,
        "merged_into": None,
    }


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no other room listen: what crm promises, it promises without them."""
    monkeypatch.setattr(events, "_listeners", {})


@pytest.fixture
def hire(db: None) -> Callable[..., User]:  # noqa: ARG001 (asks for the database)
    def hire(name: str, *roles: Role, team: Team | None = None) -> User:
        user = people.add_user(email=f"{name}@example.com", name=name, team=team, by=None, at=AT)
        for role in roles:
            people.grant_role(user=user, role=role, by=None, at=AT)
        return user

    return hire


@pytest.fixture
def company(hire: Callable[..., User]) -> Company:
    line = people.add_line(name="能源", by=None, at=AT)
    east = people.add_team(name="华东", line=line, by=None, at=AT)
    west = people.add_team(name="西部", line=line, by=None, at=AT)
    li, wang = hire("Li", Role.REP, team=east), hire("Wang", Role.REP, team=east)
    boss = hire("Boss", Role.MANAGER, team=east)
    people.appoint_manager(team=east, manager=boss, by=None, at=AT)
    pipeline = services.add_pipeline(name="大客户", line=line, stages=STAGES, by=None, at=AT)
    account = services.add_account(
        name="上海晨光电力有限公司",
        line=line,
        owner=li,
        team=east,
        industry="电力",
        region="华东",
        by=None,
        at=AT,
    )
    deal = services.open_deal(
        name="变电站监测系统",
        account=account,
        pipeline=pipeline,
        owner=li,
        team=east,
        amount=Decimal("120000.50"),
        facts={"product": "监测"},
        by=None,
        at=AT,
    )
    return Company(
        line=line,
        east=east,
        west=west,
        li=li,
        wang=wang,
        zhao=hire("Zhao", Role.REP, team=west),
        boss=boss,
        ops=hire("Ops", Role.SALES_OPERATIONS),
        reader=hire("Reader", Role.READ_ONLY, team=east),
        pipeline=pipeline,
        account=account,
        deal=deal,
    )


@pytest.fixture
def changes() -> list[Change]:
    """The changes told from here on."""
    kept: list[Change] = []
    events.listen(Change, kept.append)
    return kept


@pytest.fixture
def emitted() -> list[Any]:
    """What was said to higher rooms from here on."""
    kept: list[Any] = []
    for kind in (
        *(told.DealOpened, told.DealMoved, told.DealEnded, told.DealAmended),
        *(told.TaskFinished, told.ContactLeft, told.DealBinned, told.RecordsPurged),
        *(told.RecordsMerged, told.MergeUndone),
    ):
        events.listen(kind, kept.append)
    return kept
