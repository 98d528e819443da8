"""The quality of records over HTTP: duplicates, merging and its undoing, contacts who may have left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from django.http import HttpRequest
from ninja import Field as Default
from ninja import Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference, Schema
from foresail.core.errors import NotFound
from foresail.crm import matching, queries, services
from foresail.crm.departing import SignKind
from foresail.crm.errors import SettingInvalid
from foresail.crm.fields import RecordType, fields_of, record_type
from foresail.crm.jobs import find_duplicates_soon
from foresail.crm.models import Departure, DuplicatePair
from foresail.crm.queries.duplicates import changeable
from foresail.crm.queries.listing import record, visible
from foresail.crm.queries.showing import Shown, shown
from foresail.crm.records_api import REFUSALS, RecordOut, out
from foresail.crm.services.permission import require_configuring
from foresail.crm.sight import Sight
from foresail.people.http import caller
from foresail.people.queries import names_of

if TYPE_CHECKING:
    from foresail.people.models import User

router = Router(tags=["quality"])

Matched = Literal["account", "contact", "lead"]
Told = Literal["nothing", "exists", "team"]


class ReasonOut(Schema):
    """`supports` says whether it speaks for the two being one; `field` is the field it tells of."""

    field: str
    zh: str
    en: str
    supports: bool


class CheckIn(Schema):
    """What is about to be saved. `belongs_to` is the account of a contact, `itself` the record that is edited."""

    values: dict[str, Any]
    belongs_to: int | None = None
    itself: int | None = None


class MatchOut(Schema):
    id: int
    title: str
    owner: str
    chance: float
    reasons: list[ReasonOut]


class HiddenOut(Schema):
    """That something matches which the caller may not see. `team` is whom to ask, None where nobody is named."""

    team: str | None


class DoublesOut(Schema):
    """What a record looks like before it is saved. Of what the caller may not see, no value is told."""

    matches: list[MatchOut]
    hidden: list[HiddenOut]


class PairSide(Schema):
    id: int
    title: str
    values: dict[str, Shown]


class PairOut(Schema):
    """`low` and `high` as the caller sees them."""

    id: int
    kind: Matched
    state: Literal["open", "dismissed", "merged"]
    chance: float
    reasons: list[ReasonOut]
    low: PairSide
    high: PairSide
    may_decide: bool
    found_at: datetime


class PairsPage(Schema):
    """`counts` are the open pairs of each kind."""

    items: list[PairOut]
    next: str | None
    total: int
    counts: dict[str, int]


class MergeIn(Schema):
    """`keep` stays and gets from each of `choices` the field's value of the record named; `gone` become it."""

    keep: int
    gone: list[int]
    choices: dict[str, int] = Default({})


class MergeOut(Schema):
    id: int
    kind: Matched
    kept: Reference
    gone: list[int]
    at: datetime
    by: str


class MergedOut(Schema):
    merge: int
    record: RecordOut


class SearchOut(Schema):
    """`kinds` are those that are being looked through now; the others were waiting already."""

    kinds: list[Matched]


class SignOut(Schema):
    """`weight` is how sure this alone makes us; `days` how long somebody has been silent."""

    kind: SignKind
    times: int
    at: datetime
    days: int
    weight: float


class DepartureOut(Schema):
    id: int
    contact: Reference
    title: str
    account: Reference
    confidence: float
    signs: list[SignOut]
    state: Literal["proposed", "confirmed", "dismissed"]
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str
    may_decide: bool


class DeparturesPage(Schema):
    items: list[DepartureOut]
    next: str | None
    total: int


class QualityOut(Schema):
    """`hidden_matches`: what is told of matches the caller may not see. `departs_from`: 0.6 to 1, None for never."""

    hidden_matches: Told
    departs_from: float | None
    may_change: bool


class QualityIn(Schema):
    hidden_matches: Told
    departs_from: float | None


def mount(kind: RecordType) -> None:
    """Add the routes of one kind of record that can be matched."""
    base = f"/records/{kind.key}"

    @router.post(
        f"{base}-check", response={200: DoublesOut, 404: Problem}, operation_id=f"quality_check_{kind.key}"
    )
    def check(request: HttpRequest, body: CheckIn) -> DoublesOut:
        return _check(kind, body, caller(request))

    @router.post(
        f"{base}-merge", response={200: MergedOut, **REFUSALS}, operation_id=f"quality_merge_{kind.key}"
    )
    def merge(request: HttpRequest, body: MergeIn) -> MergedOut:
        user = caller(request)
        keep, *gone = (record(kind, user=user, key=key) for key in (body.keep, *body.gone))
        done = services.merge_records(keep=keep, gone=gone, choices=body.choices, by=user, at=clock.now())
        return MergedOut(merge=done.pk, record=out(kind, record(kind, user=user, key=keep.pk), user))


@router.get("/duplicates", response={200: PairsPage, 400: Problem})
def duplicates(
    request: HttpRequest,
    kind: Matched = "account",
    state: Literal["open", "dismissed"] = "open",
    after: str | None = None,
    limit: int = 20,
) -> PairsPage:
    user, of = caller(request), record_type(kind)
    page = queries.pairs(user=user, kind=of, state=state, after=after, limit=limit)
    return PairsPage(
        items=_pairs(of, page.items, user),
        next=page.next,
        total=page.total,
        counts=queries.open_pairs(user=user),
    )


@router.post("/duplicates/search", response={202: SearchOut, 403: Problem})
def search_duplicates(request: HttpRequest) -> Status[SearchOut]:
    """Look through all records now, in the background."""
    require_configuring(by=caller(request))
    begun = [kind for kind in services.MATCHED if find_duplicates_soon(kind)]
    return Status(202, SearchOut(kinds=cast("list[Matched]", begun)))


@router.post("/duplicates/{pair}/dismiss", response={204: None, **REFUSALS})
def dismiss_duplicate(request: HttpRequest, pair: int) -> Status[None]:
    user = caller(request)
    services.dismiss_pair(pair=queries.pair(user=user, key=pair), by=user, at=clock.now())
    return Status(204, None)


@router.post("/duplicates/{pair}/reopen", response={204: None, **REFUSALS})
def reopen_duplicate(request: HttpRequest, pair: int) -> Status[None]:
    user = caller(request)
    services.reopen_pair(pair=queries.pair(user=user, key=pair), by=user, at=clock.now())
    return Status(204, None)


@router.get("/merges", response=list[MergeOut])
def merges(request: HttpRequest, kind: Matched = "account", limit: int = 20) -> list[MergeOut]:
    """Return the latest merges that stand."""
    found = queries.merges(user=caller(request), kind=record_type(kind), limit=min(max(limit, 1), 100))
    return [
        MergeOut(
            id=each.pk, kind=kind, kept=Reference(id=kept.pk, name=kept.name), gone=each.gone, at=each.at,
            by=each.by.name if each.by else "",
        )
        for each, kept in found
    ]  # fmt: skip


@router.post("/merges/{merge}/undo", response={204: None, **REFUSALS})
def undo_merge(request: HttpRequest, merge: int) -> Status[None]:
    user = caller(request)
    services.undo_merge(merge=queries.merge(user=user, key=merge), by=user, at=clock.now())
    return Status(204, None)


@router.get("/departures", response={200: DeparturesPage, 400: Problem})
def departures(
    request: HttpRequest,
    state: Literal["proposed", "confirmed", "dismissed"] = "proposed",
    after: str | None = None,
    limit: int = 50,
) -> DeparturesPage:
    user = caller(request)
    page = queries.departures(user=user, state=state, after=after, limit=limit)
    return DeparturesPage(items=_departures(page.items, user), next=page.next, total=page.total)


@router.post("/departures/{departure}/confirm", response={204: None, **REFUSALS})
def confirm_departure(request: HttpRequest, departure: int) -> Status[None]:
    user = caller(request)
    services.confirm_departure(departure=queries.departure(user=user, key=departure), by=user, at=clock.now())
    return Status(204, None)


@router.post("/departures/{departure}/dismiss", response={204: None, **REFUSALS})
def dismiss_departure(request: HttpRequest, departure: int) -> Status[None]:
    user = caller(request)
    services.dismiss_departure(departure=queries.departure(user=user, key=departure), by=user, at=clock.now())
    return Status(204, None)


@router.get("/quality/settings", response=QualityOut)
def quality_settings(request: HttpRequest) -> QualityOut:
    return _quality(caller(request))


@router.put("/quality/settings", response={200: QualityOut, 403: Problem, 422: Problem})
def set_quality(request: HttpRequest, body: QualityIn) -> QualityOut:
    user = caller(request)
    if body.departs_from is not None and not 0.6 <= body.departs_from <= 1:
        require_configuring(by=user)
        raise SettingInvalid
    services.set_quality(
        hidden_matches=body.hidden_matches, departs_from=body.departs_from, by=user, at=clock.now()
    )
    return _quality(user)


def _check(kind: RecordType, body: CheckIn, user: User) -> DoublesOut:
    account = None
    if kind.key == "contact" and body.belongs_to is not None:
        account = queries.account(user=user, key=body.belongs_to)
    if body.itself is not None and not visible(kind, user=user).filter(pk=body.itself).exists():
        raise NotFound
    texts = {key: value[:300] for key, value in body.values.items() if isinstance(value, str)}
    found = queries.lookalikes(
        kind, user=user, texts=texts, fields=fields_of(kind), account=account, itself=body.itself
    )
    if found.hidden and found.teams:
        services.note_hidden(kind, count=found.hidden, by=user, at=clock.now())
    return DoublesOut(
        matches=[
            MatchOut(
                id=each.record.pk, title=each.record.name, chance=_told(each.chance),
                owner=each.record.owner.name if each.record.owner else "",
                reasons=[_reason(reason) for reason in each.reasons],
            )
            for each in found.seen
        ],
        hidden=[HiddenOut(team=team) for team in found.teams],
    )  # fmt: skip


def _told(chance: float) -> float:
    """Return a chance in hundredths of a percent; nothing that is only likely is told as certain."""
    return min(round(chance, 4), 0.9999)


def _reason(reason: matching.Reason) -> ReasonOut:
    return ReasonOut(field=reason.field, zh=reason.zh, en=reason.en, supports=reason.supports)


def _pairs(kind: RecordType, pairs: Any, user: User) -> list[PairOut]:
    found: list[DuplicatePair] = list(pairs)
    keys = sorted({key for pair in found for key in (pair.low, pair.high)})
    fields, sight = fields_of(kind), Sight.of(user)
    records = list(visible(kind, user=user).select_related(*kind.related).filter(pk__in=keys))
    values = shown(kind, records, fields=fields, sight=sight, user=user)
    sides = {
        each.pk: PairSide(id=each.pk, title=each.name, values=told)
        for each, told in zip(records, values, strict=True)
    }
    may = changeable(kind, keys, user=user)
    return [
        PairOut(
            id=pair.pk,
            kind=cast("Matched", kind.key),
            state=cast("Any", pair.state),
            chance=_told(pair.chance),
            reasons=[
                _reason(reason)
                for reason in matching.reasons_of(kind.key, pair.outcomes)
                if sight.everywhere(kind, fields[reason.field])
            ],
            low=sides[pair.low],
            high=sides[pair.high],
            may_decide={pair.low, pair.high} <= may,
            found_at=pair.found_at,
        )
        for pair in found
        if pair.low in sides and pair.high in sides
    ]


def _departures(page: Any, user: User) -> list[DepartureOut]:
    found: list[Departure] = list(page)
    contact = record_type("contact")
    sight = Sight.of(user)
    may = changeable(contact, [each.contact_id for each in found], user=user)
    names: Mapping[int, str] = names_of({each.decided_by_id for each in found if each.decided_by_id})
    return [
        DepartureOut(
            id=each.pk,
            contact=Reference(id=each.contact_id, name=each.contact.name),
            title=str(sight.value(contact, "title", each.contact) or ""),
            account=Reference(id=each.contact.account_id, name=each.contact.account.name),
            confidence=each.confidence,
            signs=[SignOut(**sign) for sign in each.signs],
            state=cast("Any", each.state),
            proposed_at=each.proposed_at,
            decided_at=each.decided_at,
            decided_by=names.get(each.decided_by_id or 0, ""),
            may_decide=each.contact_id in may,
        )
        for each in found
    ]


def _quality(user: User) -> QualityOut:
    setting = services.quality()
    return QualityOut(
        hidden_matches=cast("Told", setting.hidden_matches),
        departs_from=setting.departs_from,
        may_change=queries.may_configure(user=user),
    )


for _kind in services.MATCHED:
    mount(record_type(_kind))
