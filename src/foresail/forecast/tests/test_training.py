"""A model serves only if it forecast better what neither had seen; the one that served can come back."""

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from foresail.crm.models import Deal
from foresail.forecast import jobs, services
from foresail.forecast.errors import ModelMissing, NotAllowed, TooLittle
from foresail.forecast.models import ForecastModel, Outlook, Score, Touched, Verdict
from foresail.forecast.services import scoring
from foresail.forecast.serving import folder_of, load
from foresail.forecast.tests.conftest import Company
from foresail.governance.queries import trail
from foresail.timeline.queries import deal_log

pytestmark = pytest.mark.django_db


def test_a_candidate_that_forecasts_no_better_does_not_serve(company: Company) -> None:
    candidate = services.train(pool=company.pool, at=company.now, unseen_days=56)
    assert candidate.version == 2
    # The same weeks, the same log, the same seed: it says the same, and the same is not better.
    assert candidate.figures["gain"]["value"] == pytest.approx(0.0, abs=1e-12)
    assert (candidate.status, candidate.figures["against"]) == ("rejected", 1)
    company.model.refresh_from_db()
    assert company.model.status == "serving"
    assert candidate.figures["n"] > 100
    assert 0.3 < candidate.figures["log_loss"]["value"] < 1.1
    assert candidate.card["tier"]


def test_the_first_model_serves_and_was_judged_on_weeks_it_had_not_seen(company: Company) -> None:
    Score.objects.all().delete()
    company.model.delete()
    first = services.train(pool=company.pool, at=company.now, unseen_days=42)
    assert (first.status, first.version) == ("serving", 1)
    assert first.fitted_as_of <= company.now - timedelta(days=42)
    table = load(first).predict(deal_log().log(), at=company.now)
    assert len(table) > 20


def test_a_training_done_again_after_a_kill_makes_no_second_version(company: Company) -> None:
    Score.objects.all().delete()
    company.model.delete()
    litter = folder_of(company.model).parent / ".making-killed"
    litter.mkdir()
    assert services.learn(pool=company.pool, at=company.now, job=1)
    replayed = Score.objects.count()
    assert (ForecastModel.objects.count(), litter.exists()) == (1, False)
    assert replayed > 100
    assert services.learn(pool=company.pool, at=company.now, job=1)
    assert (ForecastModel.objects.count(), Score.objects.count()) == (1, replayed)
    assert services.learn(pool=company.pool, at=company.now, resume=True)
    assert (ForecastModel.objects.count(), Score.objects.count()) == (1, replayed)


def test_a_model_that_no_longer_fits_is_replaced(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an update that looks at other things than the model was trained on."""
    unfit = load(company.model)
    first, *others = unfit.fitted.features
    features = (replace(first, name="no longer looked at"), *others)
    monkeypatch.setattr(unfit, "_fitted", replace(unfit.fitted, features=features))
    deal = Deal.objects.filter(status="open").order_by("pk")[0]
    services.touch(deals=[deal.pk], at=company.now)
    jobs.score_touched(pool=company.pool.pk)
    waiting = apps.get_model("procrastinate", "ProcrastinateJob").objects.filter(task_name="forecast.train")
    assert [job.args["pool"] for job in waiting] == [company.pool.pk]
    second = services.train(pool=company.pool, at=company.now, unseen_days=56)
    assert (second.status, second.figures["against"]) == ("serving", None)
    assert services.score_all(pool=company.pool, at=company.now) > 20


def test_a_model_that_no_longer_fits_is_tried_again_at_night_not_each_minute(
    company: Company, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """As where its files are lost and there is too little to train another."""
    jobs_of = apps.get_model("procrastinate", "ProcrastinateJob").objects
    lost = folder_of(company.model)
    aside = lost.rename(lost.with_name("aside"))
    deals = list(Deal.objects.filter(status="open").order_by("pk").values_list("pk", flat=True)[:2])
    services.touch(deals=deals, at=company.now)
    jobs.score_touched(pool=company.pool.pk)
    company.model.refresh_from_db()
    since = company.model.unfit_since
    assert since is not None
    jobs_of.filter(task_name="forecast.train").update(status="succeeded")  # and made none
    for _minute in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            jobs.score_left(0)
    services.touch(deals=deals, at=company.now)
    jobs.score_touched(pool=company.pool.pk)  # called for by what happened
    assert Touched.objects.count() == 4
    assert not jobs_of.filter(task_name="forecast.score_touched").exists()
    assert jobs_of.filter(task_name="forecast.train").count() == 1
    assert len([each for each in caplog.records if "can forecast any more" in each.message]) == 1
    Touched.objects.all().delete()
    jobs.score_touched(pool=company.pool.pk)  # nothing to score says nothing of the model
    company.model.refresh_from_db()
    assert company.model.unfit_since == since
    services.touch(deals=deals, at=company.now)
    # Once it can be read again, the night finds that out.
    aside.rename(lost)
    with jobs._another_if_unfit(company.pool.pk, again=True):
        assert services.score_all(pool=company.pool, at=company.now, nightly=True) > 20
    assert not Touched.objects.exists()
    assert services.touch(deals=deals, at=company.now) == {company.pool.pk: 2}
    with django_capture_on_commit_callbacks(execute=True):
        jobs.score_left(0)
    assert jobs_of.filter(task_name="forecast.score_touched").count() == 1


def test_of_a_pool_without_a_model_nothing_is_called_for_each_minute(
    company: Company, django_capture_on_commit_callbacks: Any
) -> None:
    company.model.status = "retired"
    company.model.save()
    Touched.objects.create(deal=company.deals[1], pool=company.pool, at=company.now)
    before = apps.get_model("procrastinate", "ProcrastinateJob").objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        jobs.score_left(0)
    assert apps.get_model("procrastinate", "ProcrastinateJob").objects.count() == before


def test_where_no_model_can_be_read_another_is_trained_and_the_night_is_not_lost(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_pool: int) -> None:
        raise ModelMissing

    monkeypatch.setattr(scoring, "usable", lost)
    waiting = apps.get_model("procrastinate", "ProcrastinateJob").objects.filter(task_name="forecast.train")
    with jobs._another_if_unfit(company.pool.pk):  # a task without a worker has no context
        services.score_all(pool=company.pool, at=company.now)
    assert waiting.count() == 1
    with pytest.raises(ModelMissing), jobs._another_if_unfit(company.pool.pk, again=True):
        services.score_all(pool=company.pool, at=company.now)
    assert waiting.count() == 1


def test_going_back_lets_the_earlier_version_serve_again(company: Company) -> None:
    second = ForecastModel.objects.create(
        pool=company.pool, version=2, fitted_as_of=company.now, created_at=company.now, status="rejected",
        folder=f"{company.pool.pk}/2",
    )  # fmt: skip
    shutil.copytree(folder_of(company.model), folder_of(second))
    services.promote(model=second, reason="new prices", by=company.ops, at=company.now)
    assert list(ForecastModel.objects.order_by("version").values_list("status", flat=True)) == [
        "retired",
        "serving",
    ]
    services.roll_back(pool=company.pool.pk, reason="worse", by=None, at=company.now)
    states = ForecastModel.objects.order_by("version").values_list("status", flat=True)
    assert list(states) == ["serving", "retired"]
    told = [
        entry
        for entry in trail(subject="forecast.ForecastModel", key=str(second.pk))
        if entry.verb == "promote"
    ]
    assert told[0].values["reason"] == "new prices"


def test_who_does_not_shape_foresail_promotes_nothing(company: Company) -> None:
    for user in (company.rep, company.boss):
        with pytest.raises(NotAllowed):
            services.promote(model=company.model, reason="", by=user, at=company.now)
    with pytest.raises(ModelMissing):
        services.roll_back(pool=company.pool.pk, reason="", by=company.ops, at=company.now)


def test_a_model_whose_files_are_gone_is_not_promoted(company: Company) -> None:
    broken = ForecastModel.objects.create(
        pool=company.pool,
        version=2,
        fitted_as_of=company.now,
        created_at=company.now,
        status="rejected",
        folder="9/9",
    )
    with pytest.raises(ModelMissing):
        services.promote(model=broken, reason="", by=company.ops, at=company.now)
    assert ForecastModel.objects.get(status="serving").version == 1


def test_without_a_past_nothing_is_trained(company: Company) -> None:
    empty = services.add_pool(name="空", pipelines=[])
    with pytest.raises(TooLittle):
        services.train(pool=empty, at=company.now)
    assert not ForecastModel.objects.filter(pool=empty).exists()


def test_a_replay_says_what_was_knowable_then_and_is_judged(company: Company) -> None:
    n = services.replay(pool=company.pool, at=company.now)
    assert n == Score.objects.filter(replayed=True, nightly=True).count() > 300
    assert services.replay(pool=company.pool, at=company.now) == 0
    day = Score.objects.order_by("at").values_list("at", flat=True)[n // 2]
    then = load(company.model).predict(deal_log(known_by=day).log(), at=day)
    for row in then.iter_rows(named=True):
        assert Score.objects.get(deal=int(row["deal"]), at=day).p_won_final == pytest.approx(
            row["p_won_final"], abs=1e-9
        )
    assert not Verdict.objects.filter(due_at__lte=company.now, right=None).exists()
    assert not Outlook.objects.exists()


def test_an_imported_log_of_years_ago_is_looked_at_as_on_its_last_day(company: Company) -> None:
    years_later = company.now + timedelta(days=3000)
    assert services.score_all(pool=company.pool, at=years_later) > 20
    assert set(Score.objects.values_list("at", flat=True)) == {company.now}
    soon = company.now + timedelta(days=3)
    services.score_all(pool=company.pool, at=soon)
    assert set(Outlook.objects.values_list("score__at", flat=True)) == {soon}
