"""The facts of deals and accounts at any instant, as they were known then.

`Past` loads what there is once, in a constant number of queries, and then tells the facts of any instant of its span: so
a trigger is judged tonight and tried on ninety days by the same code. Days are counted in calendar days in China.

What crm keeps no history of is as it is now: who champions a deal. An amount or a day of closing that was changed after
the instant asked about is not known for it, and the fact is missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import polars as pl

from foresail.advice.facts import FACTS
from foresail.conversations.queries import heard_from
from foresail.core.clock import ZONE
from foresail.crm import queries as crm
from foresail.crm.queries import DealFacts
from foresail.forecast.queries import looks_at
from foresail.signals.queries import AccountInterest, TopicInterest, interest_in, last_signals, topics
from foresail.timeline.queries import table_of

LATELY: Final = timedelta(days=14)
USUAL: Final = timedelta(days=84)
"""What is usual is told from twelve weeks before the last two."""
LATE: Final = timedelta(days=30)
"""An end may become known so much later than it was."""
OLD_LOOK: Final = timedelta(days=10)
"""A forecast older than this says nothing of the day asked about."""
TALKS: Final = ("mail_in", "chat_in", "call", "meeting", "visit", "demo")
"""Kinds of entries in which the customer was heard."""
EVERY_TALK: Final = (*TALKS, "mail_out", "chat_out")
MENTIONED: Final = "competitor_mentioned"
PASSED: Final = "evaluation_passed"
STEPS: Final = ("demo", "meeting", "visit")
"""Kinds of entries by which an evaluation goes on: somebody shows, meets or comes. Mails and calls may ask in vain."""
ENDS: Final = ("won", "lost")
_EVALUATION: Final = re.compile(r"evaluat|(?<![a-z])poc(?![a-z])|评估|测试|试用|验证", re.IGNORECASE)
_SHOWN: Final = 3


@dataclass(kw_only=True)
class Standing:
    """The facts of a deal or an account by key, and behind them entries of the timeline, and topics.

    A topic is its key, its strength, and how it compares with a usual week.
    """

    account: int
    values: dict[str, object]
    entries: dict[str, list[int]] = field(default_factory=dict)
    topics: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)


class Past:
    """What may be asked of deals, or of accounts, at any instant from `since` to `until`.

    `wanted` are the keys of the facts that are asked for, `subjects` the keys of the deals or accounts (None: of all).
    """

    def __init__(
        self,
        *,
        about: str,
        wanted: Collection[str],
        since: datetime,
        until: datetime,
        subjects: Collection[int] | None = None,
    ) -> None:
        self.about, self.wanted = about, frozenset(wanted)
        self.needs = {FACTS[key].needs for key in wanted}
        self.since, self.until = since, until
        if about == "deal":
            self.deals: Sequence[DealFacts] = crm.alive(since=since - LATE, until=until, deals=subjects)
            self.accounts = sorted({deal.account for deal in self.deals})
        else:
            self.deals = ()
            buying = crm.accounts_that_buy(since=since - LATE, until=until)
            self.accounts = buying if subjects is None else sorted(set(subjects).intersection(buying))
        self._load()

    def _load(self) -> None:
        deals = [deal.id for deal in self.deals]
        self.of_accounts = crm.deals_at(accounts=self.accounts) if "customer" in self.needs else []
        kinds = {*ENDS, "deal_amended"}
        if "stage" in self.needs:
            kinds |= {PASSED, *STEPS}
        if "heard" in self.needs:
            kinds |= {*TALKS}
        if "mentions" in self.needs:
            kinds.add(MENTIONED)
        self.told = table_of(
            deals=deals, kinds=sorted(kinds), stages="stage" in self.needs, known_by=self.until
        )
        self.talked = _EMPTY
        if "customer" in self.needs:
            self.talked = table_of(
                deals=[deal.id for deal in self.of_accounts],
                kinds=[*EVERY_TALK, "complaint", "complaint_opened", "won"],
                known_by=self.until,
            ).join(
                pl.DataFrame(
                    {
                        "deal": [d.id for d in self.of_accounts],
                        "account": [d.account for d in self.of_accounts],
                    },
                    schema={"deal": pl.Int64(), "account": pl.Int64()},
                ),
                on="deal",
            )
        if "people" in self.needs:
            self._load_people(deals)
        if "chance" in self.needs or "record" in self.needs:
            looks = looks_at(deals=deals, since=self.since - LATELY - OLD_LOOK, until=self.until)
            self.looks = pl.DataFrame(
                [(look.deal, look.at, look.p_won_final, look.verdict, look.amount) for look in looks],
                schema={
                    "deal": pl.Int64(), "at": pl.Datetime("us", "UTC"), "p": pl.Float64(), "verdict": pl.String(),
                    "amount": pl.Decimal(38, 2),
                },
                orient="row",
            )  # fmt: skip
        if "interest" in self.needs:
            self.kinds = {topic.pk: topic.kind for topic in topics()}
        if "stage" in self.needs:
            self.evaluation = {
                stage.key
                for pipeline in crm.pipelines()
                for stage in pipeline.stages.all()
                if _EVALUATION.search(f"{stage.key} {stage.name_zh} {stage.name_en}")
            }

    def _load_people(self, deals: Sequence[int]) -> None:
        self.champions: dict[int, list[tuple[int, datetime | None]]] = {}
        for deal, contact, left in crm.champions_in(deals=deals):
            self.champions.setdefault(deal, []).append((contact, left))
        self.heard = pl.DataFrame(
            heard_from(deals=deals, known_by=self.until),
            schema={
                "deal": pl.Int64(), "contact": pl.Int64(), "at": pl.Datetime("us", "UTC"),
                "known": pl.Datetime("us", "UTC"),
            },
            orient="row",
        )  # fmt: skip

    def at(self, at: datetime) -> dict[int, Standing]:
        """Return the facts of every deal that was open at `at`, or of every account, as known then."""
        told = self.told.filter((pl.col("known") <= at) & (pl.col("at") <= at))
        if self.about == "deal":
            here = self._open(told, at)
            found = {
                deal.id: Standing(account=deal.account, values=dict.fromkeys(self.wanted)) for deal in here
            }
            for needs, fill in (
                ("stage", self._stage), ("heard", self._heard), ("mentions", self._mentions), ("people", self._people),
                ("record", self._record), ("chance", self._chance),
            ):  # fmt: skip
                if needs in self.needs:
                    fill(found, here, told, at)
        else:
            found = {key: Standing(account=key, values=dict.fromkeys(self.wanted)) for key in self.accounts}
        accounts = sorted({each.account for each in found.values()})
        if "interest" in self.needs:
            self._interest(found, accounts, at)
        if "signal" in self.needs:
            last = last_signals(accounts=accounts, at=at)
            for each in found.values():
                self._say(each, "days_since_signal", _days(last.get(each.account), at))
        if "customer" in self.needs:
            self._customer(found, at)
        return found

    def _say(self, standing: Standing, key: str, value: object, *entries: int) -> None:
        if key in self.wanted:
            standing.values[key] = value
            if entries:
                standing.entries[key] = list(entries)

    def _open(self, told: pl.DataFrame, at: datetime) -> list[DealFacts]:
        ended = set(told.filter(pl.col("kind").is_in(ENDS))["deal"])
        known = set(self.told.filter(pl.col("kind").is_in(ENDS))["deal"])
        return [
            deal
            for deal in self.deals
            if deal.opened_at <= at
            and deal.id not in ended
            # An end of which the log says nothing was known when it was.
            and (deal.closed_at is None or deal.closed_at > at or deal.id in known)
        ]

    def _stage(
        self, found: dict[int, Standing], here: Sequence[DealFacts], told: pl.DataFrame, at: datetime
    ) -> None:
        moves = told.filter(pl.col("kind").str.starts_with("stage_")).group_by("deal").last()
        last = {deal: (kind[6:], moved, entry) for deal, moved, _, kind, entry in moves.iter_rows()}
        passed = dict(
            told.filter(pl.col("kind") == PASSED).group_by("deal").agg(pl.col("at").max()).iter_rows()
        )
        steps = told.filter(pl.col("kind").is_in(STEPS)).group_by("deal").last()
        stepped = {
            deal: (when, entry) for deal, when, entry in steps.select("deal", "at", "entry").iter_rows()
        }
        for deal in here:
            stage, since, entry = last.get(deal.id, (deal.stage, deal.opened_at, None))
            entries = () if entry is None else (entry,)
            self._say(found[deal.id], "stage", stage, *entries)
            self._say(found[deal.id], "days_in_stage", _days(since, at), *entries)
            if stage in self.evaluation and not (deal.id in passed and passed[deal.id] >= since):
                if deal.id in stepped and stepped[deal.id][0] > since:
                    since, entries = stepped[deal.id][0], (stepped[deal.id][1],)
                self._say(found[deal.id], "evaluation_days", _days(since, at), *entries)

    def _heard(
        self, found: dict[int, Standing], here: Sequence[DealFacts], told: pl.DataFrame, at: datetime
    ) -> None:
        last = told.filter(pl.col("kind").is_in(TALKS)).group_by("deal").last()
        for deal, when, entry in last.select("deal", "at", "entry").iter_rows():
            if deal in found:
                self._say(found[deal], "days_since_customer", _days(when, at), entry)

    def _mentions(
        self, found: dict[int, Standing], here: Sequence[DealFacts], told: pl.DataFrame, at: datetime
    ) -> None:
        rows = told.filter((pl.col("kind") == MENTIONED) & (pl.col("at") > at - LATELY - USUAL))
        lately: dict[int, list[int]] = {}
        before: dict[int, int] = {}
        for deal, when, entry in rows.select("deal", "at", "entry").iter_rows():
            if when > at - LATELY:
                lately.setdefault(deal, []).append(entry)
            else:
                before[deal] = before.get(deal, 0) + 1
        for deal, each in found.items():
            entries = lately.get(deal, [])
            self._say(each, "competitor_mentions", len(entries), *entries[-_SHOWN:])
            self._say(each, "competitor_mentions_usual", _rounded(before.get(deal, 0) / 6, 2))

    def _people(
        self, found: dict[int, Standing], here: Sequence[DealFacts], told: pl.DataFrame, at: datetime
    ) -> None:
        heard = self.heard.filter((pl.col("known") <= at) & (pl.col("at") <= at))
        who = heard.group_by("deal", "contact").agg(first=pl.col("known").min(), last=pl.col("at").max())
        first: dict[int, list[datetime]] = {}
        last: dict[tuple[int, int], datetime] = {}
        for deal, contact, begun, latest in who.iter_rows():
            first.setdefault(deal, []).append(begun)
            last[deal, contact] = latest
        for deal, each in found.items():
            seen = first.get(deal, [])
            # Where nobody was known before, everybody is new, and nobody stands out.
            new = sum(begun > at - LATELY for begun in seen)
            self._say(each, "new_people", new if new < len(seen) else 0)
            champions = [
                last[deal, contact]
                for contact, left in self.champions.get(deal, ())
                if (deal, contact) in last and (left is None or left > at)
            ]
            self._say(each, "days_since_champion", _days(max(champions, default=None), at))

    def _record(
        self, found: dict[int, Standing], here: Sequence[DealFacts], told: pl.DataFrame, at: datetime
    ) -> None:
        later = set(self.told.filter((pl.col("kind") == "deal_amended") & (pl.col("known") > at))["deal"])
        rates = crm.rates_on(at.astimezone(ZONE).date())
        looked = self._looked(at)
        for deal in here:
            closes: date | None = None if deal.id in later else deal.expected_close_on
            self._say(found[deal.id], "days_to_close", _until(closes, at))
            amount = deal.amount
            if deal.id in later:
                amount = looked[deal.id][2] if deal.id in looked else None
            rate = rates.get(deal.currency)
            self._say(found[deal.id], "amount", None if amount is None or rate is None else amount * rate)

    def _chance(
        self, found: dict[int, Standing], here: Sequence[DealFacts], told: pl.DataFrame, at: datetime
    ) -> None:
        now, before = self._looked(at), self._looked(at - LATELY)
        for deal, each in found.items():
            if deal not in now:
                continue
            p, verdict, _ = now[deal]
            self._say(each, "p_won", _rounded(100 * p, 1))
            self._say(each, "verdict", verdict)
            if deal in before:
                self._say(each, "p_won_change", _rounded(100 * (p - before[deal][0]), 1))

    def _looked(self, at: datetime) -> dict[int, tuple[float, str | None, Decimal | None]]:
        rows = (
            self.looks.filter((pl.col("at") <= at) & (pl.col("at") > at - OLD_LOOK)).group_by("deal").last()
        )
        return {deal: (p, verdict, amount) for deal, _, p, verdict, amount in rows.iter_rows()}

    def _interest(self, found: dict[int, Standing], accounts: Sequence[int], at: datetime) -> None:
        # The sums of now tell of what is known now; of any instant before, the evidence itself.
        shown = interest_in(accounts=accounts, at=at, as_known_then=True)
        for each in found.values():
            self._say_interest(each, shown.get(each.account))

    def _say_interest(self, each: Standing, shown: AccountInterest | None) -> None:
        of = list(shown.topics) if shown else []
        self._say(each, "interest", _rounded(shown.strength if shown else 0.0, 1))
        self._say(each, "interest_rise", _rounded(shown.rise.ratio if shown else 1.0, 2))
        surging = [topic for topic in of if topic.topic in self.kinds and topic.rise.surging]
        self._say(each, "surging_topics", len(surging))
        self._behind(each, surging, "surging_topics")
        for kind in ("competitor", "price"):
            mine = [topic for topic in of if self.kinds.get(topic.topic) == kind]
            strongest = max((topic.strength for topic in mine), default=0.0)
            self._say(each, f"{kind}_interest", _rounded(strongest, 1))
            self._say(each, f"{kind}_rise", _rounded(max((t.rise.ratio for t in mine), default=1.0), 2))
            self._say(each, f"{kind}_surging", any(topic.rise.surging for topic in mine))
            rising = sorted(mine, key=lambda topic: (-topic.rise.surging, -topic.rise.ratio, topic.topic))
            self._behind(
                each,
                [topic for topic in rising if topic.rise.surging] or rising[:1],
                f"{kind}_surging",
                f"{kind}_rise",
            )
            self._behind(each, mine, f"{kind}_interest")

    def _behind(self, each: Standing, of: Sequence[TopicInterest], *keys: str) -> None:
        for key in self.wanted.intersection(keys):
            each.topics[key] = [
                (topic.topic, round(topic.strength, 1), round(topic.rise.ratio, 2)) for topic in of[:_SHOWN]
            ]

    def _customer(self, found: dict[int, Standing], at: datetime) -> None:
        rows = self.talked.filter((pl.col("known") <= at) & (pl.col("at") <= at))
        won, first_won = self._won(rows, at)
        talks = pl.col("kind").is_in(EVERY_TALK)
        summed = rows.group_by("account").agg(
            last=pl.col("at").filter(talks).max(),
            entry=pl.col("entry").filter(talks).last(),
            lately=(talks & (pl.col("at") > at - LATELY)).sum(),
            before=(talks & (pl.col("at") <= at - LATELY) & (pl.col("at") > at - LATELY - USUAL)).sum(),
            complaints=(
                pl.col("kind").str.starts_with("complaint") & (pl.col("at") > at - timedelta(days=90))
            ).sum(),
        )
        by_account = {row[0]: row[1:] for row in summed.iter_rows()}
        for each in found.values():
            last, entry, lately, before, complaints = by_account.get(each.account, (None, None, 0, 0, 0))
            usual = before / (USUAL / LATELY)
            entries = () if entry is None else (entry,)
            self._say(each, "won_deals", won.get(each.account, 0))
            self._say(each, "customer_days", _days(first_won.get(each.account), at))
            self._say(each, "days_since_talk", _days(last, at), *entries)
            self._say(each, "talks", lately)
            self._say(each, "talks_usual", _rounded(usual, 2))
            # Both sides have one added, as interest has: none after one is no collapse.
            self._say(each, "talks_ratio", _rounded((lately + 1) / (usual + 1), 2), *entries)
            self._say(each, "complaints", complaints)

    def _won(self, rows: pl.DataFrame, at: datetime) -> tuple[dict[int, int], dict[int, datetime]]:
        """Return how many deals each account had won, and when the first: by the log, else by the record."""
        when: dict[int, datetime] = {}
        for deal, known in self.talked.filter(pl.col("kind") == "won").select("deal", "known").iter_rows():
            when[deal] = min(known, when.get(deal, known))
        won: dict[int, int] = {}
        first: dict[int, datetime] = {}
        for deal in self.of_accounts:
            then = when.get(deal.id, deal.closed_at if deal.status == "won" else None)
            if then is not None and then <= at:
                won[deal.account] = won.get(deal.account, 0) + 1
                first[deal.account] = min(then, first.get(deal.account, then))
        return won, first


_EMPTY: Final = pl.DataFrame(
    schema={
        "deal": pl.Int64(), "at": pl.Datetime("us", "UTC"), "known": pl.Datetime("us", "UTC"), "kind": pl.String(),
        "entry": pl.Int64(), "account": pl.Int64(),
    }
)  # fmt: skip


def _days(since: datetime | None, at: datetime) -> int | None:
    """Return the calendar days from one instant to another."""
    return None if since is None else (at.astimezone(ZONE).date() - since.astimezone(ZONE).date()).days


def _until(day: date | None, at: datetime) -> int | None:
    return None if day is None else (day - at.astimezone(ZONE).date()).days


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(str(round(value, digits) + 0.0))  # nor -0.0, which is no fall


def plain(value: object) -> Any:
    """Return a fact as JSON keeps it."""
    return str(value) if isinstance(value, Decimal) else value
