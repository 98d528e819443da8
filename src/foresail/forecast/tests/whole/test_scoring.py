"""A live score is science's on the log as known then; what comes in is scored once, and never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from foresail.crm import services as crm
from foresail.crm.models import Deal
from foresail.forecast import jobs, services, soon
from foresail.forecast.models import ForecastModel, Outlook, Score, Touched
from foresail.forecast.services import scoring
from foresail.forecast.serving import load
from foresail.forecast.tests.whole.conftest import World
from foresail.forecast.tests.whole.making import AT, late
from foresail.timeline.queries import deal_log
from foresail.timeline.services import append

SOON = timedelta(minutes=5)
COLUMNS = ("p_won_final", "p_won", "p_lost", "p_open", "risk")


def science(world: World, at: object) -> dict[int, tuple[float, ...]]:
    """What science says of the log as known at `at`."""
    log = deal_log(pipelines=world.company.pipelines, known_by=at).log()  # type: ignore[arg-type]
    table = load(world.model).predict(log, at=at)  # type: ignore[arg-type]
    return {int(row["deal"]): tuple(row[name] for name in COLUMNS) for row in table.iter_rows(named=True)}


def test_every_open_deal_is_scored_as_science_does(world: World) -> None:
    n = services.score_all(pool=world.pool, at=AT)
    theirs = science(world, AT)
    assert n == len(theirs) == Deal.objects.filter(status="open").count() > 20
    ours = {row[0]: row[1:] for row in Score.objects.values_list("deal_id", *COLUMNS)}
    assert ours.keys() == theirs.keys()
    assert np.allclose([ours[k] for k in theirs], list(theirs.values()), rtol=0, atol=1e-9)
    assert set(Outlook.objects.values_list("deal_id", flat=True)) == set(theirs)
    one = Outlook.objects.select_related("score").first()
    assert one is not None
    assert [one.p_won_7, one.p_won_14, one.p_won_30, one.p_won_90] == [c[0] for c in one.score.chances]


def test_drivers_name_entries_of_their_own_deal_and_add_up(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    named = 0
    for score in Score.objects.all():
        own = set(deal_log(deals=[score.deal_id]).events["entry"].to_list())
        entries = [e for driver in score.reasons["drivers"] for e in driver["entries"]]
        assert set(entries) <= own
        named += len(entries)
        parts = score.reasons
        total = parts["base"] + parts["rest"] + parts["calibration"]
        total += sum(driver["log_odds"] for driver in parts["drivers"])
        assert total == pytest.approx(np.log(score.p_won_final / (1 - score.p_won_final)), abs=1e-6)
    assert named > 20


def test_a_touched_deal_is_scored_as_science_does_and_no_other(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    deal, other = list(Outlook.objects.order_by("deal_id").values_list("deal_id", flat=True)[:2])
    before = Score.objects.count()
    append([late(deal, "competitor_mentioned", happened_at=AT, known_at=AT + SOON)], at=AT + SOON)
    append([late(deal, "price_objection", happened_at=AT, known_at=AT + SOON)], at=AT + SOON)
    assert Touched.objects.count() == 2
    assert services.score_touched(pool=world.pool, at=AT + 2 * SOON) == 1
    assert not Touched.objects.exists()
    assert Score.objects.count() == before + 1
    found = Outlook.objects.select_related("score").get(deal=deal).score
    assert found.at == AT + 2 * SOON
    theirs = science(world, AT + 2 * SOON)[deal]
    assert [getattr(found, name) for name in COLUMNS] == pytest.approx(theirs, rel=0, abs=1e-9)
    assert Outlook.objects.select_related("score").get(deal=other).score.at == AT
    assert services.score_touched(pool=world.pool, at=AT + 3 * SOON) == 0


def test_what_all_were_scored_with_the_next_touched_deal_is_scored_with_too(world: World) -> None:
    """A process that has its log in memory must not lose sight of what another job crossed off."""
    services.score_all(pool=world.pool, at=AT)
    deals = list(Outlook.objects.order_by("deal_id").values_list("deal_id", flat=True))
    append([late(deals[0], "call", happened_at=AT, known_at=AT)], at=AT)
    services.score_touched(pool=world.pool, at=AT + SOON)
    at = AT + 2 * SOON
    for each in Deal.objects.filter(pk__in=deals[5:25]):
        crm.close_deal(deal=each, outcome="lost", reason="", version=each.version, by=None, at=at)
    services.score_all(pool=world.pool, at=at)
    append([late(deals[1], "call", happened_at=at, known_at=at)], at=at)
    services.score_touched(pool=world.pool, at=at + SOON)
    found = Outlook.objects.select_related("score").get(deal=deals[1]).score
    assert [getattr(found, name) for name in COLUMNS] == pytest.approx(
        science(world, at + SOON)[deals[1]], rel=0, abs=1e-9
    )


def test_what_is_known_late_changes_nothing_that_was_said(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    said = dict(Score.objects.values_list("deal_id", "p_won_final"))
    deal = next(iter(said))
    append(
        [late(deal, "competitor_mentioned", happened_at=AT - timedelta(days=9), known_at=AT + SOON)],
        at=AT + SOON,
    )
    services.score_touched(pool=world.pool, at=AT + 2 * SOON)
    assert dict(Score.objects.filter(at=AT).values_list("deal_id", "p_won_final")) == said
    assert science(world, AT)[deal][0] == pytest.approx(said[deal], abs=1e-9)
    assert Outlook.objects.get(deal=deal).p_won_final != said[deal]


def test_killed_on_the_way_nothing_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    services.score_all(pool=world.pool, at=AT)
    deal = Outlook.objects.values_list("deal_id", flat=True)[0]
    append([late(deal, "price_objection", happened_at=AT, known_at=AT + SOON)], at=AT + SOON)
    scores = Score.objects.count()

    def die(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scoring, "tell", die)
        with pytest.raises(KeyboardInterrupt):
            services.score_touched(pool=world.pool, at=AT + 2 * SOON)
    assert Touched.objects.count() == 1
    assert Score.objects.count() == scores
    assert services.score_touched(pool=world.pool, at=AT + 3 * SOON) == 1


def test_a_deal_that_ended_has_no_outlook_but_its_history(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    deal = Deal.objects.filter(status="open").order_by("pk").first()
    assert deal is not None
    crm.close_deal(deal=deal, outcome="won", reason="", version=deal.version, by=None, at=AT + SOON)
    assert services.score_touched(pool=world.pool, at=AT + 2 * SOON) == 0
    assert not Outlook.objects.filter(deal=deal).exists()
    assert Score.objects.filter(deal=deal).count() == 1


def test_a_deal_opened_with_facts_nobody_knew_is_scored(world: World) -> None:
    services.score_all(pool=world.pool, at=AT)
    like = Deal.objects.filter(status="open").select_related("account", "pipeline", "owner", "team").first()
    assert like is not None
    deal = crm.open_deal(
        name="新商机", account=like.account, pipeline=like.pipeline, owner=like.owner, team=like.team, amount=None,
        facts={"天气": "晴"}, by=None, at=AT + SOON,
    )  # fmt: skip
    assert services.score_touched(pool=world.pool, at=AT + 2 * SOON) == 1
    assert Outlook.objects.get(deal=deal).p_won_final > 0


def waiting(task: str) -> list[dict[str, object]]:
    found = ProcrastinateJob.objects.filter(task_name=task, status="todo").order_by("pk")
    return [job.args for job in found]


def do_all() -> None:
    """Let a worker do what waits."""
    for begun, then in (("todo", "doing"), ("doing", "succeeded")):
        ProcrastinateJob.objects.filter(status=begun).update(status=then)


def test_a_job_waits_once_and_only_for_pools_with_a_model(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    deal = next(iter(world.company.deals.values()))
    with django_capture_on_commit_callbacks(execute=True):
        append([late(deal, "call", happened_at=AT, known_at=AT)], at=AT)
        append([late(deal, "call", happened_at=AT, known_at=AT + SOON)], at=AT + SOON)
    assert waiting("forecast.score_touched") == [{"pool": world.pool.pk}]
    world.model.status = "retired"
    world.model.save()
    touched = Touched.objects.count()
    append([late(deal, "call", happened_at=AT, known_at=AT + 2 * SOON)], at=AT + 2 * SOON)
    assert Touched.objects.count() == touched


def test_a_job_that_begins_before_the_commit_is_followed_by_another(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    """It cannot see what is touched in a transaction under way."""
    pool, deal = world.pool.pk, next(iter(world.company.deals.values()))
    for many, task in ((False, "forecast.score_touched"), (True, "forecast.score_pool")):
        call = soon.score_pool_soon if many else soon.score_touched_soon
        with django_capture_on_commit_callbacks(execute=True):
            call(pool)
        with django_capture_on_commit_callbacks(execute=True):
            append([late(deal, "call", happened_at=AT, known_at=AT + SOON)], at=AT + SOON)
            call(pool)
            do_all()
        assert [args["pool"] for args in waiting(task)] == [pool]
        do_all()
    # Nor does one do that would score by the model that served before.
    with django_capture_on_commit_callbacks(execute=True):
        soon.score_pool_soon(pool)
    retired = ForecastModel.objects.create(
        pool=world.pool, version=world.model.version + 1, fitted_as_of=AT, created_at=AT, status="retired",
        folder=world.model.folder,
    )  # fmt: skip
    services.promote(model=retired, reason="", by=None, at=AT)
    assert [args["pool"] for args in waiting("forecast.score_pool")] == [pool, pool]


def test_whom_nobody_called_for_is_found_within_a_minute(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.score_left(0)
    assert waiting("forecast.score_touched") == []
    deal = next(iter(world.company.deals.values()))
    append([late(deal, "call", happened_at=AT, known_at=AT)], at=AT)  # and killed after the commit
    with django_capture_on_commit_callbacks(execute=True):
        jobs.score_left(0)
    assert waiting("forecast.score_touched") == [{"pool": world.pool.pk}]


def test_without_a_model_nothing_is_said(world: World) -> None:
    world.model.status = "retired"
    world.model.save()
    assert services.score_all(pool=world.pool, at=AT) == 0
    assert not Score.objects.exists()


def test_a_tenth_is_alerted_at_night(world: World) -> None:
    n = services.score_all(pool=world.pool, at=AT, nightly=True)
    alerted = Outlook.objects.filter(alerted=True)
    assert alerted.count() == -(-n // 10)
    calm = max(Outlook.objects.filter(alerted=False).values_list("risk", flat=True))
    assert min(alerted.values_list("risk", flat=True)) >= calm
