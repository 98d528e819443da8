"""How sales operations shapes records over HTTP: own fields, field rules, pipelines with their stages, currencies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field as Default
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Schema
from foresail.core.clock import ZONE
from foresail.core.errors import NotFound
from foresail.crm import queries, services
from foresail.crm.fields import RecordType, fields_of, record_type, record_types
from foresail.crm.models import CustomField, FieldRule, Pipeline, Stage
from foresail.crm.schemas import CategoryKey, PipelineOut, StageOut
from foresail.crm.services.permission import require_configuring
from foresail.people.http import caller

router = Router(tags=["shaping"])

RecordKind = Literal["account", "contact", "lead", "deal", "product"]
OwnKind = Literal[
    "text", "long_text", "number", "money", "date", "bool", "choice", "choices", "person", "record"
]
RoleKey = Literal[
    "rep", "manager", "sales_operations", "legal", "engineering", "logistics", "admin", "read_only"
]
LevelKey = Literal["hidden", "own", "read"]
REFUSALS: dict[int, Any] = {400: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}


class OwnChoice(Schema):
    """A `retired` choice is not chosen any more; records that have it keep it."""

    key: str
    zh: str
    en: str
    retired: bool = False


class OwnFieldOut(Schema):
    id: int
    key: str
    kind: OwnKind
    zh: str
    en: str
    choices: list[OwnChoice]
    target: str
    required: bool
    retired: bool

    @classmethod
    def of(cls, field: CustomField) -> OwnFieldOut:
        return cls(
            id=field.pk,
            key=field.key,
            kind=field.kind,  # type: ignore[arg-type]  # one of them
            zh=field.name_zh,
            en=field.name_en,
            choices=[OwnChoice(**each) for each in field.choices],
            target=field.target,
            required=field.required,
            retired=field.retired_at is not None,
        )


class RuledFieldOut(Schema):
    """A field that roles may be kept from. `changeable` is whether anybody changes it one by one."""

    key: str
    zh: str
    en: str
    custom: bool
    changeable: bool


class RuleOut(Schema):
    field: str
    role: RoleKey
    level: LevelKey


class ShapeOut(Schema):
    """A kind of record as sales operations shapes it. `own_able` says that records of it have an owner."""

    key: RecordKind
    zh: str
    en: str
    own: list[OwnFieldOut]
    ruled: list[RuledFieldOut]
    rules: list[RuleOut]
    own_able: bool


class OwnFieldIn(Schema):
    record_type: RecordKind
    key: str
    type: OwnKind
    zh: str
    en: str
    choices: list[OwnChoice] = Default([])
    target: str = ""
    required: bool = False


class ChangeOwnField(Schema):
    """What is not sent stays."""

    zh: str | None = None
    en: str | None = None
    choices: list[OwnChoice] | None = None
    required: bool | None = None
    retired: bool | None = None


class OwnFieldOrder(Schema):
    record_type: RecordKind
    keys: list[str]


class RuleIn(Schema):
    """Without a level the role may do all with the field again."""

    record_type: RecordKind
    field: str
    role: RoleKey
    level: LevelKey | None


class NewStage(Schema):
    key: str
    zh: str
    en: str
    usual_days: int | None = None


class NewPipeline(Schema):
    """`line` by its key; without a currency it is the house's."""

    name: str
    line: int
    currency: str | None = None
    stages: list[NewStage]


class ChangePipeline(Schema):
    name: str | None = None
    currency: str | None = None


class ChangeStage(Schema):
    """What is not sent stays; `usual_days` may be sent as null."""

    zh: str | None = None
    en: str | None = None
    usual_days: int | None = None
    category: CategoryKey | None = None
    requires: list[str] | None = None


class StageOrder(Schema):
    keys: list[str]


class RetireStage(Schema):
    """Where the open deals of the stage go: the key of another stage of the pipeline."""

    to: int | None = None


class RetiredOut(Schema):
    moved: int


class CurrencyOut(Schema):
    """`rate` is today's, null where there is none; `open_deals` is told to sales operations alone."""

    currency: str
    rate: Decimal | None
    from_on: date | None
    open_deals: int | None


class CurrenciesOut(Schema):
    """`house` is what sums are in."""

    house: str
    may_change: bool
    currencies: list[CurrencyOut]


class RateOut(Schema):
    id: int
    currency: str
    from_on: date
    rate: Decimal


class RateIn(Schema):
    currency: str
    from_on: date
    rate: Decimal


class RatesIn(Schema):
    rates: list[RateIn]


class HouseIn(Schema):
    currency: str


@router.get("/shape", response={200: list[ShapeOut], 403: Problem})
def shape(request: HttpRequest) -> list[ShapeOut]:
    """Every kind of record with its own fields, those out of use too, and the rules of all fields."""
    require_configuring(by=caller(request))
    return [_shape(kind) for kind in record_types()]


@router.post("/shape/fields", response={201: OwnFieldOut, **REFUSALS})
def add_own_field(request: HttpRequest, body: OwnFieldIn) -> Status[OwnFieldOut]:
    made = services.add_custom_field(
        kind=record_type(body.record_type),
        key=body.key,
        type=body.type,
        name_zh=body.zh,
        name_en=body.en,
        choices=[each.model_dump() for each in body.choices],
        target=body.target,
        required=body.required,
        by=caller(request),
        at=clock.now(),
    )
    return Status(201, OwnFieldOut.of(made))


@router.patch("/shape/fields/{own_field}", response={200: OwnFieldOut, **REFUSALS})
def change_own_field(request: HttpRequest, own_field: int, body: ChangeOwnField) -> OwnFieldOut:
    user = caller(request)
    require_configuring(by=user)
    found = CustomField.objects.filter(pk=own_field).first()
    if found is None:
        raise NotFound
    sent = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    names = {"zh": "name_zh", "en": "name_en"}
    values: dict[str, Any] = {names.get(name, name): value for name, value in sent.items()}
    services.change_custom_field(field=found, by=user, at=clock.now(), **values)
    return OwnFieldOut.of(found)


@router.put("/shape/fields-order", response={204: None, **REFUSALS})
def order_own_fields(request: HttpRequest, body: OwnFieldOrder) -> Status[None]:
    services.order_custom_fields(
        kind=record_type(body.record_type), keys=body.keys, by=caller(request), at=clock.now()
    )
    return Status(204, None)


@router.put("/shape/field-rules", response={204: None, **REFUSALS})
def set_field_rule(request: HttpRequest, body: RuleIn) -> Status[None]:
    services.set_field_rule(
        kind=record_type(body.record_type),
        field=body.field,
        role=body.role,
        level=body.level,
        by=caller(request),
        at=clock.now(),
    )
    return Status(204, None)


@router.post("/shape/pipelines", response={201: PipelineOut, **REFUSALS})
def add_pipeline(request: HttpRequest, body: NewPipeline) -> Status[PipelineOut]:
    user = caller(request)
    require_configuring(by=user)
    made = services.add_pipeline(
        name=body.name,
        line=queries.line_for(user=user, key=body.line),
        stages=[services.StageSpec(each.key, each.zh, each.en, each.usual_days) for each in body.stages],
        currency=body.currency,
        by=user,
        at=clock.now(),
    )
    return Status(201, PipelineOut.of(made))


@router.patch("/shape/pipelines/{pipeline}", response={200: PipelineOut, **REFUSALS})
def change_pipeline(request: HttpRequest, pipeline: int, body: ChangePipeline) -> PipelineOut:
    found = _pipeline(pipeline)
    services.change_pipeline(
        pipeline=found,
        name=services.KEEP if body.name is None else body.name,
        currency=services.KEEP if body.currency is None else body.currency,
        by=caller(request),
        at=clock.now(),
    )
    return PipelineOut.of(found)


@router.post("/shape/pipelines/{pipeline}/stages", response={201: StageOut, **REFUSALS})
def add_stage(request: HttpRequest, pipeline: int, body: NewStage) -> Status[StageOut]:
    spec = services.StageSpec(body.key, body.zh, body.en, body.usual_days)
    made = services.add_stage(pipeline=_pipeline(pipeline), spec=spec, by=caller(request), at=clock.now())
    return Status(201, StageOut.of(made))


@router.put("/shape/pipelines/{pipeline}/stages-order", response={204: None, **REFUSALS})
def order_stages(request: HttpRequest, pipeline: int, body: StageOrder) -> Status[None]:
    services.order_stages(pipeline=_pipeline(pipeline), keys=body.keys, by=caller(request), at=clock.now())
    return Status(204, None)


@router.patch("/shape/stages/{stage}", response={200: StageOut, **REFUSALS})
def change_stage(request: HttpRequest, stage: int, body: ChangeStage) -> StageOut:
    found, sent = _stage(stage), body.model_dump(exclude_unset=True)
    names = {"zh": "name_zh", "en": "name_en"}
    values: dict[str, Any] = {
        names.get(name, name): value
        for name, value in sent.items()
        if value is not None or name == "usual_days"
    }
    services.change_stage(stage=found, by=caller(request), at=clock.now(), **values)
    return StageOut.of(found)


@router.post("/shape/stages/{stage}/retire", response={200: RetiredOut, **REFUSALS})
def retire_stage(request: HttpRequest, stage: int, body: RetireStage) -> RetiredOut:
    """Take a stage out of use, and move its open deals where they shall go (409 stage_in_use asks for it)."""
    moved = services.retire_stage(
        stage=_stage(stage),
        to=None if body.to is None else _stage(body.to),
        by=caller(request),
        at=clock.now(),
    )
    return RetiredOut(moved=moved)


@router.post("/shape/stages/{stage}/bring-back", response={204: None, **REFUSALS})
def bring_back_stage(request: HttpRequest, stage: int) -> Status[None]:
    services.bring_back_stage(stage=_stage(stage), by=caller(request), at=clock.now())
    return Status(204, None)


@router.get("/currencies", response=CurrenciesOut)
def currencies(request: HttpRequest) -> CurrenciesOut:
    """The currencies in use, and what one unit of each is worth today in the house currency."""
    may_change = queries.may_configure(user=caller(request))
    return CurrenciesOut(
        house=queries.house_currency(),
        may_change=may_change,
        currencies=[
            CurrencyOut(
                currency=each.currency,
                rate=each.rate,
                from_on=each.from_on,
                open_deals=each.deals if may_change else None,
            )
            for each in queries.currencies(today=clock.now().astimezone(ZONE).date())
        ],
    )


@router.put("/currencies/house", response={204: None, **REFUSALS})
def set_house_currency(request: HttpRequest, body: HouseIn) -> Status[None]:
    """Tell sums in another currency: rates belong to the one they were set for."""
    services.set_house(currency=body.currency, by=caller(request), at=clock.now())
    return Status(204, None)


@router.get("/currency-rates", response=list[RateOut])
def rates(request: HttpRequest, currency: str) -> list[RateOut]:  # noqa: ARG001
    """What a currency was worth, the latest first; at most a thousand."""
    return [
        RateOut(id=each.pk, currency=each.currency, from_on=each.from_on, rate=each.rate)
        for each in queries.rates(currency=currency)
    ]


@router.put("/currency-rates", response={204: None, 413: Problem, **REFUSALS})
def set_rates(request: HttpRequest, body: RatesIn) -> Status[None]:
    """Set rates from a day on, all or none; a rate of the same day is replaced."""
    wanted = [services.Rate(**each.model_dump()) for each in body.rates]
    services.set_rates(rates=wanted, by=caller(request), at=clock.now())
    return Status(204, None)


@router.delete("/currency-rates/{rate}", response={204: None, **REFUSALS})
def remove_rate(request: HttpRequest, rate: int) -> Status[None]:
    services.remove_rate(rate=queries.rate_of(key=rate), by=caller(request), at=clock.now())
    return Status(204, None)


def _shape(kind: RecordType) -> ShapeOut:
    own = CustomField.objects.filter(record_type=kind.key).order_by("position", "pk")
    rules = FieldRule.objects.filter(record_type=kind.key).order_by("field", "role")
    return ShapeOut(
        key=kind.key,  # type: ignore[arg-type]  # one of the five
        zh=kind.zh,
        en=kind.en,
        own=[OwnFieldOut.of(each) for each in own],
        ruled=[
            RuledFieldOut(
                key=each.key, zh=each.zh, en=each.en, custom=each.custom, changeable=each.changeable
            )
            for each in fields_of(kind).values()
            if each.restrictable and not each.of
        ],
        rules=[
            RuleOut(field=each.field, role=each.role, level=each.level)  # type: ignore[arg-type]
            for each in rules
        ],
        own_able=any(field.key == "owner" for field in kind.fields),
    )


def _pipeline(key: int) -> Pipeline:
    return queries.pipeline(key=key)


def _stage(key: int) -> Stage:
    return queries.stage(key=key)
