"""Who shapes triggers, what is wrong with one, and how it would have done on the past."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from django.db import connection

from foresail.advice import queries, services
from foresail.advice.errors import (
    TrialRunning,
    TrialTooLong,
    TriggerInvalid,
    TriggersReserved,
)
from foresail.advice.models import Suggestion, Trigger
from foresail.advice.queries import trials
from foresail.advice.queries.trials import firings_of
from foresail.advice.tests.conftest import AT, DAY
from foresail.advice.tests.triggers.conftest import FLAGSHIP, Company, condition
from foresail.core import conditions
from foresail.crm.models import Deal
from foresail.people.models import User

pytestmark = pytest.mark.django_db


def test_only_sales_operations_shapes_triggers_and_what_is_wrong_is_told(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    made = trigger()
    with pytest.raises(TriggersReserved):
        services.change_trigger(trigger=made, values={"status": "retired"}, by=company.boss, at=AT)
    with pytest.raises(TriggerInvalid):
        trigger(action_zh="致电{phone}")
    with pytest.raises(TriggerInvalid):
        trigger({"all": []})
    with pytest.raises(conditions.ConditionInvalid):  # an account has no stage
        trigger(about="account")
    changed = services.change_trigger(trigger=made, values={"priority": 5}, by=company.ops, at=AT)
    assert (changed.version, changed.priority) == (2, 5)


def test_a_condition_on_what_is_there_no_more_holds_up_no_other(
    company: Company, trigger: Callable[..., Trigger]
) -> None:
    broken = trigger()
    Trigger.objects.filter(pk=broken.pk).update(condition=condition(("stage", "in", ["gone"])))
    trigger(condition(("days_in_stage", "gte", "1")))
    assert services.judge_all(at=AT) == 1
    assert company.deal == Suggestion.objects.get().deal


def test_a_trial_fires_as_in_earnest() -> None:
    """Against a plain walk: open while it holds and three days beyond, until it expires, then cool-down."""
    days = [AT + number * DAY for number in range(40)]
    true = {*range(5), *range(6, 8), *range(15, 33)}
    found = firings_of(
        [(at, {7} if number in true else set()) for number, at in enumerate(days)],
        cooldown=5 * DAY,
        expiry=12 * DAY,
    )
    # Open from 0, last true on 7, so over on 11; cool until 16; expires on 28; cool until 33, when it is true no more.
    assert [(each.at - AT).days for each in found] == [0, 16]


def test_a_trial_counts_what_would_have_happened_and_how_it_ended(company: Company) -> None:
    lost, won, still = (company.open(name, at=AT - 60 * DAY) for name in ("丢的", "赢的", "在谈的"))
    quiet = company.open("没有停滞的", at=AT - 60 * DAY)
    for deal in (lost, won, still):
        company.move(deal, "evaluation", at=AT - 40 * DAY)
    company.end(lost, "lost", at=AT - 5 * DAY)
    company.end(won, "won", at=AT - 4 * DAY)
    company.end(quiet, "lost", at=AT - 3 * DAY)
    trial = queries.try_trigger(
        user=company.ops, about="deal", condition=condition(("evaluation_days", "gte", "7")), cooldown_days=90,
        expiry_days=14, at=AT,
    )  # fmt: skip
    assert (trial.fired, trial.subjects, trial.ended, trial.lost) == (3, 3, 2, 1)
    assert (trial.low, trial.high) == (None, None)  # too few to tell
    assert (trial.usual_ended, trial.usual_lost) == (3, 2)
    assert {each.name for each in trial.examples} == {"丢的", "赢的", "在谈的"}
    with pytest.raises(TriggersReserved):
        queries.try_trigger(
            user=company.li, about="deal", condition=FLAGSHIP, cooldown_days=1, expiry_days=1, at=AT
        )


def test_a_trial_is_one_at_a_time_and_ends_in_time(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(by: User = company.ops) -> queries.Trial:
        return queries.try_trigger(
            user=by, about="deal", condition=condition(("evaluation_days", "gte", "7")), cooldown_days=1, expiry_days=1, at=AT
        )  # fmt: skip

    reach = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"context", "cursor_factory"}
    }
    with psycopg.connect(**reach) as other:
        for held, refused in ((f"foresail.advice trial {company.ops.pk}", True), ("foresail.another", False)):
            other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [held])
            if refused:
                with pytest.raises(TrialRunning):
                    attempt()
            else:
                attempt()
            other.rollback()

    class Slow:
        def __init__(self, **_: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(trials, "LONGEST", 0.05)
    monkeypatch.setattr(trials, "Past", Slow)
    with pytest.raises(TrialTooLong):
        attempt()
    monkeypatch.setattr(trials, "LONGEST", 0)
    with pytest.raises(TrialTooLong):
        attempt()
    assert Deal.objects.exists()  # the connection is as it was
