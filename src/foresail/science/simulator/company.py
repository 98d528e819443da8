"""启明自动化: who sells what to whom, and which deals open when.

The numbers of people follow from the number of deals, so that a rep always has about ten open deals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from foresail.science.simulator.calendar import Calendar
from foresail.science.simulator.chain import LINES, QUALITIES, QUALITY_STEP, Floats, Ints
from foresail.science.simulator.streams import stream
from foresail.science.time import SECOND, Instants

LINE_NAMES: Final = ("运动控制", "机器视觉", "产线集成")
_LINE_SHARES: Final = (0.42, 0.33, 0.25)
_TEAM_NAMES: Final = "一二三四五六七八九十"
_PRODUCTS: Final = (
    (  # name, share within its line, effect on quality, median amount in yuan
        ("伺服驱动器", 0.45, 0.10, 120_000),
        ("多轴控制器", 0.33, 0.0, 190_000),
        ("直线电机", 0.22, -0.20, 260_000),
    ),
    (
        ("缺陷检测系统", 0.45, 0.15, 380_000),
        ("视觉引导套件", 0.35, 0.0, 230_000),
        ("三维扫描", 0.20, -0.30, 450_000),
    ),
    (
        ("装配单元", 0.50, 0.05, 950_000),
        ("物流输送线", 0.30, -0.10, 1_400_000),
        ("整线交钥匙", 0.20, -0.25, 3_200_000),
    ),
)
SOURCES: Final = ("官网询盘", "展会", "转介绍", "老客户复购", "电话拓展", "渠道伙伴")
_SOURCE_SHARES: Final = (0.26, 0.20, 0.13, 0.15, 0.16, 0.10)
_SOURCE_EFFECTS: Final = (0.0, -0.30, 0.70, 0.45, -0.75, 0.10)
_REGIONS: Final = ("华东", "华南", "华北", "华中", "西南")
_REGION_SHARES: Final = (0.36, 0.26, 0.17, 0.12, 0.09)
_REGION_EFFECTS: Final = (0.12, 0.0, -0.10, 0.0, -0.15)
_INDUSTRIES: Final = ("汽车零部件", "3C电子", "锂电", "光伏", "食品包装", "医疗器械")
_INDUSTRY_SHARES: Final = (0.24, 0.24, 0.18, 0.12, 0.13, 0.09)
_SURNAMES: Final = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_GIVEN: Final = (
    "磊", "静", "伟", "敏", "洋", "丽", "强", "婷", "军", "雪", "涛", "琳", "鹏", "倩", "超", "颖",
    "浩然", "雨桐", "子轩", "思琪", "建国", "晓燕", "志强", "海霞", "文博", "佳怡", "俊杰", "欣悦",
    "明远", "诗涵", "国栋", "梦瑶", "天宇", "若曦", "立新", "春梅", "少华", "雅婷", "永康", "慧敏",
)  # fmt: skip
_DEALS_PER_REP: Final = 118
_DRIFT: Final = (-0.55, 0.70, -0.80)
"""How much the quality of new deals of each line moves over the whole period: prices fell in motion
control, a new camera sells in vision, capital spending dried up in line integration."""


@dataclass(frozen=True, eq=False)
class People:
    """Reps and presales engineers. Arrays have shape (n_reps,); `engineers` are grouped by line."""

    reps: tuple[str, ...]
    line: Ints
    team: tuple[str, ...]
    skill: Floats
    slowness: Floats
    typing_lag: Floats
    weight: Floats
    engineers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Openings:
    """Deals as they open, ordered by time. Arrays have shape (n_deals,).

    `day` indexes the calendar, `quality` and `large` are part of the class of the deal, `amount` is in
    yuan. The others index `People.reps` or the names in this module; -1 where the CRM field is empty.
    """

    opened: Instants
    day: Ints
    rep: Ints
    line: Ints
    product: Ints
    source: Ints
    source_entered: Ints
    region: Ints
    industry: Ints
    returning: npt.NDArray[np.bool_]
    amount: Floats
    amount_entered: npt.NDArray[np.bool_]
    large: Ints
    quality: Ints


def hire(*, seed: int, deals: int) -> People:
    """Return the people whom `deals` deals keep busy: at least two reps per line."""
    random = stream(seed, "people")
    n = max(2 * LINES, round(deals / _DEALS_PER_REP))
    per_line = np.maximum(2, np.round(np.array(_LINE_SHARES) * n)).astype(int)
    line = np.repeat(np.arange(LINES), per_line)
    n = len(line)
    n_engineers = [max(2, round(count / 6)) for count in per_line]
    names = _names(random, n + sum(n_engineers))
    within = np.concatenate([np.arange(count) for count in per_line])
    teams = [min(len(_TEAM_NAMES), max(1, round(count / 6))) for count in per_line]
    ends = np.cumsum(n_engineers) + n
    return People(
        reps=names[:n],
        line=line,
        team=tuple(
            f"{LINE_NAMES[one]}{_TEAM_NAMES[i * teams[one] // per_line[one]]}组"
            for one, i in zip(line, within, strict=True)
        ),
        skill=random.normal(0.0, 0.35, n),
        slowness=random.normal(-1.15, 1.1, n),
        typing_lag=np.exp(random.normal(0.0, 0.5, n)),
        weight=random.gamma(6.0, 1.0, n),
        engineers=tuple(names[end - count : end] for end, count in zip(ends, n_engineers, strict=True)),
    )


def open_deals(*, seed: int, deals: int, people: People, calendar: Calendar, days: int) -> Openings:
    """Return `deals` deals that open in the first `days` days of the calendar."""

    def draw(name: str, shares: tuple[float, ...]) -> Ints:
        return _choose(stream(seed, name).random(deals), np.array(shares))

    day, opened = _openings(seed, deals, calendar, days)
    line = draw("line", _LINE_SHARES)
    product = np.zeros(deals, dtype=np.int64)
    rep = np.zeros(deals, dtype=np.int64)
    u_product, u_rep = stream(seed, "product").random(deals), stream(seed, "rep").random(deals)
    for one in range(LINES):
        mine = line == one
        product[mine] = _choose(u_product[mine], np.array([p[1] for p in _PRODUCTS[one]]))
        product[mine] += sum(len(products) for products in _PRODUCTS[:one])
        team = np.flatnonzero(people.line == one)
        rep[mine] = team[_choose(u_rep[mine], people.weight[team])]
    flat = [p for products in _PRODUCTS for p in products]
    source = draw("source", _SOURCE_SHARES)
    region = draw("region", _REGION_SHARES)
    returning = stream(seed, "returning").random(deals) < np.where(source == 3, 0.97, 0.18)
    median = np.array([p[3] for p in flat])[product]
    relative = stream(seed, "amount").normal(0.0, 0.65, deals)
    large = (relative > 0.55).astype(np.int64)
    share_of_time = day / days
    eta = (
        0.15
        + np.array([p[2] for p in flat])[product]
        + np.array(_SOURCE_EFFECTS)[source]
        + np.array(_REGION_EFFECTS)[region]
        + 0.35 * returning
        - 0.25 * relative
        + people.skill[rep]
        + np.array(_DRIFT)[line] * (share_of_time - 0.5)
        + stream(seed, "fit").normal(0.0, 0.65, deals)
    )
    # Rounded at random to one of the two nearest levels, so that the mean keeps every small effect.
    level = np.floor(eta / QUALITY_STEP + stream(seed, "rounding").random(deals)) + QUALITIES // 2
    return Openings(
        opened=opened,
        day=day,
        rep=rep,
        line=line,
        product=product,
        source=source,
        source_entered=np.where(stream(seed, "no_source").random(deals) < 0.03, -1, source),
        region=region,
        industry=draw("industry", _INDUSTRY_SHARES),
        returning=returning,
        amount=np.maximum(np.round(median * np.exp(relative), -3), 10_000.0),
        amount_entered=stream(seed, "no_amount").random(deals) >= 0.04,
        large=large,
        quality=np.clip(level, 0, QUALITIES - 1).astype(np.int64),
    )


def attribute_names() -> dict[str, tuple[str, ...]]:
    """Return the names behind the numbers in `Openings`, by attribute."""
    return {
        "product": tuple(p[0] for products in _PRODUCTS for p in products),
        "source": SOURCES,
        "region": _REGIONS,
        "industry": _INDUSTRIES,
    }


def _openings(seed: int, deals: int, calendar: Calendar, days: int) -> tuple[Ints, Instants]:
    """Days and instants of opening, in order: more on busy days, a little more every month."""
    busy = np.where(calendar.working[:days], 0.7 + 0.15 * calendar.steps[:days], 0.04)
    growth = 1.0 + 0.35 * np.arange(days) / days
    random = stream(seed, "opened")
    day = np.sort(_choose(random.random(deals), busy * growth))
    opened = calendar.midnight[day] + (random.uniform(8.5, 18.0, deals) * 3600).astype(np.int64) * SECOND
    order = np.argsort(opened, kind="stable")
    return day[order], opened[order]


def _choose(u: Floats, weights: Floats) -> Ints:
    """Turn uniform numbers into indices drawn with `weights`."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(edges, u, side="right"), len(weights) - 1).astype(np.int64)


def _names(random: np.random.Generator, n: int) -> tuple[str, ...]:
    """Return `n` different names; beyond all combinations they get a number, as in a mail address."""
    total = len(_SURNAMES) * len(_GIVEN)
    picked = np.concatenate([random.permutation(total) for _ in range(-(-n // total))])[:n]
    names = [_SURNAMES[i // len(_GIVEN)] + _GIVEN[i % len(_GIVEN)] for i in picked]
    return tuple(name + (str(i // total + 1) if i >= total else "") for i, name in enumerate(names))
