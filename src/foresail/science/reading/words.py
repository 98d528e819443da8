"""The words by which values and column names give away what they mean, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final

_VALUES: Final = {
    "won": "won|win|wins|success|successful|converted|signed|activated|approved|purchased",
    "lost": "lost|loss|lose|declined|decline|cancelled|canceled|rejected|refused|denied|churned|churn|failed|"
    "failure|abandoned|withdrawn|dropped|disqualified|unsuccessful|unconverted",
    "lifecycle": "schedule|assign|reassign|start|suspend|resume|complete|withdraw|autoskip|manualskip|"
    "ate_abort|pi_abort|unknown",
}
_WON = frozenset(_VALUES["won"].split("|"))
_LOST = frozenset(_VALUES["lost"].split("|"))
_WON_ZH = re.compile("成交|赢单|签约|签单|中标|赢得|转化成功|已转化")
_LOST_ZH = re.compile("输单|丢单|流失|战败|败单|失败|落标|废标|丢失|作废|取消|拒绝|放弃|终止|流标")
_NOT_ZH = re.compile("未|没有|没能|不")
_NOT_YET_ZH = re.compile("待|中$|拟|预计|即将|意向")
_NOT = frozenset({"not", "no", "non"})

_YES = frozenset({"yes", "y", "true", "1", "1.0", "是", "有"})
_NO = frozenset({"no", "n", "false", "0", "0.0", "否", "无"})

NAMES: Final = {
    "deal": "id|case|deal|opportunity|ticket|number|编号|单号|商机|线索|客户号",
    "at": "time|timestamp|date|when|时间|日期",
    "known": "known|recorded|record|received|ingested|logged|synced|录入|登记|入库|同步",
    "kind": "activity|event|action|kind|type|step|动作|活动|事件|类型|环节",
    "actor": "resource|actor|user|agent|employee|staff|rep|operator|操作人|经办|员工|跟进人",
    "owner": "owner|agent|seller|rep|salesperson|salesman|负责人|销售|业务员|归属人|顾问",
    "opened": "open|opened|created|create|start|started|begin|engage|engaged|创建|立项|开始|建档",
    "closed": "close|closed|end|ended|finish|finished|won|signed|completed|结束|关闭|成交|签约|完成|结案",
    "amount": "amount|value|price|revenue|budget|金额|总价|合同额|预算|报价|收入",
    "stage": "stage|status|phase|阶段|状态",
    "good": "won|win|convert|converted|success|purchase|purchased|revenue|成交|赢单|签约|转化|购买",
    "bad": "lost|loss|churn|churned|cancelled|left|attrition|流失|丢单|输单|取消|退订",
}
"""For each role, words that a column's name may have. Values and shapes count for more."""

LIFECYCLE = frozenset(_VALUES["lifecycle"].split("|"))
"""The steps of a work item by the XES standard."""

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔"
)
_PERSON = re.compile(rf"^(?:[A-Z][a-z'’]+ [A-Z][A-Za-z'’-]+|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})$")


def outcome_of(value: str) -> str | None:
    """Return "won", "lost" or None for what a value says, such as `Closed Won`, `A_DECLINED` or `已输单`."""
    words = tokens(value)
    if words & _WON or words & _LOST:
        lost = bool(words & _LOST)
        return "won" if lost is bool(words & _NOT) else "lost"
    if _NOT_YET_ZH.search(value):
        return None
    if _LOST_ZH.search(value):
        return None if _NOT_ZH.search(value) and not re.search("未中标", value) else "lost"
    if _WON_ZH.search(value):
        return "lost" if _NOT_ZH.search(value) else "won"
    return None


def yes_or_no(value: str) -> bool | None:
    """Return what a flag says: True, False or None where it is no flag."""
    folded = value.strip().casefold()
    return True if folded in _YES else False if folded in _NO else None


def tokens(text: str) -> set[str]:
    """Return the Latin words of a name or a value, folded: `closeDate`, `A_WON` and `close date` alike."""
    return {word.casefold() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", text)}


def named(name: str, role: str) -> bool:
    """Whether a column's name has a word of the role."""
    words = NAMES[role].split("|")
    latin = tokens(name)
    return any(word in latin if word.isascii() else word in name for word in words)


def is_person(value: str) -> bool:
    """Whether a value has the shape of a person's name."""
    return bool(_PERSON.match(value))
