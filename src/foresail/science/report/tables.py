"""The report's figures in rows: what was measured, against whom, and every metric with its meaning."""

from __future__ import annotations

from dataclasses import dataclass

from foresail.science.report.data import Metric, ReportData
from foresail.science.report.figures import metric, number
from foresail.science.report.findings import side_of_zero
from foresail.science.report.language import Language, Unit, unit_of

_BASELINES = ("stage_rate", "naive_bayes", "prior")
_TILES: tuple[tuple[str, tuple[str, str], Unit], ...] = (
    ("auc", ("final", "auc"), "score"),
    ("coverage", ("verdicts", "coverage"), "share"),
    ("right", ("verdicts", "right"), "share"),
    ("lead", ("alerts", "median_lead_days"), "days"),
    ("skill", ("final", "brier_skill"), "share"),
    ("ece", ("final", "ece"), "points"),
)
_SIDE_BY_SIDE = (
    "final.auc", "final.ap", "final.brier", "final.log_loss", "state.log_loss", "state.won.auc",
    "state.lost.auc", "verdicts.coverage", "verdicts.right",
)  # fmt: skip
LOWER_IS_BETTER = frozenset({"brier", "log_loss", "ece"})


def tiles(data: ReportData, lang: Language) -> list[tuple[str, str, str]]:
    """Return the figures on top, at most four and only measured ones: name, value, interval."""
    target = number(data.figures, "verdicts", "target")
    rows = []
    for name, path, unit in _TILES:
        found = metric(data.figures, *path)
        if found is None:
            continue
        note = lang.interval(found, unit)
        if name == "right" and target is not None:
            note += " · " + lang.t("tile.target", target=lang.percent(target, digits=0))
        value = lang.write(found.value, unit)
        # A size has no sign; only differences do.
        rows.append((lang.t(f"tile.{name}"), value.removeprefix("+"), note.replace("+", "")))
    return rows[:4]


def facts(data: ReportData, lang: Language) -> list[tuple[str, str]]:
    """Return what was measured as names and values; a fact that is not known is left out."""
    protocol, figures = data.protocol, data.figures

    def counts(*paths: tuple[str, str]) -> str | None:
        found = [number(figures, *path) for path in paths]
        return None if None in found else " / ".join(lang.count(value or 0) for value in found)

    seconds = {key: number(figures, "seconds", key) for key in ("read", "features", "train", "score")}
    spent = {key: lang.score(value, digits=1) for key, value in seconds.items() if value is not None}
    closed = metric(figures, "final", "closed_share")
    rows: list[tuple[str, str | None]] = [
        ("f.log", data.log_name),
        ("f.mapping", data.mapping_name),
        ("f.deals", counts(("data", "deals"))),
        ("f.events", counts(("data", "events"))),
        ("f.outcomes", counts(("data", "won"), ("data", "lost"), ("data", "open"))),
        ("f.rows", counts(("rows", "train"), ("rows", "test"))),
        ("f.closed", lang.percent(closed.value) if closed else None),
    ]
    if protocol.first and protocol.last:
        rows.append(
            ("f.period", f"{lang.full_date(protocol.first)}{lang.t('to')}{lang.full_date(protocol.last)}")
        )
    if data.dated and protocol.cutoff:
        rows += [
            ("f.cutoff", lang.full_date(protocol.cutoff)),
            ("f.until", lang.full_date(protocol.until) if protocol.until else None),
            ("f.steps", f"{lang.days(protocol.every_days)} / {lang.days(protocol.horizon_days)}"),
            ("f.zone", protocol.zone),
        ]
    if len(spent) == len(seconds):
        rows.append(("f.seconds", lang.t("f.seconds.of", **spent)))
    return [(lang.t(key), value) for key, value in rows if value is not None]


def methods(data: ReportData, path: str) -> list[tuple[str, Metric | None]]:
    """Return the metric `path` of the model and of each baseline, the model first."""
    keys = path.split(".")
    ours = ("b.ours", metric(data.figures, *keys))
    return [ours, *((f"b.{name}", metric(data.figures, "baselines", name, *keys)) for name in _BASELINES)]


def figure_name(path: str, data: ReportData, lang: Language) -> str:
    """Return the metric `path` in words, such as "Final outcome · AUC"."""
    group, _, key = path.rpartition(".")
    horizon = lang.days(data.protocol.horizon_days)
    return f"{lang.t('g.' + group, days=horizon)} · {lang.t('m.' + key)}"


def gains(data: ReportData, lang: Language) -> list[tuple[str, list[dict[str, str]]]]:
    """Return by baseline each paired difference in words, with the side of zero it lies on."""
    groups = []
    for name in _BASELINES:
        rows = [
            {
                "metric": figure_name(c.metric, data, lang),
                "gain": lang.gain(c.gain),
                "side": side_of_zero(c.gain),
                "said": lang.t(side_of_zero(c.gain)),
            }
            for c in data.comparisons
            if c.baseline == name
        ]
        if rows:
            groups.append((lang.t("gains.over", baseline=lang.t(f"b.{name}")), rows))
    return groups


def side_by_side(data: ReportData, lang: Language) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the table of all methods: per figure, (method, value, interval) four times."""
    table = []
    for path in _SIDE_BY_SIDE:
        unit = unit_of(path.split(".")[-1])
        cells = [
            (lang.t(key), "–", "")
            if m is None
            else (lang.t(key), lang.write(m.value, unit), lang.interval(m, unit))
            for key, m in methods(data, path)
        ]
        if any(value != "–" for _, value, _ in cells):
            table.append((figure_name(path, data, lang), cells))
    return table


@dataclass(frozen=True)
class FigureRow:
    """One line of the table of all figures, already written out."""

    name: str
    value: str
    interval: str
    n: str
    meaning: str


_GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "final",
        ("final",),
        ("auc", "ap", "brier", "brier_skill", "ece", "log_loss", "base_rate", "closed_share"),
    ),
    ("state", ("state",), ("log_loss", "accuracy")),
    ("state.won", ("state", "won"), ("auc", "ap", "brier", "ece", "base_rate")),
    ("state.lost", ("state", "lost"), ("auc", "ap", "brier", "ece", "base_rate")),
    ("state.open", ("state", "open"), ("auc", "ap", "brier", "ece", "base_rate")),
    ("verdicts", ("verdicts",), ("target", "coverage", "right")),
    ("verdicts.won", ("verdicts", "won"), ("share", "right")),
    ("verdicts.lost", ("verdicts", "lost"), ("share", "right")),
    ("alerts", ("alerts",), ("precision", "recall", "median_lead_days", "base_rate")),
    ("swing", ("swing",), ("band50", "band80", "pinball", "pinball_no_change", "drift_mean", "drift_slope")),
)


def all_figures(data: ReportData, lang: Language) -> list[tuple[str, list[FigureRow]]]:
    """Return every metric of the protocol by group, "not measured" where it is null."""
    groups = []
    for name, path, keys in _GROUPS:
        rows = [_row(metric(data.figures, *path, key), key, lang) for key in keys]
        groups.append((lang.t(f"g.{name}", days=lang.days(data.protocol.horizon_days)), rows))
    return groups


def _row(found: Metric | None, key: str, lang: Language) -> FigureRow:
    name, meaning, unit = lang.t(f"m.{key}"), lang.t(f"d.{key}"), unit_of(key)
    if found is None:
        return FigureRow(name, lang.t("not_measured"), "–", "–", meaning)
    interval = "–" if found.low is None or found.high is None else lang.interval(found, unit)
    count = "–" if found.n is None else lang.count(found.n)
    return FigureRow(name, lang.write(found.value, unit), interval, count, meaning)
