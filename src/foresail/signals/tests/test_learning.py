"""What evidence counts is learned from how deals ended: counted by hand, as it was known, and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from foresail.core.clock import ZONE
from foresail.crm import services as crm
from foresail.crm.models import Account, Pipeline
from foresail.people import services as people
from foresail.people.models import User
from foresail.science.interest import Counts, learned
from foresail.signals.models import Evidence, KindWeight
from foresail.signals.services import (
    KnownKey,
    add_up,
    learn_weights,
    reset_weight,
    set_weight,
    take,
)
from foresail.signals.services.learning import counts_of
from foresail.signals.tests.conftest import AT, consent, page
from foresail.signals.weighing import weights

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = AT + 300 * DAY


@dataclass
class Ground:
    pipeline: Pipeline
    signals: int = field(default=10**6)  # none that the intake gives out

    def account(self, name: str) -> Account:
        return crm.add_account(line=self.pipeline.line, by=None, at=AT, name=name, domain=f"{name}.example")

    def deal(self, name: str, *, opened: int, closed: int, won: bool) -> Account:
        """Return the account of a deal that was open from one day to another."""
        account, stage = self.account(name), self.pipeline.stages.get().pk
        new = crm.NewDeal(
            name=name, number=name, account=account.pk, pipeline=self.pipeline.pk, stage=stage, owner=None, team=None,
            opened_at=AT + opened * DAY, amount=None, status="won" if won else "lost", closed_at=AT + closed * DAY,
        )  # fmt: skip
        crm.add_deals([new], by=None, at=AT)
        return account

    def evidence(
        self, account: Account, day: float, *, kind: str = "page", ended: datetime | None = None
    ) -> None:
        self.signals += 1
        at = AT + day * DAY
        Evidence.objects.create(
            account=account.pk, topic=0, kind=kind, signal=self.signals, visitor=10**6, at=at - DAY, on=at.astimezone(ZONE).date(),
            known_at=at, ended_at=ended, amount=1.0, topics=1,
        )  # fmt: skip


@pytest.fixture
def ground(db: None) -> Ground:  # noqa: ARG001
    line = people.add_line(name="能源", by=None, at=AT)
    stages = [crm.StageSpec("quote", "报价", "quote", 14)]
    return Ground(crm.add_pipeline(name="直销", line=line, stages=stages, by=None, at=AT))


def test_counted_by_hand(ground: Ground) -> None:
    ground.evidence(ground.account("others"), 1)  # from here on pages are known at all
    # Looks on days 10, 38 and 66: known on day 30 counts on day 38 alone.
    ground.evidence(ground.deal("a", opened=10, closed=80, won=True), 30)
    # One look, on day 20: what is known on that very moment counts, and 28 days later no more.
    ground.evidence(ground.deal("b", opened=20, closed=40, won=False), 20)
    ground.evidence(ground.deal("c", opened=60, closed=70, won=True), 32)
    # Known after the look, or no more then: without.
    ground.evidence(ground.deal("d", opened=20, closed=40, won=True), 20.01)
    ground.evidence(ground.deal("e", opened=20, closed=40, won=False), 5, ended=AT + 19 * DAY)
    # Looks of before anything was known tell nothing: on day 0 none, on day 28 with.
    ground.evidence(ground.deal("f", opened=0, closed=30, won=True), 28)
    # Not ended by then, and ended too long ago.
    ground.evidence(ground.deal("g", opened=20, closed=301, won=True), 20)
    ground.evidence(ground.deal("h", opened=-480, closed=-440, won=True), 20)
    counts = counts_of(at=NOW)
    assert counts == {"page": Counts(2.333333, 1.333333, 3.666667, 2.666667)}
    assert learn_weights(at=NOW) == {"page": learned(1.0, counts["page"])}
    row = KindWeight.objects.get()
    assert (row.kind, row.weight, row.half_life, row.edited_by) == (
        "page",
        learned(1.0, counts["page"]),
        14,
        None,
    )
    assert row.learned == {
        "weight": row.weight, "with_ended": 2.333333, "with_won": 1.333333, "without_ended": 3.666667, "without_won": 2.666667,
    }  # fmt: skip
    assert weights()["page"].weight == row.weight


def test_what_is_known_later_changes_nothing_learned_before(ground: Ground) -> None:
    account = ground.deal("a", opened=20, closed=40, won=True)
    ground.evidence(account, 10)
    before = counts_of(at=AT + 50 * DAY)
    ground.evidence(account, 21)
    ground.evidence(ground.deal("b", opened=20, closed=60, won=False), 10)
    assert counts_of(at=AT + 50 * DAY) == before == {"page": Counts(1, 1, 0, 0)}


def test_a_weight_that_somebody_set_stays_and_what_was_learned_is_shown(ground: Ground, ops: User) -> None:
    for number in range(6):
        name, won = str(number), number < 4
        account = ground.deal(name, opened=20, closed=40, won=won)
        if number in {0, 1, 2}:
            ground.evidence(account, 10)
    set_weight(kind="page", weight=9.0, half_life=7.0, by=ops, at=NOW)
    taught = learn_weights(at=NOW)["page"]
    row = KindWeight.objects.get(kind="page")
    assert (row.weight, row.half_life, row.edited_by) == (9.0, 7.0, ops)
    assert taught > 1.0
    assert row.learned is not None
    assert row.learned["weight"] == taught
    reset_weight(kind="page", by=ops, at=NOW)
    assert weights()["page"].weight == taught
    # Of which nothing tells any more, nothing stays.
    Evidence.objects.all().delete()
    assert learn_weights(at=NOW) == {}
    assert not KindWeight.objects.exists()


def test_consent_withdrawn_is_not_in_the_next_learning(
    ground: Ground, allow: Callable[..., None], browser: KnownKey, server: KnownKey
) -> None:
    allow()
    account = ground.deal("huadong", opened=20, closed=40, won=True)
    crm.add_contact(account=account, by=None, at=AT, name="li", email="li@huadong.example")
    ground.evidence(ground.account("others"), 0)
    read, said = AT + 10 * DAY, {"email": "li@huadong.example"}
    take([consent(browser), page(browser, name="0", at=read)], at=read)
    take([page(server, name="1", kind="identify", source="form", at=read, values={}, claims=said)], at=read)
    add_up()
    assert counts_of(at=NOW)["page"] == Counts(1, 1, 0, 0)
    take([consent(browser, name="w", given=False, at=NOW)], at=NOW)
    assert counts_of(at=NOW)["page"] == Counts(0, 0, 1, 1)
