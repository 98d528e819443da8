"""The report's charts: each an SVG for the eye and the same numbers as a table.

All are drawn for a phone (340 units wide), so that text stays legible there; a wide screen sets several
side by side. Series differ by shape and line as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from foresail.science.report import svg
from foresail.science.report.data import (
    Bands,
    Calibration,
    LandmarkPoint,
    LeadTimes,
    Metric,
    Protocol,
    SwingBin,
    VerdictCurve,
)
from foresail.science.report.findings import misses
from foresail.science.report.language import Language
from foresail.science.texts import clean

WIDTH = 340.0


@dataclass(frozen=True)
class Chart:
    """A picture and its data table."""

    title: str
    picture: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _chart(
    parts: list[Markup], *, height: float, name: str, lang: Language, title: str, says: str,
    head: Sequence[str], rows: Sequence[Sequence[str]],
) -> Chart:  # fmt: skip
    picture = svg.picture(
        parts, width=WIDTH, height=height, name=f"{lang.code}-{name}", title=title, says=says
    )
    return Chart(title, picture, tuple(head), tuple(tuple(row) for row in rows))


def time_strip(protocol: Protocol, lang: Language) -> Chart | None:
    """Draw what was learned from, what was tested, and what only told the outcomes."""
    if not (protocol.first and protocol.cutoff and protocol.until and protocol.last):
        return None
    until = min(protocol.until, protocol.last)
    instants = (protocol.first, protocol.cutoff, until, protocol.last)
    scale = svg.Scale(
        protocol.first.toordinal(), max(protocol.last.toordinal(), until.toordinal() + 1), 2, 338
    )
    x = [scale(on.toordinal()) for on in instants]
    names = [lang.t(f"strip.{key}") for key in ("learn", "test", "wait")]
    parts, height = [], 72
    for i, (name, kind) in enumerate(zip(names, ("learn", "test", "wait"), strict=True)):
        width = x[i + 1] - x[i]
        parts.append(svg.rect(x[i], 22, max(width - 1, 0), 26, kind=f"strip-{kind}", round_=3))
        if width > 12 * len(name) * (1.2 if lang.code == "zh" else 0.7):
            parts.append(svg.label(x[i] + width / 2, 39, name, anchor="middle", kind=f"on-{kind}"))
    parts.append(svg.label(2, 14, lang.full_date(instants[0]), kind="tick"))
    parts.append(svg.label(338, 14, lang.full_date(instants[3]), anchor="end", kind="tick"))
    for place, on, anchor in ((x[1], instants[1], "end"), (x[2], instants[2], "start")):
        # Near an edge the date turns inwards, or it would be cut off.
        turned = (
            "start"
            if anchor == "end" and place < 70
            else "end"
            if anchor == "start" and place > 270
            else anchor
        )
        row = 66 if turned == anchor else 82
        height = max(height, row + 6)
        parts.append(svg.line(place, 18, place, row - 10, kind="mark"))
        parts.append(svg.label(place, row, lang.full_date(on), anchor=turned, kind="tick strong"))
    dates = dict(zip(("first", "cutoff", "until", "last"), map(lang.full_date, instants), strict=True))
    return _chart(
        parts,
        height=height,
        name="strip",
        lang=lang,
        title=lang.t("strip.title"),
        says=lang.t("strip.desc", **dates),
        head=("", lang.t("f.period")),
        rows=[
            (name, lang.t("to").join(map(lang.full_date, instants[i : i + 2])))
            for i, name in enumerate(names)
        ],
    )


def intervals(
    rows: Sequence[tuple[str, Metric]], *, name: str, metric_name: str, note: str, lang: Language
) -> Chart | None:
    """Draw one value with its interval per method; the first row is ours."""
    if not rows:
        return None
    ends = [end for _, m in rows for end in (m.value, m.low, m.high) if end is not None]
    step = 0.05 if max(ends) - min(ends) > 0.08 else 0.02
    low, high = svg.round_down(min(ends), to=step), svg.round_up(max(ends), to=step)
    scale = svg.Scale(low, max(high, low + 0.05), 88, 286)
    height = 24 + 30 * len(rows)
    parts = []
    for tick in svg.ticks(scale.low, scale.high):
        parts.append(svg.line(scale(tick), 2, scale(tick), height - 20, kind="grid"))
        parts.append(
            svg.label(scale(tick), height - 6, lang.score(tick, digits=2), anchor="middle", kind="tick")
        )
    for i, (method, m) in enumerate(rows):
        y, kind = 17 + 30 * i, "ours" if i == 0 else "other"
        parts.append(svg.label(2, y + 4, method, kind=f"name {kind}"))
        parts.append(svg.label(338, y + 4, lang.score(m.value), anchor="end", kind=f"name {kind}"))
        if m.low is not None and m.high is not None:
            parts.append(svg.line(scale(m.low), y, scale(m.high), y, kind=f"range {kind}"))
        x = scale(m.value)
        parts.append(
            svg.rect(x - 5, y - 5, 10, 10, kind="point ours")
            if i == 0
            else svg.dot(x, y, 4.5, kind="point other")
        )
    said = "; ".join(f"{method} {lang.score(m.value)} ({lang.interval(m, 'score')})" for method, m in rows)
    return _chart(
        parts,
        height=height,
        name=name,
        lang=lang,
        title=f"{metric_name} · {note}",
        says=lang.t("baselines.chart.desc", rows=said),
        head=(lang.t("method"), lang.t("value"), lang.t("interval95"), lang.t("n")),
        rows=[
            (method, lang.score(m.value), lang.interval(m, "score"), "–" if m.n is None else lang.count(m.n))
            for method, m in rows
        ],
    )


def _square(
    *, x: svg.Scale, y: svg.Scale, x_name: str, y_name: str, lang: Language, bottom: float
) -> list[Markup]:
    """Return the grid, ticks and axis names of a chart of two shares."""
    parts = []
    for tick in svg.ticks(y.low, y.high):
        parts.append(svg.line(x.start, y(tick), x.stop, y(tick), kind="grid"))
        parts.append(
            svg.label(x.start - 6, y(tick) + 4, lang.percent(tick, digits=0), anchor="end", kind="tick")
        )
    for tick in svg.ticks(x.low, x.high):
        digits = 0 if x.high > 0.1 else 1
        parts.append(
            svg.label(x(tick), bottom - 22, lang.percent(tick, digits=digits), anchor="middle", kind="tick")
        )
    parts.append(svg.label(x.stop, bottom - 5, f"{x_name} →", anchor="end", kind="axis"))
    parts.append(svg.label(2, 11, f"↑ {y_name}", kind="axis"))
    return parts


def calibration(curve: Calibration, *, horizon: str, lang: Language) -> Chart | None:
    """Draw what came against what was stated, with the line where both agree."""
    if not curve.bins:
        return None
    title = lang.t(f"cal.{curve.target}", days=horizon)
    top = max(max(one.predicted, one.high) for one in curve.bins)
    top = next(size for size in (0.1, 0.2, 0.4, 0.6, 0.8, 1.0) if top <= size or size == 1.0)
    x, y = svg.Scale(0, top, 40, 322), svg.Scale(0, top, 228, 22)
    parts = _square(x=x, y=y, x_name=lang.t("cal.x"), y_name=lang.t("cal.y"), lang=lang, bottom=270)
    parts.append(svg.line(x(0), y(0), x(top), y(top), kind="ideal"))
    for one in curve.bins:
        off = not one.low <= one.predicted <= one.high
        parts.append(svg.line(x(one.predicted), y(one.low), x(one.predicted), y(one.high), kind="range ours"))
        # A bin that misses is hollow: told by shape, not by colour.
        parts.append(svg.dot(x(one.predicted), y(one.observed), 4, kind="point off" if off else "point ours"))
    n = sum(one.n for one in curve.bins)
    return _chart(
        parts,
        height=270,
        name=f"cal-{curve.target}",
        lang=lang,
        title=title,
        says=lang.t("cal.desc", k=len(curve.bins), n=lang.count(n), off=misses(curve)),
        head=(lang.t("cal.x"), lang.t("cal.y"), lang.t("interval95"), lang.t("n")),
        rows=[
            (
                lang.percent(one.predicted),
                lang.percent(one.observed),
                f"{lang.percent(one.low)}{lang.t('to')}{lang.percent(one.high)}",
                lang.count(one.n),
            )
            for one in curve.bins
        ],
    )


def verdict_curves(curves: Sequence[VerdictCurve], *, target: float | None, lang: Language) -> Chart | None:
    """Draw the right rate against coverage for both sides, the target, and the points in use."""
    drawn = [curve for curve in curves if curve.points]
    if not drawn:
        return None
    shares = [share for curve in drawn for share, _ in curve.points]
    rights = [right for curve in drawn for _, right in curve.points] + ([] if target is None else [target])
    # Right of the ends there is room for their names.
    x = svg.Scale(0, max(svg.round_up(max(shares), to=0.1), 0.1), 40, 300)
    y = svg.Scale(min(svg.round_down(min(rights), to=0.1), 0.9), 1, 210, 22)
    parts = _square(x=x, y=y, x_name=lang.t("verdicts.x"), y_name=lang.t("verdicts.y"), lang=lang, bottom=252)
    if target is not None:
        parts.append(svg.line(x.start, y(target), x.stop, y(target), kind="target"))
        words = lang.t("verdicts.threshold", target=lang.percent(target, digits=0))
        parts.append(svg.label(x.stop, y(target) - 5, words, anchor="end", kind="tick strong halo"))
    said, rows = [], []
    ends = [max(curve.points) for curve in drawn]
    crowd = max(0.0, 14 - abs(y(ends[0][1]) - y(ends[-1][1]))) / 2 if len(ends) > 1 else 0.0
    for curve, end in zip(drawn, ends, strict=True):
        points = sorted(curve.points)
        name = lang.t(curve.side)
        parts.append(svg.path([(x(share), y(right)) for share, right in points], kind=f"curve {curve.side}"))
        apart = crowd if end[1] == min(ends, key=lambda e: e[1])[1] else -crowd
        parts.append(svg.label(x(end[0]) + 6, y(end[1]) + 4 + apart, name, kind=f"name {curve.side} halo"))
        rows += [(name, lang.percent(share), lang.percent(right), "") for share, right in points]
        if curve.chosen is None:
            said.append(lang.t("verdicts.point.silent", side=name))
            continue
        share, right = curve.chosen
        up = 1 if curve.side == "won" else -1
        at = (x(share), y(right))
        corners = [(at[0], at[1] - 7 * up), (at[0] - 7, at[1] + 6 * up), (at[0] + 7, at[1] + 6 * up)]
        parts.append(svg.shape(corners, kind=f"chosen {curve.side}"))
        said.append(lang.t("verdicts.point", side=name, share=lang.percent(share), right=lang.percent(right)))
        rows.append((name, lang.percent(share), lang.percent(right), lang.t("verdicts.chosen")))
    return _chart(
        parts,
        height=252,
        name="verdicts",
        lang=lang,
        title=lang.t("verdicts.chart"),
        says=lang.t("verdicts.chart.desc", points=("" if lang.code == "zh" else " ").join(said)),
        head=(lang.t("verdicts.side"), lang.t("verdicts.x"), lang.t("verdicts.y"), ""),
        rows=rows,
    )


def lead_times(lead: LeadTimes, lang: Language) -> Chart | None:
    """Draw how many lost deals were first alerted how many days ahead, in at most twelve bins."""
    if not lead.days:
        return None
    size = max(1, math.ceil((max(lead.days) + 1e-9) / 12))
    size = next((nice for nice in (1, 2, 3, 5, 7, 14, 28) if nice >= size), size)
    counts = [0] * (int(max(lead.days) // size) + 1)
    for days in lead.days:
        counts[int(days // size)] += 1
    step = (334 - 6) / len(counts)
    y = svg.Scale(0, max(counts), 176, 46)
    middle = median(lead.days)
    parts = [svg.line(6, 176, 334, 176, kind="base")]
    thin = max(1, math.ceil(34 / step))
    for i, count in enumerate(counts):
        left = 6 + i * step
        parts.append(svg.rect(left + 1, y(count), step - 2, 176 - y(count), kind="bar", round_=2))
    at = 6 + middle / size * step
    words = lang.t("alerts.median", median=lang.days(middle))
    parts.append(svg.line(at, 18, at, 176, kind="mark"))
    parts.append(
        svg.label(at + 5, 26, words, kind="tick strong")
        if at < 200
        else svg.label(at - 5, 26, words, anchor="end", kind="tick strong")
    )
    for i, count in enumerate(counts):
        left = 6 + i * step
        if count and step >= 17:
            parts.append(
                svg.label(left + step / 2, y(count) - 4, lang.count(count), anchor="middle", kind="tick halo")
            )
        if i % thin == 0:
            parts.append(svg.label(left, 192, str(i * size), anchor="start", kind="tick"))
    # Beside the bars, not as one of them: the many that were missed would flatten the rest.
    missed = lang.t("alerts.missed.of", n=lang.count(lead.missed))
    parts.append(svg.label(334, 10, missed, anchor="end", kind="tick strong"))
    parts.append(svg.label(2, 10, f"↑ {lang.t('alerts.deals')}", kind="axis"))
    parts.append(svg.label(334, 208, f"{lang.t('alerts.x')} →", anchor="end", kind="axis"))
    bins = [
        (f"{lang.days(i * size)} – {lang.days((i + 1) * size)}", lang.count(count))
        for i, count in enumerate(counts)
    ]
    return _chart(
        parts,
        height=212,
        name="lead",
        lang=lang,
        title=lang.t("alerts.chart"),
        says=lang.t(
            "alerts.chart.desc",
            caught=lang.count(len(lead.days)),
            median=lang.days(middle),
            missed=lang.count(lead.missed),
        ),
        head=(lang.t("alerts.bin"), lang.t("alerts.deals")),
        rows=[*bins, (lang.t("alerts.missed"), lang.count(lead.missed))],
    )


def swing(bins: Sequence[SwingBin], *, horizon: str, lang: Language) -> Chart | None:
    """Draw the forecast bands beside the quantiles that came, per present win chance."""
    if not bins:
        return None
    ordered = sorted(bins, key=lambda one: one.now)
    top = max(max(one.predicted.high80, one.realised.high80) for one in ordered)
    top = min(1.0, svg.round_up(top, to=0.2))
    y = svg.Scale(0, top, 212, 40)
    step = (334 - 40) / len(ordered)
    parts = []
    for tick in svg.ticks(0, top):
        parts.append(svg.line(38, y(tick), 334, y(tick), kind="grid"))
        parts.append(svg.label(32, y(tick) + 4, lang.percent(tick, digits=0), anchor="end", kind="tick"))
    rows = []
    width = min(step * 0.34, 18)
    for i, one in enumerate(ordered):
        middle = 40 + (i + 0.5) * step
        left, right, said = middle - width - 1, middle + width / 2 + 2, one.predicted
        parts.append(_band(left, width, said.low80, said.high80, y, "band80"))
        parts.append(_band(left, width, said.low50, said.high50, y, "band50"))
        parts.append(svg.line(left, y(said.median), left + width, y(said.median), kind="median"))
        came = one.realised
        parts.append(svg.line(right, y(came.low80), right, y(came.high80), kind="came80"))
        parts.append(svg.line(right, y(came.low50), right, y(came.high50), kind="came50"))
        parts.append(svg.dot(right, y(came.median), 4, kind="came"))
        parts.append(svg.label(middle, 230, lang.percent(one.now, digits=0), anchor="middle", kind="tick"))
        for name, bands in (("predicted", said), ("realised", came)):
            rows.append(
                (lang.percent(one.now), lang.t(f"swing.{name}"), *_bands(bands, lang), lang.count(one.n))
            )
    parts.append(svg.label(334, 248, f"{lang.t('swing.x')} →", anchor="end", kind="axis"))
    parts.append(svg.label(2, 12, f"↑ {lang.t('swing.y', days=horizon)}", kind="axis"))
    parts += [svg.rect(190, 4, 12, 10, kind="band80"), svg.rect(193, 4, 6, 10, kind="band50")]
    parts.append(svg.label(208, 13, lang.t("swing.predicted"), kind="tick"))
    parts += [svg.line(284, 2, 284, 16, kind="came50"), svg.dot(284, 9, 4, kind="came")]
    parts.append(svg.label(294, 13, lang.t("swing.realised"), kind="tick"))
    return _chart(
        parts,
        height=254,
        name="swing",
        lang=lang,
        title=lang.t("swing.chart"),
        says=lang.t("swing.chart.desc", k=len(ordered)),
        head=(
            lang.t("swing.x"), "", lang.t("swing.median"), lang.t("swing.band50"), lang.t("swing.band80"), lang.t("n"),
        ),
        rows=rows,
    )  # fmt: skip


def _band(x: float, width: float, low: float, high: float, y: svg.Scale, kind: str) -> Markup:
    return svg.rect(x, y(high), width, y(low) - y(high), kind=kind, round_=2)


def _bands(bands: Bands, lang: Language) -> tuple[str, str, str]:
    def pair(low: float, high: float) -> str:
        return f"{lang.percent(low)}{lang.t('to')}{lang.percent(high)}"

    return lang.percent(bands.median), pair(bands.low50, bands.high50), pair(bands.low80, bands.high80)


def deal_swing(bands: Bands, *, now: float, name: str, says: str, title: str, lang: Language) -> Markup:
    """Draw the swing of one deal on a line from 0 to 100 %, with where it stands now."""
    x = svg.Scale(0, 1, 6, 334)
    parts = [svg.line(6, 22, 334, 22, kind="base")]
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        parts.append(svg.line(x(share), 18, x(share), 26, kind="base"))
        parts.append(svg.label(x(share), 48, lang.percent(share, digits=0), anchor=anchor, kind="tick"))
    parts.append(svg.rect(x(bands.low80), 14, x(bands.high80) - x(bands.low80), 16, kind="band80", round_=3))
    parts.append(svg.rect(x(bands.low50), 14, x(bands.high50) - x(bands.low50), 16, kind="band50", round_=2))
    parts.append(svg.line(x(bands.median), 12, x(bands.median), 32, kind="median"))
    parts.append(svg.shape([(x(now), 12), (x(now) - 5, 3), (x(now) + 5, 3)], kind="now"))
    return svg.picture(
        parts, width=WIDTH, height=52, name=f"{lang.code}-{name}", title=title, says=clean(says)
    )


def over_time(points: Sequence[LandmarkPoint], lang: Language) -> Chart | None:
    """Draw AUC (or Brier, where AUC is unknown) by landmark over the number of open deals then."""
    use_auc = any(point.auc is not None for point in points)
    scored = [(p, p.auc if use_auc else p.brier) for p in sorted(points, key=lambda p: p.on)]
    values = [value for _, value in scored if value is not None]
    if not values:
        return None
    name = "AUC" if use_auc else "Brier"
    start, stop = scored[0][0].on.toordinal(), scored[-1][0].on.toordinal()
    x = svg.Scale(start, max(stop, start + 1), 48, 326)
    low, high = svg.round_down(min(values), to=0.05), svg.round_up(max(values), to=0.05)
    if use_auc:
        low = min(low, 0.5)
    y = svg.Scale(low, max(high, low + 0.05), 140, 22)
    parts = []
    for tick in svg.ticks(y.low, y.high):
        parts.append(svg.line(44, y(tick), 334, y(tick), kind="grid"))
        parts.append(svg.label(38, y(tick) + 4, lang.score(tick, digits=2), anchor="end", kind="tick"))
    if use_auc:
        parts.append(svg.line(44, y(0.5), 334, y(0.5), kind="ideal"))
    seen = [(x(p.on.toordinal()), y(value)) for p, value in scored if value is not None]
    parts.append(svg.path(seen, kind="curve won"))
    parts += [svg.dot(*at, 3.5 if len(seen) <= 20 else 2, kind="point ours") for at in seen]
    most = max(1, *(p.open for p, _ in scored))
    bars = svg.Scale(0, most, 212, 174)
    width = min(14.0, 270 / len(scored) * 0.7)
    for p, _ in scored:
        at = x(p.on.toordinal())
        parts.append(svg.rect(at - width / 2, bars(p.open), width, 212 - bars(p.open), kind="bar quiet"))
    parts.append(svg.line(44, 212, 334, 212, kind="base"))
    parts.append(svg.label(38, 182, lang.count(most), anchor="end", kind="tick"))
    parts.append(svg.label(38, 216, "0", anchor="end", kind="tick"))
    parts.append(svg.label(2, 11, f"↑ {name}", kind="axis"))
    parts.append(svg.label(2, 164, f"↑ {lang.t('weeks.open')}", kind="axis"))
    every = max(1, math.ceil(len(scored) / 5))
    for p, _ in scored[::every]:
        parts.append(svg.label(x(p.on.toordinal()), 228, lang.short_date(p.on), anchor="middle", kind="tick"))
    return _chart(
        parts,
        height=234,
        name="weeks",
        lang=lang,
        title=lang.t("weeks.chart", metric=name),
        says=lang.t(
            "weeks.chart.desc",
            k=len(scored),
            metric=name,
            low=lang.score(min(values)),
            high=lang.score(max(values)),
        ),
        head=(lang.t("weeks.date"), lang.t("weeks.open"), name),
        rows=[
            (lang.full_date(p.on), lang.count(p.open), "–" if value is None else lang.score(value))
            for p, value in scored
        ],
    )
