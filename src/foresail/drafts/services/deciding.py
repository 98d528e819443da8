"""Proposals are confirmed through the ordinary verbs, or refused; and either can be taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from foresail.core.changes import Change, record
from foresail.core.errors import NotFound
from foresail.core.outbox import tell
from foresail.crm import queries as crm_queries
from foresail.crm import services as crm
from foresail.drafts.errors import NotTakenBack, ProposalGone
from foresail.drafts.models import Decision
from foresail.drafts.queries.proposals import Proposal, of_deal

if TYPE_CHECKING:
    from foresail.crm.models import Deal
    from foresail.people.models import User


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody would have otherwise than proposed; None leaves it as it is."""

    role: str | None = None
    title: str | None = None
    due_on: date | None = None


def confirm(*, deal: Deal, mark: str, choice: Choice | None = None, by: User, at: datetime) -> Decision:
    """Do what is proposed, in one transaction with its decision; who did it is `by`, as if they had typed it.

    Raises ProposalGone, and whatever the verb itself raises: NotAllowed, StageAsks, ChangedMeanwhile, ValueInvalid.
    """
    with transaction.atomic():
        decision, proposal = _decided(deal, mark, Decision.Verdict.CONFIRMED, by=by, at=at)
        wanted = choice or Choice()
        made, before = _done(proposal, wanted, by=by, at=at)
        typed = len(wanted.title) if wanted.title is not None and wanted.title != proposal.title else 0
        decision.made, decision.before = made, before
        decision.characters = max(proposal.characters - typed, 0)
        decision.save(update_fields=["made", "before", "characters"])
        _keep("confirm_proposal", decision, by=by, at=at)
        return decision


def refuse(*, deal: Deal, mark: str, by: User, at: datetime) -> Decision:
    """Note that a proposal is not wanted: it does not come back with the same evidence. Raises NotAllowed or ProposalGone."""
    with transaction.atomic():
        decision, _ = _decided(deal, mark, Decision.Verdict.REFUSED, by=by, at=at)
        tell("deal", deal.pk)
        tell("deals", 0)
        _keep("refuse_proposal", decision, by=by, at=at)
        return decision


def take_back(*, decision: Decision, by: User, at: datetime) -> None:
    """Undo what a decision did, with the ordinary verbs; then it counts as never decided.

    Raises NotFound for somebody else's, NotTakenBack where it was changed since, and what the verbs raise.
    """
    with transaction.atomic():
        held = Decision.objects.select_for_update().filter(pk=decision.pk, by=by).first()
        if held is None:
            raise NotFound
        deal = crm_queries.deal(user=by, key=held.deal_id)
        if held.verdict == Decision.Verdict.CONFIRMED:
            _undone(held, deal, by=by, at=at)
        held.delete()
        held.pk = decision.pk  # which the trail names
        tell("deal", deal.pk)
        tell("deals", 0)
        _keep("take_back_proposal", held, by=by, at=at)


def forget_deals(*, deals: Collection[int]) -> None:
    """Let go of what was decided of deals that are removed for good."""
    Decision.objects.filter(deal__in=deals).delete()


def _decided(deal: Deal, mark: str, verdict: str, *, by: User, at: datetime) -> tuple[Decision, Proposal]:
    """Keep that a proposal is decided. Of two who decide at once the second finds it gone."""
    proposal = next((each for each in of_deal(deal=deal, user=by, at=at) if each.mark == mark), None)
    if proposal is None:
        raise ProposalGone
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                deal=deal, kind=proposal.kind, mark=mark, verdict=verdict, by=by, at=at,
                evidence=[each.entry for each in proposal.evidence],
            )  # fmt: skip
    except IntegrityError as error:
        raise ProposalGone from error
    return decision, proposal


def _done(proposal: Proposal, choice: Choice, *, by: User, at: datetime) -> tuple[int | None, int | None]:
    """Do it; return the key of what was made or set, and of what was there before."""
    deal = crm_queries.deal(user=by, key=proposal.deal.pk)
    role = choice.role or proposal.role
    match proposal.kind:
        case "stage":
            assert proposal.stage is not None
            before = deal.stage_id
            crm.move_deal(deal=deal, stage=proposal.stage, version=deal.version, by=by, at=at)
            return proposal.stage.pk, before
        case "join":
            assert proposal.contact is not None
            contact = crm_queries.contact_of(deal=deal, key=proposal.contact.id)
            crm.set_deal_contact(deal=deal, contact=contact, role=role, by=by, at=at)
            return contact.pk, None
        case "contact":
            account = crm_queries.account(user=by, key=deal.account_id)
            values: dict[str, Any] = dict(proposal.names)
            contact = crm.add_contact(account=account, by=by, at=at, **values)
            crm.set_deal_contact(deal=deal, contact=contact, role=role, by=by, at=at)
            return contact.pk, None
        case "task":
            title = proposal.title if choice.title is None else choice.title
            due_on = choice.due_on or proposal.due_on
            return crm.add_task(deal=deal, title=title, assignee=by, due_on=due_on, by=by, at=at).pk, None


def _undone(held: Decision, deal: Deal, *, by: User, at: datetime) -> None:
    made = held.made or 0
    match held.kind:
        case Decision.Kind.STAGE:
            if deal.stage_id != made or held.before is None:
                raise NotTakenBack
            stage = crm_queries.stage(key=held.before)
            crm.move_deal(deal=deal, stage=stage, version=deal.version, by=by, at=at)
        case Decision.Kind.JOIN | Decision.Kind.CONTACT:
            contact = crm_queries.contact_of(deal=deal, key=made)
            crm.set_deal_contact(deal=deal, contact=contact, role=None, by=by, at=at)
            if held.kind == Decision.Kind.CONTACT:
                if contact.version != 1:
                    raise NotTakenBack
                crm.delete_record(record=contact, by=by, at=at)
        case Decision.Kind.TASK:
            crm.drop_task(task=crm_queries.task(user=by, key=made), by=by, at=at)


def _keep(verb: str, decision: Decision, *, by: User, at: datetime) -> None:
    """Record a decision. What was proposed is told by the verb that did it, and may name somebody: it is not said here."""
    record(
        Change(
            actor=by.pk,
            verb=verb,
            subject="drafts.Decision",
            key=str(decision.pk),
            at=at,
            values={"deal": decision.deal_id, "kind": decision.kind, "entries": decision.evidence},
        )
    )
