"""What may be collected, over HTTP: proposed, decided, counted; and the ledger of consent."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from django.http import HttpRequest
from ninja import Query, Router, Status
from ninja.params.functions import Path
from pydantic import Field

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.core.errors import NotFound
from foresail.governance import queries, services
from foresail.governance.collecting import BASES, LONGEST_DAYS, PRESETS, PURPOSES, Purpose, sources
from foresail.governance.permission import may_appoint
from foresail.people.http import caller
from foresail.people.models import User

if TYPE_CHECKING:
    from foresail.governance.models import ConsentEntry, ConsentWording, ProposedBoundary

router = Router(tags=["governance"])

DAYS = 30
State = Literal["proposed", "approved", "rejected", "withdrawn"]
PurposeName = Literal["intent", "service"]
BasisName = Literal["consent", "contract", "legitimate_interest"]
TreatmentName = Literal["keep", "mask"]


class Words(Schema):
    """What something is called, in both languages."""

    key: str
    zh: str
    en: str


class SourceField(Words):
    maskable: bool


class SourceOut(Words):
    fields: list[SourceField]


class BoundaryRule(Schema):
    source: Annotated[str, Field(max_length=40)]
    purpose: PurposeName
    basis: BasisName
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    fields: dict[str, TreatmentName]
    kinds: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=50)] = []  # noqa: RUF012  pydantic gives each its own


class PresetOut(Words):
    why_zh: str
    why_en: str
    rules: list[BoundaryRule]


class BoundaryOut(Schema):
    """One version. `in_force` is the one that the gate goes by now."""

    id: int
    version: int
    rules: list[BoundaryRule]
    reason: str
    status: State
    proposed_by: Reference
    proposed_at: datetime
    decided_by: Reference | None
    decided_at: datetime | None
    note: str
    in_force: bool


class WordingOut(Schema):
    id: int
    purpose: PurposeName
    version: int
    zh: str
    en: str
    added_by: Reference
    added_at: datetime


class LeftOut(Schema):
    """How much of a source the gate left out on a day, and why."""

    on: date
    source: str
    reason: str
    count: int


class CollectingOut(Schema):
    """All that somebody needs who proposes or decides. `left_out` is of the last 30 days."""

    boundaries: list[BoundaryOut]
    sources: list[SourceOut]
    purposes: list[Words]
    bases: list[Words]
    presets: list[PresetOut]
    wordings: list[WordingOut]
    guardians: list[Reference]
    left_out: list[LeftOut]
    may_decide: bool
    may_appoint: bool


class BoundaryIn(Schema):
    rules: Annotated[list[BoundaryRule], Field(max_length=50)]
    reason: Annotated[str, Field(max_length=1000)]


class DecisionIn(Schema):
    approved: bool
    note: Annotated[str, Field(max_length=1000)] = ""


class WordingIn(Schema):
    purpose: PurposeName
    zh: str
    en: str


class ConsentQuery(Schema):
    subject: Annotated[str, Field(max_length=200)] = ""
    before: int | None = None


class ConsentOut(Schema):
    """That somebody gave or withdrew consent; `subject` is a pseudonym. `wording` is the version that they were asked in.

    `takes_back` is the entry that counts no more by this one: neither is a word of theirs.
    """

    id: int
    subject: str
    purpose: PurposeName
    given: bool
    at: datetime
    known_at: datetime
    wording: int | None
    source: str
    proof: dict[str, Any]
    takes_back: int | None


@router.get("/collecting", response={200: CollectingOut, 403: Problem})
def collecting(request: HttpRequest) -> CollectingOut:
    user = caller(request)
    return CollectingOut(
        boundaries=_boundaries(queries.boundaries(user=user)),
        sources=[
            SourceOut(
                key=source.key, zh=source.zh, en=source.en,
                fields=[
                    SourceField(key=field.name, zh=field.zh, en=field.en, maskable=field.mask is not None)
                    for field in source.fields
                ],
            )
            for source in sources().values()
        ],
        purposes=[Words(key=key.value, zh=zh, en=en) for key, (zh, en) in PURPOSES.items()],
        bases=[Words(key=key.value, zh=zh, en=en) for key, (zh, en) in BASES.items()],
        presets=[
            PresetOut(
                key=each.key, zh=each.zh, en=each.en, why_zh=each.why_zh, why_en=each.why_en,
                rules=[BoundaryRule.model_validate(rule) for rule in each.rules()],
            )
            for each in PRESETS
        ],
        wordings=[_wording(each) for each in queries.wordings(user=user)],
        guardians=[_reference(each.person) for each in queries.guardians(user=user)],
        left_out=[
            LeftOut(on=each.on, source=each.source, reason=each.reason, count=each.count)
            for each in queries.left_out(user=user, days=DAYS, at=clock.now())
        ],
        may_decide=queries.is_guardian(user),
        may_appoint=may_appoint(user),
    )  # fmt: skip


@router.post("/collecting/boundaries", response={201: BoundaryOut, 403: Problem, 409: Problem, 422: Problem})
def propose_boundary(request: HttpRequest, body: BoundaryIn) -> Status[BoundaryOut]:
    """Propose what may be collected. Another person, of the data-governance group, decides."""
    made = services.propose_boundary(
        rules=[rule.model_dump() for rule in body.rules],
        reason=body.reason,
        by=caller(request),
        at=clock.now(),
    )
    return Status(201, _boundaries([made])[0])


@router.post(
    "/collecting/boundaries/{boundary}/decide",
    response={200: BoundaryOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem},
)
def decide_boundary(
    request: HttpRequest, body: DecisionIn, key: int = Path(..., alias="boundary")
) -> BoundaryOut:
    user = caller(request)
    found = queries.boundary(user=user, key=key)
    services.decide_boundary(boundary=found, approved=body.approved, note=body.note, by=user, at=clock.now())
    return _boundary(user, key)


@router.post(
    "/collecting/boundaries/{boundary}/withdraw",
    response={200: BoundaryOut, 403: Problem, 404: Problem, 409: Problem},
)
def withdraw_boundary(request: HttpRequest, key: int = Path(..., alias="boundary")) -> BoundaryOut:
    user = caller(request)
    services.withdraw_boundary(boundary=queries.boundary(user=user, key=key), by=user, at=clock.now())
    return _boundary(user, key)


@router.put("/collecting/guardians/{person}", response={204: None, 403: Problem, 404: Problem})
def add_guardian(request: HttpRequest, key: int = Path(..., alias="person")) -> Status[None]:
    """Make somebody a member of the data-governance group."""
    services.add_guardian(person=_person(key), by=caller(request), at=clock.now())
    return Status(204, None)


@router.delete("/collecting/guardians/{person}", response={204: None, 403: Problem, 404: Problem})
def remove_guardian(request: HttpRequest, key: int = Path(..., alias="person")) -> Status[None]:
    services.remove_guardian(person=_person(key), by=caller(request), at=clock.now())
    return Status(204, None)


@router.post("/collecting/wordings", response={201: WordingOut, 403: Problem, 422: Problem})
def add_wording(request: HttpRequest, body: WordingIn) -> Status[WordingOut]:
    """Keep another wording of what people are asked; those before stay, for who consented to them."""
    made = services.add_wording(
        purpose=Purpose(body.purpose), zh=body.zh, en=body.en, by=caller(request), at=clock.now()
    )
    return Status(201, _wording(made))


@router.get("/consents", response={200: list[ConsentOut], 403: Problem})
def consents(request: HttpRequest, asked: Query[ConsentQuery]) -> list[ConsentOut]:
    """The ledger, the last first; of one person where `subject` is given."""
    return [
        _consent(each)
        for each in queries.ledger(user=caller(request), subject=asked.subject, before=asked.before)
    ]


def _person(key: int) -> User:
    found = User.objects.filter(pk=key).first()
    if found is None:
        raise NotFound
    return found


def _boundary(user: User, key: int) -> BoundaryOut:
    return _boundaries([queries.boundary(user=user, key=key)])[0]


def _boundaries(made: list[ProposedBoundary] | Any) -> list[BoundaryOut]:
    in_force = queries.boundary_in_force().version
    return [
        BoundaryOut(
            id=each.pk,
            version=each.version,
            rules=[BoundaryRule.model_validate(rule) for rule in each.rules],
            reason=each.reason,
            status=cast("State", each.status),
            proposed_by=_reference(each.proposed_by),
            proposed_at=each.proposed_at,
            decided_by=_reference(each.decided_by) if each.decided_by else None,
            decided_at=each.decided_at,
            note=each.note,
            in_force=each.version == in_force,
        )
        for each in made
    ]


def _reference(person: User) -> Reference:
    return Reference(id=person.pk, name=person.name)


def _wording(made: ConsentWording) -> WordingOut:
    return WordingOut(
        id=made.pk, purpose=cast("PurposeName", made.purpose), version=made.version, zh=made.zh, en=made.en,
        added_by=_reference(made.added_by), added_at=made.added_at,
    )  # fmt: skip


def _consent(each: ConsentEntry) -> ConsentOut:
    return ConsentOut(
        id=each.pk, subject=each.subject, purpose=cast("PurposeName", each.purpose), given=each.given, at=each.at, known_at=each.known_at,
        wording=each.wording.version if each.wording else None, source=each.source, proof=each.proof,
        takes_back=each.takes_back_id,
    )  # fmt: skip
