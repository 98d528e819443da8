"""Signals go: with the consent they rested on, and when their time is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from foresail.core.outbox import tell
from foresail.crm.events import RecordsPurged
from foresail.crm.queries import contacts_like_one, emails_of
from foresail.governance.collecting import CONTACT, Basis, Purpose
from foresail.governance.erasing import Erasure
from foresail.governance.services import hold_consents
from foresail.signals.models import Daily, Evidence, Interest, Tie, TrackedLink, Visitor
from foresail.signals.services.adding import hold, let_go, untie
from foresail.signals.services.links import VISITOR, links_of, revoke_links
from foresail.signals.services.months import forget_soon

BATCH: Final = 1_000
"""Signals erased in one transaction: who takes in waits for it."""
_OF: Final = "visitor_id = ANY(%s) OR (values ? 'link_id' AND values->>'link_id' = ANY(%s))"
_NAMED: Final = "values ? 'email' AND lower(btrim(values->>'email')) = ANY(%s)"
_TIES: Final = f"""
    SELECT id, visitor_id FROM signals_tie WHERE contact_id = ANY(%s)
        OR signal_id = ANY(ARRAY(SELECT id FROM signals_signal WHERE {_NAMED}))
"""  # noqa: S608
_ERASE: Final = """
    WITH gone AS (
        DELETE FROM signals_signal WHERE {which} RETURNING id, fingerprint, visitor_id
    ), unseen AS (
        DELETE FROM signals_seen USING gone WHERE signals_seen.fingerprint = gone.fingerprint
    )
    SELECT array_agg(id), array_agg(DISTINCT visitor_id) FROM gone
"""
_SEEN_AGAIN: Final = """
    UPDATE signals_visitor visitor SET first_at = kept.first_at, last_at = kept.last_at FROM (
        SELECT visitor_id, min(at) AS first_at, max(at) AS last_at FROM signals_signal
        WHERE visitor_id = ANY(%s) GROUP BY visitor_id
    ) AS kept WHERE visitor.id = kept.visitor_id
"""
_UNSEEN: Final = """
    DELETE FROM signals_visitor visitor WHERE id = ANY(%s)
        AND NOT EXISTS (SELECT FROM signals_signal WHERE visitor_id = visitor.id)
"""


@dataclass(frozen=True)
class _Theirs:
    """What is kept of people: their browsers and openings; and of contacts, links to them, and their addresses.

    `ties` say of visitors, by key, that they are one of the contacts, or were; or are proven by one of the addresses, told
    before there was such a contact, or of several.
    """

    visitors: Sequence[int]
    links: Sequence[int] = ()
    emails: Sequence[str] = ()
    ties: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, erasure: Erasure) -> _Theirs:
        """Return what is kept of those who withdraw; of a contact also under the keys that were merged with theirs.

        Where a consent was only lent: what rests on that, the openings of links that were not lent too.
        """
        subjects = erasure.subjects
        names = [each.removeprefix("visitor:") for each in subjects if each.startswith("visitor:")]
        keys = [each.removeprefix(CONTACT) for each in subjects if each.startswith(CONTACT)]
        contacts = {int(key) for key in keys if key.isdecimal()}
        if not contacts:
            return cls(_visitors(names))
        contacts = contacts_like_one(contacts)
        links = links_of(contacts, but=erasure.lent)
        visitors = _visitors([*names, *(f"{VISITOR}{link}" for link in links)])
        if erasure.lent is not None:
            return cls(visitors)
        emails = emails_of(contacts)
        with connection.cursor() as cursor:
            cursor.execute(_TIES, [list(contacts), emails])
            ties = dict(cursor.fetchall())
        return cls(visitors, links, emails, ties)

    def allowed_by(self, purpose: Purpose) -> tuple[str, Sequence[Any]]:
        """Return which of their signals rest on consent to a purpose, for a query."""
        which = f"({_OF} OR ({_NAMED})) AND purpose = %s AND basis = %s"
        of = [self.visitors, _texts(self.links), list(self.emails)]
        return which, [*of, purpose.value, Basis.CONSENT.value]


def erase_subjects(erasure: Erasure) -> int:
    """Erase what only this consent allowed, and visitors of whom nothing is left; return how many signals that were.

    Of a contact that is the opening of their links, and what names their address; who was taken to be them is a
    stranger again. Fingerprints of signals go too: what is sent again after consent was given anew is another matter.
    """
    if any(each.startswith(CONTACT) for each in erasure.subjects):
        hold()  # before it is asked who is taken to be them: somebody may be adding that up
    theirs = _Theirs.of(erasure)
    gone = 0
    if theirs.visitors or theirs.links or theirs.emails:
        which, given = theirs.allowed_by(erasure.purpose)
        gone = _erase(which, given, at=erasure.at)
    if theirs.ties and erasure.purpose is Purpose.INTENT and untie(theirs.ties, at=erasure.at):
        forget_soon()
    return gone


def count_subjects(erasure: Erasure) -> Mapping[str, int]:
    """Return how many signals `erase_subjects` would erase, and how many visitors it would make strangers again."""
    theirs = _Theirs.of(erasure)
    which, given = theirs.allowed_by(erasure.purpose)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM signals_signal WHERE {which}", given)  # noqa: S608
        ((signals,),) = cursor.fetchall()
    tied = set(theirs.ties.values()) if erasure.purpose is Purpose.INTENT else ()
    return {"signals": signals, "visitors": len(tied)}


def forget_contacts(*, contacts: Collection[int], at: datetime) -> None:
    """Let links for contacts that are removed for good be nobody's and lead nowhere, and forget what they told."""
    links = links_of(contacts)
    if not links:
        return
    hold_consents(alone=True)
    revoke_links(links=links, at=at)
    TrackedLink.objects.filter(pk__in=links).update(contact=None)
    _erase(_OF, [_visitors([f"{VISITOR}{link}" for link in links]), _texts(links)], at=at)


def forget_old(*, at: datetime) -> int:
    """Erase signals whose time is over, in batches; return how many that were."""
    gone = 0
    which = f"(id, known_at) IN (SELECT id, known_at FROM signals_signal WHERE until <= %s LIMIT {BATCH})"  # noqa: S608
    while True:
        with transaction.atomic():
            hold_consents(alone=True)  # or a visitor could go to whom somebody just adds
            count = _erase(which, [at], at=at)
        gone += count
        if count < BATCH:
            return gone


def _visitors(names: Sequence[str]) -> list[int]:
    return list(Visitor.objects.filter(anonymous__among=list(names)).values_list("pk", flat=True))


def _texts(links: Sequence[int]) -> list[str]:
    return [str(link) for link in links]


def _erase(which: str, values: Sequence[Any], *, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ERASE.format(which=which), values)
        ((signals, visitors),) = cursor.fetchall()
    if not signals:
        return 0
    let_go(signals=signals, visitors=visitors, at=at)
    forget_soon()
    with connection.cursor() as cursor:
        cursor.execute(_SEEN_AGAIN, [visitors])
        cursor.execute(_UNSEEN, [visitors])
    tell("signals", 0)
    return len(signals)


def forget_records(event: RecordsPurged) -> None:
    """Forget whose visitors were who were taken to be of `records`, and all that was made of it. Signals stay.

    In the transaction that removes the records for good.
    """
    if event.record_type not in {"account", "contact"}:
        return
    hold()
    ties = Tie.objects.filter(**{f"{event.record_type}__in": event.records})
    untie(list(ties.values_list("pk", flat=True)), at=event.at)
    forget_soon()
    if event.record_type == "account":
        for made in (Evidence, Interest, Daily):
            made.objects.filter(account__in=event.records).delete()
    else:  # what was ended long ago named them too
        Evidence.objects.filter(contact__in=event.records).delete()
