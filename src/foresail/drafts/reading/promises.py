"""What was promised or asked for until a day, and whether a message waits for an answer: rules for both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from foresail.drafts.reading.days import days_in

LONGEST: Final = 120
"""So much of the words that promise something is quoted."""

Side = Literal["ours", "theirs", "asked"]

_SENTENCE: Final = re.compile(r"[。！？!?;；\n]+|\.(?=\s|$)")
_CLAUSE: Final = re.compile(r"[，,、]\s*(?=\S)|：")
_DO_ZH: Final = (
    "发|寄|给您|给你|给贵|给我|提供|答复|回复|确认|安排|提交|更新|报价|拜访|到场|过来|过去|送|出具|反馈|补充|整理|完成|签|"
    "付款|打款|下单|改到|改为|改成|测试|演示|沟通|联系|通电话|打电话"
)
_DO_EN: Final = (
    r"send|share|provide|reply|answer|confirm|get back|come back|deliver|prepare|call|visit|quote|submit|arrange|"
    r"schedule|ship|sign|pay|update|forward|return|have it|have the|let you know|let us know|be with you|be there"
)
_DOES: Final = re.compile(rf"{_DO_ZH}|\b(?:{_DO_EN})\b", re.IGNORECASE)
_ASKS: Final = re.compile(
    r"请(?!问|假|示|客|购)|麻烦|烦请|劳驾|能否|可否|能不能|可不可以|是否方便|希望(?:您|你|贵|能)|务必|"
    r"\b(?:please|could you|can you|would you|we need|we would need|we'd need|kindly)\b",
    re.IGNORECASE,
)
_TO_US: Final = re.compile(
    r"给我(?!们?的?客户|司客户)|发我|寄我|(?:send|give|let) (?:me|us)\b", re.IGNORECASE
)
"""What the customer is to do, though our side wrote it."""
_QUESTION: Final = re.compile(
    r"[？?]\s*$|吗\s*$|\b(?:is it|are you|would it|could we|shall we)\b", re.IGNORECASE
)
_FIRST: Final = re.compile(
    r"我们?|我方|我司|本公司|\b(?:I|we|our \w+|you will (?:have|get|receive))(?:\b|')", re.IGNORECASE
)
_WILL: Final = re.compile(
    r"\b(?:will|shall|going to|plan to|aim to|can|intend to|let me|expect to)\b|'ll\b", re.IGNORECASE
)
_THEM: Final = re.compile(r"客户|对方|甲方|他们|\b(?:customer|client|they)\b", re.IGNORECASE)
_PAST: Final = re.compile(
    r"已|刚才|昨|上周|之前说|没能|\b(?:already|yesterday|last week|was|were|sent|has been|have been)\b",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"^(?:[\w一-鿿]{0,6}您?好[，,！!。]?\s*)?(?:好的|收到|谢谢|多谢|感谢|明白|知道了|没问题|辛苦了|ok|okay|thanks?(?: you)?|noted|"
    r"received|great|perfect|got it|will do)[\s\w，,。.！!~了您你]{0,14}$",
    re.IGNORECASE,
)
_HAN: Final = re.compile("[一-鿿]")
THINGS: Final[tuple[tuple[str, ...], ...]] = (
    ("报价", "价格", "quote", "offer", "price"),
    ("方案", "提纲", "proposal", "concept", "plan"),
    ("合同", "条款", "contract", "terms"),
    ("样件", "样品", "sample"),
    ("报告", "report"),
    ("清单", "list"),
    ("图纸", "drawing"),
    ("资料", "文件", "document", "brochure"),
    ("证书", "certificate"),
    ("数据", "data", "figures"),
    ("发票", "invoice"),
    ("答复", "回复", "确认", "reply", "answer", "confirm"),
)
"""What is promised, in words that mean the same: by these it is seen that it was kept."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """`quote` are the words of the text themselves. `side` says whose it is: what our side will do, what the customer
    will, or what the customer asked us for. `things` are places in THINGS.
    """

    side: Side
    due_on: date
    quote: str
    things: frozenset[int]


def promise_in(text: str, *, on: date, incoming: bool | None) -> Promise | None:
    """Return the first thing that is to happen until a day which `text`, written on `on`, names; None without one.

    `incoming` says that the customer wrote it, False that our side did, None that it is what our side wrote down.
    What is asked of the customer, or was done already, is nobody's promise.

    >>> monday = date(2026, 3, 2)
    >>> found = promise_in("王工您好，方案已收到。我们周五前发报价给您，请查收。", on=monday, incoming=False)
    >>> found.side, str(found.due_on), found.quote
    ('ours', '2026-03-06', '我们周五前发报价给您')
    >>> found = promise_in("Dear Li, next Tuesday we will send the samples. Regards", on=monday, incoming=False)
    >>> str(found.due_on), found.quote
    ('2026-03-10', 'next Tuesday we will send the samples')
    >>> promise_in("请您周五前确认合同。", on=monday, incoming=False) is None
    True
    >>> promise_in("麻烦周三前提供测试报告", on=monday, incoming=True).side
    'asked'
    >>> promise_in("不着急，下周五前给我就好", on=monday, incoming=False) is None
    True
    >>> promise_in("报价昨天已发，周五见", on=monday, incoming=False) is None
    True
    """
    for sentence in _SENTENCE.split(text):
        asked_back = _QUESTION.search(sentence + _tail(text, sentence))
        for clause, whole in _clauses(sentence):
            days = list(days_in(clause, on=on))
            if not days or not _DOES.search(clause) or _PAST.search(clause):
                continue
            side = _side(clause, whole, incoming=incoming, question=asked_back is not None)
            if side is not None:
                quote = clause.strip()
                return Promise(
                    side=side,
                    due_on=days[0][2],
                    quote=quote if len(quote) <= LONGEST else quote[: LONGEST - 1] + "…",
                    things=things_in(clause),
                )
    return None


def needs_answer(title: str, text: str) -> bool:
    """Whether a message of the customer's waits for an answer: all but thanks and "received".

    >>> needs_answer("Re: 报价", "收到，谢谢！"), needs_answer("报价", "单价能再低一点吗？")
    (False, True)
    >>> needs_answer("Re: offer", "Thanks, noted."), needs_answer("Re: offer", "Thanks, but the price is too high.")
    (False, True)
    """
    said = text.strip() or title
    return _THANKS.match(said) is None


def question_in(text: str) -> str:
    """Return the first question of `text`, else its first sentence that says something."""
    sentences = [each.strip() for each in re.split(r"(?<=[。！？!?；;\n])|(?<=\.)\s", text) if each.strip()]
    asked = next((each for each in sentences if each[-1] in "？?" or _ASKS.search(each)), None)
    said = asked or next((each for each in sentences if len(each) > len("某某您好。")), "")
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def things_in(text: str) -> frozenset[int]:
    """Return the places in THINGS of what `text` speaks of."""
    low = text.lower()
    return frozenset(place for place, words in enumerate(THINGS) if any(word in low for word in words))


def _clauses(sentence: str) -> list[tuple[str, str]]:
    """Return what of a sentence may promise something, narrowest first, each with the sentence it stands in."""
    parts = [part for part in _CLAUSE.split(sentence) if part.strip()]
    pairs = [
        f"{first}，{second}" if _HAN.search(sentence) else f"{first}, {second}"
        for first, second in pairwise(parts)
    ]
    found = [*parts, *pairs, sentence] if len(parts) > 1 else [sentence]
    # What is quoted must be the text's own words.
    return [(each, sentence) for each in found if each in sentence]


def _tail(text: str, sentence: str) -> str:
    """Return the mark that ends `sentence` in `text`."""
    end = text.find(sentence) + len(sentence)
    return text[end : end + 1]


def _side(clause: str, sentence: str, *, incoming: bool | None, question: bool) -> Side | None:
    chinese = _HAN.search(clause) is not None
    asks = _ASKS.search(clause) is not None
    if incoming:
        if asks or (question and _DOES.search(clause)):
            return "asked"
        first = _FIRST.search(clause) is not None
        return "theirs" if first and (chinese or _WILL.search(clause)) else None
    if asks or question or (incoming is False and _TO_US.search(clause)):
        return None
    if incoming is None and _THEM.search(clause):
        return "theirs"
    if chinese:
        return "ours"
    return "ours" if _WILL.search(clause) and _FIRST.search(sentence) else None
