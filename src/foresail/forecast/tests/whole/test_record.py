"""What was said is held against what came, no sooner than it is due; and everybody sees their own."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core import clock, events
from foresail.core.changes import Change
from foresail.core.errors import Refusal
from foresail.crm import services as crm
from foresail.crm.models import Deal
from foresail.crm.queries import visible_deals
from foresail.forecast import queries, services, serving
from foresail.forecast.models import Estimate, ForecastModel, Outlook, Score, Verdict
from foresail.forecast.periods import Period, ahead
from foresail.forecast.serving import folder_of
from foresail.forecast.tests.whole.conftest import World
from foresail.forecast.tests.whole.making import AT, PASSWORD
from foresail.people import services as people
from foresail.people.tests.browser import Browser

DAY = timedelta(days=1)
SOON = timedelta(minutes=5)


def test_a_verdict_is_not_judged_before_it_is_due(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    said = Verdict.objects.filter(side="lost").select_related("deal").first()
    assert said is not None
    crm.close_deal(deal=said.deal, outcome="lost", reason="", version=said.deal.version, by=None, at=AT + DAY)
    services.judge(at=AT + 2 * DAY)
    assert queries.verdicts(user=world.company.ops, judged=True).due == 0
    services.judge(at=said.due_at + DAY)
    shown = queries.verdicts(user=world.company.ops, judged=True)
    assert shown.due == Verdict.objects.count()
    assert shown.right == 1
    mine = next(row for row in shown.rows if row.deal == said.deal_id)
    assert (mine.state, mine.right) == ("lost", True)


def test_a_fresh_company_has_six_weeks_of_record(world: World) -> None:
    n = services.replay(pool=world.pool, at=AT)
    assert n == Score.objects.filter(replayed=True).count() > 300
    assert Score.objects.dates("at", "day").count() >= 41
    assert min(Score.objects.values_list("at", flat=True)) > world.model.fitted_as_of
    services.score_all(pool=world.pool, at=AT, nightly=True)
    services.judge(at=AT)
    ops = world.company.ops
    judged = queries.verdicts(user=ops, judged=True)
    assert judged.due > 5
    assert not Verdict.objects.filter(right__isnull=False, due_at__gt=AT).exists()
    for row in judged.rows:
        deal = Deal.objects.get(pk=row.deal)
        state = deal.status if deal.closed_at and deal.closed_at <= row.due_at else "open"
        assert (row.state, row.right) == (state, state == row.side)
    fared = queries.calibration(user=ops, at=AT)
    assert fared.n == Score.objects.filter(nightly=True, at__lte=AT - 14 * DAY).count()
    assert all(b.low <= b.happened <= b.high for b in fared.bins)
    alerts = queries.alerts(user=ops, at=AT)
    assert alerts.judged > 20
    assert alerts.precision is not None
    assert alerts.recall is not None
    again = services.replay(pool=world.pool, at=AT)
    assert again == 0
    one = Outlook.objects.values_list("deal_id", flat=True)[0]
    history = queries.history(user=ops, deal=one)
    assert [point.at for point in history.points] == sorted(point.at for point in history.points)
    changed = queries.changes(user=ops, kind="all", scope=0, days=7, at=AT)
    total = sum((step.amount for step in changed.steps[:-1]), Decimal(0))
    assert abs(total - changed.steps[-1].amount) <= Decimal("0.05")
    assert changed.steps[-1].deals == Outlook.objects.count()
    by = {step.code: step.deals for step in changed.steps}
    assert by["before"] - by["won"] - by["lost"] + by["new"] == by["now"]
    assert len(changed.moved) == 10
    assert all(row.zh and row.en for row in changed.moved)
    assert {row.state for row in alerts.rows} == {"lost", "won", "open"}
    assert all((row.lead_days is None) == (row.state == "open") for row in alerts.rows)


def test_a_verdict_belongs_to_the_model_that_said_it(world: World) -> None:
    services.replay(pool=world.pool, at=AT)
    services.score_all(pool=world.pool, at=AT)
    services.judge(at=AT)
    other = ForecastModel.objects.create(
        pool=world.pool,
        version=9,
        fitted_as_of=AT,
        created_at=AT,
        status="retired",
        folder=world.model.folder,
    )
    services.promote(model=other, reason="", by=None, at=AT)
    services.score_all(pool=world.pool, at=AT + SOON)
    deal = Outlook.objects.values_list("deal_id", flat=True)[0]
    shown = queries.outlook(user=world.company.ops, deal=deal, at=AT + SOON)
    assert shown.model == other.pk
    assert shown.verdict_right_rate is None


def test_a_damaged_model_gives_way_to_the_one_before(world: World) -> None:
    second = services.train(pool=world.pool, at=AT, unseen_days=42)
    services.promote(model=second, reason="again", by=None, at=AT)
    serving._loaded.clear()
    (folder_of(second) / "model.json").write_text("{}")
    assert services.score_all(pool=world.pool, at=AT) > 20
    assert set(Score.objects.values_list("model", flat=True)) == {world.model.pk}


def test_an_equal_candidate_is_rejected_with_words_and_both_figures(world: World) -> None:
    second = services.train(pool=world.pool, at=AT, unseen_days=42)
    assert second.status == "rejected"
    world.model.refresh_from_db()
    assert world.model.status == "serving"
    figures = json.loads(json.dumps(second.figures))
    assert figures["gain"]["value"] == 0
    assert figures["n"] > 100
    assert "不予启用" in figures["zh"]
    assert "does not serve" in figures["en"]
    assert figures["rival_auc"] == figures["auc"]


def test_rolling_back_serves_the_one_before_and_tells_last(world: World) -> None:
    told: list[Change] = []
    events.listen(Change, told.append)
    second = services.train(pool=world.pool, at=AT, unseen_days=42)
    services.promote(model=second, reason="试用", by=world.company.ops, at=AT)
    back = services.roll_back(pool=world.pool.pk, reason="不好", by=world.company.ops, at=AT)
    assert back.pk == world.model.pk
    assert [c.verb for c in told] == ["promote", "promote"]
    rep = next(iter(world.company.users.values()))
    for who in (rep, next(iter(world.company.boss.values()))):
        with pytest.raises(Refusal):
            services.promote(model=second, reason="", by=who, at=AT)
    assert ForecastModel.objects.get(status="serving").pk == world.model.pk


def test_reps_see_only_their_own(world: World) -> None:
    services.replay(pool=world.pool, at=AT)
    services.score_all(pool=world.pool, at=AT, nightly=True)
    ops, rep = world.company.ops, next(iter(world.company.users.values()))
    own = set(visible_deals(user=rep).values_list("pk", flat=True))
    mine, all_ = queries.totals(user=rep, at=AT), queries.totals(user=ops, at=AT)
    assert mine.open_deals == Outlook.objects.filter(deal__in=own).count() < all_.open_deals
    assert [t.kind for t in mine.totals] == ["all", "line", "team"]
    assert {t.id for t in mine.totals if t.kind == "team"} == {rep.team_id}
    assert len(all_.totals) == 1 + 3 + 3
    sums = [[t for t in all_.totals if t.kind == kind] for kind in ("line", "team")]
    for rows in sums:
        for place, period in enumerate(all_.totals[0].periods):
            parts = sum((row.periods[place].expected.mean for row in rows), Decimal(0))
            assert abs(parts - period.expected.mean) <= Decimal("0.05")
    for period in all_.totals[0].periods:
        assert period.won <= period.expected.low <= period.expected.mean <= period.expected.high
    stranger = next(iter(set(Outlook.objects.values_list("deal_id", flat=True)) - own))
    for read in (queries.outlook, queries.what_if_options, queries.history):
        with pytest.raises(Refusal) as refused:
            read(user=rep, deal=stranger, **({} if read is queries.history else {"at": AT}))
        assert refused.value.status == 404
    assert queries.outlooks(user=rep, deals=[stranger], at=AT) == []
    assert {row.deal for row in queries.verdicts(user=rep, judged=True).rows} <= own
    assert {row.deal for row in queries.alerts(user=rep, at=AT).rows} <= own
    assert {row.deal for row in queries.changes(user=rep, kind="all", scope=0, days=7, at=AT).moved} <= own
    assert queries.calibration(user=rep, at=AT).n < queries.calibration(user=ops, at=AT).n
    admin = people.add_user(email="a@example.com", name="a", by=None, at=AT)
    nothing = queries.totals(user=admin, at=AT)
    assert nothing.open_deals == 0
    assert all(p.expected.mean == 0 for t in nothing.totals for p in t.periods)


def test_totals_take_few_queries(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    with CaptureQueriesContext(connection) as seen:
        queries.totals(user=world.company.ops, at=AT)
    assert len(seen) <= 8, [q["sql"][:80] for q in seen]


def test_a_manager_estimates_their_team_and_nobody_elses(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    (team, boss), (other, _) = list(world.company.boss.items())[:2]
    teams = world.company.teams
    period = ahead(AT)[0].name
    say: dict[str, Any] = {
        "kind": "team",
        "period": period,
        "amount": Decimal("1000000.00"),
        "reason": "有把握",
    }
    made = services.estimate(scope=teams[team].pk, by=boss, at=AT, **say)
    shown = queries.totals(user=boss, at=AT)
    row = next(t for t in shown.totals if t.kind == "team")
    assert made.model_mean == row.periods[0].expected.mean
    rep = next(u for u in world.company.users.values() if u.team_id == teams[team].pk)
    for who, where in ((boss, other), (rep, team)):
        with pytest.raises(Refusal):
            services.estimate(scope=teams[where].pk, by=who, at=AT, **say)
    with pytest.raises(Refusal):
        services.estimate(scope=teams[team].pk, by=boss, at=AT, **(say | {"period": "2020-01"}))
    assert Estimate.objects.count() == 1
    services.judge(at=AT + DAY)
    made.refresh_from_db()
    assert made.actual is None
    end = Period.named(period).end
    deal = Deal.objects.filter(status="open", team=teams[team], amount__isnull=False).first()
    assert deal is not None
    crm.close_deal(deal=deal, outcome="won", reason="", version=deal.version, by=None, at=end - DAY)
    services.judge(at=end + DAY)
    made.refresh_from_db()
    won = Deal.objects.filter(
        status="won", team=teams[team], closed_at__gte=Period.named(period).start, closed_at__lt=end
    )
    assert deal in won
    assert made.actual == sum((d.amount or Decimal(0) for d in won), Decimal(0))


@pytest.mark.parametrize("amount", ["-1", "1e20", "NaN", "0.001"])
def test_no_amount_that_is_none_is_kept(world: World, amount: str) -> None:
    team = next(iter(world.company.teams.values()))
    services.score_all(pool=world.pool, at=AT)
    with pytest.raises(Refusal):
        services.estimate(
            kind="team",
            scope=team.pk,
            period=ahead(AT)[0].name,
            amount=Decimal(amount),
            reason="",
            by=world.company.ops,
            at=AT,
        )
    assert not Estimate.objects.exists()


def test_an_estimate_of_all_has_no_scope(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    services.estimate(
        kind="all",
        scope=5,
        period=ahead(AT)[0].name,
        amount=Decimal(1),
        reason="",
        by=world.company.ops,
        at=AT,
    )
    assert len(queries.totals(user=world.company.ops, at=AT).estimates) == 1


def test_every_route_answers_over_http(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    services.replay(pool=world.pool, at=AT)
    services.score_all(pool=world.pool, at=AT, nightly=True)
    people.set_password(user=world.company.ops, password=PASSWORD, by=None, at=AT)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=1))
    ops = Browser()
    assert ops.sign_in("ops@example.com").status_code == 200
    deal = Outlook.objects.values_list("deal_id", flat=True)[0]
    for path in (
        f"deals/{deal}/forecast", f"deals/{deal}/forecast/history", f"deals/{deal}/what-if",
        f"forecast/deals?ids={deal},x,99", "forecast", "forecast/changes", "forecast/calibration", "forecast/verdicts",
        "forecast/verdicts?judged=true", "forecast/alerts", "forecast/models", f"forecast/models/{world.model.pk}",
        f"forecast/changes?kind=team&scope={next(iter(world.company.teams.values())).pk}&days=14",
    ):  # fmt: skip
        answer = ops.get(f"/api/{path}")
        assert answer.status_code == 200, (path, answer.content[:300])
        assert answer.json() not in ({}, [])
    shown = ops.get(f"/api/deals/{deal}/forecast").json()
    assert not shown["stale"]
    tried = ops.send("POST", f"/api/deals/{deal}/what-if", {"add_kinds": ["competitor_mentioned"]})
    assert tried.status_code == 200
    assert tried.json()["after"] != tried.json()["before"]
    assert tried.json()["before"] == pytest.approx(shown["p_won_final"], abs=0.02)
    assert ops.send("POST", f"/api/deals/{deal}/what-if", {"add_kinds": ["nonsense"]}).status_code == 400
    team = next(iter(world.company.teams.values())).pk
    body = {"kind": "team", "scope": team, "period": "2025-06", "amount": "5.00", "reason": ""}
    assert ops.send("PUT", "/api/forecast/estimates", body).status_code == 200
    assert ops.send("PUT", "/api/forecast/estimates", body | {"period": "nonsense"}).status_code == 400
    assert ops.get("/api/forecast/models/999999").status_code == 404
    assert ops.send("POST", "/api/forecast/models/999999/promote", {"reason": ""}).status_code == 404
    assert Browser().get("/api/forecast").status_code == 401
