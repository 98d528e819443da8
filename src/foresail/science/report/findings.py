"""What the figures let us say in plain words, and no more than that.

A difference counts only where its whole 95 % interval lies on one side; everything else is "not shown".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from foresail.science.report.data import Calibration, Metric, ReportData, Side
from foresail.science.report.figures import flag, metric, number
from foresail.science.report.language import Language

Level = Literal["use", "state", "undated", "few", "rates", "stage", "none", "unknown"]
Tone = Literal["ok", "warn", "bad", "plain"]

_WIDE = 0.10  # an AUC interval wider than this can move a director's mind on the next test
_CLOSE = 0.05  # a band this near to its promise is off, but does no harm
_ENOUGH_TO_JUDGE = 2  # calibration bins; fewer draw no curve


@dataclass(frozen=True)
class Finding:
    """A sentence and how good the news is."""

    tone: Tone
    text: str


def side_of_zero(gain: Metric) -> Literal["better", "worse", "unclear"]:
    """Return which side of zero the whole interval of `gain` lies on; without an interval it is unclear."""
    if gain.low is not None and gain.low > 0:
        return "better"
    if gain.high is not None and gain.high < 0:
        return "worse"
    return "unclear"


def gain_over(data: ReportData, baseline: str, path: str) -> Metric | None:
    """Return the paired gain over `baseline` in the metric `path`, None where it was not compared."""
    for comparison in data.comparisons:
        if comparison.baseline == baseline and comparison.metric == path:
            return comparison.gain
    return None


def level(data: ReportData) -> Level:
    """Return what a director may do with this model, the gravest reason against it first."""
    final, state = flag(data.figures, "skill", "final"), flag(data.figures, "skill", "state")
    if data.tier == "stage_rates":
        return "rates"
    if final is None and state is None:
        return "unknown"
    if not final:
        return "state" if state else "none"
    if not data.dated:
        return "undated"
    if data.tier == "hierarchical":
        return "few"
    gains = [gain_over(data, "stage_rate", path) for path in ("final.auc", "final.brier")]
    if not all(gain and side_of_zero(gain) == "better" for gain in gains):
        return "stage"
    return "use"


TONES: dict[Level, Tone] = {
    "use": "ok",
    "state": "warn",
    "undated": "warn",
    "few": "warn",
    "rates": "warn",
    "stage": "warn",
    "none": "bad",
    "unknown": "bad",
}


def headline(data: ReportData, lang: Language) -> Finding:
    """Return the one sentence on top."""
    found = level(data)
    if found == "use" and data.simulated:
        return Finding("ok", lang.t("level.simulated"))
    return Finding(TONES[found], lang.t(f"level.{found}", days=lang.days(data.protocol.horizon_days)))


def answers(data: ReportData, lang: Language) -> list[tuple[str, str]]:
    """Return the five questions of a director, each with its answer."""
    found = "simulated" if data.simulated else level(data)
    use = lang.t(f"a.use.{found}", days=lang.days(data.protocol.horizon_days))
    return [
        (lang.t("q.good"), _how_good(data, lang)),
        (lang.t("q.many"), _how_many(data, lang)),
        (lang.t("q.better"), _better(data, lang)),
        (lang.t("q.use"), use),
        (lang.t("q.not"), _cannot(data, lang)),
    ]


def _join(lang: Language, *sentences: str) -> str:
    return ("" if lang.code == "zh" else " ").join(sentence for sentence in sentences if sentence)


def _how_good(data: ReportData, lang: Language) -> str:
    auc, ece = metric(data.figures, "final", "auc"), metric(data.figures, "final", "ece")
    if auc is None:
        return lang.t("a.good.unknown")
    said = [lang.t("a.good", auc=lang.percent(auc.value), interval=lang.interval(auc, "share"))]
    if ece is not None:
        said.append(lang.t("a.good.ece", ece=lang.points(ece.value).lstrip("+")))
    if is_wide(auc):
        said.append(lang.t("a.wide"))
    return _join(lang, *said)


def is_wide(auc: Metric) -> bool:
    """Return whether the interval is too wide to lean on."""
    return auc.low is None or auc.high is None or auc.high - auc.low > _WIDE


def _how_many(data: ReportData, lang: Language) -> str:
    values: dict[str, object] = {}
    for name in ("deals", "won", "lost", "open"):
        values[name] = _count(number(data.figures, "data", name), lang)
    values["rows"] = _count(number(data.figures, "rows", "test"), lang)
    if data.protocol.cutoff is None:
        return lang.t("a.many.undated", **values)
    return lang.t("a.many.dated", cutoff=lang.full_date(data.protocol.cutoff), **values)


def _count(value: float | None, lang: Language) -> str:
    return lang.t("not_measured") if value is None else lang.count(value)


def _better(data: ReportData, lang: Language) -> str:
    gains = {name: gain_over(data, "stage_rate", f"final.{name}") for name in ("auc", "brier")}
    known = {name: gain for name, gain in gains.items() if gain is not None}
    if not known:
        return lang.t("a.better.unknown")
    said = [
        lang.t(
            "a.better.one", name=lang.t(f"m.{name}"), gain=lang.gain(gain), said=lang.t(side_of_zero(gain))
        )
        for name, gain in known.items()
    ]
    better = sum(side_of_zero(gain) == "better" for gain in known.values())
    key = "yes" if better == len(gains) else "partly" if better else "no"
    return lang.t(f"a.better.{key}", details=lang.t("list.mark").join(said))


def _cannot(data: ReportData, lang: Language) -> str:
    said = []
    coverage = number(data.figures, "verdicts", "coverage")
    silent = silent_sides(data)
    if not data.dated:
        said.append(lang.t("refused.silent.undated"))
    elif len(silent) == 2:
        said.append(lang.t("a.not.silent.all"))
    elif coverage is not None:
        said.append(lang.t("a.not.verdict", coverage=lang.percent(coverage)))
        said += [lang.t("a.not.silent", side=lang.t(side)) for side in silent]
    return _join(lang, *said, lang.t("a.not.always"))


def silent_sides(data: ReportData) -> list[Side]:
    """Return the sides that give no verdicts: without a chosen point, or with none given in the test."""
    sides: list[Side] = []
    drawn = {curve.side: curve for curve in data.verdict_curves}
    for side in ("won", "lost"):
        curve = drawn.get(side)
        given = number(data.figures, "verdicts", side, "share")
        if (curve is not None and curve.chosen is None) or (curve is None and not given):
            sides.append(side)
    return sides


def verdict_findings(data: ReportData, lang: Language) -> list[Finding]:
    """Say whether the target was held, and which side said what."""
    share, right = metric(data.figures, "verdicts", "coverage"), metric(data.figures, "verdicts", "right")
    target = number(data.figures, "verdicts", "target")
    found = []
    silent = silent_sides(data)
    if share is None or right is None or target is None or share.value == 0:
        if len(silent) < 2:
            found.append(Finding("warn", lang.t("verdicts.nobody")))
    else:
        held = right.low is not None and right.low >= target
        missed = right.high is not None and right.high < target
        key, tone = ("met", "ok") if held else ("missed", "bad") if missed else ("near", "plain")
        text = lang.t(
            f"verdicts.{key}",
            share=lang.percent(share.value),
            right=lang.percent(right.value),
            interval=lang.interval(right, "share"),
            target=lang.percent(target, digits=0),
        )
        found.append(Finding(tone, text))  # type: ignore[arg-type]  # mypy widens the tuple's literals
    found += [Finding("warn" if len(silent) == 2 else "plain", text) for text in silent_texts(data, lang)]
    for side in ("won", "lost"):
        if side in silent:
            continue
        given, ok = (
            number(data.figures, "verdicts", side, "share"),
            number(data.figures, "verdicts", side, "right"),
        )
        if given is not None and ok is not None:
            values = {"side": lang.t(side), "share": lang.percent(given), "right": lang.percent(ok)}
            found.append(Finding("plain", lang.t("verdicts.one", **values)))
    return found


def silent_texts(data: ReportData, lang: Language) -> list[str]:
    """Return why which side gives no verdicts; both are named together where the reason is the same."""
    told = {c.side: lang.text(c.silent) for c in data.verdict_curves if c.silent is not None}
    reasons = {side: told.get(side, lang.t("verdicts.silent.why")) for side in silent_sides(data)}
    if len(reasons) == 2 and len(set(reasons.values())) == 1:
        return [lang.t("verdicts.silent.both", why=reasons["won"])]
    return [lang.t("verdicts.silent", side=lang.t(side), why=why) for side, why in reasons.items()]


def alert_findings(data: ReportData, lang: Language) -> list[Finding]:
    """Say how many losses were seen coming, how early, and at what cost in false alarms."""
    found = []
    recall, lead = (
        metric(data.figures, "alerts", "recall"),
        metric(data.figures, "alerts", "median_lead_days"),
    )
    precision, base = (number(data.figures, "alerts", key) for key in ("precision", "base_rate"))
    if lead is not None:
        values = {"lead": lang.days(lead.value), "interval": lang.interval(lead, "days")}
        found.append(Finding("plain", lang.t("alerts.lead", **values)))
    if recall is not None:
        values = {"recall": lang.percent(recall.value), "interval": lang.interval(recall, "share")}
        found.append(Finding("plain", lang.t("alerts.recall", **values)))
    if precision is not None and base is not None:
        values = {"precision": lang.percent(precision), "base": lang.percent(base)}
        found.append(Finding("plain", lang.t("alerts.precision", **values)))
    return found


def swing_findings(data: ReportData, lang: Language) -> list[Finding]:
    """Say whether the bands keep what they promise and whether movements could be foreseen."""
    found = []
    band80, drift = metric(data.figures, "swing", "band80"), metric(data.figures, "swing", "drift_mean")
    band50 = number(data.figures, "swing", "band50")
    pinball, same = (number(data.figures, "swing", key) for key in ("pinball", "pinball_no_change"))
    if band80 is not None:
        narrow = band80.high is not None and band80.high < 0.8
        wide = band80.low is not None and band80.low > 0.8
        key = "narrow" if narrow else "wide" if wide else "ok"
        tone: Tone = "ok" if key == "ok" else "plain" if abs(band80.value - 0.8) < _CLOSE else "warn"
        values = {"share": lang.percent(band80.value), "interval": lang.interval(band80, "share")}
        found.append(Finding(tone, lang.t(f"swing.in80.{key}", **values)))
    if band50 is not None:
        found.append(Finding("plain", lang.t("swing.in50", share=lang.percent(band50))))
    if pinball is not None and same is not None:
        values = {"ours": lang.write(pinball, "fine"), "same": lang.write(same, "fine")}
        found.append(Finding("plain", lang.t("swing.pinball", **values)))
    if drift is not None:
        moved = side_of_zero(drift) != "unclear"
        values = {"drift": lang.points(drift.value), "interval": lang.interval(drift, "points")}
        key = "swing.drift.some" if moved else "swing.drift.none"
        found.append(Finding("warn" if moved else "plain", lang.t(key, **values)))
    return found


def calibration_findings(data: ReportData, lang: Language) -> list[Finding]:
    """Say of each curve in how many of its bins the stated chance came true."""
    found = []
    for curve in data.calibration:
        if len(curve.bins) < _ENOUGH_TO_JUDGE:
            continue
        path = ("final",) if curve.target == "final" else ("state", curve.target)
        ece = number(data.figures, *path, "ece")
        ok = len(curve.bins) - misses(curve)
        text = lang.t(
            "cal.finding",
            name=lang.t(f"cal.{curve.target}", days=lang.days(data.protocol.horizon_days)),
            k=len(curve.bins),
            ok=ok,
        )
        if ece is not None:
            text = _join(lang, text, lang.t("cal.finding.ece", ece=lang.points(ece).lstrip("+")))
        # One bin in twenty misses by chance; a fifth of them is more than that.
        found.append(Finding("ok" if ok >= 0.8 * len(curve.bins) else "warn", text))
    return found


def weeks_findings(data: ReportData, lang: Language) -> list[Finding]:
    """Say how far the landmarks lie apart, and at how many the ranking was no better than a coin."""
    by_auc = any(point.auc is not None for point in data.landmarks)
    scores = [point.auc if by_auc else point.brier for point in data.landmarks]
    known = [score for score in scores if score is not None]
    if not known:
        return []
    ends = {"low": lang.score(min(known)), "high": lang.score(max(known))}
    text = lang.t("weeks.finding", k=len(known), metric="AUC" if by_auc else "Brier", **ends)
    found = [Finding("plain", text)]
    coins = sum(score <= 0.5 for score in known) if by_auc else 0
    if coins:
        found.append(Finding("warn", lang.t("weeks.coin", n=coins)))
    return found


def misses(curve: Calibration) -> int:
    """Return how many bins have an interval that does not reach what was stated."""
    return sum(not one.low <= one.predicted <= one.high for one in curve.bins)


def limits(data: ReportData, lang: Language) -> list[str]:
    """Return what the figures do not say: the fixed list, and what this data adds to it."""
    protocol = data.protocol
    period = lang.t("limit.past")
    if protocol.cutoff is not None and protocol.until is not None:
        period = f"{lang.full_date(protocol.cutoff)}{lang.t('to')}{lang.full_date(protocol.until)}"
    said = []
    if not data.dated:
        said.append(lang.t("limit.undated"))
    if data.tier != "full":
        said.append(lang.t("limit.few"))
    said += [lang.t("limit.cause"), lang.t("limit.future", period=period), lang.t("limit.one")]
    closed = number(data.figures, "final", "closed_share")
    if closed is not None and closed < 1:
        said.append(lang.t("limit.slow", share=lang.percent(closed)))
    return said + [lang.t(f"limit.{key}") for key in ("unseen", "people", "use", "money")]
