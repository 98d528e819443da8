"""The audit trail for administrators: read, exported, verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from foresail.core import clock
from foresail.core.api import Problem, Reference
from foresail.governance import queries, services
from foresail.governance.queries import Unreadable
from foresail.governance.schemas import (
    AuditFilter,
    AuditPage,
    AuditQuery,
    AuditRowOut,
    AuditValue,
    BreakOut,
    ChainOut,
    HeadOut,
    VerificationOut,
)
from foresail.governance.sheet import sheet_of
from foresail.people.http import caller
from foresail.people.queries import names_of, require_admin

if TYPE_CHECKING:
    from foresail.governance.models import Verification
    from foresail.governance.queries import Audited, Head
    from foresail.governance.schemas import What

router = Router(tags=["governance"])


@router.get("/audit", response={200: AuditPage, 403: Problem})
def audit(request: HttpRequest, asked: Query[AuditQuery]) -> AuditPage:
    found, following = queries.audit(
        user=caller(request), by=_filter(asked), before=asked.before, limit=asked.limit
    )
    return AuditPage(items=[_row(one) for one in found], next=following)


@router.post(
    "/audit/export",
    response={200: str, 400: Problem, 403: Problem},
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def export_audit(request: HttpRequest, body: AuditFilter) -> HttpResponse:
    """Give all that the filter finds as CSV, and keep that it was given, to whom, and by which filter."""
    user, by, at = caller(request), _filter(body), clock.now()
    found = queries.audit_whole(user=user, by=by)
    services.keep_export(
        actor=user.pk, subject="governance.AuditRow", count=len(found), where=by.plain(), at=at
    )
    answer = HttpResponse(sheet_of(found, language=user.language), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="foresail-audit-{at:%Y%m%d-%H%M%S}.csv"'
    return answer


@router.get("/audit/chain", response={200: ChainOut, 403: Problem})
def chain(request: HttpRequest) -> ChainOut:
    """Where the chain ends, and what was found when it was last read as a whole."""
    require_admin(user=caller(request))
    newest, ended = queries.last_verification(), queries.last_ended()
    return ChainOut(
        head=_head(queries.head()),
        last=_verification(ended) if ended else None,
        under_way=newest is not None and newest.ended_at is None,
    )


@router.post("/audit/verify", response={202: VerificationOut, 403: Problem, 409: Problem})
def verify_chain(request: HttpRequest) -> Status[VerificationOut]:
    """Have the whole chain read in the background; `chain` tells what was found."""
    user = caller(request)
    require_admin(user=user)
    return Status(202, _verification(services.ask_verification(by=user.pk, at=clock.now())))


def _filter(asked: AuditFilter) -> queries.Filter:
    return queries.Filter(
        actor=asked.actor,
        subject=asked.subject,
        key=asked.key,
        verb=asked.verb,
        since=asked.since,
        until=asked.until,
    )


def _row(one: Audited) -> AuditRowOut:
    entry = one.entry
    actor = None if entry.actor is None else Reference(id=entry.actor, name=one.actor_name or "")
    return AuditRowOut(
        sequence=entry.sequence,
        at=entry.at,
        actor=actor,
        verb=entry.verb,
        subject=entry.subject,
        key=entry.key,
        name=one.name,
        values=_values(one),
    )


def _values(one: Audited) -> list[AuditValue]:
    values = dict(one.entry.values)
    former = values.pop("before", None) if "before" in values else None
    # Some verbs keep what was there as one value, beside the one that they set; others by name.
    before: dict[str, Any] = {}
    if isinstance(former, dict):
        before = former
    elif "before" in one.entry.values and len(values) == 1 and not isinstance(former, Unreadable):
        before = {next(iter(values)): former}
    return [
        AuditValue(name=name, state=value.value)
        if isinstance(value, Unreadable)
        else AuditValue(
            name=name,
            state="kept",
            value=value,
            text=one.value_names.get(f"{name}:{value}"),
            before=before.get(name),
            before_text=one.value_names.get(f"{name}:{before.get(name)}"),
            has_before=name in before,
        )
        for name, value in values.items()
    ]


def _verification(made: Verification) -> VerificationOut:
    ended = made.ended_at is not None
    names = names_of([made.asked_by] if made.asked_by else [])
    return VerificationOut(
        asked_at=made.asked_at,
        asked_by=Reference(id=made.asked_by, name=names.get(made.asked_by, "")) if made.asked_by else None,
        ended_at=made.ended_at,
        rows=made.rows,
        head=HeadOut(sequence=made.head_sequence or 0, hash=made.head_hash) if ended else None,
        broken=None
        if made.broken_at is None
        else BreakOut(sequence=made.broken_at, what=cast("What", made.broken_what), because=made.because),
    )


def _head(head: Head) -> HeadOut:
    return HeadOut(sequence=head.sequence, hash=head.hash)
