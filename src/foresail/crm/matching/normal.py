"""One way to write what people write in many: companies, people, phones, mail addresses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType

_LEGAL: Final = re.compile(
    "(?:有限责任公司|股份有限公司|集团有限公司|控股有限公司|集团股份|有限公司|有限合伙|合伙企业|集团公司|总公司|分公司|子公司|"
    "办事处|股份|集团|控股|公司|企业|厂)$"
)
"""How the form of a company is written at the end of its name; taken off as often as something stays."""
_LEGAL_LATIN: Final = re.compile(
    r"[\s,.]+(?:co|company|corp|corporation|inc|incorporated|ltd|limited|llc|plc|gmbh|ag|sa|bv|pte|pty|group|holdings?)\.?$"
)
_BRACKETS: Final = re.compile(r"[(\[【<〈《「]([^)\]】>〉》」]*)[)\]】>〉》」]")
_PLACES: Final = (
    "中国 北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 "
    "贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 "
    "广州 深圳 珠海 东莞 佛山 中山 惠州 汕头 苏州 南京 无锡 常州 南通 徐州 扬州 镇江 盐城 杭州 宁波 温州 嘉兴 绍兴 金华 台州 湖州 "
    "成都 绵阳 武汉 宜昌 襄阳 长沙 株洲 湘潭 郑州 洛阳 开封 西安 咸阳 宝鸡 青岛 济南 烟台 潍坊 威海 淄博 大连 沈阳 鞍山 长春 哈尔滨 大庆 "
    "合肥 芜湖 福州 厦门 泉州 南昌 九江 赣州 石家庄 唐山 保定 邯郸 太原 大同 呼和浩特 包头 南宁 柳州 桂林 海口 三亚 贵阳 遵义 昆明 "
    "大理 兰州 西宁 银川 乌鲁木齐 拉萨 昆山 义乌 江阴 张家港"
).split()
_PLACE: Final = re.compile(
    f"^(?:({'|'.join(sorted(_PLACES, key=len, reverse=True))})(?:省|市|自治区|特别行政区)?)"
)
_NOISE: Final = re.compile(r"[\W_]+")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_LONG_SURNAMES: Final = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 "
    "仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐".split()
)
_TITLES: Final = re.compile(r"(?:先生|女士|小姐|总经理|经理|老师|工程师|主任|总监|总)$")
_COURTESY: Final = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof)\.?\s+")
_MOBILE: Final = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_PUBLIC_MAIL: Final = frozenset(
    "qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com gmail.com "
    "outlook.com hotmail.com live.com yahoo.com icloud.com".split()
)


class Company(NamedTuple):
    """`name` folded; `core` what is left without form and place; `place` where it says it is, "" where it does not."""

    name: str
    core: str
    place: str


class Phone(NamedTuple):
    """A number in E.164 (+8613800138000), and whether it is a mobile one."""

    number: str
    mobile: bool


def fold(text: str) -> str:
    """Return `text` in half width and small letters, with single blanks.

    >>> fold("ＡＢＢ　（中国）")
    'abb (中国)'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=50_000)
def company(name: str) -> Company:
    """Take a company's name apart.

    >>> company("上海晨光电力股份有限公司")
    Company(name='上海晨光电力股份有限公司', core='晨光电力', place='上海')
    >>> company("晨光电力（上海）集团有限公司").core
    '晨光电力'
    >>> company("Siemens AG").core
    'siemens'
    """
    folded = fold(name)
    place, rest = "", folded
    for inside in _BRACKETS.findall(folded):
        if (found := _PLACE.match(inside)) and found.end() == len(inside):
            place = place or _told(found[1])
    rest = _BRACKETS.sub("", rest).strip() or rest
    rest = _without_form(rest)
    while found := _PLACE.match(rest):
        if len(rest) - found.end() < 2:
            break
        place = _told(found[1]) or place
        rest = rest[found.end() :]
    core = _NOISE.sub("", _without_form(rest)) or _NOISE.sub("", folded)
    return Company(_NOISE.sub("", folded), core, place)


def _told(place: str) -> str:
    return "" if place == "中国" else place


def _without_form(name: str) -> str:
    while True:
        shorter = _LEGAL_LATIN.sub("", _LEGAL.sub("", name)).strip(" ,.")
        if shorter == name or len(_NOISE.sub("", shorter)) < 2:
            return name
        name = shorter


@lru_cache(maxsize=50_000)
def person(name: str) -> str:
    """Return a person's name without how they are addressed.

    >>> person("王建国　先生"), person("Dr. Anna Li")
    ('王建国', 'anna li')
    """
    folded = _COURTESY.sub("", fold(name))
    if _HAN.search(folded):
        folded = folded.replace(" ", "")
        shorter = _TITLES.sub("", folded)
        folded = shorter if len(shorter) >= 2 else folded
    return folded


@lru_cache(maxsize=50_000)
def sound(name: str) -> str:
    """Return how a name sounds, its parts in order of letters, so that either order of them is the same.

    >>> sound("李小明"), sound("Xiaoming Li"), sound("欧阳锋")
    ('li xiaoming', 'li xiaoming', 'feng ouyang')
    """
    plain = person(name)
    if not _HAN.search(plain):
        return " ".join(sorted(filter(None, _NOISE.split(plain))))
    from pypinyin import lazy_pinyin  # noqa: PLC0415  (its dictionaries take longer to load than all of Django)

    cut = 2 if plain[:2] in _LONG_SURNAMES and len(plain) > 2 else 1
    parts = ("".join(lazy_pinyin(part)) for part in (plain[:cut], plain[cut:]))
    return " ".join(sorted(filter(None, parts)))


@lru_cache(maxsize=50_000)
def phone(text: str) -> Phone | None:
    """Return a phone number, read as a Chinese one where no country is said; None where it is none.

    >>> phone("138-0013-8000"), phone("（021）6543 2100"), phone("0086 13800138000").number
    (Phone(number='+8613800138000', mobile=True), Phone(number='+862165432100', mobile=False), '+8613800138000')
    >>> phone("转 12") is None
    True
    """
    plain = unicodedata.normalize("NFKC", text)
    try:
        found = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    number = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return Phone(number, phonenumbers.number_type(found) in _MOBILE)


def email(text: str) -> str:
    """Return a mail address as it is compared; "" where it is none.

    >>> email(" Li.Ming+crm@Example.COM ")
    'li.ming@example.com'
    """
    local, at, domain = fold(text).replace(" ", "").rpartition("@")
    local = local.partition("+")[0]
    return f"{local}@{domain}" if at and local and "." in domain else ""


def domain(text: str) -> str:
    """Return a web domain as it is compared; "" for none, and for those where everybody has a mail box.

    >>> domain("https://www.Example.com.cn/about"), domain("QQ.com")
    ('example.com.cn', '')
    """
    plain = (
        re.sub(r"^(?:[a-z]+:)?//", "", fold(text)).partition("/")[0].partition(":")[0].removeprefix("www.")
    )
    return plain if "." in plain and plain not in _PUBLIC_MAIL else ""


def code(text: str) -> str:
    """Return a credit code (统一社会信用代码) as it is compared."""
    return _NOISE.sub("", fold(text)).upper()
