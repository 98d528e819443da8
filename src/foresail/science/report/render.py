"""Put the report together: the same page written twice, once per language, in one file.

Both languages are in the file and a radio button shows one, so it reads fully without any script.
Everything printed by a template is cleaned of invisible controls and escaped.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from foresail.science.report import charts, findings, tables
from foresail.science.report.data import Driver, ExplainedDeal, Part, ReportData, Text
from foresail.science.report.figures import hindsight, metric, number
from foresail.science.report.language import Language
from foresail.science.report.words import WORDS
from foresail.science.texts import clean, shorten

LANGUAGES = (Language("zh"), Language("en"))


def render_report(data: ReportData) -> str:
    """Return the whole report as one HTML document that needs no network and no script.

    Raises nothing for absent figures: what was not measured is said to be so.
    """
    template = _environment().get_template("report.html.j2")
    style, script = _asset("report.css"), _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return template.render(
        data=data,
        languages=LANGUAGES,
        pages=[_page(data, lang) for lang in LANGUAGES],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_digest=digest,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("foresail.science.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        # Runs on every printed value before it is escaped: no name can slip past.
        finalize=lambda value: (
            clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.filters["shorten"] = lambda text, limit: shorten(clean(text), limit=limit)
    return environment


def _asset(name: str) -> str:
    return (files("foresail.science.report") / "templates" / name).read_text(encoding="utf-8")


def _page(data: ReportData, lang: Language) -> dict[str, object]:
    """Return all that the template of one language prints, in the order of the page."""
    horizon = lang.days(data.protocol.horizon_days)
    figures = data.figures
    return {
        "lang": lang,
        "t": lang.t,
        "horizon": horizon,
        "headline": findings.headline(data, lang),
        "answers": findings.answers(data, lang),
        "tiles": tables.tiles(data, lang),
        "facts": tables.facts(data, lang),
        "strip": charts.time_strip(data.protocol, lang),
        "versus": _versus(data, lang),
        "gains": tables.gains(data, lang),
        "side_by_side": tables.side_by_side(data, lang),
        "calibration": [charts.calibration(curve, horizon=horizon, lang=lang) for curve in data.calibration],
        "calibration_findings": findings.calibration_findings(data, lang),
        "target": number(figures, "verdicts", "target"),
        "verdicts": charts.verdict_curves(
            data.verdict_curves, target=number(figures, "verdicts", "target"), lang=lang
        ),
        "verdict_findings": findings.verdict_findings(data, lang),
        "lead": charts.lead_times(data.lead, lang) if data.lead else None,
        "alert_findings": findings.alert_findings(data, lang),
        "swing": charts.swing(data.swing, horizon=horizon, lang=lang),
        "swing_findings": findings.swing_findings(data, lang),
        "weeks": charts.over_time(data.landmarks, lang),
        "weeks_findings": findings.weeks_findings(data, lang),
        "weeks_metric": "AUC" if any(point.auc is not None for point in data.landmarks) else "Brier",
        "drivers": data.drivers,
        "top_share": max((driver.share for driver in data.drivers), default=1.0),
        "drivers_rest": 1.0 - sum(driver.share for driver in data.drivers),
        "deals": [_deal(deal, i, lang, data.protocol.horizon_days) for i, deal in enumerate(data.deals)],
        "hindsight": hindsight(figures),
        "rejected": int(number(figures, "data", "rejected") or 0),
        "duplicates": int(number(figures, "data", "duplicates") or 0),
        "silent": findings.silent_texts(data, lang),
        "limits": findings.limits(data, lang),
        "figures": tables.all_figures(data, lang),
    }


def _versus(data: ReportData, lang: Language) -> list[charts.Chart]:
    drawn = []
    for path in ("final.auc", "final.brier", "state.log_loss"):
        name = tables.figure_name(path, data, lang)
        rows = [(lang.t(key), found) for key, found in tables.methods(data, path) if found is not None]
        if len(rows) < 2 or metric(data.figures, *path.split(".")) is None:
            continue
        note = lang.t("lower" if path.split(".")[-1] in tables.LOWER_IS_BETTER else "higher")
        ident = "vs-" + path.replace(".", "-")
        chart = charts.intervals(rows, name=ident, metric_name=name, note=note, lang=lang)
        if chart is not None:
            drawn.append(chart)
    return drawn


def _deal(deal: ExplainedDeal, index: int, lang: Language, horizon_days: int) -> dict[str, object]:
    """Return one explained deal with its lines written out."""
    lines = [*deal.drivers, *([_worded(deal.rest, "deal.rest")] if deal.rest else [])]
    lines.append(_worded(deal.calibration, "deal.calibration"))
    swing, said = None, ""
    if deal.swing is not None:
        ends = {
            key: lang.percent(getattr(deal.swing, key))
            for key in ("low80", "low50", "median", "high50", "high80")
        }
        said = lang.t("deal.swing.text", now=lang.percent(deal.p_won_final), **ends)
        title = lang.t("deal.swing", days=lang.days(horizon_days))
        swing = charts.deal_swing(
            deal.swing, now=deal.p_won_final, name=f"deal-{index}", says=said, title=title, lang=lang
        )
    later = None
    if deal.ended_as is not None:
        later = lang.t(f"deal.later.{deal.ended_as}")
        if deal.ended_on is not None:
            later = lang.t("deal.later.on", how=later, date=lang.full_date(deal.ended_on))
    total = deal.p_won_final
    return {
        "it": deal,
        "held": deal.verdict_held(horizon_days=horizon_days),
        "lines": lines,
        "widest": max((abs(one.points) for one in lines), default=0.0) or 1.0,
        "swing": swing,
        "swing_text": said,
        "later": later,
        "verdict": lang.t(f"deal.verdict.{deal.verdict or ('none' if deal.state else 'undated')}"),
        "leftover": deal.unexplained if abs(deal.unexplained) > 0.005 and 0 < total < 1 else None,
        "sum": deal.unexplained + deal.base_log_odds + sum(one.log_odds for one in lines),
    }


def _worded(part: Part, key: str) -> Driver:
    zh, en = (
        WORDS[key] if part.factors is None else (text.format(n=part.factors) for text in WORDS[f"{key}.of"])
    )
    return Driver(text=Text(zh=zh, en=en), log_odds=part.log_odds, points=part.points)
