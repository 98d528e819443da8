"""The timeline of a deal over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from foresail.core.api import Problem
from foresail.people.http import caller
from foresail.timeline import queries
from foresail.timeline.schemas import EntriesPage, EntryRow

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
