"""What talks say of contacts having left: mails that come back, that say so, and silence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final, Literal

from django.db.models import Q

from foresail.conversations.models import Communication
from foresail.crm.departing import Evidence, Sign
from foresail.crm.queries import present_contacts

LOOKED_BACK: Final = timedelta(days=365)
LEAST_TALKS: Final = 5
"""So many talks make a rhythm."""
TIMES: Final = 6
LEAST_SILENCE: Final = timedelta(days=60)
"""Silent is who was not heard of for six times the usual, and for two months at least."""

_RETURNED: Final = re.compile(
    r"undeliver|delivery (?:status notification|has failed)|mail delivery (?:failed|subsystem)|returned mail|"
    r"退信|投递失败|未送达|无法送达|系统退回",
    re.IGNORECASE,
)
_FOR_GOOD: Final = re.compile(
    r"(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])|(?<!\d)55[0134](?!\d)|user unknown|unknown user|no such (?:user|recipient)|"
    r"does(?: not|n't) exist|recipient.{0,20}(?:rejected|not found)|用户不存在|无此用户|地址不存在|收件人不存在|邮箱不存在",
    re.IGNORECASE,
)
_FOR_NOW: Final = re.compile(
    r"(?<![\d.])4\.\d{1,3}\.\d{1,3}(?![\d.])|5\.2\.2|(?<!\d)45[0-2](?!\d)|(?:mailbox|quota).{0,20}(?:full|exceeded)|over quota|"
    r"temporar|邮箱已满|空间不足|超出配额|稍后重试|暂时",
    re.IGNORECASE,
)
_AUTOMATIC: Final = re.compile(
    r"^\s*(?:re:\s*|回复[:：]\s*)*(?:[\[【(（]?\s*)?(?:自动回复|自动答复|auto(?:matic)?[- ]?reply|out of (?:the )?office)",
    re.IGNORECASE,
)
_LEFT: Final = re.compile(
    r"(?:已经?|现已|本人已?)(?:从.{0,20})?(?:正式)?(?:离职|离开(?:了)?(?:本|我们|原)?(?:公司|单位))|不再(?:担任|任职|负责本公司|在.{0,12}(?:工作|任职))|"
    r"no longer (?:with|works?|employed|at)|(?:has|have) left (?:the |our )?(?:company|firm|organi[sz]ation|us)",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(r"(?:没有|并未|尚未|未)(?:离职|离开)|not left|hasn't left", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"[。！？!?;；\n]+|\.\s")

Nature = Literal["bounced", "bounced_softly", "automatic"]


def nature_of(*, channel: str, direction: str, title: str, text: str) -> Nature | None:
    """Return what a mail is that no person wrote, None for what one did.

    >>> said = {"channel": "mail", "direction": "in"}
    >>> nature_of(**said, title="Undeliverable: 报价", text="550 5.1.1 User unknown")
    'bounced'
    >>> nature_of(**said, title="退信：报价", text="452 4.2.2 邮箱已满，稍后重试")
    'bounced_softly'
    >>> nature_of(**said, title="自动回复：报价", text="我已离职")
    'automatic'
    >>> nature_of(**said, title="关于退信的问题", text="我们没有收到报价") is None
    True
    """
    if channel != Communication.Channel.MAIL or direction != Communication.Direction.IN:
        return None
    whole = f"{title}\n{text}"
    if _RETURNED.search(whole):
        if _FOR_NOW.search(whole):
            return "bounced_softly"
        if _FOR_GOOD.search(whole):
            return "bounced"
    return "automatic" if _AUTOMATIC.search(title) else None


def says_left(text: str, *, name: str = "") -> bool:
    """Whether a sentence of `text` says that somebody left, the one called `name` where there is one.

    >>> says_left("您好，王静已离职，请联系李雷。", name="王静"), says_left("王静说李雷已离职。", name="赵敏")
    (True, False)
    >>> says_left("她没有离职。"), says_left("I am no longer with the company.")
    (False, True)
    """
    return any(
        _LEFT.search(sentence) is not None
        and _DENIED.search(sentence) is None
        and (not name or _is_told_of(sentence, name))
        for sentence in _SENTENCE.split(text)
    )


def _is_told_of(sentence: str, name: str) -> bool:
    """Whether `name` stands right before what says that somebody left: others may be named in the same sentence."""
    found = _LEFT.search(sentence)
    before = sentence[: found.start()].rstrip() if found else ""
    return (
        before.casefold().endswith(name.casefold())
        or before.casefold().endswith(f"{name}先生")
        or (before.casefold().endswith(f"{name}女士"))
    )


def evidence(contacts: Collection[int] | None, at: datetime) -> Evidence:
    """Return what talks of the last year say of `contacts`, or of all who still work there; crm asks for it."""
    people = present_contacts(contacts=contacts)
    who = {key: account for key, account, _ in people}
    names = {key: name for key, _, name in people}
    talks = Communication.objects.filter(known_at__gt=at - LOOKED_BACK, known_at__lte=at)
    talks = talks.filter(Q(contact__in=who) | Q(account__in=set(who.values())))
    signs: list[Sign] = []
    heard: dict[int, list[datetime]] = {}
    of_account: dict[int, list[int]] = {}
    for contact, account in who.items():
        of_account.setdefault(account, []).append(contact)
    rows = talks.order_by("at", "pk").values_list(
        "contact", "account", "channel", "direction", "title", "text", "at"
    )
    for contact, account, channel, direction, title, text, when in rows.iterator():
        nature = nature_of(channel=channel, direction=direction, title=title, text=text)
        if contact in who:
            if nature in ("bounced", "bounced_softly"):
                signs.append(Sign(contact=contact, kind=nature, at=when))
            elif nature == "automatic":
                if says_left(f"{title}\n{text}"):
                    signs.append(Sign(contact=contact, kind="told", at=when))
            elif _is_theirs(channel, direction):
                heard.setdefault(contact, []).append(when)
        if nature is None and direction != Communication.Direction.OUT and _LEFT.search(text):
            signs += (
                Sign(contact=other, kind="told", at=when)
                for other in of_account.get(account, ())
                if other != contact and says_left(text, name=names[other])
            )
    signs += _silent(heard, at)
    return Evidence(signs=signs, heard={contact: max(times) for contact, times in heard.items()})


def _is_theirs(channel: str, direction: str) -> bool:
    """Whether a talk shows that the contact was there: what they wrote, and every talk in person."""
    return direction == Communication.Direction.IN or channel in {
        Communication.Channel.CALL,
        Communication.Channel.MEETING,
        Communication.Channel.VISIT,
    }


def _silent(heard: dict[int, list[datetime]], at: datetime) -> Iterable[Sign]:
    for contact, times in heard.items():
        if len(times) < LEAST_TALKS:
            continue
        usual = median((late - early).total_seconds() for early, late in pairwise(times))
        silence = at - max(times)
        if silence >= max(LEAST_SILENCE, timedelta(seconds=usual * TIMES)):
            yield Sign(contact=contact, kind="silent", at=at, days=silence.days)
