"""What records have: their fields in words, how each is read and found. Kinds of records, and fields that higher
rooms know something for, register here; the organisation's own fields come from the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.db import models
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from foresail.core import conditions
from foresail.crm.currencies import in_house
from foresail.crm.models import Account, Contact, CustomField, Deal, Lead, Listed, PoolDue, Product, Stage


class Kind(StrEnum):
    """What a value is. A number or an amount of money is a Decimal; what names a record is its key."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    BOOL = "bool"
    CHOICE = "choice"
    CHOICES = "choices"
    TAGS = "tags"
    PERSON = "person"
    TEAM = "team"
    LINE = "line"
    RECORD = "record"
    PIPELINE = "pipeline"
    STAGE = "stage"


REFERENCES: Final = frozenset({Kind.PERSON, Kind.TEAM, Kind.LINE, Kind.RECORD, Kind.PIPELINE, Kind.STAGE})
"""Kinds whose values name something by its key."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A `retired` one is not chosen any more; records that have it keep it. Files may also call it by `synonyms`."""

    key: str
    zh: str
    en: str
    retired: bool = False
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a kind of record.

    `path` is where the value lies, from the record on; the key where it is empty. `expression` is what lists
    compute it with, for values that are no column. `changeable` ones are changed one by one; others have a verb of
    their own, or are never changed. `restrictable` ones may be hidden from roles. `target` is the kind of record
    that a RECORD names; `apart` says that it may be somebody else's, and is named only to who sees it. `group` puts
    it under a heading of the record's page. A `share` is a NUMBER from 0 to 1 that people read in percent. What is
    worked out of another field says `of` which: its rules hold for it too. MONEY is in the record's currency, or
    `in_house`. Of a TEXT with `few` values, lists can be grouped by them.
    """

    key: str
    kind: Kind
    zh: str
    en: str
    path: str = ""
    expression: Callable[[], Combinable] | None = None
    longest: int = 0
    required: bool = False
    changeable: bool = True
    restrictable: bool = True
    sortable: bool = True
    choices: tuple[Choice, ...] = ()
    target: str = ""
    apart: bool = False
    custom: bool = False
    group: str = ""
    share: bool = False
    of: str = ""
    in_house: bool = False
    few: bool = False

    @property
    def column(self) -> str:
        """What to change on the record."""
        return self.path or self.key

    def value_of(self, record: Any) -> object:
        """Return the value that `record` has, None where it has none."""
        if self.custom:
            return self.asked().of(record)
        if self.expression is not None:
            return getattr(record, f"field_{self.key}", None)
        found = record
        for name in self.column.split("__"):
            found = getattr(found, name, None)
        return None if found == "" else found

    def found_by(self) -> Combinable:
        """Return the expression for the database: a key where it names something, NULL for no value of its own."""
        if self.custom:
            return self.asked().column()
        if self.expression is not None:
            return self.expression()
        if self.kind in REFERENCES:
            return F(f"{self.column}_id")
        if self.kind in _TEXTS and not self.required:
            return NullIf(F(self.column), Value(""))
        return F(self.column)

    def asked(self) -> conditions.Field:
        """Return what conditions may ask of."""
        kind, refers = _KINDS[self.kind], _REFERS.get(self.kind, "record")
        choices = tuple(conditions.Choice(key=each.key, zh=each.zh, en=each.en) for each in self.choices)
        if self.custom:
            return conditions.custom_field(
                key=self.key,
                name=self.key,
                kind=kind,
                label_zh=self.zh,
                label_en=self.en,
                choices=choices,
                refers=refers,
            )
        return conditions.Field(
            key=self.key,
            kind=kind,
            label_zh=self.zh,
            label_en=self.en,
            # As it is kept: conditions take an empty text for no value by themselves, and NULLIF would hide the column
            # from its indexes and from what the planner knows of it.
            expression=self.column if self.kind in _TEXTS and not self.expression else self.found_by(),
            value=self._key_or_value,
            choices=choices,
            refers=refers,
        )

    def _key_or_value(self, record: Any) -> object:
        return getattr(record, f"{self.column}_id") if self.kind in REFERENCES else self.value_of(record)


_TEXTS: Final = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE})
_KINDS: Final[Mapping[Kind, conditions.Kind]] = {
    Kind.TEXT: "text",
    Kind.LONG_TEXT: "text",
    Kind.NUMBER: "number",
    Kind.MONEY: "money",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.BOOL: "bool",
    Kind.CHOICE: "choice",
    Kind.CHOICES: "choices",
    Kind.TAGS: "choices",
    **dict.fromkeys(REFERENCES, "reference"),
}
_REFERS: Final[Mapping[Kind, conditions.Refers]] = {
    Kind.PERSON: "person",
    Kind.TEAM: "team",
    Kind.LINE: "line",
}


def to_json(value: object) -> Any:
    """Return `value` as JSON keeps it; a record as its key."""
    match value:
        case Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case models.Model():
            return value.pk
        case _:
            return value


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """A kind of record. `related` are read along with it; `words` are the paths of the texts that find it.

    `personal` says that its texts are about a person, and can be erased from the audit trail.
    """

    key: str
    model: type[Listed]
    zh: str
    en: str
    fields: tuple[Field, ...]
    related: tuple[str, ...] = ()
    words: tuple[str, ...] = ("name",)
    personal: bool = False


_types: dict[str, RecordType] = {}
_more: dict[str, dict[str, Field]] = {}


def register_type(*types: RecordType) -> None:
    """Make kinds of records known. Called once, below, or from an app's `ready`."""
    _types.update({each.key: each for each in types})


def register_fields(record_type: str, *fields: Field) -> None:
    """Let lists show, filter and sort by what a higher room knows. Called from an app's `ready`."""
    _more.setdefault(record_type, {}).update({field.key: field for field in fields})


def record_types() -> Sequence[RecordType]:
    return tuple(_types.values())


def record_type(key: str) -> RecordType:
    return _types[key]


def type_of(record: models.Model) -> RecordType:
    return next(each for each in _types.values() if isinstance(record, each.model))


def fields_of(kind: RecordType, *, retired: bool = False) -> dict[str, Field]:
    """Return the fields of a kind of record by their keys: ours, those of higher rooms, the organisation's own.

    One query. `retired` also returns own fields that are out of use.
    """
    own = CustomField.objects.filter(record_type=kind.key).order_by("position", "pk")
    if not retired:
        own = own.filter(retired_at=None)
    return _built_in(kind) | {field.key: custom_field(field) for field in own}


def _built_in(kind: RecordType) -> dict[str, Field]:
    return {field.key: field for field in kind.fields} | _more.get(kind.key, {})


def computed_fields(kind: RecordType) -> dict[str, Field]:
    """Return the fields that lists compute, by their keys. No query: own fields are never among them."""
    return {key: field for key, field in _built_in(kind).items() if field.expression is not None}


def built_in_keys(kind: RecordType) -> frozenset[str]:
    return frozenset(_built_in(kind))


def custom_field(field: CustomField) -> Field:
    kind = Kind(field.kind)
    return Field(
        key=field.key,
        kind=kind,
        zh=field.name_zh,
        en=field.name_en,
        longest={Kind.TEXT: 300, Kind.LONG_TEXT: 10_000}.get(kind, 0),
        required=field.required,
        choices=tuple(Choice(**each) for each in field.choices),
        target=field.target,
        apart=True,
        custom=True,
        changeable=field.retired_at is None,
    )


def _choices(*choices: tuple[str, ...]) -> tuple[Choice, ...]:
    """Each by key, Chinese and English label, then the synonyms."""
    return tuple(Choice(key=key, zh=zh, en=en, synonyms=tuple(also)) for key, zh, en, *also in choices)


LEVELS: Final = _choices(
    ("strategic", "战略", "Strategic"),
    ("key", "重点", "Key"),
    ("regular", "普通", "Regular"),
    ("minor", "小微", "Minor"),
)
SOURCES: Final = _choices(
    ("web", "官网", "Website"), ("exhibition", "展会", "Trade fair"), ("referral", "转介绍", "Referral"),
    ("call", "电话开发", "Cold call"), ("ad", "广告投放", "Advertising"), ("partner", "渠道伙伴", "Partner"),
    ("tender", "招投标", "Tender"), ("other", "其他", "Other"),
)  # fmt: skip
CATEGORIES: Final = _choices(
    (Stage.Category.OMITTED.value, "不计入", "Omitted"),
    (Stage.Category.PIPELINE.value, "在途", "Pipeline"),
    (Stage.Category.BEST_CASE.value, "乐观", "Best case"),
    (Stage.Category.COMMIT.value, "承诺", "Commit"),
)
STATUSES: Final = _choices(
    (Deal.Status.OPEN.value, "在途", "Open", "进行中", "跟进中", "未结束", "In progress", "Active"),
    (Deal.Status.WON.value, "赢单", "Won", "已赢单", "成交", "已成交", "中标", "Closed won"),
    (
        Deal.Status.LOST.value, "丢单", "Lost",
        "已丢单", "输单", "已输单", "败单", "战败", "流失", "Closed lost",
    ),
)  # fmt: skip
LEAD_STATUSES: Final = _choices(
    (Lead.Status.NEW.value, "新线索", "New"), (Lead.Status.WORKING.value, "跟进中", "Working"),
    (Lead.Status.CONVERTED.value, "已转化", "Converted"), (Lead.Status.DISCARDED.value, "已放弃", "Discarded"),
)  # fmt: skip
LEFT_REASONS: Final = _choices(
    (Contact.LeftReason.BOUNCE.value, "邮件退回", "Mail bounced"),
    (Contact.LeftReason.EVIDENCE.value, "多项迹象", "Several signs"),
    (Contact.LeftReason.TITLE_CHANGE.value, "职务变更", "Another job title"),
    (Contact.LeftReason.TOLD.value, "有人告知", "Somebody told us"),
    (Contact.LeftReason.SILENCE.value, "长期失联", "Long silence"),
)


def _name(longest: int, zh: str = "名称", en: str = "Name") -> Field:
    return Field(key="name", kind=Kind.TEXT, zh=zh, en=en, longest=longest, required=True, restrictable=False)


def _text(key: str, zh: str, en: str, longest: int, **more: Any) -> Field:
    return Field(key=key, kind=Kind.TEXT, zh=zh, en=en, longest=longest, **more)


def _fixed(key: str, kind: Kind, zh: str, en: str, **more: Any) -> Field:
    """Return a field that has a verb of its own, or none, and that no rule hides."""
    return Field(key=key, kind=kind, zh=zh, en=en, changeable=False, restrictable=False, **more)


def _counted_as() -> Combinable:
    """Return the forecast category of a deal: its own, else its stage's."""
    return Coalesce(NullIf(F("category"), Value("")), F("stage__category"))


_WHOSE: Final = (
    _fixed("owner", Kind.PERSON, "负责人", "Owner"),
    _fixed("team", Kind.TEAM, "团队", "Team"),
    _fixed("line", Kind.LINE, "业务线", "Business line"),
)
_KEPT: Final = (
    Field(key="tags", kind=Kind.TAGS, zh="标签", en="Tags", sortable=False),
    _fixed("created_at", Kind.DATETIME, "创建时间", "Created"),
    _fixed("created_by", Kind.PERSON, "创建人", "Created by"),
    _fixed("changed_at", Kind.DATETIME, "更新时间", "Changed"),
)


def _returns_on(kind: str) -> Field:
    """Return the day on which a record goes back to the open pool, as last night's look found it."""
    due = PoolDue.objects.filter(record_type=kind, record=OuterRef("pk")).values("returns_on")
    return _fixed(
        "returns_on", Kind.DATE, "退回公海日期", "Returns to the pool", expression=lambda: Subquery(due)
    )


ACCOUNT: Final = RecordType(
    key="account",
    model=Account,
    zh="客户",
    en="account",
    related=("owner", "team", "line", "parent", "created_by"),
    words=("name", "code", "domain"),
    fields=(
        _name(200),
        Field(key="level", kind=Kind.CHOICE, zh="客户级别", en="Level", choices=LEVELS),
        _text("industry", "行业", "Industry", 100, few=True),
        _text("region", "地区", "Region", 100, few=True),
        _text("code", "统一社会信用代码", "Credit code (USCC)", 18),
        _text("phone", "电话", "Phone", 50),
        _text("domain", "网站域名", "Web domain", 253),
        _text("address", "地址", "Address", 300),
        Field(
            key="parent", kind=Kind.RECORD, zh="上级公司", en="Parent company", target="account", apart=True
        ),
        Field(key="since", kind=Kind.DATE, zh="成为客户日期", en="Customer since"),
        _returns_on("account"),
        *_WHOSE,
        *_KEPT,
    ),
)
CONTACT: Final = RecordType(
    key="contact",
    model=Contact,
    zh="联系人",
    en="contact",
    related=("owner", "team", "line", "account", "previous", "created_by"),
    words=("name", "email", "phone"),
    personal=True,
    fields=(
        _name(150, "姓名"),
        _fixed("account", Kind.RECORD, "客户", "Account", target="account"),
        _text("title", "职务", "Job title", 150),
        _text("department", "部门", "Department", 100),
        _text("email", "邮箱", "E-mail", 254),
        _text("phone", "电话", "Phone", 50),
        _fixed("left_at", Kind.DATETIME, "离职时间", "Left"),
        _fixed("left_reason", Kind.CHOICE, "离职依据", "How it is known", choices=LEFT_REASONS),
        _fixed("previous", Kind.RECORD, "前一份工作", "Worked before as", target="contact", apart=True),
        *_WHOSE,
        *_KEPT,
    ),
)
LEAD: Final = RecordType(
    key="lead",
    model=Lead,
    zh="线索",
    en="lead",
    related=("owner", "team", "line", "account", "contact", "deal", "created_by"),
    words=("name", "company", "email", "phone"),
    personal=True,
    fields=(
        _name(150, "姓名"),
        _text("company", "公司", "Company", 200),
        _text("title", "职务", "Job title", 150),
        _text("email", "邮箱", "E-mail", 254),
        _text("phone", "电话", "Phone", 50),
        Field(key="source", kind=Kind.CHOICE, zh="来源", en="Source", choices=SOURCES),
        _fixed("status", Kind.CHOICE, "状态", "Status", choices=LEAD_STATUSES),
        _fixed("reason", Kind.TEXT, "放弃原因", "Reason discarded"),
        _fixed("account", Kind.RECORD, "转化为客户", "Became the account", target="account", apart=True),
        _fixed("contact", Kind.RECORD, "转化为联系人", "Became the contact", target="contact", apart=True),
        _fixed("deal", Kind.RECORD, "转化为商机", "Became the deal", target="deal", apart=True),
        _returns_on("lead"),
        *_WHOSE,
        *_KEPT,
    ),
)
DEAL: Final = RecordType(
    key="deal",
    model=Deal,
    zh="商机",
    en="deal",
    related=("account", "pipeline", "stage", "owner", "team", "line", "created_by"),
    words=("name", "number", "account__name"),
    fields=(
        _name(200),
        _fixed("number", Kind.TEXT, "编号", "Number"),
        _fixed("account", Kind.RECORD, "客户", "Account", target="account"),
        _fixed("pipeline", Kind.PIPELINE, "销售流程", "Pipeline"),
        _fixed("stage", Kind.STAGE, "阶段", "Stage"),
        _fixed("status", Kind.CHOICE, "状态", "Status", choices=STATUSES),
        Field(key="amount", kind=Kind.MONEY, zh="金额", en="Amount"),
        Field(key="currency", kind=Kind.TEXT, zh="币种", en="Currency", longest=3, required=True, few=True),
        Field(
            key="house_amount",
            kind=Kind.MONEY,
            zh="折合金额",
            en="Amount converted",
            expression=in_house,
            changeable=False,
            of="amount",
            in_house=True,
        ),
        Field(key="expected_close_on", kind=Kind.DATE, zh="预计签约", en="Expected close"),
        Field(key="category", kind=Kind.CHOICE, zh="预测类别", en="Forecast category", choices=CATEGORIES),
        Field(
            key="counted_as",
            kind=Kind.CHOICE,
            zh="计入预测",
            en="Counted as",
            choices=CATEGORIES,
            expression=_counted_as,
            changeable=False,
            sortable=False,
            of="category",
        ),
        _text("next_step", "下一步", "Next step", 300),
        _fixed("opened_at", Kind.DATETIME, "立项时间", "Opened"),
        _fixed("closed_at", Kind.DATETIME, "结束时间", "Closed"),
        Field(
            key="close_reason",
            kind=Kind.LONG_TEXT,
            zh="结束原因",
            en="Reason",
            changeable=False,
            sortable=False,
        ),
        *_WHOSE,
        *_KEPT,
    ),
)
PRODUCT: Final = RecordType(
    key="product",
    model=Product,
    zh="产品",
    en="product",
    related=("line", "created_by"),
    words=("name", "code"),
    fields=(
        _name(200),
        _text("code", "产品编码", "Code", 50, required=True, restrictable=False),
        Field(key="line", kind=Kind.LINE, zh="业务线", en="Business line", restrictable=False),
        _text("unit", "单位", "Unit", 20),
        Field(key="price", kind=Kind.MONEY, zh="标准价", en="List price"),
        Field(key="currency", kind=Kind.TEXT, zh="币种", en="Currency", longest=3, required=True, few=True),
        Field(key="active", kind=Kind.BOOL, zh="在售", en="On sale", required=True),
        *_KEPT,
    ),
)
register_type(ACCOUNT, CONTACT, LEAD, DEAL, PRODUCT)
