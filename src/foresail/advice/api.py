"""The content library over HTTP, and what of it fits a deal."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from foresail.advice import queries, services
from foresail.advice.schemas import (
    AdvisedOut,
    AssetChange,
    AssetIn,
    AssetOut,
    AssetResults,
    ContentLink,
    ContentSent,
    DealContent,
    Language,
    Library,
    Persona,
    SendContent,
)
from foresail.core import clock
from foresail.core.api import Problem, Schema, live_address
from foresail.crm import queries as crm
from foresail.people.http import caller
from foresail.people.rules import Action, may

router = Router(tags=["advice"])
NONE = queries.Tally()


class AssetFilter(Schema):
    q: Annotated[str, Field(max_length=200)] = ""
    language: Language | None = None
    persona: Persona | None = None
    stage: Annotated[str, Field(max_length=60)] | None = None
    topic: Annotated[str, Field(max_length=60)] | None = None
    competitor: Annotated[str, Field(max_length=60)] | None = None
    industry: Annotated[str, Field(max_length=60)] | None = None
    active: bool | None = True


@router.get("/assets", response=Library)
def assets(request: HttpRequest, wanted: Query[AssetFilter]) -> Library:
    """The library, for everybody; what of it was sent, as far as one sees the deals."""
    user = caller(request)
    found, tallies = queries.assets(**wanted.model_dump()), queries.tallies(user=user)
    return Library(
        may_keep=services.may_keep(user=user),
        items=[AssetOut.of(each, tallies.get(each.pk, NONE)) for each in found],
    )


@router.post("/assets", response={201: AssetOut, 403: Problem, 422: Problem})
def create_asset(request: HttpRequest, body: AssetIn) -> Status[AssetOut]:
    """Put something into the library, which sales operations keeps."""
    made = services.create_asset(values=body.model_dump(), by=caller(request), at=clock.now())
    return Status(201, AssetOut.of(made, NONE))


@router.patch("/assets/{asset}", response={200: AssetOut, 403: Problem, 404: Problem, 422: Problem})
def change_asset(request: HttpRequest, asset: int, body: AssetChange) -> AssetOut:
    """Change what is said. Links that were sent lead where they did."""
    user = caller(request)
    values: dict[str, Any] = {name: value for name, value in body.model_dump().items() if value is not None}
    changed = services.change_asset(asset=queries.asset(key=asset), values=values, by=user, at=clock.now())
    return AssetOut.of(changed, queries.tallies(user=user).get(changed.pk, NONE))


@router.get("/assets/{asset}/results", response={200: AssetResults, 404: Problem})
def asset_results(request: HttpRequest, asset: int) -> AssetResults:
    """What came of it, against similar deals without it, in deals that one may see."""
    found = queries.results(asset=queries.asset(key=asset), user=caller(request), at=clock.now())
    return AssetResults.of(found)


@router.get("/deals/{deal}/content", response={200: DealContent, 404: Problem})
def deal_content(request: HttpRequest, deal: int, contact: int | None = None) -> DealContent:
    """What fits a deal, for one contact or for all who decide in it, with the reasons; and what was sent."""
    user, at = caller(request), clock.now()
    found = crm.deal(user=user, key=deal)
    best = queries.best_for(deal=found, user=user, contact=contact, at=at)
    return DealContent(
        may_send=may(user=user, action=Action.CHANGE, record=found).allowed,
        best=[AdvisedOut.of(each) for each in best],
        sent=[
            ContentSent.of(each, None if each.token is None else _address(request, each.token))
            for each in queries.sent_in(deal=found, user=user)
        ],
    )


@router.post("/deals/{deal}/content", response={201: ContentLink, 403: Problem, 404: Problem, 409: Problem})
def send_content(request: HttpRequest, deal: int, body: SendContent) -> Status[ContentLink]:
    """Make a link to copy into one's own mail or chat: nothing is sent by itself."""
    user = caller(request)
    found = crm.deal(user=user, key=deal)
    made = services.send_asset(
        asset=queries.asset(key=body.asset),
        deal=found,
        contact=None if body.contact is None else crm.contact_of(deal=found, key=body.contact),
        suggestion=body.suggestion,
        by=user,
        at=clock.now(),
    )
    address, title = _address(request, made.token), made.sent.asset.title
    text = f"《{title}》{address}" if made.sent.asset.language == "zh" else f"{title}: {address}"
    return Status(201, ContentLink(id=made.sent.pk, address=address, text=text))


def _address(request: HttpRequest, token: str) -> str:
    """Return where a link is opened: beside the event socket."""
    return f"http{live_address(request).removeprefix('ws').removesuffix('/live')}/l/{token}"
