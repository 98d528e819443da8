"""Who may watch which deal and account: who may see it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from foresail.core import events
from foresail.crm import services as crm
from foresail.live.viewers import visible
from foresail.people import services as people
from foresail.people.roles import Role

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_one_watches_what_one_sees(db: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(events, "_listeners", {})
    line = people.add_line(name="能源", by=None, at=AT)
    team = people.add_team(name="华东", line=line, by=None, at=AT)
    li, wang = (
        people.add_user(email=f"{n}@example.com", name=n, team=team, by=None, at=AT) for n in ("li", "wang")
    )
    for user in (li, wang):
        people.grant_role(user=user, role=Role.REP, by=None, at=AT)
    stages = (crm.StageSpec("quote", "报价", "quote", 14),)
    pipeline = crm.add_pipeline(name="大客户", line=line, stages=stages, by=None, at=AT)
    records = []
    for owner in (li, wang):
        account = crm.add_account(
            name=f"{owner.name} 电力", line=line, owner=owner, team=team, by=None, at=AT
        )
        deal = crm.open_deal(
            name="变压器", account=account, pipeline=pipeline, owner=owner, team=team, by=None, at=AT
        )
        records += [("deal", deal.pk), ("account", account.pk), ("tasks", owner.pk)]
    records += [("deal", 2**62), ("account", 2**62), ("forecast", 0), ("jobs", 0), ("deals", 1)]
    assert visible(user=li, records=records) == {*records[:3], ("forecast", 0)}
    assert visible(user=wang, records=records) == {*records[3:6], ("forecast", 0)}
