"""The draft of a report: what happened in a week or a month, as the tables have it, in lines of Markdown.

Each line links to the records it is about. Only what the person may see when it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from foresail.conversations.queries import Talk, talks
from foresail.core.clock import ZONE
from foresail.crm.fields import type_of
from foresail.crm.queries import (
    Worth,
    house_currency,
    pipelines,
    rounded,
    sees_field,
    tasks_of_people,
    visible_deals,
    worth_of,
)
from foresail.drafts.errors import NoTeam
from foresail.drafts.periods import Period
from foresail.forecast.queries import outlooks
from foresail.people.queries import managed_by
from foresail.timeline.kinds import kind_of
from foresail.timeline.queries import Happened, happened

if TYPE_CHECKING:
    from foresail.crm.models import Deal, Task
    from foresail.people.models import User

MOST_NAMED: Final = 12
"""So many deals are named beside a figure; the others stand below it."""
MOST_TASKS: Final = 30
SYMBOLS: Final = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}
_MAILS: Final = frozenset({"mail_in", "mail_out", "chat_in", "chat_out"})
_LEFT_OUT: Final = frozenset({"deal_opened", "won", "lost", "mail_auto", "talk_left", "task_done"})


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the figures of a draft say: how many deals, and what they add up to in the house currency.

    `total` is None where the person does not see all the amounts. `without` counts those that are in no sum: they have
    no amount, or nobody said at what rate.
    """

    deals: tuple[int, ...]
    total: Decimal | None
    without: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`text` is the whole; `lines` are its lines that say something, `figures` what was summed up."""

    text: str
    lines: tuple[str, ...]
    figures: Mapping[str, Figures]


def whose(*, user: User, team: bool) -> frozenset[int]:
    """Return whose work a report of `user` is about. Raises NoTeam where they lead nobody."""
    if not team:
        return frozenset({user.pk})
    led = managed_by(user=user).people - {user.pk}
    if not led:
        raise NoTeam
    return led | {user.pk}


def draft(*, user: User, period: Period, team: bool, at: datetime) -> Draft:
    """Return the draft of a report as of `at`. Raises NoTeam. A constant number of queries."""
    return _Drafting(user=user, period=period, team=team, at=at).draft()


class _Drafting:
    def __init__(self, *, user: User, period: Period, team: bool, at: datetime) -> None:
        self.user, self.period, self.team, self.at = user, period, team, at
        self.chinese = user.language == "zh"
        self.house = house_currency()
        self.people = whose(user=user, team=team)
        self.until = min(period.end, at)
        # What ended before has nothing to report; all else may have.
        found = visible_deals(user=user).filter(
            Q(status="open") | Q(closed_at__gte=period.start), owner__in=self.people
        )
        deals = (
            found.filter(opened_at__lt=self.until).select_related("account", "owner", "stage").order_by("pk")
        )
        self.deals: dict[int, Deal] = {deal.pk: deal for deal in deals}
        self.worth = worth_of(self.deals, user=user)
        self.events = happened(deals=self.deals, since=period.start, until=self.until, known_by=at)
        self.talks: dict[str, Talk] = {
            talk.ref: talk for talk in talks(deals=self.deals, since=period.start, known_by=at)
        }
        self.tells_reason, self.tells_day = (
            sees_field(user=user, record_type="deal", field=field)
            for field in ("close_reason", "expected_close_on")
        )
        self.stages = {
            (pipeline.pk, stage.key): stage for pipeline in pipelines() for stage in pipeline.stages.all()
        }

    def draft(self) -> Draft:
        figures = self.figures()
        parts: list[tuple[str, list[str]]] = [
            (self.say("概要", "Summary"), list(self.summary(figures))),
            (self.say("客户与商机", "Accounts and deals"), list(self.progress())),
            (self.say("已完成的任务", "Tasks done"), list(self.done())),
            (self.say("下一步", "What is next"), list(self.following())),
            (self.say("风险", "Risks"), list(self.risks())),
        ]
        text = [f"# {self.title()}"]
        for heading, lines in parts:
            if lines:
                text += ["", f"## {heading}", *lines]
        said = tuple(line for _, lines in parts for line in lines if line.startswith("- "))
        return Draft(text="\n".join(text) + "\n", lines=said, figures=figures)

    def say(self, zh: str, en: str) -> str:
        return zh if self.chinese else en

    def title(self) -> str:
        period = self.period
        last = date.fromordinal(period.ends_on.toordinal() - 1)
        if period.span == "week":
            name = self.say("周报", "Weekly report")
            when = f"{self.day(period.begins_on)} – {self.day(last)}"
        else:
            name = self.say("月报", "Monthly report")
            when = self.say(
                f"{period.begins_on.year} 年 {period.begins_on.month} 月", f"{period.begins_on:%B %Y}"
            )
        who = (
            self.say(f"{self.user.name}的团队", f"Team of {self.user.name}") if self.team else self.user.name
        )
        return f"{name} · {when} · {who}"

    # --- figures ---------------------------------------------------------------------------------------

    def figures(self) -> dict[str, Figures]:
        ended = [
            deal
            for deal in self.deals.values()
            if deal.closed_at and self.period.start <= deal.closed_at < self.until
        ]
        moved = {each.deal for each in self.moves()}
        return {
            "won": self.summed(deal.pk for deal in ended if deal.status == "won"),
            "lost": self.summed(deal.pk for deal in ended if deal.status == "lost"),
            "opened": self.summed(
                deal.pk for deal in self.deals.values() if self.period.start <= deal.opened_at < self.until
            ),
            "moved": self.summed(moved),
        }

    def summed(self, deals: Iterable[int]) -> Figures:
        """Add up exactly what the deals are worth in the house currency, and round once."""
        keys = tuple(sorted(deals))
        shown: list[Worth] = [self.worth[key] for key in keys if key in self.worth]
        known = [each.in_house for each in shown if each.in_house is not None]
        with_amount = sum(self.deals[key].amount is not None for key in keys)
        hidden = with_amount > len(shown)
        total = None if hidden else rounded(sum(known, Decimal(0)))
        return Figures(deals=keys, total=total, without=0 if hidden else len(keys) - len(known))

    def moves(self) -> list[Happened]:
        """Moves from stage to stage: where a deal stood as it opened is none."""
        return [
            each
            for each in self.events
            if each.kind.startswith("stage_") and each.at != self.deals[each.deal].opened_at
        ]

    def summary(self, figures: Mapping[str, Figures]) -> Iterator[str]:
        names = {
            "won": ("赢单", "Won"),
            "lost": ("丢单", "Lost"),
            "opened": ("新建商机", "Opened"),
            "moved": ("推进阶段", "Moved"),
        }
        for key, (zh, en) in names.items():
            found = figures[key]
            if found.deals:
                line = self.say(f"{zh} {len(found.deals)} 个", f"{en}: {len(found.deals)}")
                yield f"- {line}{self.sum_of(found)}{self.colon()}{self.named(found.deals)}"
        kinds = {"meeting": 0, "visit": 0, "call": 0, "mail": 0}
        talked: set[int] = set()
        for each in self.events:
            group = kind_of(each.kind).group
            if group in kinds and each.kind not in _LEFT_OUT:
                kinds[group] += 1
                talked.add(each.deal)
        words = {
            "meeting": ("会议", "meetings"),
            "visit": ("拜访", "visits"),
            "call": ("电话", "calls"),
            "mail": ("邮件与消息", "mails and messages"),
        }
        said = [self.say(f"{words[k][0]} {n}", f"{n} {words[k][1]}") for k, n in kinds.items() if n]
        if said:
            of = self.say(f"涉及 {len(talked)} 个商机", f"in {len(talked)} deals")
            yield f"- {self.say('、', ', ').join(said)}{self.say('，', ', ')}{of}{self.colon()}{self.named(sorted(talked))}"

    def sum_of(self, figures: Figures) -> str:
        if figures.total is None or len(figures.deals) == figures.without:
            return ""
        told = self.money(figures.total, self.house)
        text = self.say(f"，合计 {told}", f", {told} in all")
        if figures.without:
            text += self.say(
                f"（另 {figures.without} 个无金额或汇率）", f" ({figures.without} without an amount or rate)"
            )
        return text

    def named(self, deals: Sequence[int]) -> str:
        told = self.say("、", ", ").join(self.link(self.deals[key]) for key in deals[:MOST_NAMED])
        more = len(deals) - MOST_NAMED
        return told + (self.say(f" 等 {len(deals)} 个", f" and {more} more") if more > 0 else "")

    # --- what happened ---------------------------------------------------------------------------------

    def progress(self) -> Iterator[str]:
        """What happened by account, and in each by deal: won, lost and moved, quotes, meetings, visits, what matters."""
        told: dict[int, list[str]] = {}
        mails: dict[int, int] = {}
        for each in self.events:
            if each.kind in _MAILS:
                mails[each.deal] = mails.get(each.deal, 0) + 1
            elif (line := self.event(each)) is not None:
                told.setdefault(each.deal, []).append(line)
        for deal in self.deals.values():
            if deal.closed_at and self.period.start <= deal.closed_at < self.until:
                won = deal.status == "won"
                outcome = self.say("赢单" if won else "丢单", "won" if won else "lost")
                reason = (
                    f"{self.colon()}{_line(deal.close_reason)}"
                    if deal.close_reason and self.tells_reason
                    else ""
                )
                told.setdefault(deal.pk, []).append(f"{self.day(deal.closed_at)} {outcome}{reason}")
        for key, count in mails.items():
            told.setdefault(key, []).append(
                self.say(f"往来邮件与消息 {count} 封", f"mails and messages: {count}")
            )
        accounts: dict[int, list[int]] = {}
        for key in told:
            accounts.setdefault(self.deals[key].account_id, []).append(key)
        worth = {key: self.worth[key].in_house or Decimal(0) for key in told if key in self.worth}
        order = sorted(
            accounts.items(), key=lambda pair: (-max(worth.get(key, Decimal(0)) for key in pair[1]), pair[0])
        )
        for account, keys in order:
            name = self.deals[keys[0]].account.name
            yield f"### [{_text(name)}](/accounts/{account})"
            for key in sorted(keys):
                for line in told[key]:
                    yield f"- {self.link(self.deals[key])}{self.colon()}{line}"

    def event(self, each: Happened) -> str | None:
        kind = kind_of(each.kind)
        day = self.day(each.at)
        if each.kind in _LEFT_OUT:
            return None
        if each.kind.startswith("stage_"):
            if each.at == self.deals[each.deal].opened_at:
                return None
            key = each.kind.removeprefix("stage_")
            stage = self.stages.get((self.deals[each.deal].pipeline_id, key))
            zh, en = (stage.name_zh, stage.name_en) if stage is not None else (key, key)
            return self.say(f"{day} 进入“{zh}”阶段", f"{day} moved to {en}")
        talk = self.talks.get(each.ref or "")
        if each.ref and talk is None:
            return None  # with somebody who has left, or not to be shown
        if not kind.key and kind.group != "call":
            return None
        title = talk.title if talk is not None else each.title or ""
        return f"{day} {self.say(kind.zh, kind.en)}" + (f"{self.colon()}{_line(title)}" if title else "")

    def done(self) -> Iterator[str]:
        found = tasks_of_people(user=self.user, people=self.people, done=(self.period.start, self.until))
        yield from self.tasks(found)

    def following(self) -> Iterator[str]:
        """What is to be done until the end of the period that follows, and what is to be closed in it."""
        until = date.fromordinal(self.period.following.ends_on.toordinal() - 1)
        found = tasks_of_people(user=self.user, people=self.people, until=until)
        yield from self.tasks(found)
        for deal in self.deals.values():
            day = deal.expected_close_on if self.tells_day else None
            if deal.status == "open" and day is not None and self.period.ends_on <= day <= until:
                yield (
                    f"- {self.link(deal)}{self.colon()}"
                    + self.say(f"预计 {self.day(day)} 成交", f"expected to close on {self.day(day)}")
                    + self.worth_in_words(deal)
                )

    def tasks(self, found: Sequence[Task]) -> Iterator[str]:
        for task in found[:MOST_TASKS]:
            due = f"（{self.day(task.due_on)} 截止）" if self.chinese else f" (due {self.day(task.due_on)})"
            where = self.link(task.record) + self.colon() if task.record is not None else ""
            who = f" · {task.assignee.name}" if self.team else ""
            left = due if task.done_at is None and task.due_on is not None else ""
            yield (
                f"- {where}{_text(task.title)}{left}{who}"
                if where
                else f"- [{_text(task.title)}](/tasks){left}{who}"
            )
        if (more := len(found) - MOST_TASKS) > 0:
            yield f"- [{self.say(f'另有 {more} 项任务', f'{more} more tasks')}](/tasks)"

    def risks(self) -> Iterator[str]:
        """What the forecast warns of: verdicts that a deal will be lost, and alerts."""
        open_ones = [key for key, deal in self.deals.items() if deal.status == "open"]
        rows = outlooks(user=self.user, deals=open_ones, at=self.at)
        for row in sorted(rows, key=lambda row: (-row.risk, row.deal)):
            if row.verdict != "lost" and not row.alerted:
                continue
            deal = self.deals[row.deal]
            what = (
                self.say("定论将输", "verdict: will be lost")
                if row.verdict == "lost"
                else self.say("流失预警", "alert")
            )
            risk = self.say(f"14 天内丢单风险 {row.risk:.0%}", f"{row.risk:.0%} at risk within 14 days")
            yield f"- {self.link(deal)}{self.colon()}{what}{self.say('，', ', ')}{risk}{self.worth_in_words(deal)}"

    # --- words -----------------------------------------------------------------------------------------

    def colon(self) -> str:
        return self.say("：", ": ")

    def day(self, value: datetime | date | None) -> str:
        if value is None:
            return ""
        day = value.astimezone(ZONE).date() if isinstance(value, datetime) else value
        return self.say(f"{day.month}/{day.day}", f"{day:%b} {day.day}")

    def link(self, record: Any) -> str:
        return f"[{_text(record.name)}](/{type_of(record).key}s/{record.pk})"

    def worth_in_words(self, deal: Deal) -> str:
        if deal.pk not in self.worth:
            return ""
        worth = self.worth[deal.pk]
        return f"{self.say('，', ', ')}{self.money(worth.amount, worth.currency)}"

    def money(self, amount: Decimal, currency: str) -> str:
        figure = f"{rounded(amount):,.2f}".removesuffix(".00")
        return f"{SYMBOLS[currency]}{figure}" if currency in SYMBOLS else f"{currency} {figure}"


def _line(text: str, longest: int = 120) -> str:
    """Return `text` on one line, not too long."""
    whole = _text(" ".join(text.split()))
    return whole if len(whole) <= longest else whole[: longest - 1] + "…"


def _text(text: str) -> str:
    """Return `text` so that Markdown takes none of it for a link."""
    return text.replace("[", "［").replace("]", "］")
