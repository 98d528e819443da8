"""Who a visitor is: told by signals that prove it, by an address, or by the domain of one; never by a browser alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from foresail.crm.queries import (
    MAIL_PROVIDERS,
    accounts_by_domain,
    accounts_by_name,
    contacts_by_email,
    gone_by_email,
    places_of,
)
from foresail.governance.collecting import Purpose
from foresail.signals.models import IntakeKey, Tie
from foresail.signals.services.intake import IDENTITIES, named_in
from foresail.signals.services.links import contacts_of
from foresail.signals.services.refusals import refusals, withdrawn
from foresail.signals.sources import LINK_ID

SURENESS: Final[Mapping[Tie.Reason, float]] = {
    Tie.Reason.SIGNED: 1.0,
    Tie.Reason.FORM: 0.9,
    Tie.Reason.STAFF: 0.85,
    Tie.Reason.LINK: 0.8,
    Tie.Reason.COMPANY: 0.6,
    Tie.Reason.DOMAIN: 0.5,
}
"""How sure each reason makes it: a mail may be passed on, a domain is everybody's at the company."""
_BROUGHT_BY_STAFF: Final = frozenset({"fair_scan", "visit_note", "social"})


class Arrived(NamedTuple):
    """A signal as it is added up."""

    id: int
    known_at: datetime
    at: datetime
    visitor: int
    key: int
    source: str
    kind: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signal says of who its visitor is, by a reason that counts."""

    signal: Arrived
    reason: Tie.Reason
    email: str
    domain: str
    company: str
    contact: int | None = None


def claims_in(arrived: Iterable[Arrived]) -> list[Claim]:
    """Return what `arrived` prove. Of what a browser says of itself nothing counts but what a server or a link signed."""
    signals = [each for each in arrived if _may_tell(each)]
    servers = set(
        IntakeKey.objects.filter(pk__in={each.key for each in signals}, kind="server").values_list(
            "pk", flat=True
        )
    )
    linked = {link for each in signals if (link := each.values.get(LINK_ID.name))}
    contacts = contacts_of(linked) if linked else {}
    found = []
    for each in signals:
        reason = _reason(each, by_server=each.key in servers)
        if reason is not None:
            email = named_in(each.values)
            name, _, domain = email.rpartition("@")
            company = str(each.values.get("company") or "").strip()
            contact = contacts.get(each.values.get(LINK_ID.name) or 0)
            found.append(Claim(each, reason, email if name else "", domain, company, contact))
    return found


def _may_tell(signal: Arrived) -> bool:
    return signal.kind in IDENTITIES or any(
        signal.values.get(name) for name in ("email", "company", LINK_ID.name)
    )


def _reason(signal: Arrived, *, by_server: bool) -> Tie.Reason | None:
    """Return why what a signal says of its visitor is believed; None where it is not."""
    if signal.values.get(LINK_ID.name):
        return Tie.Reason.LINK
    if signal.kind in IDENTITIES:  # the intake kept it, so it was signed, or came from a server
        return Tie.Reason.SIGNED
    if signal.source in _BROUGHT_BY_STAFF:
        return Tie.Reason.STAFF
    return Tie.Reason.FORM if by_server else None


def resolve(claims: Sequence[Claim]) -> list[Tie]:
    """Return whom `claims` name, not yet kept; those that name nobody, or more than one account, give none.

    Some eight queries, however many.
    """
    emails = {claim.email for claim in claims if claim.email}
    by_email = contacts_by_email(emails) if emails else {}
    refusing = refusals(by_email, gone_by_email(emails)) if emails else {}
    linked = {claim.contact for claim in claims if claim.contact}
    places = places_of(linked) if linked else {}
    gone = withdrawn({place.contact for place in places.values()})
    domains = {form for claim in claims for form in _forms(claim.domain)}
    by_domain = accounts_by_domain(domains) if domains else {}
    companies = {claim.company for claim in claims if claim.company}
    by_name = accounts_by_name(companies) if companies else {}
    found: list[Tie] = []
    for claim in claims:
        people = by_email.get(claim.email, [])
        place = places.get(claim.contact or 0)
        if (claim.email, Purpose.INTENT) in refusing or (place is not None and place.contact in gone):
            continue  # nothing is tied to who withdrew, nor to where they work
        if place is not None:
            found.append(_tie(claim, account=place.account, contact=place.contact))
            continue
        accounts = {place.account for place in people}
        if len(accounts) == 1:
            contact = people[0].contact if len(people) == 1 else None
            found.append(_tie(claim, account=people[0].account, contact=contact))
            continue
        if people:
            continue  # of several accounts: it cannot be told which
        at_domain = next((by_domain[form] for form in _forms(claim.domain) if form in by_domain), [])
        named = by_name.get(claim.company, [])
        if len(at_domain) == 1:
            found.append(_tie(claim, account=at_domain[0], reason=Tie.Reason.DOMAIN))
        elif len(named) == 1:
            found.append(_tie(claim, account=named[0], reason=Tie.Reason.COMPANY))
    return found


def _forms(domain: str) -> list[str]:
    """Return under which domains a company may be known whose mail comes from `domain`: itself, and those above it.

    >>> _forms("mail.example.com")
    ['mail.example.com', 'example.com']
    """
    parts = domain.split(".")
    forms = [".".join(parts[start:]) for start in range(max(len(parts) - 1, 0))]
    return [] if any(form in MAIL_PROVIDERS for form in forms) else forms


def _tie(claim: Claim, *, account: int, contact: int | None = None, reason: Tie.Reason | None = None) -> Tie:
    why = reason or claim.reason
    sure = SURENESS[why] * (1.0 if reason is None else SURENESS[claim.reason])
    return Tie(
        visitor=claim.signal.visitor, account=account, contact=contact, confidence=sure, reason=why,
        signal=claim.signal.id, known_at=claim.signal.known_at,
    )  # fmt: skip


def keep_surest(ties: Sequence[Tie], *, known_at: datetime | None = None) -> set[int]:
    """Let the surest of `ties` stand for each visitor, the latest of equally sure ones; return whose changed.

    In the caller's transaction, which adds up alone. They are known since their signals are, or since `known_at`.
    """
    if not ties:
        return set()
    for tie in ties:
        tie.known_at = known_at or tie.known_at
    standing = {
        tie.visitor: tie for tie in Tie.objects.filter(visitor__in={t.visitor for t in ties}, ended_at=None)
    }
    ended: list[Tie] = []
    proven: list[Tie] = []
    begun: dict[int, Tie] = {}
    for tie in sorted(ties, key=lambda each: (each.known_at, each.signal)):
        before = begun.get(tie.visitor) or standing.get(tie.visitor)
        if before is not None and _same(before, tie):
            # It rests on the newest signal that says so, which stays longest; it was known before.
            before.signal = max(before.signal, tie.signal)
            if before.pk is not None:
                proven.append(before)
            continue
        if before is not None and _rank(before) > _rank(tie):
            continue
        if before is not None and before.pk is not None:
            before.ended_at = max(tie.known_at, before.known_at)
            ended.append(before)
        begun[tie.visitor] = tie
    Tie.objects.bulk_update({tie.pk: tie for tie in [*proven, *ended]}.values(), ["signal", "ended_at"])
    Tie.objects.bulk_create(begun.values())
    return set(begun)


def _same(one: Tie, other: Tie) -> bool:
    return (one.account, one.contact, one.confidence) == (other.account, other.contact, other.confidence)


def _rank(tie: Tie) -> tuple[float, datetime, int]:
    return tie.confidence, tie.known_at, tie.signal
