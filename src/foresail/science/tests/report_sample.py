"""A made-up backtest for testing the report. Every value here is invented; none is a result."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

from foresail.science.report import (
    Bands,
    Calibration,
    CalibrationBin,
    Comparison,
    Driver,
    EventRef,
    ExplainedDeal,
    GlobalDriver,
    LandmarkPoint,
    LeadTimes,
    Metric,
    Part,
    Protocol,
    Reject,
    ReportData,
    SwingBin,
    Text,
    VerdictCurve,
    WhatIf,
)

Json = dict[str, object]


def _m(value: float, half: float, n: int = 15_230) -> Json:
    return {"value": value, "low": value - half, "high": value + half, "n": n}


def _final(auc: float, ap: float, brier: float, skill: float, log_loss: float) -> Json:
    return {
        "auc": _m(auc, 0.014),
        "ap": _m(ap, 0.02),
        "brier": _m(brier, 0.006),
        "brier_skill": _m(skill, 0.03),
        "ece": _m(0.031, 0.008),
        "log_loss": _m(log_loss, 0.014),
        "base_rate": _m(0.402, 0.012),
        "closed_share": _m(0.934, 0.006),
    }


def _side(auc: float, rate: float) -> Json:
    return {
        "auc": _m(auc, 0.016),
        "ap": _m(min(rate * 2.1, 0.83), 0.02),
        "brier": _m(rate * (1 - rate) * 0.8, 0.006),
        "ece": _m(0.024, 0.007),
        "base_rate": _m(rate, 0.011),
    }


def _state(log_loss: float, won: float, lost: float) -> Json:
    sides = {"won": _side(won, 0.146), "lost": _side(lost, 0.31), "open": _side(0.74, 0.544)}
    return {"log_loss": _m(log_loss, 0.018), "accuracy": _m(0.641, 0.012), **sides}


def _verdicts(coverage: float, right: float) -> Json:
    return {
        "target": 0.89,
        "coverage": _m(coverage, 0.012),
        "right": _m(right, 0.021, 2_240),
        "won": {"share": _m(0.0, 0.0), "right": None},
        "lost": {"share": _m(coverage, 0.012), "right": _m(right, 0.021, 2_240)},
    }


def figures() -> Json:
    """Return the JSON of a backtest with every key of the protocol."""
    return {
        "data": {
            "deals": 9_842,
            "events": 185_279,
            "rejected": 37,
            "open": 399,
            "won": 3_480,
            "lost": 5_963,
            "first": "2011-10-01",
            "last": "2012-03-14",
            "duplicates": 4,
            "hindsight": [
                {
                    "column": "close_reason",
                    "why": {
                        "zh": "只在商机结束时才填：在途的 0%，已结的 97%。",
                        "en": "Filled in only when a deal closes: 0% of open deals, 97% of closed ones.",
                    },
                },
                {
                    "column": "总时长（天）",
                    "why": {
                        "zh": "单看这一列就能把输赢分到 AUC 0.99，且随商机结束才变化。",
                        "en": "Alone it tells the outcome with an AUC of 0.99, and changes only at the close.",
                    },
                },
            ],
        },
        "rows": {"train": 48_116, "test": 15_230},
        "final": _final(0.806, 0.71, 0.169, 0.298, 0.511),
        "state": _state(0.804, 0.812, 0.771),
        "verdicts": _verdicts(0.184, 0.896),
        "swing": {
            "band50": _m(0.487, 0.018),
            "band80": _m(0.783, 0.015),
            "pinball": _m(0.0381, 0.002),
            "pinball_no_change": _m(0.0457, 0.002),
            "drift_mean": _m(0.004, 0.009),
            "drift_slope": _m(-0.021, 0.03),
        },
        "alerts": {
            "precision": _m(0.722, 0.03, 1_523),
            "recall": _m(0.583, 0.026, 1_310),
            "median_lead_days": {"value": 8.0, "low": 7.0, "high": 9.0, "n": 764},
            "base_rate": _m(0.31, 0.011),
        },
        "skill": {"final": True, "state": True},
        "baselines": {
            "prior": {
                "final": _final(0.5, 0.402, 0.241, 0.0, 0.674),
                "state": _state(0.98, 0.5, 0.5),
                "verdicts": None,
            },
            "stage_rate": {
                "final": _final(0.63, 0.52, 0.216, 0.1, 0.63),
                "state": _state(0.954, 0.66, 0.63),
                "verdicts": _verdicts(0.041, 0.88),
            },
            "naive_bayes": {
                "final": _final(0.655, 0.54, 0.214, 0.11, 0.641),
                "state": None,
                "verdicts": None,
            },
        },
        "seconds": {"read": 1.9, "features": 6.4, "train": 21.2, "score": 5.0},
    }


def _bands(middle: float, half: float) -> Bands:
    def at(shift: float) -> float:
        return min(max(middle + shift * half, 0.005), 0.995)

    return Bands(low80=at(-1), low50=at(-0.45), median=at(0), high50=at(0.5), high80=at(1.1))


def _calibration(target: str, rates: list[float], bias: float) -> Calibration:
    bins = []
    for i, p in enumerate(rates):
        seen = min(max(p + bias * math.sin(2.1 * i + 0.6), 0.003), 0.997)
        half = 1.96 * math.sqrt(seen * (1 - seen) / 180)
        bins.append(
            CalibrationBin(
                predicted=p, observed=seen, low=max(seen - half, 0), high=min(seen + half, 1), n=1_015
            )
        )
    return Calibration(target=target, bins=tuple(bins))  # type: ignore[arg-type]


def _driver(zh: str, en: str, log_odds: float, points: float, *events: EventRef) -> Driver:
    return Driver(text=Text(zh=zh, en=en), log_odds=log_odds, points=points, events=events)


def _logit(p: float) -> float:
    p = min(max(p, 1e-12), 1 - 1e-12)
    return math.log(p / (1 - p))


def deal(
    *,
    name: str = "D-173688",
    p: float = 0.46,
    state: tuple[float, float, float] | None = (0.12, 0.31, 0.57),
    verdict: str | None = None,
    ended_as: str | None = "lost",
    dated: bool = True,
) -> ExplainedDeal:
    """Return one explained deal whose lines add up to its log-odds exactly."""
    seen = date(2011, 12, 21)
    calls = tuple(EventRef(kind="W_Nabellen offertes", at=seen - timedelta(days=i)) for i in (1, 3, 4, 6))
    others = [
        ("近一周主动联系客户 3 次", "The customer was called three times this week", 0.34, calls),
        ("阶段：已收到回复", "Stage: answer received", 0.28, (EventRef(kind="O_SENT_BACK", at=seen),)),
        (
            "负责人手上有 46 个在途商机，比平时多一半",
            "The owner holds 46 open deals, half more than usual",
            -0.21,
            (),
        ),
    ]
    base, rest, calibration = _logit(0.402), 0.05, -0.04
    main = _logit(p) - base - rest - calibration - sum(log_odds for _, _, log_odds, _ in others)
    first = (
        "报价发出 19 天，同类报价通常 11 天有回音",
        "Offer out for 19 days; such offers are usually answered in 11",
    )
    if main > 0:
        first = ("客户 2 天内回了报价，通常要 11 天", "The offer was answered in 2 days, usually it takes 11")
    lines = [(*first, main, (EventRef(kind="O_SENT", at=date(2011, 12, 2)),)), *others]
    slope = 0.21  # about the points of one log-odds in the middle

    def what_if(zh: str, en: str, shift: float) -> WhatIf:
        return WhatIf(change=Text(zh=zh, en=en), p_won_final=p + shift * p * (1 - p))

    return ExplainedDeal(
        id=name,
        landmark=seen if dated else None,
        p_won_final=p,
        state=state,
        swing=_bands(p, 0.16) if state else None,
        verdict=verdict,  # type: ignore[arg-type]
        base_log_odds=base,
        drivers=tuple(_driver(zh, en, size, size * slope, *events) for zh, en, size, events in lines),
        rest=Part(log_odds=rest, points=rest * slope),
        calibration=Part(log_odds=calibration, points=calibration * slope),
        what_if=(
            what_if("今天打一个电话", "A call made today", 0.2),
            what_if("金额下调 10%", "Amount cut by 10%", 0.07),
        ),
        ended_as=ended_as,  # type: ignore[arg-type]
        ended_on=date(2012, 1, 3) if dated and ended_as != "open" else None,
    )


def sample() -> ReportData:
    """Return a full report of a dated log, all sections filled."""
    cutoff = date(2011, 12, 15)
    names = [
        ("报价已发出的天数", "Days since the offer went out", 0.214, "down"),
        ("当前阶段", "Present stage", 0.163, "both"),
        ("近一周主动联系次数", "Calls this week", 0.121, "up"),
        ("最近一次往来距今", "Days since last contact", 0.094, "down"),
        ("负责人在途商机数", "The owner's open deals", 0.071, "down"),
        ("金额", "Amount", 0.048, "both"),
    ]
    won = [(s / 200, 0.87 - 0.9 * s / 200) for s in range(2, 30, 3)]
    lost = [(s / 100, 0.965 - 0.35 * s / 100 - 0.4 * (s / 100) ** 2) for s in range(2, 52, 3)]
    days = [0.7 + 13.2 * ((i * 37) % 101) / 101 + (14 if i % 9 == 0 else 0) for i in range(764)]
    return ReportData(
        figures=figures(),
        log_name="events.csv.gz",
        mapping_name="mapping.toml",
        version="0.1.0",
        protocol=Protocol(
            cutoff=cutoff,
            until=date(2012, 1, 12),
            first=date(2011, 10, 1),
            last=date(2012, 3, 14),
            every_days=2,
            horizon_days=14,
            zone="Europe/Amsterdam",
        ),
        closed_train=5_480,
        calibration=(
            _calibration("final", [0.03, 0.1, 0.19, 0.28, 0.37, 0.45, 0.54, 0.63, 0.72, 0.86], 0.045),
            _calibration("won", [0.01, 0.03, 0.06, 0.1, 0.15, 0.21, 0.3, 0.48], 0.03),
            _calibration("lost", [0.04, 0.09, 0.15, 0.22, 0.3, 0.39, 0.52, 0.78], 0.05),
        ),
        verdict_curves=(
            VerdictCurve(
                side="won",
                points=tuple(won),
                chosen=None,
                silent=Text(
                    zh="过去八周里，把握最大的一批也只有 86% 判对。",
                    en="in the past eight weeks even its surest calls were right only 86% of the time.",
                ),
            ),
            VerdictCurve(side="lost", points=tuple(lost), chosen=(0.184, 0.896)),
        ),
        lead=LeadTimes(days=tuple(days), missed=546),
        swing=tuple(
            SwingBin(
                now=p,
                predicted=_bands(p - 0.01, 0.13 + 0.1 * p),
                realised=_bands(p + 0.02, 0.15 + 0.08 * p),
                n=880,
            )
            for p in (0.06, 0.18, 0.3, 0.42, 0.54, 0.66, 0.8)
        ),
        landmarks=tuple(
            LandmarkPoint(
                on=cutoff + timedelta(days=2 * i),
                open=int(1_080 + 90 * math.sin(i)),
                auc=0.8 + 0.022 * math.sin(1.7 * i),
            )
            for i in range(14)
        ),
        drivers=tuple(
            GlobalDriver(
                name=Text(zh=zh, en=en),
                share=share,
                direction=way,  # type: ignore[arg-type]
            )
            for zh, en, share, way in names
        ),
        comparisons=tuple(
            Comparison(
                baseline=baseline, metric=metric, gain=Metric(value=gain, low=gain - half, high=gain + half)
            )
            for baseline, metric, gain, half in (
                ("stage_rate", "final.auc", 0.176, 0.016),
                ("stage_rate", "final.brier", 0.047, 0.006),
                ("stage_rate", "state.log_loss", 0.15, 0.02),
                ("naive_bayes", "final.auc", 0.151, 0.017),
                ("naive_bayes", "final.brier", 0.045, 0.007),
                ("prior", "final.brier", 0.072, 0.007),
                ("prior", "state.won.auc", 0.004, 0.012),
            )
        ),
        deals=(
            deal(),
            deal(name="D-180442", p=0.07, state=(0.02, 0.91, 0.07), verdict="lost"),
            deal(name="D-191020", p=0.83, state=(0.44, 0.05, 0.51), ended_as="won"),
            deal(name="D-188715", p=0.11, state=(0.03, 0.9, 0.07), verdict="lost", ended_as="won"),
            deal(name="华东精密 · 产线视觉检测二期", p=0.38, ended_as="open"),
        ),
        rejects=(
            Reject(reason=Text(zh="没有时间", en="No time"), rows=29, line=10_482),
            Reject(reason=Text(zh="时间读不懂", en="Time not readable"), rows=8, line=77_031),
        ),
    )


def undated() -> ReportData:
    """Return a report of a small log without dates: all that needs time is null."""
    full = sample()
    numbers = figures()
    for key in ("state", "verdicts", "swing", "alerts"):
        numbers[key] = None
    numbers["skill"] = {"final": True, "state": None}
    numbers["final"] = _final(0.8, 0.71, 0.18, 0.2, 0.55) | {
        "auc": _m(0.8, 0.07, 448),
        "closed_share": None,
        "ece": None,
    }
    numbers["baselines"] = {"prior": None, "stage_rate": {"final": None, "state": None, "verdicts": None}}
    numbers["data"] = {
        "deals": 448,
        "events": 0,
        "rejected": 0,
        "open": 0,
        "won": 228,
        "lost": 220,
        "first": None,
        "last": None,
        "hindsight": [],
        "duplicates": 83,
    }
    numbers["rows"] = {"train": None, "test": 448}
    numbers["seconds"] = None
    return replace(
        full,
        figures=numbers,
        log_name="salvirt.csv",
        protocol=Protocol(
            cutoff=None, until=None, first=None, last=None, every_days=2, horizon_days=14, zone="UTC", folds=5
        ),
        closed_train=448,
        calibration=full.calibration[:1],
        verdict_curves=(),
        lead=None,
        swing=(),
        landmarks=(),
        comparisons=(
            Comparison(
                baseline="stage_rate", metric="final.auc", gain=Metric(value=0.02, low=-0.01, high=0.05)
            ),
        ),
        deals=(
            deal(state=None, dated=False),
            deal(name="B-12", state=None, ended_as="won", dated=False),
        ),
        rejects=(),
    )
