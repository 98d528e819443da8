"""`import_log`: a company's own log, as `science` reads it, becomes accounts, deals and their timeline."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from django.db import transaction

from foresail.connectors.errors import NoDates, PipelineDiffers
from foresail.crm import queries as crm_queries
from foresail.crm import services as crm
from foresail.forecast.services import add_pool
from foresail.people import services as people
from foresail.people.queries import line_named
from foresail.science.forecaster import names
from foresail.science.log import DealLog, Outcome
from foresail.science.time import NEVER
from foresail.timeline import services as timeline
from foresail.timeline.services import NewEntry

if TYPE_CHECKING:
    from foresail.crm.models import Pipeline
    from foresail.forecast.models import Pool
    from foresail.people.models import BusinessLine, Team

Progress = Callable[[float], None]

BATCH: Final = 20_000
CUSTOMERS: Final = frozenset({"account", "customer", "client", "company", "客户", "客户名称", "公司"})
LEAST_CUSTOMERS: Final = 10
"""A column of fewer different values tells what a customer is like, not who it is."""
OURS: Final = frozenset({"won", "lost", "deal_opened", "deal_amended"})
"""Kinds that mean something of their own on the timeline."""
AMOUNTS: Final = ("amount", "value", "金额")
"""How the name of an attribute begins that stands for the amount, where the mapping names none."""
MOST: Final = 10.0**14
ONLY_STAGE: Final = "open"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What was added. `known` are deals of the log that were here before; they stay as they are."""

    pool: Pool
    pipeline: int
    accounts: int
    deals: int
    open_deals: int
    entries: int
    known: int


def import_log(
    log: DealLog, *, line: str, team: str | None, name: str, at: datetime, progress: Progress | None = None
) -> Imported:
    """Put `log` into the pipeline `name` of `line`; both, and `team`, are made where they are not there yet.

    All of it or, if interrupted, nothing. Done again it adds only deals that are new. Raises NoDates,
    PipelineDiffers, and what people and crm refuse of names.
    """
    if not log.dated:
        raise NoDates
    with transaction.atomic():
        return _Import(log, name=name, at=at, tell=progress or (lambda _share: None)).run(
            line=line, team=team
        )


class _Import:
    """One import under way."""

    def __init__(self, log: DealLog, *, name: str, at: datetime, tell: Progress) -> None:
        self.log, self.name, self.at, self.tell = log, name, at, tell
        self.source = f"import:{name}"
        self.labels = [f"{name} {key}" for key in log.deals.ids]
        self.numbers = [_short(label) for label in self.labels]
        self.facts, self.amounts = facts_of(log), amounts_of(log)

    def run(self, *, line: str, team: str | None) -> Imported:
        own_line = _line(line, self.at)
        own_team = None if team is None else _team(team, own_line, self.at)
        pipeline = self._pipeline(own_line)
        here = {deal.number for deal in _deals_of(pipeline)}
        places = [place for place, number in enumerate(self.numbers) if number not in here]
        accounts = self._accounts(places, own_line, own_team)
        keys = self._deals(places, accounts, pipeline, own_team)
        entries = self._entries(keys, accounts, pipeline.pk)
        return Imported(
            pool=add_pool(name=self.name, pipelines=[pipeline.pk]),
            pipeline=pipeline.pk,
            accounts=len(set(accounts.values())),
            deals=len(keys),
            open_deals=int(np.sum(self.log.deals.outcome[places] == Outcome.OPEN)),
            entries=entries,
            known=len(self.numbers) - len(keys),
        )

    def _pipeline(self, line: BusinessLine) -> Pipeline:
        """Return the pipeline, made with the log's stages in the order in which deals come to them."""
        keys = [_key(stage) for stage in stages_of(self.log)] or [ONLY_STAGE]
        found = {(each.line_id, each.name): each for each in crm_queries.pipelines()}.get(
            (line.pk, self.name)
        )
        if found is not None:
            known = {stage.key for stage in found.stages.all()}
            for key in keys:
                if key not in known:
                    raise PipelineDiffers(name=self.name, stage=key)
            return found
        stages = [
            crm.StageSpec(key, "在途", "Open")
            if key == ONLY_STAGE
            else crm.StageSpec(key, names.zh(key), names.en(key))
            for key in keys
        ]
        return crm.add_pipeline(name=self.name, line=line, stages=stages, by=None, at=self.at)

    def _accounts(self, places: Sequence[int], line: BusinessLine, team: Team | None) -> dict[int, int]:
        """Return the account of each deal: its customer's, where the log says who that is, else one of its own."""
        customers = self._customers()
        labels = {place: (customers and customers[place]) or self.labels[place] for place in places}
        rows = {
            label: crm.NewAccount(name=label, line=line.pk, team=None if team is None else team.pk)
            for label in labels.values()
        }
        made: dict[str, int] = {}
        for batch in _batches(list(rows)):
            keys = crm.add_accounts([rows[label] for label in batch], by=None, at=self.at)
            made |= dict(zip(batch, keys, strict=True))
        return {place: made[label] for place, label in labels.items()}

    def _customers(self) -> list[str | None] | None:
        for name in self.log.deals.attributes.columns:
            column = self.log.deals.attributes[name]
            if (
                name.lower() in CUSTOMERS
                and column.dtype == pl.String
                and column.n_unique() >= LEAST_CUSTOMERS
            ):
                return [value and " ".join(value.split())[:200] for value in column.to_list()]
        return None

    def _deals(
        self, places: Sequence[int], accounts: dict[int, int], pipeline: Pipeline, team: Team | None
    ) -> dict[int, int]:
        deals = self.log.deals
        stages = {stage.key: stage.pk for stage in pipeline.stages.order_by("position")}
        first, last = next(iter(stages.values())), _last_stages(self.log)
        outcomes = {Outcome.WON: "won", Outcome.LOST: "lost"}
        made: dict[int, int] = {}
        for batch in _batches(places):
            rows = [
                crm.NewDeal(
                    number=self.numbers[place],
                    name=self.labels[place][:200],
                    account=accounts[place],
                    pipeline=pipeline.pk,
                    stage=stages[last[place]] if place in last else first,
                    team=None if team is None else team.pk,
                    amount=self.amounts[place],
                    status=outcomes.get(Outcome(deals.outcome[place]), "open"),
                    opened_at=_moment(deals.opened[place]),
                    closed_at=None if deals.closed[place] == NEVER else _moment(deals.closed[place]),
                    facts=self.facts[place],
                )
                for place in batch
            ]
            made |= dict(zip(batch, crm.add_deals(rows, by=None, at=self.at), strict=True))
        return made

    def _entries(self, keys: dict[int, int], accounts: dict[int, int], pipeline: int) -> int:
        kept, batch = 0, []
        for number, entry in enumerate(self._all(keys, accounts, pipeline), start=1):
            batch.append(entry)
            if len(batch) == BATCH:
                kept += timeline.append(batch, at=self.at, quiet=True)
                self.tell(number / (len(self.log.events) + 2 * len(keys)))
                batch = []
        return kept + timeline.append(batch, at=self.at, quiet=True)

    def _all(self, keys: dict[int, int], accounts: dict[int, int], pipeline: int) -> Iterator[NewEntry]:
        """Yield what the log tells of the deals in `keys`: how each opened, what happened, how it ended."""
        deals, events = self.log.deals, self.log.events
        begins = np.searchsorted(events.deal, np.arange(len(deals) + 1, dtype=np.int32))
        for place, key in keys.items():
            account, label = accounts[place], str(deals.ids[place])

            def entry(
                kind: str,
                at: int,
                known: int,
                mark: str,
                values: dict[str, object] | None,
                actor: str | None = None,
            ) -> NewEntry:
                return NewEntry(
                    known_at=_moment(known),
                    at=_moment(at),
                    kind=kind,
                    deal_id=key,  # noqa: B023  # used within this turn alone
                    account_id=account,  # noqa: B023
                    actor_label=actor,
                    subject=f"crm.Deal:{key}",  # noqa: B023
                    source=self.source,
                    source_id=f"{label}:{mark}",  # noqa: B023
                    basis="own_record",
                    values=values,
                )

            opened = int(deals.opened[place])
            owner = None if deals.owner[place] < 0 else deals.owners[deals.owner[place]]
            amount = None if self.amounts[place] is None else str(self.amounts[place])
            opening = {"pipeline": pipeline, "amount": amount, "owner": owner, "facts": self.facts[place]}
            yield entry("deal_opened", opened, opened, "opened", opening)
            marks: Counter[str] = Counter()
            for row in range(begins[place], begins[place + 1]):
                kind = events.kinds[events.kind[row]]
                actor = None if events.actor[row] < 0 else events.actors[events.actor[row]]
                stage = None if events.stage[row] < 0 else events.stages[events.stage[row]]
                at, known = int(events.at[row]), int(events.known[row])
                mark = _digest(f"{kind}\x1f{at}\x1f{known}\x1f{actor}\x1f{stage}")
                marks[mark] += 1  # the same twice in one deal happened twice
                values: dict[str, object] | None = None if stage is None else {"stage": _key(stage)}
                yield entry(
                    f"{kind} (log)" if kind in OURS else kind,
                    at,
                    known,
                    f"{mark}:{marks[mark]}",
                    values,
                    actor,
                )
            if deals.outcome[place] != Outcome.OPEN:
                closed = int(deals.closed[place])
                outcome = "won" if deals.outcome[place] == Outcome.WON else "lost"
                yield entry(outcome, closed, closed, "ended", None)


def stages_of(log: DealLog) -> list[str]:
    """Return the stages, first those that deals reach first: by the mean share of its moves that lie before."""
    moves = log.events.stage >= 0
    frame = pl.DataFrame(
        {"deal": log.events.deal[moves], "stage": log.events.stage[moves], "known": log.events.known[moves]}
    )
    first = frame.group_by("deal", "stage").agg(pl.col("known").min())
    ranked = first.with_columns(
        rank=(pl.col("known").rank("average").over("deal") - 0.5) / pl.len().over("deal")
    )
    order = ranked.group_by("stage").agg(pl.col("rank").mean()).sort("rank", "stage")
    return [log.events.stages[number] for number in order["stage"]]


def amounts_of(log: DealLog) -> list[Decimal | None]:
    """Return the amounts; where the log has none, those of its only attribute that is named like one."""
    name = _amount_in(log)
    amounts = log.deals.attributes[name].fill_null(np.nan).to_numpy() if name else log.deals.amount
    return [
        Decimal(str(round(float(amount), 2))).quantize(Decimal("0.01")) if 0 <= amount < MOST else None
        for amount in amounts
    ]


def facts_of(log: DealLog) -> list[dict[str, str]]:
    """Return what was known of each deal when it opened, as texts; without what is its amount."""
    amount = _amount_in(log)
    columns = {
        column.name: column.cast(pl.String).to_list()
        for column in log.deals.attributes.iter_columns()
        if column.name != amount
    }
    return [
        {name: value[:500] for name, values in columns.items() if (value := values[place])}
        for place in range(len(log.deals))
    ]


def _amount_in(log: DealLog) -> str | None:
    """Return the attribute that stands for the amount, None where the log has amounts or nothing like it."""
    if not np.isnan(log.deals.amount).all():
        return None
    named = [
        column.name
        for column in log.deals.attributes.iter_columns()
        if column.dtype.is_numeric() and column.name.lower().startswith(AMOUNTS)
    ]
    return named[0] if len(named) == 1 else None


def _last_stages(log: DealLog) -> dict[int, str]:
    """Return the stage of each deal that has one: events are ordered by deal and by when they were known."""
    moves = np.flatnonzero(log.events.stage >= 0)
    pairs = zip(log.events.deal[moves].tolist(), log.events.stage[moves].tolist(), strict=True)
    return {
        place: _key(log.events.stages[list(those)[-1][1]])
        for place, those in groupby(pairs, key=lambda p: p[0])
    }


def _deals_of(pipeline: Pipeline) -> list[crm_queries.DealFacts]:
    return list(crm_queries.facts_of(crm_queries.deal_keys([pipeline.pk])).values())


def _line(name: str, at: datetime) -> BusinessLine:
    return line_named(name) or people.add_line(name=name, by=None, at=at)


def _team(name: str, line: BusinessLine, at: datetime) -> Team:
    found: Team | None = line.teams.filter(name__iexact=name.strip()).first()
    return found or people.add_team(name=name, line=line, by=None, at=at)


def _batches(rows: Sequence[int] | Sequence[str]) -> Iterator[Sequence]:  # type: ignore[type-arg]
    for begin in range(0, len(rows), BATCH):
        yield rows[begin : begin + BATCH]


def _short(label: str) -> str:
    """Return `label` if a deal's number may be as long, else its beginning and a digest."""
    label = " ".join(label.split())
    return label if len(label) <= 50 else f"{label[:33]} {_digest(label)[:16]}"


def _key(stage: str) -> str:
    return stage if len(stage) <= 50 else f"{stage[:33]} {_digest(stage)[:16]}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(instant))
