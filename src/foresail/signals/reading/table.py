"""Rows of a table as signals: scans of a fair, notes of visits, what social media export. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from foresail.core.clock import ZONE
from foresail.core.sheets.cells import Order, Unread, answer_of, folded, moment_of, order_in, plain_of
from foresail.governance.collecting import Purpose, Source
from foresail.signals.reading.incoming import EARLIEST, LONGEST_NAME, USER, Incoming, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column may be read as. `names` are what it is called in headers, separated by spaces."""

    key: str
    zh: str
    en: str
    names: str = ""


AT: Final = Column(
    key="at", zh="时间", en="time",
    names="日期 扫码时间 扫描时间 登记时间 拜访时间 拜访日期 发生时间 互动时间 发布时间 创建时间 提交时间 签到时间 "
    "date timestamp when datetime scannedat scantime visitedon visitdate createdat occurredat capturedate",
)  # fmt: skip
# Not what only numbers the rows of one file: another file's would be taken for the same.
ID: Final = Column(
    key="id", zh="记录编号", en="record id",
    names="流水号 记录号 记录id 扫码编号 recordid scanid leadid eventid noteid uuid",
)  # fmt: skip
PERSON: Final = Column(
    key="person", zh="人员编号", en="person's id",
    names="用户id 用户编号 客户编号 账号 帐号 openid unionid 微信号 胸卡号 胸牌号 观众编号 userid user account handle "
    "username badge badgeid attendeeid profile profileurl",
)  # fmt: skip
EMAIL: Final = Column(
    key="email", zh="邮箱", en="e-mail",
    names="电子邮箱 邮件 电子邮件 邮箱地址 mail emailaddress workemail businessemail",
)  # fmt: skip
PHONE: Final = Column(
    key="phone", zh="电话", en="phone",
    names="手机 手机号 手机号码 联系电话 电话号码 联系方式 mobile mobilephone phonenumber telephone tel cell",
)  # fmt: skip
NAME: Final = Column(
    key="name", zh="姓名", en="name",
    names="名字 联系人 联系人姓名 客户姓名 观众姓名 昵称 拜访对象 fullname contact contactname attendee nickname author person",
)  # fmt: skip
COMPANY: Final = Column(
    key="company", zh="公司", en="company",
    names="公司名称 单位 单位名称 企业 企业名称 客户名称 客户 机构 companyname organization organisation employer "
    "accountname customer",
)  # fmt: skip
CONSENT: Final = Column(
    key="consent", zh="同意", en="consent",
    names="是否同意 同意授权 授权 隐私同意 同意接收 个人信息同意 agreed agree optin gdpr marketingconsent permission",
)  # fmt: skip
CONSENT_AT: Final = Column(
    key="consent_at", zh="同意时间", en="consented at",
    names="同意日期 授权时间 授权日期 签署日期 consentdate consenttime consentedon agreedat optindate",
)  # fmt: skip
WORDING: Final = Column(
    key="wording", zh="告知文案版本", en="wording's version",
    names="文案版本 告知版本 同意版本 协议版本 版本 wording version consentversion wordingversion formversion",
)  # fmt: skip
_WHO: Final = (PERSON, EMAIL, PHONE, NAME, COMPANY)
TITLE: Final = Column(
    key="title", zh="标题或主题", en="title",
    names="标题 主题 展会 展台 内容标题 帖子 活动 subject topic fair booth post campaign headline",
)  # fmt: skip
URL: Final = Column(key="url", zh="链接", en="link", names="网址 页面地址 帖子链接 posturl permalink")
NOTE: Final = Column(
    key="note", zh="备注", en="note",
    names="说明 记录 内容 纪要 拜访内容 沟通内容 拜访纪要 评论内容 notes comment comments remark remarks text message "
    "summary description body",
)  # fmt: skip
_MORE: Final = (TITLE, URL, NOTE)

_YES: Final = frozenset("同意 已同意 已授权 agree agreed consented granted optedin".split())
_NO: Final = frozenset("不同意 未同意 未授权 拒绝 disagree declined denied refused optedout".split())
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_VERSION: Final = re.compile(r"(?:第|v|V|ver)?\s*(\d{1,6})\s*(?:版)?")
AHEAD: Final = timedelta(days=1)
"""How far ahead a clock may be."""

WRONGS: Final[Mapping[str, tuple[str, str]]] = {
    "time": ("时间缺失或无法识别，须在 2000 年之后", "The time is missing or cannot be read; it lies after 2000."),
    "future": ("时间在未来", "The time lies ahead."),
    "who": ("没有写明是谁：邮箱、电话、人员编号，或姓名加公司", "Nothing says who it was: an e-mail, a phone, a person's id, or name and company."),
    "id": (f"记录编号超过 {LONGEST_NAME} 个字符", f"The record's id has more than {LONGEST_NAME} characters."),
}  # fmt: skip
"""Why a row is no signal."""


class NoSignal(ValueError):
    """A row tells of nothing: `code` is a key of WRONGS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a table is read: which place each column of ours has. `day` is when it happened where no column says.

    `wording` is what everybody was asked where no column says; of `wordings`, the versions there are, one is asked.
    """

    source: Source
    headers: Sequence[str]
    columns: Mapping[str, int]
    day: date | None = None
    wording: int | None = None
    purpose: Purpose = Purpose.INTENT
    wordings: range = range(0)
    orders: Mapping[int, Order] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says: a consent first, where it gives one."""

    signals: tuple[Incoming, ...]
    doubtful: bool


def columns_of(source: Source) -> tuple[Column, ...]:
    """Return what columns of a file of `source` may be read as."""
    more = [column for column in _MORE if source.field(column.key)]
    return (AT, *_WHO, *more, ID, CONSENT, CONSENT_AT, WORDING)


def guess(source: Source, headers: Sequence[str]) -> dict[str, int]:
    """Return which place each column of ours has, by the names in the header: first those that are the same, then like.

    >>> from foresail.signals.sources import FAIR
    >>> guess(FAIR, ["展会名称", "姓名", "Company Name", "手机号码", "是否同意（签名）"])
    {'phone': 3, 'name': 1, 'company': 2, 'title': 0, 'consent': 4}
    """
    said = [folded(header) for header in headers]
    scores: list[tuple[float, int, str]] = []
    for column in columns_of(source):
        own = (column.zh, column.en) if column is ID else (column.zh, column.en, column.key)
        names = [folded(name) for name in (*own, *column.names.split())]
        for place, header in enumerate(said):
            if header in names:
                scores.append((2 - names.index(header) / 1_000, place, column.key))
            elif inside := [name for name in names if len(name) > 1 and name in header]:
                scores.append((max(map(len, inside)) / len(header), place, column.key))
    taken: dict[str, int] = {}
    for score, place, key in sorted(scores, key=lambda each: (-each[0], each[1])):
        if score >= 0.4 and key not in taken and place not in taken.values():
            taken[key] = place
    return {column.key: taken[column.key] for column in columns_of(source) if column.key in taken}


def lacking(columns: Iterable[str], *, day: date | None) -> list[str]:
    """Return what has to be said before a file can be read: "at", "who", neither."""
    known = set(columns)
    missing = [] if "at" in known or day else ["at"]
    if not known & {"email", "phone", "person"} and not {"name", "company"} <= known:
        missing.append("who")
    return missing


def orders_in(columns: Mapping[str, int], cells: Mapping[int, list[str]]) -> dict[int, Order]:
    """Return of columns with times whether day or month comes first in 03/04/2026, where that can be told."""
    found = {place: order_in(cells[place]) for key, place in columns.items() if key in {"at", "consent_at"}}
    return {place: order for place, order in found.items() if order}


def read_row(cells: Sequence[str], *, way: Way, now: datetime) -> Told:
    """Return what a row says. Raises NoSignal."""
    said = {key: plain_of(cells[place]).strip() for key, place in way.columns.items()}
    visitor = USER + _who(said, way.source)
    at = _at(said.get("at", ""), "at", way)
    if at is None:
        if said.get("at") or way.day is None:
            raise NoSignal("time")
        at = datetime.combine(way.day, time(0), ZONE)
    agreed = _answer(said.get("consent", ""))
    version, agreed_at = (
        _version(said.get("wording", ""), way),
        _at(said.get("consent_at", ""), "consent_at", way),
    )
    if (
        agreed_at
        and at.astimezone(ZONE).time() == time(0)
        and agreed_at.astimezone(ZONE).date() == at.astimezone(ZONE).date()
    ):
        at = max(at, agreed_at)  # of which only the day is known
    if at < EARLIEST:
        raise NoSignal("time")
    if at > now + AHEAD:
        raise NoSignal("future")
    name = said.get("id") or _digest(cells, way)
    if len(name) > LONGEST_NAME:
        raise NoSignal("id")
    common: dict[str, Any] = {
        "sender": f"file:{way.source.key}",
        "source": way.source.key,
        "visitor": visitor,
    }
    known = {each.name for each in way.source.fields}
    values = plain({key: value for key, value in said.items() if value and key in known})
    signal = Incoming(
        id=name, kind=way.source.key, at=min(at, now), values=values, refuses=agreed is False,
        **common,
    )  # fmt: skip
    if not agreed:
        return Told((signal,), doubtful=False)
    if version is None or agreed_at is None or not EARLIEST <= agreed_at <= now + AHEAD:
        return Told((signal,), doubtful=True)
    proof = {"purpose": way.purpose.value, "wording": version, "how": "form"}
    consent = Incoming(
        id=f"{name[: LONGEST_NAME - 8]}/consent",
        kind="consent_given",
        at=min(agreed_at, now),
        values=proof,
        **common,
    )
    return Told((consent, signal), doubtful=False)


def _who(said: Mapping[str, str], source: Source) -> str:
    """Return who it was, the same in whatever file of whatever source; a person's id is of its source alone."""
    email = said.get("email", "").lower()
    if _EMAIL.fullmatch(email):
        return f"email:{email}"
    digits = re.sub(r"\D", "", said.get("phone", ""))
    if len(digits) >= 7:
        return f"phone:{digits[2:] if len(digits) == 13 and digits.startswith('86') else digits}"
    if person := said.get("person"):
        return f"id:{source.key}:{person[:LONGEST_NAME]}"
    name, company = folded(said.get("name", "")), folded(said.get("company", ""))
    if name and company:
        return f"name:{name[:LONGEST_NAME]}\n{company[:LONGEST_NAME]}"
    raise NoSignal("who")


def _at(cell: str, key: str, way: Way) -> datetime | None:
    if not cell:
        return None
    try:
        return moment_of(cell, way.orders.get(way.columns[key], "mdy"))
    except (Unread, OverflowError):
        return None


def _version(cell: str, way: Way) -> int | None:
    """Return which wording somebody was asked, None where there is none such."""
    found = _VERSION.fullmatch(cell.strip())
    version = int(found[1]) if found else None if cell else way.wording
    return version if version in way.wordings else None


def _answer(cell: str) -> bool | None:
    """Return whether somebody agreed, None where nothing that is understood says."""
    text = folded(cell)
    if text in _YES:
        return True
    if text in _NO:
        return False
    try:
        return answer_of(cell)
    except Unread:
        return None


def _digest(cells: Sequence[str], way: Way) -> str:
    """Return what stands for a row that has no id: what it holds under which header, whatever their order."""
    held = sorted((header, cell) for header, cell in zip(way.headers, cells, strict=True) if cell)
    day = "" if "at" in way.columns else f"{way.day}"
    text = "\x1f".join([way.source.key, day, *(part for pair in held for part in pair)])
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
