"""What leads, contacts and deals have verbs of their own for, over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, cast

from django.http import HttpRequest
from ninja import Field, Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.crm import queries, services
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD
from foresail.crm.records_api import REFUSALS, RecordOut, out
from foresail.crm.schemas import DealRole, DealRow, maybe, reference
from foresail.crm.sight import Sight
from foresail.crm.totals import exact, rounded, total
from foresail.people.http import caller

if TYPE_CHECKING:
    from foresail.crm.models import Deal
    from foresail.people.models import User

router = Router(tags=["crm"])


class LikeOut(Reference):
    """An account that a lead may belong to; `contacts` are those there who have its name or its address."""

    domain: str
    owner: Reference | None
    contacts: list[Reference]


class ConvertLead(Schema):
    """Into the account `account`, else a new one of `account_values`; with a `pipeline`, into a deal as well."""

    account: int | None = None
    account_values: dict[str, Any] = Field({})
    contact: int | None = None
    contact_values: dict[str, Any] = Field({})
    pipeline: int | None = None
    deal_values: dict[str, Any] = Field({})
    role: DealRole | None = None


class ConvertedOut(Schema):
    account: Reference
    contact: Reference
    deal: Reference | None


class DiscardLead(Schema):
    reason: str


class LeftIn(Schema):
    """How it is known that somebody left."""

    reason: Literal["bounce", "title_change", "told", "silence"]


class NewEmployer(Schema):
    """At the account `account`, else at a new one of `account_values`; `values` are the new contact's own."""

    account: int | None = None
    account_values: dict[str, Any] = Field({})
    values: dict[str, Any] = Field({})


class ContactDealOut(Schema):
    """A deal in which a contact has a role."""

    deal: DealRow
    role: DealRole


class ProductLineIn(Schema):
    """`product` by its key; `discount` in percent."""

    product: int
    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal(0)


class LinesIn(Schema):
    version: int
    lines: list[ProductLineIn]


class TakeOver(Schema):
    version: int


class ProductLineOut(Schema):
    """`total` is rounded to the cent to be shown; the deal's total adds up the exact ones."""

    product: Reference
    unit: str
    quantity: Decimal
    price: Decimal | None
    discount: Decimal | None
    total: Decimal | None


class LinesOut(Schema):
    """`version` is the deal's. Who does not see what deals are worth sees no prices either: `total` is null."""

    version: int
    currency: str
    lines: list[ProductLineOut]
    total: Decimal | None


@router.get("/leads/{lead}/accounts-like", response={200: list[LikeOut], 404: Problem})
def accounts_like(request: HttpRequest, lead: int) -> list[LikeOut]:
    """What is there already: looked at before a lead becomes one more account."""
    user = caller(request)
    found = queries.record(LEAD, user=user, key=lead)
    sight = Sight.of(user)
    return [
        LikeOut(
            id=account.pk,
            name=account.name,
            domain=sight.value(ACCOUNT, "domain", account) or "",
            owner=maybe(account.owner),
            contacts=[
                reference(each) for each in queries.contacts_like(user=user, lead=found, account=account)
            ],
        )
        for account in queries.accounts_like(user=user, lead=found)
    ]


@router.post("/leads/{lead}/take-up", response={200: RecordOut, **REFUSALS})
def take_up_lead(request: HttpRequest, lead: int) -> RecordOut:
    user = caller(request)
    found = queries.record(LEAD, user=user, key=lead)
    services.take_up_lead(lead=found, by=user, at=clock.now())
    return out(LEAD, found, user)


@router.post("/leads/{lead}/discard", response={200: RecordOut, 400: Problem, **REFUSALS})
def discard_lead(request: HttpRequest, lead: int, body: DiscardLead) -> RecordOut:
    user = caller(request)
    found = queries.record(LEAD, user=user, key=lead)
    services.discard_lead(lead=found, reason=body.reason, by=user, at=clock.now())
    return out(LEAD, found, user)


@router.post("/leads/{lead}/convert", response={200: ConvertedOut, 400: Problem, **REFUSALS})
def convert_lead(request: HttpRequest, lead: int, body: ConvertLead) -> ConvertedOut:
    user = caller(request)
    made = services.convert_lead(
        lead=queries.record(LEAD, user=user, key=lead),
        account=None if body.account is None else queries.account(user=user, key=body.account),
        account_values=_own(body.account_values, "owner", "team", "line"),
        contact=None if body.contact is None else queries.record(CONTACT, user=user, key=body.contact),
        contact_values=_own(body.contact_values, "account", "previous"),
        pipeline=None if body.pipeline is None else queries.pipeline(key=body.pipeline),
        deal_values=_own(body.deal_values, "account", "pipeline", "owner", "team", "facts", "number"),
        role=body.role,
        by=user,
        at=clock.now(),
    )
    return ConvertedOut(
        account=reference(made.account), contact=reference(made.contact), deal=maybe(made.deal)
    )


@router.post("/contacts/{contact}/left", response={200: RecordOut, **REFUSALS})
def contact_left(request: HttpRequest, contact: int, body: LeftIn) -> RecordOut:
    user = caller(request)
    found = queries.record(CONTACT, user=user, key=contact)
    services.contact_left(contact=found, reason=body.reason, by=user, at=clock.now())
    return out(CONTACT, found, user)


@router.post("/contacts/{contact}/stays", response={200: RecordOut, **REFUSALS})
def contact_stays(request: HttpRequest, contact: int) -> RecordOut:
    user = caller(request)
    found = queries.record(CONTACT, user=user, key=contact)
    services.contact_stays(contact=found, by=user, at=clock.now())
    return out(CONTACT, found, user)


@router.post("/contacts/{contact}/new-employer", response={201: RecordOut, 400: Problem, **REFUSALS})
def new_employer(request: HttpRequest, contact: int, body: NewEmployer) -> Status[RecordOut]:
    user = caller(request)
    made = services.new_employer(
        contact=queries.record(CONTACT, user=user, key=contact),
        account=None if body.account is None else queries.account(user=user, key=body.account),
        account_values=_own(body.account_values, "owner", "team", "line"),
        values=_own(body.values, "account", "previous"),
        by=user,
        at=clock.now(),
    )
    return Status(201, out(CONTACT, made, user))


@router.get("/contacts/{contact}/deals", response={200: list[ContactDealOut], 404: Problem})
def contact_deals(request: HttpRequest, contact: int) -> list[ContactDealOut]:
    user = caller(request)
    found, sight = queries.record(CONTACT, user=user, key=contact), Sight.of(user)
    return [
        ContactDealOut(deal=DealRow.of(each.deal, sight), role=cast("DealRole", each.role))
        for each in queries.deals_of(user=user, contact=found)
    ]


@router.get("/deals/{deal}/products", response={200: LinesOut, 404: Problem})
def deal_products(request: HttpRequest, deal: int) -> LinesOut:
    user = caller(request)
    return _lines(queries.deal(user=user, key=deal), user)


@router.put("/deals/{deal}/products", response={200: LinesOut, **REFUSALS})
def set_deal_products(request: HttpRequest, deal: int, body: LinesIn) -> LinesOut:
    user = caller(request)
    found = queries.deal(user=user, key=deal)
    lines = [services.NewLine(**line.model_dump()) for line in body.lines]
    services.set_lines(deal=found, lines=lines, version=body.version, by=user, at=clock.now())
    return _lines(found, user)


@router.post("/deals/{deal}/products/take-over", response={200: LinesOut, **REFUSALS})
def take_over_total(request: HttpRequest, deal: int, body: TakeOver) -> LinesOut:
    """Make what the products add up to the deal's amount."""
    user = caller(request)
    found = queries.deal(user=user, key=deal)
    services.take_over_total(deal=found, version=body.version, by=user, at=clock.now())
    return _lines(found, user)


def _lines(deal: Deal, user: User) -> LinesOut:
    lines = queries.products_of(deal=deal)
    amount = next(field for field in DEAL.fields if field.key == "amount")
    seen = Sight.of(user).shows(DEAL, amount, deal)
    return LinesOut(
        version=deal.version,
        currency=deal.currency,
        lines=[
            ProductLineOut(
                product=reference(line.product),
                unit=line.product.unit,
                quantity=line.quantity,
                price=line.price if seen else None,
                discount=line.discount if seen else None,
                total=rounded(exact(line)) if seen else None,
            )
            for line in lines
        ],
        total=total(lines) if seen else None,
    )


def _own(values: dict[str, Any], *reserved: str) -> dict[str, Any]:
    """Return values by field, without what the verb itself decides."""
    return {key: value for key, value in values.items() if key not in {*reserved, "by", "at"}}
