"""Signals go: with the consent they rested on, and when their time is over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from foresail.core.outbox import tell
from foresail.crm.events import RecordsPurged
from foresail.governance.collecting import Basis
from foresail.governance.erasing import Erasure
from foresail.governance.services import hold_consents
from foresail.signals.models import Daily, Evidence, Interest, Signal, Tie, TrackedLink, Visitor
from foresail.signals.services.adding import hold, let_go
from foresail.signals.services.links import CONTACT, VISITOR, links_of, revoke_links
from foresail.signals.services.months import forget_soon

BATCH: Final = 1_000
"""Signals erased in one transaction: who takes in waits for it."""
_OF: Final = "visitor_id = ANY(%s) OR (values ? 'link_id' AND values->>'link_id' = ANY(%s))"
_ERASE: Final = """
    WITH gone AS (
        DELETE FROM signals_signal WHERE {which} RETURNING id, fingerprint, visitor_id
    ), unseen AS (
        DELETE FROM signals_seen USING gone WHERE signals_seen.fingerprint = gone.fingerprint
    )
    SELECT array_agg(id), array_agg(DISTINCT visitor_id) FROM gone
"""


def erase_subjects(erasure: Erasure) -> int:
    """Erase what only this consent allowed, and visitors of whom nothing is left; return how many signals that were.

    Of a contact that is the opening of their links, and what ties a browser to them. Their fingerprints go too: what
    is sent again after consent was given anew is another matter.
    """
    names = [each.removeprefix("visitor:") for each in erasure.subjects if each.startswith("visitor:")]
    contacts = [each.removeprefix(CONTACT) for each in erasure.subjects if each.startswith(CONTACT)]
    links = links_of([int(each) for each in contacts if each.isdecimal()])
    visitors = _visitors([*names, *(f"{VISITOR}{link}" for link in links)])
    if not visitors and not links:
        return 0
    which = f"({_OF}) AND purpose = %s AND basis = %s"
    return _erase(which, [visitors, _texts(links), erasure.purpose.value, Basis.CONSENT.value], at=erasure.at)


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
    left = Signal.objects.filter(visitor__in=visitors).values("visitor")
    Visitor.objects.filter(pk__in=visitors).exclude(pk__in=left).delete()
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
    visitors = list(ties.values_list("visitor", flat=True).distinct())
    ties.delete()
    let_go(signals=[], visitors=visitors, at=event.at)
    forget_soon()
    if event.record_type == "account":
        for made in (Evidence, Interest, Daily):
            made.objects.filter(account__in=event.records).delete()
    else:  # what was ended long ago named them too
        Evidence.objects.filter(contact__in=event.records).delete()
