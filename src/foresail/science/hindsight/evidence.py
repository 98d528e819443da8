"""Behaviours that convict a column on their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import bdtrc

from foresail.science.hindsight.reason import Hindsight, percent
from foresail.science.hindsight.table import FOLDS, Column, Floats, Ints, Mask, Table
from foresail.science.log import DealLog
from foresail.science.time import DAY, NEVER

_FEW = 30  # fewer deals than this are never evidence
_TOO_GOOD = 0.88  # AUC of one column alone; honest single columns stay below about 0.85
_SURE = 30.0  # odds ratio against the other deals; honest values reach about 20
_CHANCE = 1e-3  # of one false alarm in the whole table, if an honest value reached _SURE
_FILL_GAP = 0.2
_CLOCK = 0.9  # rank correlation with the days to close
_FEW_VALUES = 20


def tells_the_result(table: Table) -> dict[str, Hindsight]:
    """Convict columns that say how the deal ended almost by themselves.

    Either the column alone ranks deals better than anything known at opening can (out of fold, three
    standard errors above the bound; standard error by Hanley and McNeil, Radiology 143, 1982), or one
    of its values goes with one ending at odds more than `_SURE` times those of the other deals, beyond
    chance (exact binomial, corrected for all values looked at).
    """
    won = table.won
    if min(won.sum(), len(won) - won.sum()) < _FEW:
        return {}
    suspects = [column for column in table.columns if column.accusable]
    alone = {c.name: ranks_alone(c.binned(table.rows), won, table.fold) for c in table.columns}
    looked_at = [(column, region) for column in suspects for region in _regions(column, table)]
    found = {}
    for column in suspects:
        auc = alone[column.name]
        if auc - 3 * _auc_error(auc, won) > _TOO_GOOD:
            best = max((a for name, a in alone.items() if name != column.name), default=0.5)
            found[column.name] = Hindsight(
                column.name,
                "tells_the_result",
                f"单凭这一列，任取一赢一输两个商机，{percent(auc)} 能分出输赢（其余列中最好的一列为 "
                f"{percent(best)}）。商机刚建立时不可能知道这么多，应是结果出来后才填写的。",
                f"This column alone tells a won deal from a lost one in {percent(auc)} of pairs (the best "
                f"other column: {percent(best)}). Nobody can know that much when a deal opens; it was "
                "written once the result was known.",
            )
    for column, region in looked_at:
        if column.name not in found and region.chance() * len(looked_at) < _CHANCE:
            found[column.name] = region.verdict(column.name)
    return found


def filled_at_close(table: Table, log: DealLog) -> dict[str, Hindsight]:
    """Convict columns whose filling differs between open and closed deals of the same age.

    Deals are compared within deciles of their opening time (undated ones with one another), weighted
    as Mantel and Haenszel do, so that a field which was only introduced lately is not accused.
    """
    deals = log.deals
    is_open = np.ones(len(deals), dtype=bool)
    is_open[table.rows] = False
    if min(is_open.sum(), (~is_open).sum()) < _FEW:
        return {}
    dated = deals.opened != NEVER
    stratum = np.zeros(len(deals), dtype=np.int64)
    if dated.any():
        edges = np.unique(np.quantile(deals.opened[dated], np.linspace(0.1, 0.9, 9), method="lower"))
        stratum[dated] = 1 + np.searchsorted(edges, deals.opened[dated], side="left")
    found = {}
    for column in table.columns:
        gap, error = _stratified_gap(column.filled.astype(float), is_open, stratum)
        if column.accusable and abs(gap) - 4 * error > _FILL_GAP:
            empty_open = 1 - float(column.filled[is_open].mean())
            empty_closed = 1 - float(column.filled[~is_open].mean())
            found[column.name] = Hindsight(
                column.name,
                "filled_at_close",
                f"{percent(empty_open)} 的在途商机此列为空，已关闭的商机只有 {percent(empty_closed)} 为空"
                "，与同期建立的商机相比也是如此：它是关单时才补录的。"
                if gap > 0
                else f"{percent(empty_closed)} 的已关闭商机此列为空，在途商机只有 {percent(empty_open)} "
                "为空，与同期建立的商机相比也是如此：关单改变了它。",
                f"Empty in {percent(empty_open)} of open deals and in {percent(empty_closed)} of closed ones, "
                "also among deals opened at the same time: closing a deal changes it.",
            )
    return found


def measures_the_course(table: Table, log: DealLog) -> dict[str, Hindsight]:
    """Convict numbers that move with the days from opening to close, and dates that the close bounds.

    Needs a dated log. A date is convicted if it lies after the opening in a fifth of the deals or more
    and practically never after the close: a date that was planned at opening would be overrun or
    undercut.
    """
    opened, closed = log.deals.opened[table.rows], log.deals.closed[table.rows]
    dated = (opened != NEVER) & (closed != NEVER)
    if dated.sum() < _FEW:
        return {}
    rows, opened, closed = table.rows[dated], opened[dated], closed[dated]
    found = {}
    for column in table.columns:
        if not column.accusable:
            continue
        if column.values is not None:
            values = column.values[rows]
            known = ~np.isnan(values)
            if known.sum() < _FEW or len(np.unique(values[known])) < 5:
                continue
            tie = _rank_correlation(values[known], (closed - opened)[known])
            if abs(tie) > _CLOCK:
                found[column.name] = Hindsight(
                    column.name,
                    "measures_the_course",
                    f"它随商机从建立到关闭的天数同步变化（秩相关 {tie:.2f}）：只有关单后才知道。",
                    f"It moves with the days from opening to close (rank correlation {tie:.2f}): known only "
                    "once the deal has closed.",
                )
            continue
        dates = _dates(log.deals.attributes[column.name])[rows]
        known = dates != NEVER
        if known.sum() < _FEW or known.sum() < 0.9 * column.filled[rows].sum():
            continue
        late = known & (dates >= opened + DAY)
        kept = float((dates[late] <= closed[late]).mean()) if late.any() else 0.0
        if late.sum() >= max(_FEW, 0.2 * known.sum()) and kept > 0.99:
            found[column.name] = Hindsight(
                column.name,
                "measures_the_course",
                f"{percent(float(late.sum() / known.sum()))} 的商机中，此日期晚于建立、却几乎从不晚于关闭："
                "它记录的是跟进过程。",
                f"In {percent(float(late.sum() / known.sum()))} of deals this date lies after the opening, yet "
                "practically never after the close: it records the course of the deal.",
            )
    return found


def ranks_alone(codes: Ints, won: Ints, fold: Ints) -> float:
    """Return the AUC of `codes` (n,) for `won` (n,), out of fold: win rates of the other folds."""
    score = win_rate_elsewhere(codes, won, fold)
    rank = ranks(score)
    n_won = int(won.sum())
    return float((rank[won == 1].sum() - n_won * (n_won + 1) / 2) / (n_won * (len(won) - n_won)))


def ranks(values: Floats | Ints) -> Floats:
    """Return the place of each value, from 1 for the least; equal values share the mean of theirs.

    As scipy.stats does it, which takes longer to import than all else.
    """
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], dtype=np.float64)


def _rank_correlation(one: Floats | Ints, other: Floats | Ints) -> float:
    """Return Spearman's rank correlation; not a number where all values of one are equal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def win_rate_elsewhere(codes: Ints, won: Ints, fold: Ints) -> Floats:
    """Return for each row the win rate of its code in the other folds, drawn to the mean by 4 deals."""
    k = int(codes.max(initial=0)) + 1
    n = np.bincount(fold * k + codes, minlength=FOLDS * k).reshape(FOLDS, k)
    wins = np.bincount(fold * k + codes, weights=won, minlength=FOLDS * k).reshape(FOLDS, k)
    rate = (wins.sum(axis=0) - wins + 4 * won.mean()) / (n.sum(axis=0) - n + 4)
    return np.asarray(rate[fold, codes], dtype=np.float64)


def _auc_error(auc: float, won: Ints) -> float:
    a, b = int(won.sum()), int(len(won) - won.sum())
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (a - 1) * (q1 - auc * auc) + (b - 1) * (q2 - auc * auc)
    return float(np.sqrt(max(spread, 0.0) / (a * b)))


@dataclass(frozen=True)
class _Region:
    """`n` deals of which `wins` were won, against `others` deals of which `other_wins` were won."""

    zh: str
    en: str
    against_zh: str
    against_en: str
    n: int
    wins: int
    others: int
    other_wins: int

    def chance(self) -> float:
        """Return how likely so pure a region is if its odds were `_SURE` times those of the others."""
        if min(self.n, self.others) < _FEW:
            return 1.0
        chances = []
        for hits, other_hits in (
            (self.wins, self.other_wins),
            (self.n - self.wins, self.others - self.other_wins),
        ):
            high = _wilson_high(other_hits, self.others)
            odds = _SURE * high / (1 - high)
            chances.append(float(bdtrc(hits - 1, self.n, odds / (1 + odds))))
        return min(chances)

    def verdict(self, column: str) -> Hindsight:
        share, other = self.wins / self.n, self.other_wins / self.others
        return Hindsight(
            column,
            "tells_the_result",
            f"{self.zh}的 {self.n} 个商机中 {percent(share)} 赢单，{self.against_zh}的 {self.others} 个商机中只有"
            f" {percent(other)}。商机刚建立时不可能有这样的把握：这一列跟着结果走。"
            if share > other
            else f"{self.zh}的 {self.n} 个商机中只有 {percent(share)} 赢单，{self.against_zh}的 {self.others} 个商机中"
            f"有 {percent(other)}。商机刚建立时不可能有这样的把握：这一列跟着结果走。",
            f"Of the {self.n} deals {self.en}, {percent(share)} were won, against {percent(other)} of the "
            f"{self.others} {self.against_en}. Nothing known at opening is so sure: the column follows the "
            "result.",
        )


def _wilson_high(hits: int, n: int) -> float:
    """Return the upper 97.5 % bound of a share (Wilson, JASA 22, 1927)."""
    z, p = 2.0, hits / n
    high = p + z * z / (2 * n) + z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float(min(high / (1 + z * z / n), 1 - 1e-9))


def _regions(column: Column, table: Table) -> Iterator[_Region]:
    """Yield being filled in, each value of a column with few, and both ends of a column with many.

    An end is compared with its neighbours, equally many, and not with everything: an honest number
    changes the odds smoothly, only a record of the result has a cliff.
    """
    codes, won = column.codes[table.rows], table.won
    n, wins = len(won), int(won.sum())
    filled = codes >= 0
    inside = int(won[filled].sum())
    count = int(filled.sum())
    given, blank = (count, inside), (n - count, wins - inside)
    yield _Region("已填写此列", "where it is filled in", "未填写", "where it is not", *given, *blank)
    yield _Region("未填写此列", "where it is empty", "已填写", "where it is not", *blank, *given)
    counts = np.bincount(codes[filled], minlength=len(column.labels))
    hits = np.bincount(codes[filled], weights=won[filled], minlength=len(column.labels)).astype(int)
    if column.values is None or (counts > 0).sum() <= _FEW_VALUES:
        for code in np.flatnonzero(counts >= _FEW):
            label = column.labels[code]
            c, h = int(counts[code]), int(hits[code])
            zh, en = f"取值为“{label}”", f"with the value “{label}”"
            yield _Region(zh, en, "其余", "others", c, h, n - c, wins - h)
        return
    for rising in (True, False):
        ends = np.cumsum(counts if rising else counts[::-1])
        won_by = np.cumsum(hits if rising else hits[::-1])
        sizes = np.unique(np.geomspace(_FEW, max(0.9 * count, _FEW + 1), 60).astype(int))
        for cut in np.unique(np.searchsorted(ends, sizes)):
            if cut >= len(ends) - 1:
                continue
            stop = min(int(np.searchsorted(ends, 2 * ends[cut])), len(ends) - 1)
            label = column.labels[cut if rising else len(ends) - 1 - cut]
            yield _Region(
                f"取值不{'高' if rising else '低'}于 {label} ",
                f"with {label} or {'less' if rising else 'more'}",
                "取值紧邻",
                "with the values next to these",
                int(ends[cut]),
                int(won_by[cut]),
                int(ends[stop] - ends[cut]),
                int(won_by[stop] - won_by[cut]),
            )


def _stratified_gap(filled: Floats, is_open: Mask, stratum: Ints) -> tuple[float, float]:
    """Return the fill rate of closed less that of open deals, and its standard error."""
    total, gap, variance = 0.0, 0.0, 0.0
    for value in np.unique(stratum):
        here = stratum == value
        a, b = filled[here & ~is_open], filled[here & is_open]
        if len(a) == 0 or len(b) == 0:
            continue
        weight = len(a) * len(b) / (len(a) + len(b))
        # Drawn to one half by two deals, so that a stratum of one kind still has a variance.
        p, q = ((x.sum() + 1) / (len(x) + 2) for x in (a, b))
        total += weight
        gap += weight * (a.mean() - b.mean())
        variance += weight * weight * (p * (1 - p) / len(a) + q * (1 - q) / len(b))
    return (gap / total, float(np.sqrt(variance)) / total) if total else (0.0, 1.0)


def _dates(column: pl.Series) -> Ints:
    """Read text as days where it looks like dates; NEVER elsewhere."""
    parsed = column.str.slice(0, 10).str.replace_all("[/.]", "-").str.to_date("%Y-%m-%d", strict=False)
    return parsed.cast(pl.Datetime("us")).dt.epoch("us").fill_null(NEVER).to_numpy().astype(np.int64)
