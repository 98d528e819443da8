"""Many records get another owner at once: each by the right of who gives it, all told of once."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from django.db import transaction
from django.db.models import Manager, QuerySet

from foresail.core.errors import NotFound, Refusal
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import LeadEnded, NothingToUndo, OwnerInactive, PoolBusy, SuccessorUnseeing
from foresail.crm.events import DealAmended, ManyTold, OwnersChanged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, RecordType, fields_of
from foresail.crm.models import Account, Contact, Deal, FieldChange, Lead, PoolDue, PoolMove, Record
from foresail.crm.pooling import busy
from foresail.crm.services.changing import Batch, amend_many, keep_fields, within_limit
from foresail.crm.services.permission import require, require_active
from foresail.crm.services.telling import actor
from foresail.people.models import Team, User
from foresail.people.rules import Action, limited, may

WHOSE: Final = ("owner", "team")
_VERBS: Final = {
    "deal": "assign_deal", "account": "assign_account", "contact": "assign_contact", "lead": "assign_lead",
}  # fmt: skip


@dataclass(frozen=True)
class _Hand:
    """A record that is held, and whose it shall be."""

    record: Record
    owner: User | None
    team: Team | None


def assign_many(
    *,
    kind: RecordType,
    found: QuerySet[Any],
    owner: User,
    team: Team | None = None,
    by: User | None,
    at: datetime,
) -> Batch:
    """Give records to `owner` and `team`, without one to the owner's, as one batch that can be undone.

    Those that `by` may not give, or `owner` could not see, stay and are told of. Accounts take their contacts along,
    and what lay in the open pool comes out of it. Raises TooMany or OwnerInactive before any is given.
    """
    keys = [each.pk for each in within_limit(found)]
    batch = Batch(id=uuid.uuid4())
    with transaction.atomic():
        require_active(owner)
        hands = [
            _Hand(record, owner, team or owner.team)
            for record in _held(kind, kind.model.objects, pk__in=keys)
        ]
        hands = _allowed(kind, hands, batch, by=by)
        _give(kind, hands, _following(kind, hands), batch=batch, by=by, at=at)
    return batch


def give_back(changes: Sequence[FieldChange], undone: Batch, *, by: User | None, at: datetime) -> None:
    """Give records back to whom `changes` of one batch took them from, where they are as those left them.

    `undone` is told of them. Contacts that went along with accounts come back with them.
    """
    was: dict[str, dict[int, dict[str, FieldChange]]] = defaultdict(lambda: defaultdict(dict))
    for change in changes:
        was[change.record_type][change.record][change.field] = change
    users = User.objects.select_related("team").in_bulk(_keys(changes, "owner"))
    teams = Team.objects.in_bulk(_keys(changes, "team"))

    def back(kind: RecordType, held: Manager[Any]) -> list[_Hand]:
        of = was[kind.key]
        records = {each.pk: each for each in _held(kind, held, pk__in=of)}
        undone.refused.update({key: NotFound() for key in of if key not in records})
        hands = []
        for record in records.values():
            if any(getattr(record, f"{name}_id") != change.after for name, change in of[record.pk].items()):
                undone.refuse(record, NothingToUndo())
                continue
            owner, team = of[record.pk].get("owner"), of[record.pk].get("team")
            hands.append(
                _Hand(
                    record,
                    cast("User | None", record.owner) if owner is None else users.get(owner.before),
                    cast("Team | None", record.team) if team is None else teams.get(team.before),
                )
            )
        return hands

    followers = back(CONTACT, Contact.with_deleted) if "account" in was and "contact" in was else []
    for kind in (DEAL, LEAD, ACCOUNT, CONTACT):
        if kind.key not in was or (kind is CONTACT and "account" in was):
            continue
        hands = _allowed(kind, back(kind, kind.model.objects), undone, by=by)
        mine = {each.record.pk for each in hands} if kind is ACCOUNT else set()
        along = [each for each in followers if cast("Contact", each.record).account_id in mine]
        _give(kind, hands, along, batch=undone, given_at=changes[0].at, by=by, at=at)


def _keys(changes: Sequence[FieldChange], field: str) -> set[int]:
    return {each.before for each in changes if each.field == field and each.before is not None}


def _held(kind: RecordType, records: Manager[Any], **which: Collection[int]) -> list[Any]:
    """Return records with what their words are made of, and let nobody else change them before the commit."""
    held = records.select_for_update(no_key=True, of=("self",)).select_related(*kind.related)
    return list(held.filter(**which).order_by("pk"))


def _allowed(kind: RecordType, hands: Sequence[_Hand], batch: Batch, *, by: User | None) -> list[_Hand]:
    """Return those that `by` may give so; `batch` is told why not the others. As many queries as there are owners."""
    keys = [each.record.pk for each in hands]
    mine: Collection[int] = keys
    if by is not None:
        found: QuerySet[Any] = kind.model.objects.filter(pk__in=keys)
        mine = set(limited(found, user=by, action=Action.ASSIGN).values_list("pk", flat=True))
    asked: dict[Hashable, Refusal | None] = {}

    def refusal(of: Hashable, verb: Callable[[], None]) -> Refusal | None:
        """Ask once what is the same for many records."""
        if of not in asked:
            asked[of] = _refusal(verb)
        return asked[of]

    allowed = []
    for each in hands:
        record = each.record
        at_stake = (
            None
            if record.pk in mine
            else refusal(
                (record.owner_id, record.team_id, record.line_id),
                lambda record=record: require(Action.ASSIGN, record, by=by),  # type: ignore[misc]
            )
        )
        to = (each.owner and each.owner.pk, each.team and each.team.pk, record.line_id, "to")
        why = at_stake or refusal(to, lambda each=each: _require_taking(each, by=by)) or _stays(each)  # type: ignore[misc]
        if why is None:
            allowed.append(each)
        else:
            batch.refuse(record, why)
    return allowed


def _refusal(verb: Callable[[], None]) -> Refusal | None:
    try:
        verb()
    except Refusal as refusal:
        return refusal
    return None


def _require_taking(hand: _Hand, *, by: User | None) -> None:
    """Raise NotAllowed unless `by` may assign the record there, OwnerInactive or SuccessorUnseeing where nobody is.

    As it will be, records differ in nothing but their line and their kind.
    """
    owner, team = hand.owner, hand.team
    as_will_be: Any = type(hand.record)(
        owner_id=None if owner is None else owner.pk,
        team_id=None if team is None else team.pk,
        line_id=hand.record.line_id,
    )
    require(Action.ASSIGN, as_will_be, by=by)
    if owner is not None:
        if not owner.active:
            raise OwnerInactive(name=owner.name)
        if not may(user=owner, action=Action.SEE, record=as_will_be).allowed:
            raise SuccessorUnseeing(name=owner.name)


def _stays(hand: _Hand) -> Refusal | None:
    """Return why a record stays whose it is, whoever asks."""
    record = hand.record
    if isinstance(record, Lead) and record.ended_at is not None:
        return LeadEnded(lead=record.name)
    if isinstance(record, Account) and hand.owner is None and busy(record):
        return PoolBusy(name=record.name)
    return None


def _following(kind: RecordType, hands: Sequence[_Hand]) -> list[_Hand]:
    """Return the contacts that go along with their accounts, as they do whenever these change hands."""
    if kind is not ACCOUNT:
        return []
    of = {each.record.pk: each for each in hands}
    contacts: list[Contact] = _held(CONTACT, Contact.with_deleted, account__in=of)
    return [_Hand(each, of[each.account_id].owner, of[each.account_id].team) for each in contacts]


def _give(
    kind: RecordType,
    hands: Sequence[_Hand],
    followers: Sequence[_Hand],
    *,
    batch: Batch,
    given_at: datetime | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """Give records that are held, with all that follows from it; `given_at` says when what goes back was given."""
    pooled = {each.record.pk for each in hands if each.record.owner_id is None}
    done = _amend(kind, hands, batch, by=by, at=at)
    if not done:
        return
    followed = _amend(CONTACT, followers, batch, by=by, at=at)
    given = [each.record for each in hands if each.record.pk in done]
    if kind is ACCOUNT or kind is LEAD:
        _keep_pool(kind, given, pooled, given_at=given_at, by=by, at=at)
    if kind is DEAL:
        told = tuple(
            DealAmended(deal=deal.pk, account=deal.account_id, changed=tuple(done[deal.pk]), actor=actor(by), at=at)
            for deal in cast("list[Deal]", given)
        )  # fmt: skip
        emit(ManyTold(events=told, at=at))
    owners = tuple((key, *changed["owner"]) for key, changed in done.items() if "owner" in changed)
    if owners:
        emit(OwnersChanged(record_type=kind.key, changes=owners, actor=actor(by), at=at))
    for key, keys in ((kind.key, done), (CONTACT.key, followed)):
        if keys:
            tell(key, *keys)
            tell(f"{key}s", 0)
    if kind is CONTACT:
        tell("account", *{contact.account_id for contact in cast("list[Contact]", given)})
    # Told of last: who adds a row to the trail must wait for nobody after it.
    fields = fields_of(kind)
    for record in given:
        after = {name: value for name, (_, value) in done[record.pk].items()}
        keep_fields(_VERBS[kind.key], record, after, fields=fields, by=by, at=at)
    batch.changed += done


def _amend(
    kind: RecordType, hands: Sequence[_Hand], batch: Batch, *, by: User | None, at: datetime
) -> Mapping[int, Mapping[str, tuple[Any, Any]]]:
    if not hands:
        return {}
    wanted: list[tuple[Any, dict[str, Any]]] = []
    for each in hands:
        values: dict[str, Any] = {"owner": each.owner, "team": each.team}
        if isinstance(each.record, Lead) and each.owner is None:
            values["status"] = Lead.Status.NEW.value  # who takes it next begins anew
        wanted.append((each.record, values))
    return amend_many(wanted, kind=kind, fields=fields_of(kind), batch=batch.id, by=by, at=at)


def _keep_pool(
    kind: RecordType,
    given: Sequence[Record],
    pooled: Collection[int],
    *,
    given_at: datetime | None,
    by: User | None,
    at: datetime,
) -> None:
    """Let the open pool follow: what came out of it is kept with why; taken back, it is as if it never had."""
    keys = [record.pk for record in given]
    PoolDue.objects.filter(record_type=kind.key, record__in=keys).delete()
    out = [record for record in given if record.pk in pooled and record.owner_id is not None]
    PoolMove.objects.bulk_create(
        PoolMove(
            record_type=kind.key,
            record=record.pk,
            kind=PoolMove.Kind.ASSIGNED,
            at=at,
            by=by,
            to_owner_id=record.owner_id,
        )
        for record in out
    )
    back = [record.pk for record in given if record.owner_id is None]
    if back and given_at is not None:
        moves = PoolMove.objects.filter(record_type=kind.key, record__in=back, at=given_at)
        moves.filter(kind=PoolMove.Kind.ASSIGNED).delete()
    if out or back:
        tell("pool", 0)
