"""Wire shapes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from ninja import Field

from foresail.core.api import Reference, Schema
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, type_of
from foresail.crm.models import Contact, Deal, DealContact, Pipeline, Stage, Task
from foresail.crm.sight import Sight

if TYPE_CHECKING:
    from foresail.crm.queries import Explained, Lacking, Shared

Status = Literal["open", "won", "lost"]
Right = Literal["see", "change"]
CategoryKey = Literal["omitted", "pipeline", "best_case", "commit"]
DealRole = Literal["economic_buyer", "champion", "technical", "blocker", "user"]


def reference(record: Any) -> Reference:
    return Reference(id=record.pk, name=record.name)


def maybe(record: Any) -> Reference | None:
    return None if record is None else reference(record)


class LackingOut(Schema):
    """How many deals no sum holds, because nobody said what their currency is worth.

    `currency` is empty for who may not see which it is.
    """

    currency: str
    count: int

    @classmethod
    def of(cls, found: Lacking) -> LackingOut:
        return cls(currency=found.currency, count=found.count)


class StageOut(Schema):
    """`category` is what deals in it count as; `requires` are the fields a deal must have filled to enter it."""

    id: int
    key: str
    zh: str
    en: str
    position: int
    usual_days: int | None
    category: CategoryKey
    requires: list[str]
    retired: bool

    @classmethod
    def of(cls, stage: Stage) -> StageOut:
        return cls(
            id=stage.pk,
            key=stage.key,
            zh=stage.name_zh,
            en=stage.name_en,
            position=stage.position,
            usual_days=stage.usual_days,
            category=stage.category,  # type: ignore[arg-type]  # one of the four
            requires=stage.requires,
            retired=stage.retired_at is not None,
        )


class PipelineOut(Schema):
    id: int
    name: str
    line: Reference
    currency: str
    stages: list[StageOut]

    @classmethod
    def of(cls, pipeline: Pipeline) -> PipelineOut:
        return cls(
            id=pipeline.pk,
            name=pipeline.name,
            line=reference(pipeline.line),
            currency=pipeline.currency,
            stages=[StageOut.of(stage) for stage in pipeline.stages.all()],
        )


class DealRow(Schema):
    id: int
    number: str
    name: str
    account: Reference
    owner: Reference | None
    team: Reference | None
    line: Reference
    pipeline: int
    stage: StageOut
    status: Status
    amount: Decimal | None
    currency: str
    opened_at: datetime
    closed_at: datetime | None
    expected_close_on: date | None
    version: int

    @classmethod
    def of(cls, deal: Deal, sight: Sight, **more: Any) -> Self:
        def seen(key: str) -> Any:
            return sight.value(DEAL, key, deal)

        return cls(
            id=deal.pk,
            number=deal.number,
            name=deal.name,
            account=reference(deal.account),
            owner=maybe(deal.owner),
            team=maybe(deal.team),
            line=reference(deal.line),
            pipeline=deal.pipeline_id,
            stage=StageOut.of(deal.stage),
            status=cast("Status", deal.status),
            amount=seen("amount"),
            currency=deal.currency,
            opened_at=deal.opened_at,
            closed_at=deal.closed_at,
            expected_close_on=seen("expected_close_on"),
            version=deal.version,
            **more,
        )


class DealOut(DealRow):
    """`stage_path` are all stages of the pipeline; `why_zh` and `why_en` say why the caller may see this deal.

    `shares` counts with whom it is shared now.
    """

    facts: dict[str, str]
    close_reason: str
    stage_path: list[StageOut]
    may_change: bool
    may_assign: bool
    may_share: bool
    shares: int
    why_zh: str
    why_en: str


class DealsPage(Schema):
    items: list[DealRow]
    next: str | None
    total: int


class DealFilter(Schema):
    q: str | None = None
    status: Status | None = None
    pipeline: int | None = None
    stage: int | None = None
    owner: int | None = None
    team: int | None = None
    line: int | None = None
    account: int | None = None
    sort: Literal["-opened_at", "opened_at", "-amount", "amount", "expected_close_on"] = "-opened_at"
    after: str | None = None
    limit: int = 50


class NewDealIn(Schema):
    name: str
    account: int
    pipeline: int
    owner: int | None = None
    amount: Decimal | None = None
    expected_close_on: date | None = None
    facts: dict[str, str] = Field({})


class ChangeDeal(Schema):
    """Only fields that are sent are changed."""

    version: int
    name: str | None = None
    amount: Decimal | None = None
    expected_close_on: date | None = None


class MoveDeal(Schema):
    version: int
    stage: int


class EndDeal(Schema):
    version: int
    outcome: Literal["won", "lost"]
    reason: str = ""


class AssignDeal(Schema):
    owner: int | None
    team: int | None


class AccountOut(Schema):
    id: int
    name: str
    industry: str
    region: str
    domain: str
    owner: Reference | None
    team: Reference | None
    line: Reference
    open_deals: int

    @classmethod
    def of(cls, account: Any, sight: Sight) -> AccountOut:
        def seen(key: str) -> Any:
            return sight.value(ACCOUNT, key, account) or ""

        return cls(
            id=account.pk,
            name=account.name,
            industry=seen("industry"),
            region=seen("region"),
            domain=seen("domain"),
            owner=maybe(account.owner),
            team=maybe(account.team),
            line=reference(account.line),
            open_deals=account.open_deals,
        )


class AccountsPage(Schema):
    items: list[AccountOut]
    next: str | None


class ContactOut(Schema):
    id: int
    name: str
    title: str
    email: str
    phone: str
    account: Reference
    left_at: datetime | None

    @classmethod
    def of(cls, contact: Contact, sight: Sight) -> ContactOut:
        def seen(key: str) -> Any:
            return sight.value(CONTACT, key, contact) or ""

        return cls(
            id=contact.pk,
            name=contact.name,
            title=seen("title"),
            email=seen("email"),
            phone=seen("phone"),
            account=reference(contact.account),
            left_at=contact.left_at,
        )


class ContactsPage(Schema):
    items: list[ContactOut]
    next: str | None


class DealContactOut(Schema):
    contact: ContactOut
    role: DealRole

    @classmethod
    def of(cls, each: DealContact, sight: Sight) -> DealContactOut:
        return cls(contact=ContactOut.of(each.contact, sight), role=cast("DealRole", each.role))


class DealPeople(Schema):
    """`missing` are the roles nobody has yet, of economic_buyer, champion and technical."""

    contacts: list[DealContactOut]
    missing: list[str]


class SetRole(Schema):
    role: DealRole | None


class TaskRecord(Reference):
    """What a task is for."""

    type: Literal["deal", "account", "contact", "lead"]


class TaskOut(Schema):
    """`record` is what the task is for; `deal` the same where that is a deal."""

    id: int
    record: TaskRecord | None
    deal: Reference | None
    title: str
    due_on: date | None
    assignee: Reference
    done_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, task: Task) -> TaskOut:
        record = task.record
        return cls(
            id=task.pk,
            record=None
            if record is None
            else TaskRecord(id=record.pk, name=str(getattr(record, "name", "")), type=type_of(record).key),  # type: ignore[arg-type]
            deal=maybe(task.deal),
            title=task.title,
            due_on=task.due_on,
            assignee=reference(task.assignee),
            done_at=task.done_at,
            created_at=task.created_at,
        )


class NewTask(Schema):
    """Without a deal it is for nothing else, and one's own. For other records: POST /records/{kind}/{id}/tasks."""

    deal: int | None = None
    title: str
    due_on: date | None = None
    assignee: int | None = None


class ChangeTask(Schema):
    """Only fields that are sent are changed."""

    title: str | None = None
    due_on: date | None = None
    done: bool | None = None


class FoundLead(Reference):
    company: str
    status: Literal["new", "working", "converted", "discarded"]


class FoundProduct(Reference):
    code: str
    active: bool


class Found(Schema):
    accounts: list[Reference]
    contacts: list[ContactOut]
    deals: list[DealRow]
    leads: list[FoundLead]
    products: list[FoundProduct]


class HoldingsOut(Schema):
    """Open deals, deals that ended (which stay), accounts, open leads, and tasks not done."""

    deals: int
    ended: int
    accounts: int
    leads: int
    tasks: int


class HandOver(Schema):
    to: int


class HandedOverOut(Schema):
    """`returned` tasks went to the owners of their records, which the successor may not see."""

    deals: int
    accounts: int
    leads: int
    tasks: int
    returned: int


class DecisionOut(Schema):
    """`scope`: how far the person's roles reach for the action, none|own|team|line|all."""

    action: str
    allowed: bool
    scope: str
    zh: str
    en: str


class ShareOut(Schema):
    """With one person, of the team `of`, or with one team. `ends_on` is its last day, null where it has none.

    `below`: also what belongs to the record and has the same owner. `through` is what was shared, where that is not
    the record itself. `may_end` says that the caller may take it back.
    """

    id: int
    user: Reference | None
    team: Reference | None
    of: str
    right: Right
    below: bool
    ends_on: date | None
    reason: str
    shared_by: str
    shared_at: datetime
    through: Reference | None
    may_end: bool

    @classmethod
    def of_share(cls, shared: Shared, *, plain: bool = True) -> ShareOut:
        """`plain`: with what may speak of the customer, for who may see the record."""
        share = shared.share
        team = share.user.team if share.user else None
        return cls(
            id=share.pk,
            user=maybe(share.user),
            team=maybe(share.team),
            of=team.name if team else "",
            right=cast("Right", share.right),
            below=share.below,
            ends_on=share.ends_on,
            reason=share.reason if plain else "",
            shared_by=share.shared_by.name if share.shared_by else "",
            shared_at=share.shared_at,
            through=reference(shared.through) if shared.through is not None and plain else None,
            may_end=shared.may_end,
        )


class ExplainedOut(Schema):
    """`name` is left out where who asks may not see the record. `shares` are those that hold, with anybody."""

    key: int
    number: str | None
    name: str | None
    decisions: list[DecisionOut]
    shares: list[ShareOut]

    @classmethod
    def of(cls, explained: Explained) -> ExplainedOut:
        return cls(
            key=explained.key,
            number=explained.number,
            name=explained.name,
            decisions=[
                DecisionOut(
                    action=action.value,
                    allowed=said.allowed,
                    scope=said.scope.name.lower(),
                    zh=said.because_zh,
                    en=said.because_en,
                )
                for action, said in explained.decisions.items()
            ],
            shares=[ShareOut.of_share(each, plain=explained.name is not None) for each in explained.shares],
        )
