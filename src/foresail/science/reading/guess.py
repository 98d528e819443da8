"""A first mapping, guessed from a file's values and shapes, with what a person should check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from foresail.science.mapping import (
    XES_DEAL,
    XES_KIND,
    DealColumns,
    LogColumns,
    Mapping,
    OutcomeKinds,
    StageRule,
)
from foresail.science.reading import words
from foresail.science.reading.columns import (
    FEW,
    LIKELY,
    SURE,
    UNKNOWN,
    UNSURE,
    Column,
    Draft,
    Question,
    is_id,
)
from foresail.science.reading.reading import MOST_BYTES
from foresail.science.reading.table import Table, read_table


@dataclass(frozen=True)
class Guess:
    """A mapping as TOML, how sure each used column is (0 to 1), and what could not be told."""

    mapping_toml: str
    confidence: dict[str, float]
    questions: tuple[Question, ...]


def guess_mapping(path: Path) -> Guess:
    """Guess what the columns of the file at `path` mean. Raises ReadError where it cannot be read."""
    table = read_table(path, separator=None, encoding=None, max_bytes=MOST_BYTES)
    columns = [Column(name=name, values=table.frame[name]) for name in table.columns]
    draft = Draft(file=path.name, columns=columns)
    events = _event_id(draft)
    mapping = _guess_log(draft, table, deal=events) if events else _guess_deals(draft, table)
    return Guess(
        mapping_toml=mapping.to_toml(), confidence=draft.confidence, questions=tuple(draft.questions)
    )


def _event_id(draft: Draft) -> Column | None:
    """Return the column by which rows belong together over time, if the rows are events."""
    if not any(column.is_time for column in draft.columns):
        return None
    standard = [column for column in draft.columns if column.name == XES_DEAL]
    if standard:
        return standard[0]
    n = len(draft.columns[0].values)
    result = _result(draft)
    unique = [column for column in draft.columns if is_id(column, n)]
    candidates = [
        column
        for column in draft.columns
        if column.filled > 0.95
        and not column.is_time
        and not column.is_fraction
        and 1 < column.different <= n / 1.5
        and column is not result
    ]
    if result is None and unique:
        return None
    if result is not None:
        ending = result.values.cast(pl.String).is_in([*result.outcomes("won"), *result.outcomes("lost")])
        candidates = [column for column in candidates if _ends_once(column, ending, n=n)]
    ranked = sorted(candidates, key=lambda column: (words.named(column.name, "deal"), column.different))
    return ranked[-1] if ranked and ranked[-1].different > 1 else None


def _ends_once(column: Column, ending: pl.Series, *, n: int) -> bool:
    """Whether rows with an outcome are few per value and a minority: what an event log looks like."""
    ended = column.values.filter(ending)
    return bool(len(ended)) and len(ended) <= 5 * ended.n_unique() and len(ended) < 0.6 * n


def _result(draft: Draft) -> Column | None:
    """Return the column whose values say won and lost; of several, the one with the fewest values."""
    speaking = [c for c in draft.columns if c.outcomes("won") and c.outcomes("lost")]
    if speaking:
        return min(speaking, key=lambda column: column.different)
    return None


def _flag(draft: Draft) -> tuple[Column, tuple[str, ...], tuple[str, ...]] | None:
    """Return a yes-or-no column named after a good or a bad end, with its won and lost values."""
    for role in ("good", "bad"):
        for column in draft.free():
            if column.different != 2 or not words.named(column.name, role):
                continue
            answers = {words.yes_or_no(value): value for value in column.sample}
            if answers.keys() == {True, False}:
                draft.take(column, LIKELY)
                yes, no = answers[True], answers[False]
                return (column, (yes,), (no,)) if role == "good" else (column, (no,), (yes,))
    return None


def _guess_log(draft: Draft, table: Table, *, deal: Column) -> Mapping:
    frame = table.frame
    draft.take(deal, SURE if words.named(deal.name, "deal") or deal.name.startswith("case:") else LIKELY)
    by_deal = frame.group_by(deal.name).agg(pl.exclude(deal.name, "^\x00.*$").n_unique())
    varies = {name: _mean(by_deal[name] > 1) for name in by_deal.columns if name != deal.name}
    times = sorted((c for c in draft.free() if c.is_time), key=lambda c: (-varies[c.name], -c.filled))
    at = draft.take(times[0], SURE if len(times) == 1 or varies[times[1].name] < 0.1 else LIKELY)
    later = [c for c in times[1:] if varies[c.name] > 0.1 and _mean(c.times >= at.times) == 1.0]
    known = draft.best("known", later)

    moving = [c for c in draft.free() if not c.is_time and 1 < c.different <= FEW and varies[c.name] > 0.05]
    details = [c for c in moving if c.share(lambda value: value.casefold() in words.LIFECYCLE) > 0.8]
    for column in details:
        draft.take(column, SURE)
    kind = _kind(draft, [c for c in moving if c not in details])
    actor = draft.best("actor", (c for c in moving if c.name not in draft.confidence))
    stage_column = draft.best("stage", (c for c in moving if c.name not in draft.confidence))
    won, lost, prefix = _closing_kinds(draft, frame, deal=deal, at=at, kind=kind)
    stage = StageRule(prefix=prefix) if prefix else None
    if stage_column is not None:
        stage = StageRule(column=stage_column.name)
    elif stage is None:
        draft.ask(
            f"哪些事件代表阶段推进？请在 [stage] 中写明（事件见列 {kind.name}）。",
            f"Which events move a deal to a stage? Say so in [stage] (events are in {kind.name}).",
        )
    fixed = [c for c in draft.free() if not c.is_time and varies[c.name] < 0.01 and c.different > 1]
    attributes = [draft.take(c, LIKELY).name for c in fixed if c.is_number or c.different <= FEW]
    return Mapping(
        log=LogColumns(
            file=draft.file,
            deal=deal.name,
            at=at.name,
            known=known.name if known else None,
            kind=kind.name,
            actor=actor.name if actor else None,
            detail=tuple(column.name for column in details),
            attributes=tuple(attributes),
            tz=_tz(draft, at),
        ),
        outcome=OutcomeKinds(won=won, lost=lost),
        stage=stage,
    )


def _kind(draft: Draft, candidates: list[Column]) -> Column:
    """The column that says what happened: it speaks of outcomes, or is named so, or has words in it."""
    standard = [column for column in draft.free() if column.name == XES_KIND]
    ranked = standard or sorted(
        candidates,
        key=lambda c: (
            not (c.outcomes("won") or c.outcomes("lost")),
            not words.named(c.name, "kind"),
            c.is_number,
            -c.different,
        ),
    )
    if ranked:
        sure = bool(standard) or bool(ranked[0].outcomes("won")) or words.named(ranked[0].name, "kind")
        return draft.take(ranked[0], SURE if sure else UNSURE)
    rest = sorted((c for c in draft.free() if not c.is_time), key=lambda c: c.different) or draft.columns
    draft.ask("哪一列说明发生了什么（事件类型）？", "Which column says what happened (the kind of event)?")
    return draft.take(rest[0], UNKNOWN)


def _closing_kinds(
    draft: Draft, frame: pl.DataFrame, *, deal: Column, at: Column, kind: Column
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """Return the kinds that say won or lost and after which little happens, and their common prefix."""
    rows = pl.DataFrame({"deal": frame[deal.name], "at": at.times, "kind": kind.values.cast(pl.String)})
    rows = rows.drop_nulls()
    span = rows.group_by("deal").agg(first=pl.col("at").min(), last=pl.col("at").max())
    spoken = {value: words.outcome_of(value) for value in kind.sample if words.outcome_of(value)}
    met = rows.filter(pl.col("kind").is_in(list(spoken))).group_by("deal", "kind").agg(pl.col("at").min())
    met = met.join(span, on="deal").with_columns(
        late=(pl.col("last") - pl.col("at")) <= (pl.col("last") - pl.col("first")) * 0.1
    )
    ends = met.group_by("kind").agg(pl.col("late").mean())
    closing = sorted(ends.filter(pl.col("late") >= 0.75)["kind"].to_list())
    families = {side: {_family(k) for k in closing if spoken[k] == side} for side in ("won", "lost")}
    common = sorted((families["won"] & families["lost"]) - {""})
    if common:
        closing = [value for value in closing if _family(value) in common]
    won = tuple(value for value in closing if spoken[value] == "won")
    lost = tuple(value for value in closing if spoken[value] == "lost")
    if not won or not lost:
        side_zh = "赢单" if not won else "输单"
        side_en = "won" if not won else "lost"
        draft.ask(
            f"哪些事件表示{side_zh}？请写在 [outcome] 的 {side_en} 中。",
            f"Which events mean {side_en}? Write them in {side_en} of [outcome].",
        )
    else:
        draft.ask(
            f"请核对定局事件：赢单 {'、'.join(won)}；输单 {'、'.join(lost)}。",
            f"Please check the events that close a deal: won {', '.join(won)}; lost {', '.join(lost)}.",
        )
    return (won, lost, common[0] if common else None) if won or lost else (("won",), ("lost",), None)


def _family(kind: str) -> str:
    """Return the prefix of a kind such as `A_` in `A_DECLINED`, or nothing."""
    head, mark, _ = kind.partition("_")
    return head + mark if mark and len(head) <= 4 else ""


def _guess_deals(draft: Draft, table: Table) -> Mapping:
    n = len(table.frame)
    ids = sorted((c for c in draft.columns if is_id(c, n)), key=lambda c: not words.named(c.name, "deal"))
    deal = draft.take(ids[0], SURE if words.named(ids[0].name, "deal") else LIKELY) if ids else None
    if deal is None:
        draft.ask(
            "没有能唯一标识商机的列：以行号为编号。",
            "No column identifies a deal: rows are numbered instead.",
        )
    result, won, lost = _guess_result(draft)
    ended = result.values.cast(pl.String).is_in([*won, *lost])
    opened, closed = _guess_dates(draft, ended=ended)
    late = [c for c in draft.free() if _only_when_ended(c, ended)]
    for column in late:
        draft.ask(
            f"列 {column.name} 几乎只在商机结束后才有值，未采用；若创建时已知，请补上。",
            f"{column.name} is filled in only when a deal ends: left out; add it if it is known before.",
        )
    numbers = [c for c in draft.free() if c.is_number and c.different > 2 and c not in late]
    amount = draft.best("amount", numbers)
    groups = [c for c in draft.free() if not c.is_number and 1 < c.different <= n / 2 and c.different <= FEW]
    people = [c for c in groups if c.share(words.is_person) > 0.8]
    owner = draft.best("owner", [*people, *(c for c in groups if c not in people)])
    if owner is None:
        draft.ask("哪一列是商机负责人？", "Which column is the owner of the deal?")
    useful = [c for c in draft.free() if c not in late and not c.is_time and c.different > 1]
    attributes = [c for c in useful if not is_id(c, n) and (c.is_number or c.different <= FEW)]
    for column in attributes:
        draft.take(column, LIKELY)
    return Mapping(
        deals=DealColumns(
            file=draft.file,
            deal=deal.name if deal else None,
            opened=opened.name if opened else None,
            closed=closed.name if closed else None,
            result=result.name,
            won=won,
            lost=lost,
            owner=owner.name if owner else None,
            amount=amount.name if amount else None,
            attributes=tuple(column.name for column in attributes),
            tz=_tz(draft, opened) if opened else None,
        )
    )


def _guess_result(draft: Draft) -> tuple[Column, tuple[str, ...], tuple[str, ...]]:
    column = _result(draft)
    if column is not None:
        draft.take(column, SURE)
        return column, column.outcomes("won"), column.outcomes("lost")
    flag = _flag(draft)
    if flag is None:
        few = sorted((c for c in draft.free() if not c.is_time), key=lambda c: abs(c.different - 2))
        column = draft.take((few or draft.columns)[0], UNKNOWN)
        flag = (column, tuple(column.sample[-1:]) or ("Won",), tuple(column.sample[:-1][:1]))
    column, won, lost = flag
    draft.ask(
        f"列 {column.name} 是结果吗？暂定赢单 = {'、'.join(won)}，输单 = {'、'.join(lost)}。",
        f"Is {column.name} the result? Taken for now: won = {', '.join(won)}, lost = {', '.join(lost)}.",
    )
    return flag


def _guess_dates(draft: Draft, *, ended: pl.Series) -> tuple[Column | None, Column | None]:
    """Return the columns of opening and closing, both or neither."""
    times = [column for column in draft.free() if column.is_time]
    if len(times) < 2:
        if times:
            draft.ask(
                f"只有一个日期列 {times[0].name}：需要创建与结束两个日期，才能看时间走势。",
                f"{times[0].name} is the only date: opening and closing are both needed to look at time.",
            )
        return None, None

    def closing(column: Column) -> float:
        absent = column.values.is_null()
        gap = _mean(absent.filter(~ended)) - _mean(absent.filter(ended))
        later = sum(_mean(column.times >= other.times) for other in times if other is not column)
        return gap + later / (len(times) - 1) + words.named(column.name, "closed")

    closed = max(times, key=closing)
    earlier = [c for c in times if c is not closed]
    opened = max(
        earlier, key=lambda c: _mean(c.times <= closed.times) + words.named(c.name, "opened") + c.filled
    )
    sure = _mean(opened.times <= closed.times) > 0.98
    return draft.take(opened, SURE if sure else UNSURE), draft.take(closed, SURE if sure else UNSURE)


def _only_when_ended(column: Column, ended: pl.Series) -> bool:
    absent = column.values.is_null()
    return _mean(absent.filter(~ended)) > 0.95 and _mean(absent.filter(ended)) < 0.5


def _mean(flags: pl.Series) -> float:
    known = flags.drop_nulls()
    return float(known.sum()) / len(known) if len(known) else 0.0


def _tz(draft: Draft, column: Column) -> str | None:
    """Ask for the zone where the times do not name one."""
    named = isinstance(column.values.dtype, pl.Datetime) and column.values.dtype.time_zone is not None
    if not named and column.share(lambda value: value.endswith("Z") or "+" in value) < 0.5:
        draft.ask(
            f"{column.name} 的时间没有时区，暂按 UTC；请用 tz 写明，例如 Asia/Shanghai。",
            f"The times in {column.name} name no zone, so they are taken as UTC; write tz, such as Asia/Shanghai.",
        )
    return None
