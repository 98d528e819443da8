"""One contract for every forecaster: ours, at each of its tiers, and the baselines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from foresail.science.baselines import NaiveBayes, Prior, StageRate
from foresail.science.errors import LogError
from foresail.science.forecaster import DealForecaster
from foresail.science.log import DealLog
from foresail.science.simulator import simulate
from foresail.science.time import DAY

pytestmark = pytest.mark.usefixtures("quick_trees")

FORECASTERS: dict[str, Callable[[], Any]] = {
    "ours": DealForecaster,
    "prior": Prior,
    "stage_rate": StageRate,
    "naive_bayes": NaiveBayes,
}
AS_OF = int(datetime(2024, 10, 1, tzinfo=UTC).timestamp() * 1e6)
AT = AS_OF + 6 * DAY
TABLES: dict[str, tuple[int, str]] = {
    "full": (300, "full"),
    "hierarchical": (60, "hierarchical"),
    "few": (8, "stage_rates"),
}


def tables(deals: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return deals and events of a made-up company, as `DealLog.build` takes them."""
    log = simulate(seed=5, deals=deals).log()
    moment = pl.Datetime("us", "UTC")
    closed = [None if o == 0 else int(c) for o, c in zip(log.deals.outcome, log.deals.closed, strict=True)]
    frame = pl.DataFrame(
        {
            "deal": pl.Series(log.deals.ids, dtype=pl.String),
            "opened": pl.Series(log.deals.opened).cast(moment),
            "closed": pl.Series(closed, dtype=pl.Int64).cast(moment),
            "outcome": [[None, "won", "lost"][o] for o in log.deals.outcome],
            "owner": [log.deals.owners[o] for o in log.deals.owner],
            "amount": log.deals.amount,
        }
    ).hstack(log.deals.attributes)
    events = log.events
    happened = pl.DataFrame(
        {
            "deal": [log.deals.ids[d] for d in events.deal],
            "at": pl.Series(events.at).cast(moment),
            "known": pl.Series(events.known).cast(moment),
            "kind": [events.kinds[k] for k in events.kind],
            "actor": [None if a < 0 else events.actors[a] for a in events.actor],
            "stage": [None if s < 0 else events.stages[s] for s in events.stage],
        },
        schema_overrides={"actor": pl.String, "stage": pl.String},
    )
    return frame, happened


@pytest.fixture(scope="module", params=TABLES)
def company(request: pytest.FixtureRequest) -> tuple[str, pl.DataFrame, pl.DataFrame]:
    deals, tier = TABLES[request.param]
    return (tier, *tables(deals))


@pytest.fixture(scope="module", params=FORECASTERS)
def judged(
    request: pytest.FixtureRequest, company: tuple[str, pl.DataFrame, pl.DataFrame]
) -> tuple[str, str, Any, DealLog, pl.DataFrame]:
    tier, deals, events = company
    log = DealLog.build(deals=deals, events=events)
    model = FORECASTERS[request.param]().fit(log, as_of=AS_OF)
    return request.param, tier, model, log, model.predict(log, at=[AS_OF, AT])


Judged = tuple[str, str, Any, DealLog, pl.DataFrame]


def test_chances_agree(judged: Judged) -> None:
    name, tier, model, _, forecast = judged
    assert len(forecast)
    total = forecast["p_won"] + forecast["p_lost"] + forecast["p_open"]
    assert np.allclose(total, 1, atol=1e-9)
    assert (forecast["p_won"] <= forecast["p_won_final"] + 1e-12).all()
    assert (forecast["p_won_final"] <= 1 - forecast["p_lost"] + 1e-12).all()
    if name == "ours":
        assert set(forecast["tier"]) == {tier}
        for side in ("won", "lost"):
            steps = forecast.select(f"p_{side}_{h}" for h in model.horizons).to_numpy()
            assert (np.diff(steps, axis=1) >= -1e-12).all()
        swing = forecast.select(
            "swing_low", "swing_low50", "swing_mid", "swing_high50", "swing_high"
        ).to_numpy()
        assert (np.diff(swing, axis=1) >= 0).all()
        closing = forecast.select("close_early", "close_mid", "close_late")
        assert sum(closing.null_count().row(0)) == 0
        assert (closing["close_early"] <= closing["close_mid"]).all()
        assert (closing["close_mid"] <= closing["close_late"]).all()


def test_the_same_again_and_in_any_order(
    judged: Judged, company: tuple[str, pl.DataFrame, pl.DataFrame]
) -> None:
    name, _, _, _, forecast = judged
    _, deals, events = company
    shuffled = DealLog.build(
        deals=deals.sample(fraction=1, shuffle=True, seed=1),
        events=events.sample(fraction=1, shuffle=True, seed=2),
    )
    again = FORECASTERS[name]().fit(shuffled, as_of=AS_OF).predict(shuffled, at=[AS_OF, AT])
    assert again.equals(forecast)


def test_later_events_change_nothing(judged: Judged) -> None:
    name, _, model, log, forecast = judged
    cut = log.as_of(AT)
    assert model.predict(cut, at=[AS_OF, AT]).equals(forecast)
    fitted_on_cut = FORECASTERS[name]().fit(log.as_of(AS_OF), as_of=AS_OF)
    assert fitted_on_cut.predict(cut, at=[AS_OF, AT]).equals(forecast)


def odd_logs() -> dict[str, DealLog]:
    """Return logs that no forecaster may crash on."""
    start = datetime(2024, 3, 1, tzinfo=UTC)
    n = 120
    ids = [f"D{i:03}" for i in range(n)]
    opened = [start + timedelta(days=i) for i in range(n)]
    closed = [o + timedelta(days=20) for o in opened]
    mixed = ["won" if i % 3 else "lost" for i in range(n)]
    base = pl.DataFrame({"deal": ids, "opened": opened, "closed": closed, "outcome": mixed})
    events = pl.DataFrame({"deal": ids, "at": opened, "kind": ["call"] * n})
    known = pl.col("closed").is_not_null()

    def with_(**columns: Any) -> pl.DataFrame:
        return base.with_columns(**columns)

    late = AS_OF / 1e6 + 86_400
    return {
        "no events": DealLog.build(deals=base),
        "all won": DealLog.build(deals=with_(outcome=pl.lit("won")), events=events),
        "all lost but one": DealLog.build(
            deals=with_(outcome=pl.Series(["won"] + ["lost"] * (n - 1))), events=events
        ),
        "none closed": DealLog.build(
            deals=with_(closed=pl.when(~known).then("closed"), outcome=pl.lit(None, dtype=pl.String)),
            events=events,
        ),
        "one owner": DealLog.build(deals=with_(owner=pl.lit("王芳")), events=events),
        "all in one day": DealLog.build(
            deals=with_(opened=pl.lit(start), closed=pl.lit(start + timedelta(hours=5))), events=events
        ),
        "events before the deal": DealLog.build(
            deals=base, events=events.with_columns(at=pl.col("at") - pl.duration(days=30))
        ),
        "reopened": DealLog.build(
            deals=base,
            events=pl.concat([events, events.with_columns(at=pl.col("at") + pl.duration(days=40))]),
        ),
        "a single deal": DealLog.build(deals=base.head(1), events=events.head(1)),
        "all after the cutoff": DealLog.build(
            deals=with_(
                opened=pl.lit(datetime.fromtimestamp(late, tz=UTC)),
                closed=pl.lit(datetime.fromtimestamp(late + 9e5, tz=UTC)),
            )
        ),
        "empty": DealLog.build(deals=base.clear(), events=events.clear()),
    }


@dataclass(frozen=True)
class Answer:
    """What is expected of an odd log: `rows` forecast, their chances between `low` and `high`.

    `tiers` are ours when fitted in May and in October; without them ours must say that there is no
    deal to learn from, as only a baseline makes do with nothing.
    """

    rows: int
    low: float = 0.5
    high: float = 0.8
    tiers: tuple[str, str] | None = ("hierarchical", "full")


FIRST, MAY = (int(datetime(2024, month, 1, tzinfo=UTC).timestamp() * 1e6) for month in (3, 5))
LATER = AS_OF + 3 * DAY
ODD = {
    # One deal is open on the first day, 20 on 1 May, none later.
    "no events": Answer(21),
    "all won": Answer(21, 0.95, 1, ("hierarchical", "hierarchical")),
    "all lost but one": Answer(21, 0, 0.1),
    "none closed": Answer(1 + 62 + 120, 0.5, 0.5, ("stage_rates", "stage_rates")),
    "one owner": Answer(21),
    # Every other midnight before 1 October sees that day's deals, none before 1 May does.
    "all in one day": Answer(120, low=0.3),
    "events before the deal": Answer(21),
    "reopened": Answer(21),
    "a single deal": Answer(1, 0, 0.5, ("stage_rates", "stage_rates")),
    "all after the cutoff": Answer(120, 0.5, 0.5, None),
    "empty": Answer(0, tiers=("stage_rates", "stage_rates")),
}


@pytest.mark.parametrize("odd", odd_logs())
@pytest.mark.parametrize("name", FORECASTERS)
def test_odd_logs_get_an_answer_or_a_clear_error(name: str, odd: str) -> None:
    log, expected = odd_logs()[odd], ODD[odd]
    for i, as_of in enumerate((MAY, AS_OF)):
        model = FORECASTERS[name]()
        if name == "ours" and expected.tiers is None:
            with pytest.raises(LogError, match="no deal before the cutoff"):
                model.fit(log, as_of=as_of)
            continue
        forecast = model.fit(log, as_of=as_of).predict(log, at=[FIRST, MAY, LATER])
        assert len(forecast) == expected.rows
        assert forecast["p_won_final"].is_between(expected.low - 1e-12, expected.high + 1e-12).all()
        assert np.allclose(forecast["p_won"] + forecast["p_lost"] + forecast["p_open"], 1, atol=1e-9)
        if name == "ours":
            assert expected.tiers is not None
            assert model.fitted.tier == expected.tiers[i]
