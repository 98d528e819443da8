"""Wire shapes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field

from foresail.core.api import Reference, Schema

if TYPE_CHECKING:
    from foresail.advice.models import Asset
    from foresail.advice.queries import Advised, Results, SentRow, Side, Tally

Language = Literal["zh", "en"]
Persona = Literal["economic_buyer", "champion", "technical", "user"]
Item = Annotated[str, Field(max_length=200)]
Items = Annotated[list[Item], Field(max_length=50)]


class AssetOut(Schema):
    """`deals` and `opened` count the deals that one may see in which it was sent, and is known to have been opened."""

    id: int
    title: str
    summary: str
    language: Language
    url: str
    personas: list[Persona]
    stages: list[str]
    topics: list[str]
    competitors: list[str]
    industries: list[str]
    active: bool
    owner: Reference
    changed_at: datetime
    deals: int
    opened: int

    @classmethod
    def of(cls, each: Asset, tally: Tally) -> AssetOut:
        return cls(
            id=each.pk, title=each.title, summary=each.summary, language=cast("Language", each.language), url=each.url,
            personas=each.personas, stages=each.stages, topics=each.topics, competitors=each.competitors,
            industries=each.industries, active=each.active, owner=Reference(id=each.owner.pk, name=each.owner.name),
            changed_at=each.changed_at, deals=tally.deals, opened=tally.opened,
        )  # fmt: skip


class Library(Schema):
    may_keep: bool
    items: list[AssetOut]


class AssetIn(Schema):
    """Something for the library. What it names no persona, stage, industry and so on for, it is for all of."""

    title: Annotated[str, Field(max_length=1_000)]
    summary: Annotated[str, Field(max_length=5_000)] = ""
    language: Language
    url: Annotated[str, Field(max_length=5_000)]
    personas: Annotated[list[Persona], Field(max_length=10)] = []  # noqa: RUF012  pydantic gives each its own
    stages: Items = []  # noqa: RUF012
    topics: Items = []  # noqa: RUF012
    competitors: Items = []  # noqa: RUF012
    industries: Items = []  # noqa: RUF012


class AssetChange(Schema):
    """What is not said stays as it is; `active` retires an asset, or brings it back."""

    title: Annotated[str, Field(max_length=1_000)] | None = None
    summary: Annotated[str, Field(max_length=5_000)] | None = None
    language: Language | None = None
    url: Annotated[str, Field(max_length=5_000)] | None = None
    personas: Annotated[list[Persona], Field(max_length=10)] | None = None
    stages: Items | None = None
    topics: Items | None = None
    competitors: Items | None = None
    industries: Items | None = None
    active: bool | None = None


class SideOut(Schema):
    """`rate` is the share won of those that ended, `low` to `high` its interval of 80 %; null where too few ended."""

    deals: int
    won: int
    lost: int
    open: int
    rate: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, each: Side) -> SideOut:
        return cls.model_validate(each)


class AssetResults(Schema):
    """Of deals that one may see: those in which it was sent, and similar ones without it. `enough` of both ended."""

    sent: SideOut
    opened: int
    without: SideOut
    enough: bool

    @classmethod
    def of(cls, each: Results) -> AssetResults:
        return cls(
            sent=SideOut.of(each.sent),
            opened=each.opened,
            without=SideOut.of(each.without),
            enough=each.enough,
        )


class AssetReference(Schema):
    id: int
    title: str
    summary: str
    url: str

    @classmethod
    def of(cls, each: Asset) -> AssetReference:
        return cls(id=each.pk, title=each.title, summary=each.summary, url=each.url)


class AdviceReason(Schema):
    kind: Literal["competitor", "persona", "topic", "stage", "industry"]
    zh: str
    en: str


class AdvisedOut(Schema):
    """What fits a deal and why; `contact` is for whom it is written, where somebody in the deal is that.

    `suggestion` is the open one that is done by sending it.
    """

    asset: AssetReference
    reasons: list[AdviceReason]
    contact: Reference | None
    suggestion: int | None

    @classmethod
    def of(cls, each: Advised) -> AdvisedOut:
        contact = each.contact
        return cls(
            asset=AssetReference.of(each.asset),
            reasons=[AdviceReason.model_validate(reason) for reason in each.reasons],
            contact=None if contact is None else Reference(id=contact.pk, name=contact.name),
            suggestion=each.suggestion,
        )


class ContentSent(Schema):
    """`opened_at` is null where it is not known that it was opened; `address` is there for who sent it."""

    id: int
    asset: AssetReference
    contact: Reference | None
    by: Reference
    at: datetime
    opened_at: datetime | None
    address: str | None

    @classmethod
    def of(cls, each: SentRow, address: str | None) -> ContentSent:
        sent, contact = each.sent, each.contact
        return cls(
            id=sent.pk, asset=AssetReference.of(sent.asset), by=Reference(id=sent.by.pk, name=sent.by.name), at=sent.at,
            contact=None if contact is None else Reference(id=contact.pk, name=contact.name),
            opened_at=None if each.opening is None else each.opening.last_at, address=address,
        )  # fmt: skip


class DealContent(Schema):
    """What fits, the best first; and what was sent, the last first. `may_send`: who may change the deal."""

    may_send: bool
    best: list[AdvisedOut]
    sent: list[ContentSent]


class SendContent(Schema):
    """`suggestion` is one that suggests to send something in this deal: it is accepted, and done, by that."""

    asset: int
    contact: int | None = None
    suggestion: int | None = None


class ContentLink(Schema):
    """What to copy into a mail or a chat: nothing is sent by itself."""

    id: int
    address: str
    text: str
