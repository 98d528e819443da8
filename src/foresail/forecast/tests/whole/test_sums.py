"""What the database adds up is what comes out deal by deal, for whoever asks, to the cent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from foresail.crm import services as crm
from foresail.crm.models import Deal
from foresail.forecast import queries, services
from foresail.forecast.models import Outlook
from foresail.forecast.queries.totals import KNOTS, weights
from foresail.forecast.tests.whole import plain
from foresail.forecast.tests.whole.conftest import World
from foresail.forecast.tests.whole.making import AT
from foresail.people import services as people
from foresail.people.models import User

DAY = timedelta(days=1)
LATER = AT + 2 * DAY


@pytest.fixture
def askers(world: World) -> list[User]:
    """Who sees everything, a team's manager, a rep, and who sees nothing; with weeks of record and a lively week."""
    services.replay(pool=world.pool, at=AT)
    services.score_all(pool=world.pool, at=AT, nightly=True)
    company = world.company
    at_hand = list(Deal.objects.filter(status="open").select_related("account", "pipeline", "owner", "team"))
    for place, deal in enumerate(at_hand[:6]):
        outcome = ("won", "lost")[place % 2]
        crm.close_deal(deal=deal, outcome=outcome, reason="", version=deal.version, by=None, at=AT + DAY)
    for deal in at_hand[6:12]:
        crm.change_deal(deal=deal, amount=Decimal("123456.78"), version=deal.version, by=None, at=AT + DAY)
    like = at_hand[20]
    crm.open_deal(
        name="新商机", account=like.account, pipeline=like.pipeline, owner=like.owner, team=like.team,
        amount=Decimal("98765.43"), by=None, at=AT + DAY,
    )  # fmt: skip
    services.score_touched(pool=world.pool, at=LATER)
    stranger = people.add_user(email="a@example.com", name="a", by=None, at=AT)
    return [company.ops, *list(company.boss.values())[:2], next(iter(company.users.values())), stranger]


def test_totals_are_those_of_each_deal(askers: list[User]) -> None:
    for user in askers:
        deals = plain.seen_by(user)
        told = queries.totals(user=user, at=LATER)
        mine = Outlook.objects.filter(deal__in=deals, deal__status="open")
        assert told.open_deals == mine.count()
        assert told.at == max(mine.values_list("score__at", flat=True), default=None)
        assert told.totals[0].kind == "all"
        for scope in told.totals:
            theirs = plain.totals(plain.of_scope(deals, scope.kind, scope.id), at=LATER)
            assert [period.model_dump() for period in scope.periods] == theirs, (
                user.name,
                scope.kind,
                scope.id,
            )
    assert queries.totals(user=askers[0], at=LATER).open_deals > 15


def test_changes_are_those_of_each_deal(world: World, askers: list[User]) -> None:
    team = next(iter(world.company.teams.values()))
    for user in askers:
        for kind, key, days in (
            ("all", 0, 7),
            ("all", 0, 30),
            ("line", team.line_id, 7),
            ("team", team.pk, 2),
        ):
            deals = plain.of_scope(plain.seen_by(user), kind, key)
            steps, moved = plain.changes(deals, days=days, at=LATER)
            told = queries.changes(user=user, kind=kind, scope=key, days=days, at=LATER)
            assert {step.code: (step.amount, step.deals) for step in told.steps} == steps
            assert [(row.deal, row.before, row.after, row.effect, row.zh) for row in told.moved] == moved
    week = {
        step.code: step.deals
        for step in queries.changes(user=askers[0], kind="all", scope=0, days=7, at=LATER).steps
    }
    assert min(week.values()) > 0


def test_the_record_is_that_of_each_look(askers: list[User]) -> None:
    for user in askers:
        deals = plain.seen_by(user)
        told = queries.calibration(user=user, at=LATER)
        bins = plain.calibration(deals, at=LATER)
        everything = [each for tenth in bins.values() for each in tenth]
        assert told.n == len(everything)
        shown = [bins[tenth] for tenth in sorted(bins) if len(bins[tenth]) >= 5]
        assert [one.n for one in told.bins] == [len(one) for one in shown]
        for one, theirs in zip(told.bins, shown, strict=True):
            assert one.happened == pytest.approx(sum(came for _, came in theirs) / one.n)
            assert one.said == pytest.approx(sum(p for p, _ in theirs) / one.n)
        if everything:
            assert told.brier == pytest.approx(sum((p - c) ** 2 for p, c in everything) / len(everything))
        judged, precision, recall, lead, ended = plain.alerts(deals, at=LATER)
        fared = queries.alerts(user=user, at=LATER)
        assert (fared.judged, fared.precision, fared.recall) == (judged, precision, recall)
        assert fared.lead_days == (None if lead is None else pytest.approx(lead))
        assert [row.deal for row in fared.rows if row.state != "open"] == ended
    assert queries.calibration(user=askers[0], at=LATER).n > 100


@pytest.mark.parametrize(
    "days", [-3.0, 0.0, 1e-9, 3.5, 7.0, 10.0, 14.0, 29.9, 30.0, 60.0, 89.9, 90.0, 91.0, 400.0]
)
def test_a_chance_between_horizons_is_made_of_those_beside_it(days: float) -> None:
    outlook = Outlook(p_won_7=0.1, p_won_14=0.17, p_won_30=0.31, p_won_90=0.44, p_won_final=0.6)
    chances = [0.1, 0.17, 0.31, 0.44, 0.6]
    mixed = sum(w * p for w, p in zip(weights(days), chances, strict=True))
    assert mixed == pytest.approx(plain.won_by(outlook, days), abs=1e-12)
    assert len(KNOTS) == len(chances)
