"""What triggers may ask of a deal or an account, and how that is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from foresail.core.conditions import Choice, Field, Kind
from foresail.crm import queries as crm

About = Literal["deal", "account"]
Tone = Literal["bad", "warn", "ok", "plain"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field of conditions. `said_zh` and `said_en` say a value of it: {v} the value, {t} the topics behind it."""

    key: str
    kind: Kind
    zh: str
    en: str
    needs: str
    of: tuple[About, ...] = ("deal", "account")
    said_zh: str
    said_en: str
    tone: Tone = "plain"
    below: Form | None = None
    zero: Form | None = None


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a value is said that is below zero, then without its sign, or that is zero."""

    zh: str
    en: str
    tone: Tone


def _fact(
    key: str,
    kind: Kind,
    zh: str,
    en: str,
    needs: str,
    said_zh: str,
    said_en: str,
    tone: Tone = "plain",
    below: Form | None = None,
    zero: Form | None = None,
) -> Fact:
    return Fact(
        key=key,
        kind=kind,
        zh=zh,
        en=en,
        needs=needs,
        said_zh=said_zh,
        said_en=said_en,
        tone=tone,
        below=below,
        zero=zero,
    )


def _of_deal(*facts: Fact) -> Iterable[Fact]:
    for each in facts:
        yield Fact(**{**each.__dict__, "of": ("deal",)})


FACTS: Final[Mapping[str, Fact]] = {
    each.key: each
    for each in (
        *_of_deal(
            _fact("stage", "choice", "阶段", "Stage", "stage", "处于{v}阶段", "in the stage {v}"),
            _fact("days_in_stage", "number", "在当前阶段的天数", "Days in the stage", "stage", "在当前阶段已 {v} 天", "{v} days in this stage", "warn"),
            _fact("evaluation_days", "number", "技术评估停滞天数", "Days the evaluation stands still", "stage", "技术评估停滞 {v} 天", "evaluation stands still for {v} days", "bad"),
            _fact("days_since_customer", "number", "客户无音讯天数", "Days since the customer was heard", "heard", "客户 {v} 天无音讯", "customer not heard for {v} days", "bad"),
            _fact("days_since_champion", "number", "支持者无音讯天数", "Days since the champion was heard", "people", "支持者 {v} 天无音讯", "champion not heard for {v} days", "bad"),
            _fact("new_people", "number", "14 天内新出现的客户方人员", "New people of the customer in 14 days", "people", "14 天内新出现 {v} 位客户方人员", "{v} new at the customer in 14 days", "ok"),
            _fact("amount", "money", "金额（本位币）", "Amount (house currency)", "record", "金额 {v}", "amount {v}"),
            _fact("days_to_close", "number", "距预计成交天数", "Days to the expected close", "record", "距预计成交 {v} 天", "{v} days to the expected close", "warn", Form(zh="已过预计成交日 {v} 天", en="{v} days past the expected close", tone="bad")),
            _fact("p_won", "number", "赢率（%）", "Win chance (%)", "chance", "赢率 {v}%", "win chance {v} %"),
            _fact("p_won_change", "number", "14 天赢率变化（百分点）", "Change of win chance in 14 days (points)", "chance", "14 天内赢率上升 {v} 个百分点", "win chance up {v} points in 14 days", "ok", Form(zh="14 天内赢率下降 {v} 个百分点", en="win chance down {v} points in 14 days", tone="bad"), Form(zh="14 天内赢率持平", en="win chance unchanged in 14 days", tone="plain")),
            _fact("verdict", "choice", "定论", "Verdict", "chance", "定论：{v}", "verdict: {v}", "warn"),
            _fact("competitor_mentions", "number", "14 天内提到竞品次数", "Competitor mentions in 14 days", "mentions", "14 天内 {v} 次提到竞品", "competitor mentioned {v} times in 14 days", "warn"),
            _fact("competitor_mentions_usual", "number", "平时每 14 天提到竞品次数", "Usual competitor mentions in 14 days", "mentions", "平时每 14 天 {v} 次提到竞品", "usually {v} mentions in 14 days"),
        ),
        _fact("interest", "number", "客户意向强度", "Interest of the account", "interest", "意向强度 {v}", "interest {v}"),
        _fact("interest_rise", "number", "客户意向与平时之比", "Interest against the usual", "interest", "意向为平时的 {v} 倍", "interest {v} times the usual", "ok"),
        _fact("surging_topics", "number", "升温话题数", "Topics that surge", "interest", "{v} 个话题升温：{t}", "topics that surge: {t}", "ok"),
        _fact("competitor_interest", "number", "竞品关注强度", "Interest in competitors", "interest", "竞品关注强度 {v}：{t}", "interest in competitors {v}: {t}", "warn"),
        _fact("competitor_rise", "number", "竞品关注与平时之比", "Interest in competitors against the usual", "interest", "竞品关注为平时的 {v} 倍：{t}", "interest in competitors {v} times the usual: {t}", "bad"),
        _fact("competitor_surging", "bool", "竞品关注上升", "Interest in a competitor rises", "interest", "竞品关注上升：{t}", "interest in a competitor rises: {t}", "bad"),
        _fact("price_interest", "number", "价格关注强度", "Interest in prices", "interest", "价格关注强度 {v}", "interest in prices {v}", "ok"),
        _fact("price_rise", "number", "价格关注与平时之比", "Interest in prices against the usual", "interest", "价格关注为平时的 {v} 倍", "interest in prices {v} times the usual", "ok"),
        _fact("price_surging", "bool", "价格关注上升", "Interest in prices rises", "interest", "价格页关注上升", "interest in prices rises", "ok"),
        _fact("days_since_signal", "number", "距最近一次信号天数", "Days since the last signal", "signal", "最近一次信号在 {v} 天前", "last signal {v} days ago"),
        _fact("won_deals", "number", "已赢单数", "Deals won before", "customer", "老客户，已赢 {v} 单", "existing customer, {v} deals won"),
        _fact("customer_days", "number", "成为客户的天数", "Days as a customer", "customer", "成为客户 {v} 天", "customer for {v} days"),
        _fact("days_since_talk", "number", "距最近沟通天数", "Days since the last talk", "customer", "{v} 天没有沟通", "no talk for {v} days", "warn"),
        _fact("talks", "number", "14 天内沟通次数", "Talks in 14 days", "customer", "14 天内沟通 {v} 次", "{v} talks in 14 days"),
        _fact("talks_usual", "number", "平时每 14 天沟通次数", "Usual talks in 14 days", "customer", "平时每 14 天沟通 {v} 次", "usually {v} talks in 14 days"),
        _fact("talks_ratio", "number", "沟通与平时之比", "Talks against the usual", "customer", "沟通为平时的 {v}%", "talks at {v} % of the usual", "bad"),
        _fact("complaints", "number", "90 天内客诉次数", "Complaints in 90 days", "customer", "90 天内客诉 {v} 次", "{v} complaints in 90 days", "bad"),
    )
}  # fmt: skip
"""All that may be asked, by key. `needs` is what must be loaded for it."""

VERDICTS: Final = (
    Choice(key="won", zh="将赢", en="Will be won"),
    Choice(key="lost", zh="将输", en="Will be lost"),
)


def fields_for(about: str) -> dict[str, Field]:
    """Return the fields that the condition of a trigger about a deal, or an account, may ask of. One query."""
    choices = {"stage": _stages(), "verdict": VERDICTS}
    return {
        each.key: Field(
            key=each.key, kind=each.kind, label_zh=each.zh, label_en=each.en, expression=each.key,
            choices=choices.get(each.key, ()),
        )
        for each in FACTS.values()
        if about in each.of
    }  # fmt: skip


def _stages() -> tuple[Choice, ...]:
    found = {
        stage.key: Choice(key=stage.key, zh=stage.name_zh, en=stage.name_en)
        for pipeline in crm.pipelines()
        for stage in pipeline.stages.all()
    }
    return tuple(found.values())
