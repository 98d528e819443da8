"""What looks like one customer: the queue of pairs, and what a new record looks like before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, F, FloatField

from foresail.core.errors import NotFound
from foresail.crm import matching
from foresail.crm.fields import Field, RecordType, record_type
from foresail.crm.matched import FIELDS, rows_of
from foresail.crm.matching import Reason
from foresail.crm.merged import current_of
from foresail.crm.models import (
    Account,
    Departure,
    DuplicatePair,
    MatchKey,
    MatchModel,
    Merge,
    QualitySetting,
)
from foresail.crm.queries.listing import visible
from foresail.crm.queries.paging import Page, Sort, page_of
from foresail.crm.services.duplicates import quality
from foresail.crm.sight import Sight
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User

MOST_CANDIDATES: Final = 300
MOST_SHOWN: Final = 5


@dataclass(frozen=True, kw_only=True)
class Match:
    record: Any
    chance: float
    reasons: Sequence[Reason]


@dataclass(frozen=True, kw_only=True)
class Lookalikes:
    """`seen` are records that the user may see. Of others only `teams`: whom to ask, None where nobody is named."""

    seen: Sequence[Match]
    teams: Sequence[str | None]
    hidden: int


def lookalikes(
    kind: RecordType,
    *,
    user: User,
    texts: Mapping[str, str],
    fields: Mapping[str, Field],
    account: Account | None = None,
    itself: int | None = None,
) -> Lookalikes:
    """Return what a record with `texts` by field looks like; `account` is whose a contact would be.

    Nothing is compared that the user does not see on every record: that something matches would give it away.
    """
    sight = Sight.of(user)
    own = FIELDS[kind.key]
    shown = {name: field for name, field in own.items() if sight.everywhere(kind, fields[field])}
    given = {name: str(texts.get(field) or "") for name, field in shown.items()}
    if account is not None and "company" in shown:
        given["company"] = account.name
    row = _known_apart(kind, matching.row_of(kind.key, given))
    keys = matching.keys_of(kind.key, row)
    met = MatchKey.objects.filter(record_type=kind.key, key__in=keys).exclude(record=itself or 0)
    candidates = list(met.order_by("record").values_list("record", flat=True).distinct()[:MOST_CANDIDATES])
    others = rows_of(kind, kind.model.objects.filter(pk__in=candidates))
    pairs = matching.weigh(row, others, matching.SPECS[kind.key], model=_model(kind))
    likely = {pair.right: pair for pair in pairs}
    seen = visible(kind, user=user).select_related(*kind.related).in_bulk(list(likely))
    matches = [
        Match(
            record=seen[key],
            chance=pair.chance,
            reasons=[
                reason
                for reason in matching.reasons_of(kind.key, pair.outcomes)
                if sight.everywhere(kind, fields[reason.field])
            ],
        )
        for key, pair in likely.items()
        if key in seen
    ]
    hidden = [key for key in likely if key not in seen]
    return Lookalikes(seen=matches[:MOST_SHOWN], teams=_whom_to_ask(kind, hidden), hidden=len(hidden))


def pairs(
    *, user: User, kind: RecordType, state: str = "open", after: str | None = None, limit: int = 20
) -> Page[DuplicatePair]:
    """Return a page of the pairs of which `user` may see both, likeliest first. Raises CursorInvalid."""
    keys = visible(kind, user=user).order_by().values("pk")
    found = DuplicatePair.objects.filter(record_type=kind.key, state=state, low__in=keys, high__in=keys)
    sort = Sort(value=F("weight"), field=FloatField(), down=True)
    items, following = page_of(found, sort=sort, after=after, limit=limit)
    return Page(items=items, next=following, total=found.count())


def open_pairs(*, user: User) -> dict[str, int]:
    """Return how many open pairs of each kind `user` may see."""
    return {key: pairs(user=user, kind=record_type(key), limit=1).total for key in matching.SPECS}


def pair(*, user: User, key: int) -> DuplicatePair:
    """Return one pair, of which `user` may see both records. Raises NotFound."""
    found = DuplicatePair.objects.filter(pk=key).first()
    if found is None:
        raise NotFound
    kind = record_type(found.record_type)
    if visible(kind, user=user).filter(pk__in=(found.low, found.high)).count() < 2:
        raise NotFound
    return found


def merge(*, user: User, key: int) -> Merge:
    """Return one merge, for who may see the kept record. Raises NotFound."""
    found = Merge.objects.filter(pk=key).first()
    if found is None or not visible(record_type(found.record_type), user=user).filter(pk=found.kept).exists():
        raise NotFound
    return found


def merges(*, user: User, kind: RecordType, limit: int = 20) -> list[tuple[Merge, Any]]:
    """Return the latest merges that stand, each with its kept record, which `user` may see."""
    keys = visible(kind, user=user).order_by().values("pk")
    found = Merge.objects.filter(record_type=kind.key, undone_at=None, kept__in=keys)
    latest = list(found.select_related("by").order_by("-at", "-pk")[:limit])
    records = kind.model.objects.in_bulk([each.kept for each in latest])
    return [(each, records[each.kept]) for each in latest if each.kept in records]


def departures(
    *, user: User, state: str = "proposed", after: str | None = None, limit: int = 50
) -> Page[Departure]:
    """Return a page of contacts who may have left, whom `user` may see, surest first. Raises CursorInvalid."""
    contacts = visible(record_type("contact"), user=user).order_by().values("pk")
    found = Departure.objects.filter(state=state, contact__in=contacts)
    sort = Sort(value=F("confidence"), field=FloatField(), down=True)
    items, following = page_of(found.select_related("contact__account"), sort=sort, after=after, limit=limit)
    return Page(items=items, next=following, total=found.count())


def departure(*, user: User, key: int) -> Departure:
    """Return one, of a contact whom `user` may see. Raises NotFound."""
    contacts = visible(record_type("contact"), user=user).order_by().values("pk")
    found = Departure.objects.select_related("contact").filter(pk=key, contact__in=contacts).first()
    if found is None:
        raise NotFound
    return found


def called(kind: RecordType, *, user: User, keys: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return under which key each of some records is found now and what it is called, as far as `user` may see it."""
    now = current_of(kind, keys)
    names = dict(visible(kind, user=user).filter(pk__in=set(now.values())).values_list("pk", "name"))
    return {key: (into, names[into]) for key, into in now.items() if into in names}


def aliases(kind: RecordType, *keys: int) -> list[int]:
    """Return all keys under which records are known: their own first, then of what was merged into them.

    The timeline is never rewritten, so what happened to the others stands there under their own keys.
    """
    found, frontier = [*keys], [*keys]
    while frontier:
        frontier = list(
            kind.model.with_deleted.filter(merged_into__in=frontier)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        found += frontier
    return found


def changeable(kind: RecordType, keys: Sequence[int], *, user: User) -> set[int]:
    """Return which of `keys` the user may change."""
    found = limited(kind.model.objects.filter(pk__in=keys), user=user, action=Action.CHANGE)
    return set(found.values_list("pk", flat=True))


def _known_apart(kind: RecordType, row: matching.kinds.Row) -> matching.kinds.Row:
    """Return `row` without what so many have that it tells nobody apart."""
    row = dict(row)
    for column, most in matching.SPECS[kind.key].shared:
        if (value := row.get(column)) is None:
            continue
        shared = MatchKey.objects.filter(record_type=kind.key, key=f"{column}={value}"[:300])
        if shared.aggregate(n=Count("pk"))["n"] >= most:
            row[column] = None
    return row


def _model(kind: RecordType) -> matching.Model:
    learned = MatchModel.objects.filter(record_type=kind.key).first()
    if learned is None:
        return matching.Model(records=kind.model.objects.count(), u={})
    return matching.Model(records=learned.records, u=learned.u)


def _whom_to_ask(kind: RecordType, hidden: Sequence[int]) -> list[str | None]:
    if not hidden:
        return []
    match quality().hidden_matches:
        case QualitySetting.Told.NOTHING:
            return []
        case QualitySetting.Told.EXISTS:
            return [None]
        case _:
            teams = kind.model.objects.filter(pk__in=hidden).values_list("team__name", flat=True)
            return sorted(set(teams), key=lambda name: (name is None, name or ""))
