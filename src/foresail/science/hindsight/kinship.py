"""Columns that belong with convicted ones: guilt by association, in tables with proven hindsight only."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from foresail.science.hindsight.evidence import ranks_alone, win_rate_elsewhere
from foresail.science.hindsight.reason import Hindsight, percent
from foresail.science.hindsight.table import Column, Floats, Ints, Mask, Table
from foresail.science.openmp import ONE_THREAD, load_lightgbm

_SAMPLE = 4000
_ALONE = 0.02  # share of the outcome's uncertainty that a column must remove by itself to matter
# What convicted columns must add to what the others say of a column (nats), and its share in all that is said.
_PROVEN_KIN = (0.01, 0.0)
_KIN_OF_KIN = (0.05, 0.25)
_COPY = 0.8  # two columns share this much of what the richer one holds: two readings of one thing
_SAME = 0.99
_ONE_VALUE = 0.8
_CLASSES = 7
_SHARE_COLUMNS = 8
_TREES = ONE_THREAD | {
    "objective": "multiclass",
    "num_leaves": 8,
    "learning_rate": 0.15,
    "min_sum_hessian_in_leaf": 3.0,
    "lambda_l2": 1.0,
    "min_data_in_leaf": 20,
    "max_bin": 32,
    "min_data_per_group": 20,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
}


def goes_with(table: Table, convicted: dict[str, Hindsight]) -> dict[str, Hindsight]:
    """Convict, round by round, columns that are kin of convicted ones.

    A column is kin if it says something about the outcome, and if the convicted columns explain it
    beyond what the outcome and all other columns explain together (cross-validated, small boosted
    trees, three standard errors). Kin of kin must pass a higher bar, and there it ends. Two readings
    of one thing, shares of one whole, and fields of one form stand and fall together: none of them may
    speak for another.
    """
    rows = table.rows[:_SAMPLE]
    columns = tuple(c for c in table.columns if not c.accusable or _varies(c.codes[rows]))
    known = {i for i, column in enumerate(columns) if column.name in convicted}
    proven = {i for i in known if _may_testify(columns[i], convicted[columns[i].name], table)}
    if not proven:
        return {}
    skills = [_skill(column.binned(table.rows), table) for column in columns]
    matters = {i for i, column in enumerate(columns) if column.accusable and skills[i] > _ALONE}
    units = _units(columns, rows)
    deals = _Deals(columns, rows, table.won[:_SAMPLE], table.fold[:_SAMPLE])
    found: dict[str, Hindsight] = {}
    witnesses, guilty = set(proven), set(known)

    def convict(unit: set[int], member: int) -> None:
        for other in sorted(unit - guilty - {member}):
            if columns[other].accusable:
                found[columns[other].name] = _one_record(columns[other].name, columns[member].name)
        guilty.update(unit)

    for unit in units:
        if unit & proven:
            convict(unit, min(unit & proven))
    for extra_needed, own_needed in (_PROVEN_KIN, _KIN_OF_KIN):
        taken = []
        by = sorted(witnesses)
        for unit in (unit for unit in units if not unit <= guilty):
            rest = [i for i in range(len(columns)) if i not in guilty and i not in unit]
            for member in sorted(unit & matters):
                extra, own = deals.explained(member, by=by, beyond=rest)
                if extra > extra_needed and own > own_needed:
                    auc = ranks_alone(columns[member].binned(table.rows), table.won, table.fold)
                    names = sorted(columns[i].name for i in by)
                    found[columns[member].name] = _kin(columns[member].name, names, auc)
                    taken.append((unit, member))
                    break
        for unit, member in taken:
            convict(unit, member)
            witnesses.add(member)
    return found


def _one_record(name: str, other: str) -> Hindsight:
    return Hindsight(
        name,
        "one_record",
        f"它与事后列“{other}”属于同一份记录（同一件事的两种记法、合计为一的几项占比，或总是同时填写的同一张"
        "表单）：一起排除。",
        f"It belongs to one record with “{other}”, known in hindsight (two readings of one thing, shares of one "
        "whole, or fields always filled in together): they stand and fall together.",
    )


def _kin(name: str, witnesses: list[str], auc: float) -> Hindsight:
    zh = "、".join(f"“{witness}”" for witness in witnesses[:3]) + ("等" if len(witnesses) > 3 else "")
    en = ", ".join(f"“{witness}”" for witness in witnesses[:3]) + (
        " and others" if len(witnesses) > 3 else ""
    )
    return Hindsight(
        name,
        "goes_with_others",
        f"它与事后列{zh}同步变化，输赢和其余各列都解释不了这种同步：它们是一起写下的。它还透露结果：单凭这一列，"
        f"任取一赢一输两个商机，{percent(auc)} 能分出输赢。",
        f"It moves with {en}, known in hindsight, in a way that neither the result nor any other column "
        f"explains: it is written along with them. And it gives the result away: alone it tells a won deal from "
        f"a lost one in {percent(auc)} of pairs.",
    )


def _may_testify(column: Column, reason: Hindsight, table: Table) -> bool:
    """Say whether what depends on this column is hindsight too, and not what the column was made from.

    A customer filled in at close tells the industry, a duration the plan, a booked value the amount asked,
    a reason for losing the price: such columns convict nothing else. A witness tells the result, and
    something about deals of either ending.
    """
    if reason.code != "tells_the_result":
        return False
    codes = column.binned(table.rows)
    endings = (codes[table.won == ending] for ending in (0, 1))
    return all(np.bincount(ending).max() < _ONE_VALUE * len(ending) for ending in endings)


def _varies(codes: Ints) -> bool:
    return bool(np.bincount(codes + 1).max() < _SAME * len(codes))


def _skill(codes: Ints, table: Table) -> float:
    """Return the share of the outcome's uncertainty that `codes` remove, out of fold."""
    rate = np.clip(win_rate_elsewhere(codes, table.won, table.fold), 1e-6, 1 - 1e-6)
    base = table.won.mean()
    if not 0 < base < 1:
        return 0.0
    loss = -np.where(table.won == 1, np.log(rate), np.log(1 - rate)).mean()
    return float(1 - loss / -(base * np.log(base) + (1 - base) * np.log(1 - base)))


def _units(columns: tuple[Column, ...], rows: Ints) -> list[set[int]]:
    """Return the columns in sets that stand and fall together."""
    codes = [column.binned(rows, bins=8) for column in columns]
    filled = [column.filled[rows] for column in columns]
    units = [{i} for i in range(len(columns))]
    whole = _shares_of_a_whole(columns, rows)
    ties = [{i, j} for i, j in combinations(range(len(columns)), 2) if _bound(codes, filled, i, j)]
    for tie in [*ties, *([whole] if whole else [])]:
        merged: set[int] = set().union(*(unit for unit in units if unit & tie))
        units = [unit for unit in units if not unit & tie] + [merged]
    return sorted(units, key=min)


def _bound(codes: list[Ints], filled: list[Mask], i: int, j: int) -> bool:
    """Say whether two columns are readings of one thing, or fields of one form."""
    both = filled[i] & filled[j]
    if both.sum() < 30 or not (_varies(codes[i][both]) and _varies(codes[j][both])):
        # A field that holds one value only says no more than that the form was filled in, and any
        # column of an earlier form that leads to this one can say that too.
        return False
    form = bool(0.02 < both.mean() < 0.98 and np.array_equal(filled[i], filled[j]))
    return form or _overlap(codes[i][both], codes[j][both]) > _COPY


def _overlap(a: Ints, b: Ints) -> float:
    """Return the information that two columns share, against what the richer one holds."""
    more = max(_entropy(a), _entropy(b))
    bias = (len(np.unique(a)) - 1) * (len(np.unique(b)) - 1) / (2 * len(a))
    return (_entropy(a) + _entropy(b) - _entropy(a * (b.max() + 1) + b) - bias) / more


def _entropy(codes: Ints) -> float:
    p = np.bincount(codes) / len(codes)
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())


def _shares_of_a_whole(columns: tuple[Column, ...], rows: Ints) -> set[int]:
    """Return the largest set of fractions that never exceed one together and often reach it."""
    fractions = {}
    for i, column in enumerate(columns):
        if column.values is None:
            continue
        values = np.nan_to_num(_numbers(column, rows))
        broken = (values > 0.001) & (values < 0.999)
        if values.min() >= 0 and values.max() <= 1.01 and broken.mean() > 0.05:
            fractions[i] = values
    candidates = sorted(fractions)[:_SHARE_COLUMNS]
    for size in range(len(candidates), 1, -1):
        for some in combinations(candidates, size):
            total = np.sum([fractions[i] for i in some], axis=0)
            if (total < 1.01).mean() > 0.999 and (total[total > 0.001] > 0.99).mean() > 0.5:
                return set(some)
    return set()


def _numbers(column: Column, rows: Ints) -> Floats:
    """Return what a tree sees of the column: its numbers, or the codes of its commonest texts."""
    if column.values is not None:
        return column.values[rows]
    return column.binned(rows).astype(np.float64)


class _Deals:
    """The sampled deals, and how well one column is explained by others and the outcome."""

    def __init__(self, columns: tuple[Column, ...], rows: Ints, won: Ints, fold: Ints) -> None:
        self._inputs = np.column_stack([*(_numbers(column, rows) for column in columns), won])
        self._text = {i for i, column in enumerate(columns) if column.values is None}
        self._classes = [_classes(column, rows) for column in columns]
        self._half = fold % 2
        self._seen: dict[tuple[int, tuple[int, ...]], Floats] = {}

    def explained(self, target: int, *, by: list[int], beyond: list[int]) -> tuple[float, float]:
        """Return what `by` adds to `beyond` about the column `target`: nats (0 if chance), share of all."""
        full = self._loss(target, beyond + by)
        gain = self._loss(target, beyond) - full
        extra = float(gain.mean())
        if extra <= 3 * float(gain.std()) / np.sqrt(len(gain)):
            return 0.0, 0.0
        nothing = self._loss(target, [])
        return extra, extra / max(float((nothing - full).mean()), extra)

    def _loss(self, target: int, given: list[int]) -> Floats:
        key = (target, tuple(sorted(given)))
        if key not in self._seen:
            self._seen[key] = self._measure(*key)
        return self._seen[key]

    def _measure(self, target: int, given: tuple[int, ...]) -> Floats:
        """Return the out-of-half log loss, in nats per deal, of the target's class."""
        lgb = load_lightgbm()
        classes = self._classes[target]
        inputs = self._inputs[:, [*given, -1]]
        text = [place for place, column in enumerate(given) if column in self._text]
        loss = np.zeros(len(classes))
        for half in (0, 1):
            train, test = self._half != half, self._half == half
            data = lgb.Dataset(inputs[train], classes[train], categorical_feature=text, params=ONE_THREAD)
            model = lgb.train(_TREES | {"num_class": int(classes.max()) + 1}, data, num_boost_round=25)
            p = np.asarray(model.predict(inputs[test], **ONE_THREAD))
            loss[test] = -np.log(np.maximum(p[np.arange(test.sum()), classes[test]], 1e-6))
        return loss


def _classes(column: Column, rows: Ints) -> Ints:
    """Return the column in a few classes, the rare ones together."""
    codes = column.binned(rows, bins=_CLASSES - 1)
    counts = np.bincount(codes)
    common = np.flatnonzero(counts >= max(20, 0.01 * len(rows)))
    place = np.full(len(counts), len(common))
    place[common] = np.arange(len(common))
    return np.asarray(place[codes], dtype=np.int64)
