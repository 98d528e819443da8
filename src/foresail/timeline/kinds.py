"""The kinds of entries that rooms make, in words. A kind that nobody registered is shown as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Group = Literal["mail", "call", "meeting", "visit", "web", "quote", "stage", "task", "signal", "system"]
GROUPS: Final[tuple[Group, ...]] = (
    *("mail", "call", "meeting", "visit", "web", "quote", "stage", "task", "signal", "system"),
)


@dataclass(frozen=True)
class Kind:
    """`key` says that it is shown where only what matters most is asked for."""

    code: str
    zh: str
    en: str
    group: Group
    key: bool = False


_known: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make `kinds` known. Called from an app's `ready`; a kind registered twice is the last one."""
    _known.update({kind.code: kind for kind in kinds})


def kind_of(code: str) -> Kind:
    """Return the kind, or one made from its name where nobody registered it."""
    if code in _known:
        return _known[code]
    if code.startswith("stage_"):
        name = code.removeprefix("stage_")
        return Kind(code, f"进入阶段：{name}", f"moved to {name}", "stage", key=True)
    return Kind(code, code, code, "system")


def codes_of(groups: set[str] | None, *, key: bool) -> tuple[set[str], bool]:
    """Return the registered codes of `groups` (None: all), of key kinds alone if `key`; and whether stages belong."""
    chosen = {
        kind.code
        for kind in _known.values()
        if (groups is None or kind.group in groups) and (kind.key or not key)
    }
    return chosen, groups is None or "stage" in groups


def registered() -> frozenset[str]:
    return frozenset(_known)


OURS: Final = (
    Kind("deal_opened", "创建商机", "deal opened", "stage", key=True),
    Kind("won", "赢单", "won", "stage", key=True),
    Kind("lost", "丢单", "lost", "stage", key=True),
    Kind("stage_qualified", "进入“已确认”阶段", "moved to qualified", "stage", key=True),
    Kind("stage_solution", "进入“方案”阶段", "moved to solution", "stage", key=True),
    Kind("stage_evaluation", "进入“技术评估”阶段", "moved to evaluation", "stage", key=True),
    Kind("stage_quote", "进入“报价”阶段", "moved to quote", "stage", key=True),
    Kind("stage_negotiation", "进入“谈判”阶段", "moved to negotiation", "stage", key=True),
    Kind("lead_taken_up", "开始跟进线索", "lead taken up", "stage", key=True),
    Kind("lead_converted", "转化线索", "lead converted", "stage", key=True),
    Kind("lead_discarded", "放弃线索", "lead discarded", "stage", key=True),
    Kind("deal_amended", "修改商机信息", "deal changed", "system"),
    Kind("task_done", "完成任务", "task done", "task"),
    Kind("contact_left", "联系人离职", "contact left", "signal", key=True),
    Kind("mail_in", "客户来信", "mail from the customer", "mail"),
    Kind("mail_out", "我方去信", "mail to the customer", "mail"),
    Kind("mail_auto", "自动回复或退信", "automatic reply or bounce", "mail"),
    Kind("talk_left", "与已离职联系人的往来", "talk with a contact who had left", "mail"),
    Kind("chat_in", "客户消息", "message from the customer", "mail"),
    Kind("chat_out", "我方消息", "message to the customer", "mail"),
    Kind("call", "电话", "call", "call"),
    Kind("meeting", "会议", "meeting", "meeting", key=True),
    Kind("visit", "上门拜访", "visit to the customer", "visit", key=True),
    Kind("demo", "产品演示", "demo", "meeting", key=True),
    Kind("web_visit", "访问网站", "website visit", "web"),
    Kind("web_visit_price", "查看价格页", "looked at prices", "web", key=True),
    Kind("quote_sent", "发出报价", "quote sent", "quote", key=True),
    Kind("evaluation_passed", "技术评估通过", "technical evaluation passed", "signal", key=True),
    Kind("competitor_mentioned", "提到竞品", "competitor mentioned", "signal", key=True),
    Kind("budget_frozen", "预算冻结", "budget frozen", "signal", key=True),
    Kind("budget_released", "预算解冻", "budget released", "signal", key=True),
    Kind("price_objection", "价格异议", "price objection", "signal", key=True),
    Kind("price_answered", "答复价格异议", "price objection answered", "signal", key=True),
)
