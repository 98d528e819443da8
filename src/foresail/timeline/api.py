"""The timeline of a record, and the funnel of many deals, over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Path

from foresail.core import clock
from foresail.core.api import Problem
from foresail.crm.queries import condition_of
from foresail.people.http import caller
from foresail.timeline import queries
from foresail.timeline.funnel import funnel
from foresail.timeline.schemas import EntriesPage, EntryRow, FunnelOut, FunnelStep
from foresail.timeline.scopes import SCOPES

router = Router(tags=["timeline"])


@router.get("/deals/{deal}/timeline", response={200: EntriesPage, 400: Problem, 404: Problem})
def deal_timeline(
    request: HttpRequest,
    deal: int,
    groups: str | None = None,
    key: bool = False,  # a query parameter
    before: str | None = None,
    limit: int = 30,
) -> EntriesPage:
    chosen = set(groups.split(",")) if groups else None
    return queries.of_deal(
        user=caller(request), deal=deal, groups=chosen, key_only=key, before=before or None, limit=limit
    )


@router.get("/deals/{deal}/timeline/{entry}", response={200: EntryRow, 404: Problem})
def deal_entry(request: HttpRequest, deal: int, entry: int) -> EntryRow:
    return queries.entry_of_deal(user=caller(request), deal=deal, entry=entry)


def mount(kind: str) -> None:
    """Add the timeline of one kind of record."""

    @router.get(
        f"/records/{kind}/{{{kind}}}/timeline",
        response={200: EntriesPage, 400: Problem, 404: Problem},
        operation_id=f"timeline_of_{kind}",
    )
    def record_timeline(
        request: HttpRequest,
        record: int = Path(..., alias=kind),
        groups: str | None = None,
        key: bool = False,  # a query parameter
        before: str | None = None,
        limit: int = 30,
    ) -> EntriesPage:
        """What happened in its deals and to itself: each entry as far as the caller may see its deal."""
        chosen = set(groups.split(",")) if groups else None
        return queries.of_record(
            user=caller(request), record_type=kind, record=record, groups=chosen, key_only=key,
            before=before or None, limit=limit,
        )  # fmt: skip


for _kind in SCOPES:
    mount(_kind)


@router.get("/funnel", response={200: FunnelOut, 404: Problem, 422: Problem})
def deal_funnel(
    request: HttpRequest, pipeline: int, where: str | None = None, q: str | None = None
) -> FunnelOut:
    found = funnel(user=caller(request), pipeline=pipeline, now=clock.now(), where=condition_of(where), q=q)
    return FunnelOut(
        steps=[
            FunnelStep(
                stage=step.stage,
                reached=step.reached,
                went_on=step.went_on,
                conversion=step.went_on / step.reached if step.reached else None,
                here=step.here,
                lost=step.lost,
                left=step.left,
                median_days=step.median_days,
            )
            for step in found.steps
        ],
        deals=found.deals,
        open=found.open,
        won=found.won,
        lost=found.lost,
    )
