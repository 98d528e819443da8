"""Signals are taken in: through the gate, once each, all of a batch in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from foresail.core.outbox import tell
from foresail.crm.queries import contacts_by_email, gone_by_email
from foresail.governance.collecting import Basis, Passed, Purpose, Reason, Said, holds, source_of
from foresail.governance.queries import boundary_in_force, consents_of, wording_of
from foresail.governance.services import (
    ConsentGiven,
    Withdrawals,
    count_left_out,
    hold_consents,
    note_consents,
    tell_withdrawals,
)
from foresail.signals.reading import USER, fingerprint_of
from foresail.signals.services.brought import Brought, subject_of
from foresail.signals.services.links import OURS, VISITOR, proven
from foresail.signals.services.refusals import agreed_since, refusals
from foresail.signals.soon import add_up_soon
from foresail.signals.sources import LINK_ID

if TYPE_CHECKING:
    from foresail.governance.models import ConsentWording

CONSENTS: Final = {"consent_given": True, "consent_withdrawn": False}
HOW: Final = frozenset({"banner", "form", "paper", "preferences"})
"""How somebody may have said it."""
IDENTITIES: Final = frozenset({"identify", "alias", "group"})
NOTHING: Final = "?"
"""The source of what names none that its key may bring."""
_COLUMNS: Final = (
    *(
        "id",
        "known_at",
        "at",
        "until",
        "key_id",
        "visitor_id",
        "source",
        "kind",
        "purpose",
        "basis",
        "fingerprint",
    ),
    "values",
)
_MARK: Final = """
    INSERT INTO signals_seen SELECT DISTINCT unnest(%s::bytea[]) AS fingerprint ORDER BY fingerprint
    ON CONFLICT DO NOTHING RETURNING fingerprint
"""
_NUMBERS: Final = "SELECT nextval('signals_signal_id_seq') FROM generate_series(1, %s)"
_FRESH: Final = "COPY signals_fresh (signal_id, known_at) FROM STDIN"
_VISITORS: Final = """
    INSERT INTO signals_visitor AS known (anonymous, first_at, last_at)
    SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::timestamptz[])
    ON CONFLICT (anonymous) DO UPDATE SET
        first_at = least(known.first_at, excluded.first_at), last_at = greatest(known.last_at, excluded.last_at)
    RETURNING anonymous, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Of a batch: how many signals were kept, how many would have been but were here before, what was left out."""

    kept: int
    seen: int
    left_out: Mapping[tuple[str, Reason], int]


@dataclass(frozen=True, slots=True)
class _Kept:
    brought: Brought
    source: str
    passed: Passed
    fingerprint: bytes


def take(brought: Sequence[Brought], *, at: datetime) -> int:
    """Keep what the gate lets through and was not here before; return how much that is.

    What people said of consent counts first, for the signals of the same batch too. When this returns, all of it is
    durable; raises a database error where nothing is. What is left out is counted, and told to nobody.
    """
    return take_in(brought, at=at).kept


def take_in(brought: Sequence[Brought], *, at: datetime) -> Taken:
    """Do what `take` does, and tell what was left out: to who may know it."""
    with transaction.atomic():
        brought = [_pseudonymous(each) for each in brought]
        said = [each for each in brought if each.signal.kind in CONSENTS]
        noted = _note(said, at=at)
        hold_consents()
        kept, left_out = _judged([each for each in brought if each.signal.kind not in CONSENTS], at=at)
        with connection.cursor() as cursor:
            fresh = _unseen(cursor, kept)
            visitors = _visitors(cursor, fresh)
            _make_month(cursor, at)
            _copy(cursor, fresh, visitors, at=at)
        count_left_out(left_out, at=at)
        if fresh:
            tell("signals", 0)
            add_up_soon()
        tell_withdrawals(noted, by=None, at=at)
    return Taken(kept=len(fresh), seen=len(kept) - len(fresh), left_out=left_out)


def _pseudonymous(each: Brought) -> Brought:
    """Return `each` with a name for its visitor that says nothing of who it is."""
    visitor = each.signal.visitor
    ours = each.key.id == OURS.id  # nobody else speaks for who opened a link
    if not visitor.startswith(USER) and (ours or not visitor.startswith(VISITOR)):
        return each
    name = each.key.pseudonym_of(visitor.removeprefix(USER))
    return replace(each, signal=replace(each.signal, visitor=USER + name))


def _note(said: Sequence[Brought], *, at: datetime) -> Withdrawals:
    """Keep what visitors said that was not heard before: sent again, an old yes must not undo a later no."""
    if not said:
        return Withdrawals()
    by_mark = {fingerprint_of(each.signal, key=each.key.id): each for each in said}
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [list(by_mark)])
        fresh = {bytes(mark) for (mark,) in cursor.fetchall()}
    wordings = {
        (purpose, version): wording_of(purpose=purpose, version=version)
        for purpose in Purpose
        for version in {each.signal.values.get("wording") for each in said}
        if type(version) is int
    }
    consents = [
        consent for mark, each in by_mark.items() if mark in fresh for consent in _consents(each, wordings)
    ]
    return note_consents(consents, by=None, at=at)


def _consents(
    each: Brought, wordings: Mapping[tuple[Purpose, int], ConsentWording | None]
) -> Iterable[ConsentGiven]:
    """Yield what a visitor said, of the purpose it names. Where it names none that is known, no is to all of them."""
    signal = each.signal
    given, named = CONSENTS[signal.kind], signal.values.get("purpose")
    if named not in set(Purpose):
        named = Purpose.INTENT.value if given else None
    for purpose in Purpose:
        if named not in (None, purpose.value):
            continue
        version = signal.values.get("wording")
        wording = wordings.get((purpose, version)) if type(version) is int else None
        how = signal.values.get("how")
        yield ConsentGiven(
            subject=subject_of(signal.visitor),
            purpose=purpose,
            given=given,
            at=signal.at,
            source=each.key.sources[0],
            wording=wording.pk if wording else None,
            proof={"key": each.key.id, "id": signal.id, "how": how if how in HOW else ""},
        )  # fmt: skip


def _judged(brought: Sequence[Brought], *, at: datetime) -> tuple[list[_Kept], Counter[tuple[str, Reason]]]:
    boundary = boundary_in_force()
    resting = {rule.source for rule in boundary.rules if rule.basis is Basis.CONSENT}
    on_consent = [each for each in brought if (each.signal.source or each.key.sources[0]) in resting]
    consents = consents_of({each.subject for each in on_consent}) if on_consent else {}
    refusing = _refusing(on_consent)
    links = proven({each.signal.claims["link"] for each in brought if "link" in each.signal.claims}, at=at)
    kept: list[_Kept] = []
    left_out: Counter[tuple[str, Reason]] = Counter()
    for each in brought:
        key, signal = each.key, each.signal
        source = signal.source or key.sources[0]
        if source not in key.sources:
            left_out[source if source_of(source) else NOTHING, Reason.SOURCE] += 1
            continue
        values: Mapping[str, Any] = {
            name: value for name, value in signal.values.items() if name != LINK_ID.name or key.id == OURS.id
        }
        if signal.kind in IDENTITIES:
            user = signal.claims.get("user") or signal.claims.get("email", "")
            link = links.get(signal.claims.get("link", ""))
            signed = key.proves(visitor=signal.visitor, user=user, signature=signal.signature)
            if not signed and link is None:
                left_out[source, Reason.UNPROVEN] += 1
                continue
            # A signature is of the user alone: what else a browser says of itself, in whatever place, it does not prove.
            claims = {
                name: said
                for name, said in signal.claims.items()
                if name not in {"link", LINK_ID.name} and signed and (said == user or not key.browser)
            }
            said_besides = {} if key.browser else values
            values = {**said_besides, **claims} | ({LINK_ID.name: link} if link is not None else {})
        passed = boundary.judge(source=source, kind=signal.kind, values=values, at=signal.at, now=at)
        if isinstance(passed, Reason):
            left_out[source, passed] += 1
            continue
        rule = passed.rule
        said = consents.get((each.subject, rule.purpose), ())
        if rule.basis is Basis.CONSENT and (
            signal.refuses
            or not holds(said, at=signal.at)
            # Whom it names withdrew: nothing rests on an older yes, under whatever name that was given.
            or not all(
                agreed_since(theirs, said)
                for theirs in refusing.get((named_in(passed.values), rule.purpose), ())
            )
        ):
            left_out[source, Reason.CONSENT] += 1
            continue
        if passed.dropped:
            left_out[source, Reason.FIELD_DROPPED] += passed.dropped
        if passed.masked:
            left_out[source, Reason.FIELD_MASKED] += passed.masked
        mark = fingerprint_of(signal, key=key.id)
        kept.append(_Kept(each, source, passed, mark))
    return kept, left_out


def _refusing(brought: Iterable[Brought]) -> Mapping[tuple[str, Purpose], Sequence[Sequence[Said]]]:
    """Return the words of who withdrew and is named, by address and purpose. No query where nobody is named."""
    said = (told for each in brought for told in (each.signal.values, each.signal.claims))
    emails = {email for told in said if (email := named_in(told))}
    return refusals(contacts_by_email(emails), gone_by_email(emails)) if emails else {}


def named_in(values: Mapping[str, Any]) -> str:
    """Return the address that a signal names, in small letters; empty where it names none."""
    return str(values.get("email") or "").strip().lower()


def _unseen(cursor: Any, kept: Sequence[_Kept]) -> list[_Kept]:
    """Mark what is kept as seen and return what was not, each once. In order: two who bring the same wait for each other."""
    if not kept:
        return []
    by_mark: dict[bytes, _Kept] = {}
    for each in kept:
        by_mark.setdefault(each.fingerprint, each)
    cursor.execute(_MARK, [list(by_mark)])
    fresh = {bytes(mark) for (mark,) in cursor.fetchall()}
    return [each for mark, each in by_mark.items() if mark in fresh]


def _visitors(cursor: Any, kept: Sequence[_Kept]) -> Mapping[str, int]:
    """Return the keys of visitors by their names, made where they are new."""
    seen: dict[str, tuple[datetime, datetime]] = {}
    for each in kept:
        name, at = each.brought.signal.visitor, each.brought.signal.at
        first, last = seen.get(name, (at, at))
        seen[name] = min(first, at), max(last, at)
    if not seen:
        return {}
    rows = sorted((name, first, last) for name, (first, last) in seen.items())
    cursor.execute(_VISITORS, list(map(list, zip(*rows, strict=True))))
    return dict(cursor.fetchall())


_months: set[date] = set()


def _make_month(cursor: Any, at: datetime) -> None:
    month = at.astimezone(UTC).date().replace(day=1)
    if month not in _months:
        cursor.execute("SELECT signals_make_month(%s)", [month])
        transaction.on_commit(lambda: _months.add(month))


def _copy(cursor: Any, kept: Sequence[_Kept], visitors: Mapping[str, int], *, at: datetime) -> None:
    if not kept:
        return
    cursor.execute(_NUMBERS, [len(kept)])
    numbers = [number for (number,) in cursor.fetchall()]
    as_json = json.JSONEncoder(ensure_ascii=False).encode
    command = f"COPY signals_signal ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(command) as copy:
        for number, each in zip(numbers, kept, strict=True):
            signal, passed = each.brought.signal, each.passed
            copy.write_row(
                (
                    number, at, signal.at, passed.until, each.brought.key.id, visitors[signal.visitor], each.source, signal.kind,
                    passed.rule.purpose.value, passed.rule.basis.value, each.fingerprint, as_json(passed.values),
                )
            )  # fmt: skip
    with connection.wrap_database_errors, cursor.copy(_FRESH) as copy:
        for number in numbers:
            copy.write_row((number, at))
