from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foresail.science.report import (
    Calibration,
    CalibrationBin,
    Comparison,
    Driver,
    EventRef,
    GlobalDriver,
    LandmarkPoint,
    LeadTimes,
    Metric,
    Part,
    Protocol,
    Reject,
    ReportData,
    Text,
    VerdictCurve,
    render_report,
)
from foresail.science.report.findings import answers, headline, level, limits, verdict_findings
from foresail.science.report.language import Language
from foresail.science.report.svg import ticks
from foresail.science.report.words import WORDS
from foresail.science.tests.report_sample import deal, figures, sample, undated
from foresail.science.texts import clean, shorten

ZH, EN = Language("zh"), Language("en")
VOID = {"meta", "input", "br", "hr", "link", "img"}
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></svg></style><b>",
    "{{ 7 * 7 }} {% raw %}",
    "zh\u202egnp.exe\u2066",
    "\x00\x1b[31m\ud800",
    "华东精密 · 产线视觉检测二期",
    "x" * 500,
]


class Page(HTMLParser):
    """Reads a document, insisting that every element is closed by its own tag."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"script", "style"}:
            self.text.append(data)

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


def half(html: str, code: str) -> str:
    """Return the words of one language's page."""
    start = html.index(f'<div class="page {code}"')
    stop = html.find('<div class="page en"', start + 1) if code == "zh" else html.index("<script>", start)
    return Page(html[start:stop]).words


def with_figures(data: ReportData, *path: str, value: object) -> ReportData:
    """Return the report data with one figure replaced."""
    numbers: dict[str, Any] = figures()
    here = numbers
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return replace(data, figures=numbers)


def poisoned(name: str) -> ReportData:
    """Return a report in which everything that comes from outside is `name`."""
    both = Text(zh=name, en=name)
    full = sample()
    data = with_figures(full, "data", "hindsight", value=[{"column": name, "why": name}])
    driver = Driver(
        text=both, log_odds=0.1, points=0.02, events=(EventRef(kind=name, at=date(2011, 12, 1)),) * 5
    )
    return replace(
        data,
        log_name=name,
        mapping_name=name,
        version=name,
        protocol=replace(full.protocol, zone=name),
        deals=tuple(replace(one, id=name, drivers=(driver, driver)) for one in full.deals),
        drivers=(GlobalDriver(name=both, share=0.4, direction="up"),),
        rejects=(Reject(reason=both, rows=3, line=7),),
        verdict_curves=(VerdictCurve(side="won", points=((0.1, 0.8),), chosen=None, silent=both),),
    )


@pytest.mark.parametrize("data", [sample(), undated()], ids=["dated", "undated"])
def test_is_one_well_formed_file_that_loads_nothing(data: ReportData) -> None:
    html = render_report(data)
    page = Page(html)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for name, value in attrs.items():
            assert not name.startswith("on")
            if name in {"src", "href", "xlink:href", "action", "poster", "srcset"}:
                assert value is not None
                assert value.startswith("#")
                assert value[1:] in ids
    assert not re.search(r"https?:|//\w|@import|url\(|<link|<iframe|<object", html)
    assert html.startswith("<!doctype html>")
    for tag, attrs in page.tags:
        if tag == "svg":
            assert attrs["role"] == "img"
            assert all(name in ids for name in (attrs["aria-labelledby"] or "").split())
        if tag == "label":
            assert attrs["for"] in ids
    html.encode("utf-8")


def test_reads_without_script_in_both_languages() -> None:
    html = render_report(sample())
    # One radio of each group is on, and the style alone hides the other language.
    checked = re.findall(r'<input[^>]*id="([\w-]+)"[^>]* checked>', html)
    assert checked == ["lang-zh", "theme-auto"]
    assert "#lang-zh:checked ~ .page.en, #lang-en:checked ~ .page.zh { display: none; }" in html
    zh, en = half(html, "zh"), half(html, "en")
    for key in ("s.measured", "s.calibration", "s.verdicts", "s.swing", "s.refused", "s.limits"):
        assert WORDS[key][0] in zh
        assert WORDS[key][1] in en
        assert WORDS[key][1] not in zh


def test_the_script_is_the_one_the_policy_allows() -> None:
    import base64
    import hashlib

    html = render_report(sample())
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(a["content"] for t, a in Page(html).tags if a.get("http-equiv"))
    assert f"script-src 'sha256-{digest}'" in (policy or "")
    assert "default-src 'none'" in (policy or "")


@pytest.mark.parametrize("name", NASTY)
def test_names_are_shown_as_text_and_nothing_else(name: str) -> None:
    plain = [tag for tag, _ in Page(render_report(poisoned("plain"))).tags]
    html = render_report(poisoned(name))
    page = Page(html)
    # The name adds no element: the document has the very same ones as with a harmless name.
    assert [tag for tag, _ in page.tags] == plain
    assert shorten(clean(name), limit=60) in page.words
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    html.encode("utf-8")


@given(st.text(max_size=80))
@settings(max_examples=8, deadline=None)
def test_no_name_breaks_the_page(name: str) -> None:
    plain = [tag for tag, _ in Page(render_report(poisoned("plain"))).tags]
    assert [tag for tag, _ in Page(render_report(poisoned(name))).tags] == plain


def test_a_long_name_keeps_both_ends_and_the_whole_in_reach() -> None:
    name = "A" * 250 + "终" * 250
    page = Page(render_report(poisoned(name)))
    assert any(attrs.get("title") == name for tag, attrs in page.tags if tag == "bdi")
    cut = shorten(name, limit=60)
    assert len(cut) == 60
    assert (cut[0], cut[-1]) == ("A", "终")
    assert name not in "".join(text for text in page.text if len(text) < 400)


def test_figures_are_printed_as_given() -> None:
    html = render_report(sample())
    zh, en = half(html, "zh"), half(html, "en")
    assert "0.806" in zh
    assert "0.792 至 0.820" in zh
    assert "0.792 to 0.820" in en
    assert "18.4%" in zh
    assert "8 天" in zh
    assert "7 至 9 天" in zh
    assert "7 to 9 days" in en
    assert "9,842 个商机（赢单 3,480、丢单 5,963、在途 399）" in zh
    assert "2011年12月15日 至 2012年1月12日" in zh
    assert "15 Dec 2011 to 12 Jan 2012" in en
    assert "−0.5 至 +1.3 个百分点" in zh


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (Metric(value=0.05, low=0.01, high=0.09), "better"),
        (Metric(value=0.02, low=-0.01, high=0.05), "not shown to be better"),
        (Metric(value=0.02, low=0.0, high=0.05), "not shown to be better"),
        (Metric(value=-0.05, low=-0.09, high=-0.01), "worse"),
        (Metric(value=0.3), "not shown to be better"),
    ],
)
def test_only_an_interval_above_zero_is_called_better(gain: Metric, said: str) -> None:
    gains = tuple(
        Comparison(baseline="stage_rate", metric=m, gain=gain) for m in ("final.auc", "final.brier")
    )
    data = replace(sample(), comparisons=gains)
    chips = re.findall(r'class="chip \w+">[▲▼=] ([\w ]+)</span></li>', render_report(data))
    assert chips[2:] == [said, said]
    assert level(data) == ("use" if said == "better" else "stage")
    better = dict(answers(data, EN))["Better than stage rates?"]
    assert better.startswith("Yes" if said == "better" else "Not shown to be better")


@pytest.mark.parametrize(
    ("final", "state", "changes", "expected"),
    [
        (True, True, {}, "use"),
        (False, True, {}, "state"),
        (False, False, {}, "none"),
        (False, None, {}, "none"),
        (None, None, {}, "unknown"),
        (True, True, {"tier": "hierarchical"}, "few"),
        (True, True, {"tier": "stage_rates"}, "rates"),
        (True, True, {"comparisons": ()}, "stage"),
        (True, None, {"protocol": undated().protocol}, "undated"),
    ],
)
def test_the_headline_says_no_more_than_was_shown(
    final: bool | None, state: bool | None, changes: dict[str, Any], expected: str
) -> None:
    data = with_figures(replace(sample(), **changes), "skill", value={"final": final, "state": state})
    assert level(data) == expected
    assert headline(data, ZH).text in half(render_report(data), "zh")
    assert headline(data, EN).tone == {"use": "ok", "none": "bad", "unknown": "bad"}.get(expected, "warn")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.90, 0.95, "was met"),
        (0.89, 0.95, "was met"),
        (0.85, 0.92, "not shown to be held"),
        (0.80, 0.88, "was missed"),
    ],
)
def test_the_target_counts_as_held_only_when_the_whole_interval_holds_it(
    low: float, high: float, said: str
) -> None:
    right = {"value": (low + high) / 2, "low": low, "high": high, "n": 100}
    found = verdict_findings(with_figures(sample(), "verdicts", "right", value=right), EN)
    assert said in found[0].text


def test_a_silent_side_is_said_with_its_reason() -> None:
    en = half(render_report(sample()), "en")
    assert "The won side is silent: in the past eight weeks even its surest calls were right only 86%" in en
    assert "It never names a deal won" in en
    assert "The lost side: verdicts on 18.4% of open deals, 89.6% of them right." in en


def test_both_silent_sides_are_named_once_if_the_reason_is_the_same() -> None:
    curves = tuple(replace(curve, chosen=None, silent=None) for curve in sample().verdict_curves)
    silent = with_figures(replace(sample(), verdict_curves=curves), "verdicts", "coverage", value=0.0)
    assert [(one.tone, one.text) for one in verdict_findings(silent, EN)] == [
        ("warn", "Both sides are silent: it could not hold the target in past weeks.")
    ]


def test_a_simulated_company_is_not_taken_for_the_reader_s_own_data() -> None:
    simulated = replace(sample(), simulated=True)
    assert headline(simulated, EN).text == "On simulated data it beats stage rates"
    assert dict(answers(simulated, ZH))["能用来做什么？"] == WORDS["a.use.simulated"][0]
    assert "simulated" in half(render_report(simulated), "en")
    assert "simulated" not in half(render_report(sample()), "en")


def test_undated_logs_say_that_their_figures_flatter() -> None:
    html = render_report(undated())
    zh, en = half(html, "zh"), half(html, "en")
    assert "成绩偏乐观" in zh
    assert "too good" in en
    assert limits(undated(), EN)[0] == WORDS["limit.undated"][1]
    assert WORDS["s.swing"][1] not in en
    assert WORDS["s.alerts"][0] not in zh
    assert "83 行与别的行完全相同" in zh
    assert en.count("Not measured") >= 20
    assert "None" not in re.sub("None were", "", en)
    assert "nan" not in en


def test_few_deals_say_so() -> None:
    en = half(render_report(replace(sample(), tier="hierarchical", closed_train=41)), "en")
    assert "Only 41 closed deals, fewer than 80" in en
    assert WORDS["limit.few"][1] in en
    wide = with_figures(sample(), "final", "auc", value={"value": 0.7, "low": 0.6, "high": 0.8, "n": 90})
    assert WORDS["a.wide"][0] in half(render_report(wide), "zh")


def test_what_was_refused_is_named_with_its_reason() -> None:
    html = render_report(sample())
    zh, en = half(html, "zh"), half(html, "en")
    assert "close_reason 只在商机结束时才填" in zh
    assert "总时长（天） Alone it tells the outcome" in en
    assert "37 rows in all" in en
    assert "29 rows, e.g. line 10,482" in en
    assert "4 rows equal another row" in en
    clean_log = with_figures(replace(sample(), rejects=()), "data", value={"hindsight": [], "rejected": 0})
    assert WORDS["refused.hindsight.none"][1] in half(render_report(clean_log), "en")
    assert WORDS["refused.rejects.none"][0] in half(render_report(clean_log), "zh")


def test_a_deal_is_explained_with_its_end_and_its_sum() -> None:
    html = render_report(
        replace(sample(), deals=(deal(p=0.46), deal(p=0.11, verdict="lost", ended_as="won")))
    )
    en = half(html, "en")
    assert "Too early to tell" in en
    assert "verdict wrong" in en
    assert en.count("association, not a promise") == 2
    # logit(0.46) = ln(46/54)
    assert "Sum −0.160 = 46.0%" in en
    assert WORDS["deal.unexplained"][1] not in en
    broken = replace(deal(p=0.46), base_log_odds=deal(p=0.46).base_log_odds + 0.3)
    en = half(render_report(replace(sample(), deals=(broken,))), "en")
    assert f"{WORDS['deal.unexplained'][1]} −0.300" in en
    assert "Sum −0.160 = 46.0%" in en


def test_events_behind_a_driver_are_named_in_words_with_each_day_once() -> None:
    days = [date(2011, 12, day) for day in (5, 3, 5)]
    events = tuple(EventRef(kind="price_objection", at=day) for day in days)
    text = Text(zh="谈价", en="Talk of prices")
    one = replace(deal(), drivers=(Driver(text=text, log_odds=0.1, points=0.02, events=events),))
    html = render_report(replace(sample(), deals=(one,)))
    assert "依据： 价格异议 12/3、12/5" in half(html, "zh")
    assert "Seen in: price objection 3 Dec, 5 Dec" in half(html, "en")


def test_the_other_factors_are_counted_where_their_number_is_known() -> None:
    one = replace(deal(), rest=Part(log_odds=2.0, points=0.4, factors=14))
    html = render_report(replace(sample(), deals=(one,)))
    assert "其余 14 个因素合计" in half(html, "zh")
    assert "The other 14 factors" in half(html, "en")
    assert "All other factors" in half(render_report(replace(sample(), deals=(deal(),))), "en")


@pytest.mark.parametrize(
    ("ended_as", "ended_on", "held"),
    [
        ("lost", date(2012, 1, 3), True),
        ("lost", date(2012, 1, 4), False),
        ("won", date(2012, 1, 3), False),
        ("open", None, False),
        ("lost", None, None),
        (None, None, None),
    ],
)
def test_a_verdict_is_right_only_if_it_came_true_within_the_horizon(
    ended_as: Any, ended_on: date | None, held: bool | None
) -> None:
    one = replace(deal(p=0.07, verdict="lost"), ended_as=ended_as, ended_on=ended_on)
    assert one.landmark == date(2011, 12, 21)
    assert one.verdict_held(horizon_days=14) is held
    en = half(render_report(replace(sample(), deals=(one,))), "en")
    assert ("verdict right" in en, "verdict wrong" in en) == (held is True, held is False)


def test_every_chart_has_its_numbers_as_a_table() -> None:
    html = render_report(sample())
    figure = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    assert len(figure) == 2 * 11
    assert all("<table>" in one and "<svg" in one for one in figure)
    strip = Page(figure[0]).words
    assert "学习 2011年10月1日 至 2011年12月15日" in strip


def _tiny(now: date) -> dict[str, Any]:
    one = CalibrationBin(predicted=0.0, observed=0.0, low=0.0, high=0.0, n=1)
    return {
        "calibration": (Calibration(target="final", bins=(one,)), Calibration(target="won", bins=())),
        "lead": LeadTimes(days=(0.0,), missed=0),
        "landmarks": (LandmarkPoint(on=now, open=0, auc=None, brier=0.2),),
        "verdict_curves": (VerdictCurve(side="lost", points=((0.0, 1.0),), chosen=(0.0, 1.0)),),
        "swing": (),
        "protocol": Protocol(
            cutoff=now, until=now, first=now, last=now, every_days=1, horizon_days=1, zone="UTC"
        ),
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"figures": {}},
        {"figures": {"final": None, "skill": None, "data": None}},
        _tiny(date(2020, 2, 29)),
        {"lead": LeadTimes(days=(), missed=4), "swing": (), "landmarks": (), "calibration": ()},
        {"lead": LeadTimes(days=(900.0, 3.5), missed=12_000)},
        {"deals": (deal(p=0.0), deal(p=1.0), replace(deal(), drivers=(), what_if=()))},
    ],
    ids=["nothing", "nulls", "one day", "no curves", "long lead", "certain"],
)
def test_odd_input_gives_a_page(changes: dict[str, Any]) -> None:
    html = render_report(replace(sample(), **changes))
    Page(html)
    assert not re.search(r'="[^"]*\b(nan|inf)\b', html)


def test_same_data_same_bytes() -> None:
    assert render_report(sample()) == render_report(sample())


def test_every_word_exists_in_both_languages_with_the_same_blanks() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh, key
        assert en, key
        blanks = [set(re.findall(r"{(\w+)}", text)) for text in (zh, en)]
        assert blanks[0] == blanks[1], key
        if key not in {"brand", "m.auc"}:
            assert not re.search(r"[\u4e00-\u9fff]", en), key


@pytest.mark.parametrize(
    ("value", "said"), [(0.1234, "+12.3"), (-0.0004, "0.0"), (0.0, "0.0"), (-0.062, "−6.2"), (1.0, "+100.0")]
)
def test_points_carry_their_sign(value: float, said: str) -> None:
    assert ZH.points(value) == f"{said} 个百分点"
    assert EN.points(value) == f"{said} pts"


def test_days_and_dates_by_language() -> None:
    assert (ZH.days(9), EN.days(9), EN.days(1), ZH.days(9.46)) == ("9 天", "9 days", "1 day", "9.5 天")
    assert (ZH.full_date(date(2012, 1, 5)), EN.full_date(date(2012, 1, 5))) == ("2012年1月5日", "5 Jan 2012")


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-6, 1e6),
)
def test_ticks_are_round_few_and_inside(low: float, width: float) -> None:
    found = ticks(low, low + width)
    assert 0 < len(found) <= 12
    assert all(low - width * 1e-6 - 1e-6 <= tick <= low + width * (1 + 1e-6) + 1e-6 for tick in found)
