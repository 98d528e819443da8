"""People whom a text names as having written or met: with their address, or in the list of who was there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_LIST: Final = 12
"""A longer list of names is a mailing, not a meeting."""
_ADDRESS: Final = r"[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_HAN_NAME: Final = r"[一-鿿]{2,4}"
_LATIN_NAME: Final = r"[A-Z][\w'’-]+(?: [A-Z]\.)?(?: (?:van|von|de|der|da|di|la|le))*(?: [A-Z][\w'’-]+){1,2}"
_NAMED: Final = re.compile(
    rf"[\"“]?(?P<name>{_HAN_NAME}|{_LATIN_NAME})[\"”]?\s*(?:[（(](?P<title>[^（）()@]{{2,20}})[)）])?\s*[<＜（(]\s*"
    rf"(?P<email>{_ADDRESS})\s*[>＞）)]"
)
_THERE: Final = re.compile(
    r"^[ \t]*(?P<side>客户方?|甲方|对方|贵方|我方|我司|our side|customer|client)?\s*[的:：]?\s*"
    r"(?:参会|与会|出席|到会|在场|attendees?|participants?|present)(?:人员|人|者|名单)?\s*[:：](?P<names>.+)$",
    re.IGNORECASE | re.MULTILINE,
)
_ONE: Final = re.compile(
    rf"(?P<name>{_HAN_NAME}|{_LATIN_NAME})\s*(?:[（(](?P<title>[^（）()]{{2,20}})[)）])?$"
)
_OURS: Final = frozenset({"我方", "我司", "our side"})
_NO_NAMES: Final = re.compile(
    "先生|女士|经理|总监|主任|部长|工程师|同事|部门|公司|等人|客户|团队|我方|甲方|各位|全体"
)
_ROLES: Final = (
    (
        "economic_buyer",
        r"董事|总裁|总经理|副总|老板|厂长|总监|采购(?:部?经理|总监|主管)|财务|\b(?:CEO|CFO|COO|VP|president|owner|"
        r"managing director|director|head of|purchasing|procurement)\b",
    ),
    (
        "technical",
        r"技术|工程|研发|工艺|设备|质量|信息|电气|自动化|IT|\b(?:CTO|engineer\w*|technical|quality|R&D|IT|process)\b",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """`theirs` says that the text itself counts them to the customer's side."""

    name: str
    title: str = ""
    email: str = ""
    theirs: bool = False


def people_in(text: str) -> Iterator[Person]:
    r"""Yield who is named in `text` with an address, or as having been there; our own side's list is left out.

    >>> [(p.name, p.title, p.email) for p in people_in("抄送：王静（采购经理）<wj@cg.com>, \"Jane Roe\" <jane@acme.com>")]
    [('王静', '采购经理', 'wj@cg.com'), ('Jane Roe', '', 'jane@acme.com')]
    >>> [(p.name, p.title, p.theirs) for p in people_in("客户方参会人员：李雷（工艺工程师）、韩梅\n我方参会：张三")]
    [('李雷', '工艺工程师', True), ('韩梅', '', True)]
    >>> list(people_in("请联系王经理，或发邮件到 info@acme.com"))
    []
    """
    for found in _NAMED.finditer(text):
        if _is_name(found["name"]):
            yield Person(name=found["name"], title=found["title"] or "", email=found["email"].lower())
    for line in _THERE.finditer(text):
        side = (line["side"] or "").lower()
        names = [part.strip(" 。.") for part in re.split(r"[、,，;；/]|\band\b", line["names"])]
        if side in _OURS or len(names) > LONGEST_LIST:
            continue
        for part in names:
            one = _ONE.match(part)
            if one and _is_name(one["name"]):
                yield Person(name=one["name"], title=one["title"] or "", theirs=bool(side))


def role_of(title: str) -> str:
    """Return what somebody with this title usually is to a deal; a user where nothing says more.

    >>> role_of("采购总监"), role_of("Senior Process Engineer"), role_of("")
    ('economic_buyer', 'technical', 'user')
    """
    return next((role for role, pattern in _ROLES if re.search(pattern, title, re.IGNORECASE)), "user")


def _is_name(text: str) -> bool:
    return _NO_NAMES.search(text) is None
