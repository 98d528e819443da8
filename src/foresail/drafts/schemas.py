"""Wire shapes."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from foresail.core.api import Reference, Schema
from foresail.crm.schemas import DealRole, StageOut
from foresail.timeline.kinds import kind_of

if TYPE_CHECKING:
    from foresail.drafts.models import Decision, Report
    from foresail.drafts.queries import Evidence, Proposal, Saved
    from foresail.people.models import User
    from foresail.timeline.queries import Happened


class EvidenceOut(Schema):
    """An entry of the timeline: `zh` and `en` are its kind in words, `quote` what was said, in its own words."""

    entry: int
    at: datetime
    zh: str
    en: str
    title: str
    quote: str

    @classmethod
    def of(cls, each: Evidence) -> EvidenceOut:
        kind = kind_of(each.kind)
        return cls(entry=each.entry, at=each.at, zh=kind.zh, en=kind.en, title=each.title, quote=each.quote)


class HabitOut(Schema):
    """Of `cases` deals, `reached` stood in the stage or beyond it `days` after that kind of event."""

    cases: int
    reached: int
    days: int


class NamedPerson(Schema):
    """A person; without `id`, one who is no contact yet."""

    id: int | None
    name: str
    title: str
    email: str


class ProposalOut(Schema):
    """What is proposed for a deal. `mark` confirms or refuses it; which of the rest is there depends on `kind`."""

    mark: str
    kind: Literal["stage", "join", "contact", "task"]
    why: Literal["habit", "talked", "named", "unanswered", "ours", "theirs", "asked"]
    deal: Reference
    account: Reference
    evidence: list[EvidenceOut]
    from_stage: StageOut | None
    stage: StageOut | None
    habit: HabitOut | None
    person: NamedPerson | None
    role: DealRole | None
    title: str
    due_on: date | None

    @classmethod
    def of(cls, each: Proposal) -> ProposalOut:
        habit, person = each.habit, None
        if each.contact is not None:
            person = NamedPerson(
                id=each.contact.id, name=each.contact.name, title=each.contact.title, email=""
            )
        elif each.names:
            told = {"title": "", "email": "", **each.names}
            person = NamedPerson(id=None, **told)
        return cls(
            mark=each.mark,
            kind=each.kind,
            why=each.why,
            deal=Reference(id=each.deal.pk, name=each.deal.name),
            account=Reference(id=each.deal.account_id, name=each.deal.account.name),
            evidence=[EvidenceOut.of(one) for one in each.evidence],
            from_stage=StageOut.of(each.deal.stage) if each.stage is not None else None,
            stage=StageOut.of(each.stage) if each.stage is not None else None,
            habit=None if habit is None else HabitOut(cases=habit.cases, reached=habit.reached, days=7),
            person=person,
            role=each.role or None,  # type: ignore[arg-type]  # one of them
            title=each.title,
            due_on=each.due_on,
        )


class TouchOut(Schema):
    """What was last done about a deal, and when."""

    entry: int
    at: datetime
    zh: str
    en: str

    @classmethod
    def of(cls, each: Happened) -> TouchOut:
        kind = kind_of(each.kind)
        return cls(entry=each.entry, at=each.at, zh=kind.zh, en=kind.en)


class DealProposals(Schema):
    items: list[ProposalOut]
    last_touch: TouchOut | None


class ConfirmIn(Schema):
    """What is to be otherwise than proposed; what is null stays as it is."""

    role: DealRole | None = None
    title: str | None = None
    due_on: date | None = None


class ProposalDecision(Schema):
    id: int
    deal: int
    kind: Literal["stage", "join", "contact", "task"]
    verdict: Literal["confirmed", "refused"]

    @classmethod
    def of(cls, each: Decision) -> ProposalDecision:
        return cls(id=each.pk, deal=each.deal_id, kind=each.kind, verdict=each.verdict)  # type: ignore[arg-type]  # of them


Span = Literal["week", "month"]


class ReportRow(Schema):
    """A report. `may_edit` says that it is one's own; else it was handed in to one."""

    id: int
    author: Reference
    span: Span
    begins_on: date
    team: bool
    saved_at: datetime | None
    handed_to: Reference | None
    handed_at: datetime | None
    may_edit: bool

    @classmethod
    def of(cls, each: Report, user: User, **more: Any) -> Self:
        to = each.handed_to
        return cls(
            id=each.pk,
            author=Reference(id=each.author_id, name=each.author.name),
            span=each.span,  # type: ignore[arg-type]  # one of them
            begins_on=each.begins_on,
            team=each.team,
            saved_at=each.saved_at if each.author_id == user.pk else None,
            handed_to=None if to is None else Reference(id=to.pk, name=to.name),
            handed_at=each.handed_at,
            may_edit=each.author_id == user.pk,
            **more,
        )


class ReportOut(ReportRow):
    """Who reads what was handed in reads it as it was then; `version` is what the author's next save begins from."""

    text: str
    version: int

    @classmethod
    def whole(cls, each: Report, user: User) -> Self:
        own = each.author_id == user.pk
        return cls.of(
            each, user, text=each.text if own else each.handed_text, version=each.version if own else 0
        )


class ReportsOut(Schema):
    """`leads` says whether one may report of a team."""

    own: list[ReportRow]
    handed_in: list[ReportRow]
    leads: bool
    manager: Reference | None


class DraftIn(Schema):
    span: Span
    begins_on: date
    of_team: bool = False


class DraftOut(Schema):
    """The report as it is saved, if it is; the `draft` as of now; and the lines of it that are `new`."""

    report: ReportOut
    draft: str
    new: list[str]


class SaveReport(Schema):
    text: str
    version: int


class HandIn(Schema):
    version: int


class SavingIn(Schema):
    """Characters typed in a minute, and seconds."""

    per_minute: int
    stage: int
    join: int
    contact: int
    task: int
    confirm: int
    refuse: int


class SavingOut(SavingIn):
    may_change: bool


class SavedRow(Schema):
    """What was saved in a period. Of a team, the sum alone; null where fewer than three people are in it."""

    span: Span
    begins_on: date
    seconds: float | None
    stage: int
    join: int
    contact: int
    task: int
    characters: int
    refused: int
    reports: int
    kept: int
    typed: int

    @classmethod
    def of(cls, each: Saved) -> SavedRow:
        return cls(
            span=each.period.span,  # type: ignore[arg-type]  # one of them
            begins_on=each.period.begins_on,
            seconds=None if each.seconds is None else round(each.seconds, 1),
            characters=each.characters,
            refused=each.refused,
            reports=each.reports,
            kept=each.kept,
            typed=each.typed,
            **each.confirmed,
        )


class SavedOut(Schema):
    setting: SavingOut
    rows: list[SavedRow]
    leads: bool
