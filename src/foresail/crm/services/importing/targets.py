"""What a column may be read as: fields that the importer may fill, and what else a new record begins with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from foresail.crm.fields import DEAL, LEAD, Field, Kind, RecordType, fields_of
from foresail.crm.models import Lead
from foresail.crm.sight import Level, Sight
from foresail.people.rules import Action, Scope

if TYPE_CHECKING:
    from foresail.people.models import User


@dataclass(frozen=True, kw_only=True)
class Target:
    """`only_new` ones count for records that are added; what is there keeps its own. `synonyms` name it in headers."""

    key: str
    field: Field
    required: bool = False
    only_new: bool = False
    synonyms: tuple[str, ...] = ()

    @property
    def matches(self) -> bool:
        """Whether records can be told apart by it."""
        return self.field.kind in {Kind.TEXT, Kind.NUMBER, Kind.CHOICE, Kind.DATE} and not self.only_new

    @property
    def names(self) -> bool:
        """Whether its values name something, and can be mapped one by one."""
        return self.field.kind in {
            Kind.CHOICE, Kind.CHOICES, Kind.PERSON, Kind.RECORD, Kind.LINE, Kind.PIPELINE, Kind.STAGE, Kind.BOOL,
        }  # fmt: skip


_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "account.name": ("客户名称", "公司名称", "企业名称", "公司", "单位名称", "account", "company", "company name", "account name", "customer"),
    "account.code": ("税号", "信用代码", "纳税人识别号", "社会信用代码", "uscc", "tax id", "credit code"),
    "account.industry": ("所属行业", "sector"),
    "account.region": ("区域", "省份", "城市", "office location", "country", "location"),
    "account.domain": ("官网", "网址", "网站", "website", "web", "url"),
    "account.address": ("公司地址", "详细地址", "street"),
    "account.parent": ("母公司", "集团", "subsidiary of", "parent", "parent account"),
    "account.since": ("成为客户时间", "合作开始", "customer since"),
    "contact.name": ("联系人", "联系人姓名", "full name", "contact", "contact name", "name"),
    "contact.title": ("职位", "岗位", "title", "position", "role"),
    "contact.account": ("公司", "客户名称", "所属客户", "公司名称", "单位", "company", "account name", "organization", "organisation"),
    "contact.phone": ("手机", "手机号", "联系电话", "移动电话", "mobile", "tel", "telephone", "phone number"),
    "contact.email": ("电子邮箱", "邮件", "email", "mail", "email address"),
    "contact.department": ("所在部门",),
    "lead.name": ("联系人", "线索名称", "full name", "lead", "contact name"),
    "lead.company": ("公司名称", "单位", "客户名称", "account", "organization", "organisation"),
    "lead.phone": ("手机", "手机号", "联系电话", "mobile", "tel", "phone number"),
    "lead.email": ("电子邮箱", "邮件", "email", "mail", "email address"),
    "lead.title": ("职位", "岗位", "title", "position"),
    "lead.source": ("线索来源", "渠道", "lead source", "channel"),
    "deal.name": ("商机名称", "项目名称", "项目", "opportunity", "opportunity name", "deal", "deal name", "title"),
    "deal.number": ("商机编号", "单号", "id", "opportunity id", "deal id", "no"),
    "deal.account": ("客户名称", "公司", "公司名称", "company", "account name", "customer"),
    "deal.owner": ("销售", "业务员", "销售代表", "sales agent", "rep", "salesperson", "sales rep", "seller"),
    "deal.stage": ("商机阶段", "销售阶段", "deal stage", "sales stage"),
    "deal.status": ("结果", "商机状态", "outcome", "result"),
    "deal.amount": ("预计金额", "合同金额", "商机金额", "总价", "value", "deal value", "close value", "revenue"),
    "deal.opened_at": ("创建日期", "立项日期", "开始日期", "open date", "created date", "engage date", "start date"),
    "deal.closed_at": ("结束日期", "成交日期", "关闭日期", "签约日期", "close date", "closed date", "end date"),
    "deal.expected_close_on": ("预计成交日期", "预计签约日期", "预计结单", "expected close date", "forecast close"),
    "deal.product": ("产品名称", "产品型号", "product name", "item"),
    "product.name": ("产品名称", "产品", "品名", "product", "product name"),
    "product.code": ("产品编号", "编码", "型号", "sku", "item number", "part number"),
    "product.price": ("单价", "价格", "售价", "标准价格", "list price", "sales price", "unit price"),
    "owner": ("负责人", "归属人", "所有者", "跟进人", "owner", "assigned to"),
    "created_at": ("创建时间", "创建日期", "录入时间", "created at", "created date", "created on"),
    "created_by": ("创建人", "录入人", "创建者", "created by", "author"),
    "line": ("所属业务线", "事业部", "business unit"),
    "tags": ("标签", "labels"),
}  # fmt: skip

PRODUCT_OF_DEAL: Final = Field(
    key="product", kind=Kind.RECORD, zh="产品", en="Product", target="product", changeable=False
)
_LEAD_STATUS: Final = Field(
    key="status", kind=Kind.CHOICE, zh="状态", en="Status", changeable=False,
    choices=tuple(each for each in next(f for f in LEAD.fields if f.key == "status").choices
                  if each.key != Lead.Status.CONVERTED.value),
)  # fmt: skip
_BEGINNINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "account": ("owner", "line", "created_at", "created_by"),
    "contact": ("account", "created_at", "created_by"),
    "lead": ("status", "owner", "line", "created_at", "created_by"),
    "deal": (
        *("number", "account", "pipeline", "stage", "status", "product", "owner"),
        *("opened_at", "closed_at", "close_reason", "created_at", "created_by"),
    ),
    "product": ("created_at", "created_by"),
}
"""What else a new record begins with, besides the fields that are changed one by one."""
_OPERATIONS: Final = frozenset({"owner", "line", "created_at", "created_by", "status", "opened_at", "closed_at", "close_reason"})  # fmt: skip
"""What only sales operations say of a new record: whose it is, when it began and how it ended."""
_LONGEST: Final = {"number": 50, "close_reason": 2_000}
_ELSE: Final = frozenset(
    {
        *(("deal", key) for key in ("name", "currency", "status")),
        *(("product", key) for key in ("currency", "active")),
    }
)
"""Required fields for which something else stands in: a deal is called after its account and product, and is open."""
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {"contact": ("account",), "deal": ("account",)}
"""Besides required fields."""


def may_import(kind: RecordType, *, sight: Sight) -> bool:
    """Whether somebody may import records of a kind at all: sales operations all, others their own customers."""
    stands = sight.stands
    if stands is None:
        return True
    if kind.key == "product":
        return stands.scope(Action.CONFIGURE) is Scope.ALL
    return stands.scope(Action.CHANGE) > Scope.NONE


def operates(sight: Sight) -> bool:
    """Whether somebody may import anything for anybody."""
    return sight.stands is None or sight.stands.scope(Action.CONFIGURE) is Scope.ALL


def targets_of(kind: RecordType, *, by: User | None, sight: Sight | None = None) -> dict[str, Target]:
    """Return what columns may be read as by `by`, by key. One query, two more without `sight`."""
    sight = sight or Sight.of(by)
    fields = fields_of(kind)
    more = {"product": PRODUCT_OF_DEAL} if kind is DEAL else {}
    if kind is LEAD:
        more["status"] = _LEAD_STATUS
    found: dict[str, Target] = {}
    begins = _BEGINNINGS[kind.key]
    for key, field in (fields | more).items():
        begun = key in begins
        if not (begun or field.changeable) or sight.level(kind, field) in {Level.HIDDEN, Level.READ}:
            continue
        if key in _OPERATIONS and begun and not operates(sight):
            continue
        found[key] = Target(
            key=key,
            # A currency may be left to the pipeline; what is never changed says nowhere how long it is.
            field=replace(
                field,
                required=field.required and key != "currency",
                longest=field.longest or _LONGEST.get(key, 0),
            ),
            required=(field.required and (kind.key, key) not in _ELSE) or key in NEEDED.get(kind.key, ()),
            only_new=begun and key not in {"stage", "number"},
            synonyms=_SYNONYMS.get(f"{kind.key}.{key}", ()) + _SYNONYMS.get(key, ()),
        )
    return found


def keys_by_default(kind: RecordType, filled: Collection[str]) -> list[str]:
    """Return by which fields records are told apart, if nobody says: the surest of those that every row has."""
    order = {
        "account": ("code", "name"), "contact": ("email", "phone"), "lead": ("email", "phone"),
        "deal": ("number",), "product": ("code",),
    }[kind.key]  # fmt: skip
    return next(([key] for key in order if key in filled), [])
