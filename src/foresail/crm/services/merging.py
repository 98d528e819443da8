"""Two records become one, and can become two again: every field and link as it was."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import models, transaction
from django.db.models import F

from foresail.core.errors import NotFound
from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.errors import FieldReserved, FieldUnknown, MergeElsewhere, MergeImpossible, NothingToUndo
from foresail.crm.events import MergeUndone, RecordsMerged
from foresail.crm.fields import Field, Kind, RecordType, fields_of, record_type, record_types, to_json
from foresail.crm.matched import index
from foresail.crm.models import (
    Account,
    Attachment,
    Contact,
    CustomField,
    Deal,
    DealContact,
    DuplicatePair,
    Lead,
    Listed,
    Merge,
    Note,
    PoolMove,
    Task,
)
from foresail.crm.services.changing import amend, tell_of
from foresail.crm.services.duplicates import MATCHED
from foresail.crm.services.permission import require
from foresail.crm.services.telling import actor, tell_of_deal
from foresail.crm.services.telling import keep as keep_change
from foresail.crm.sight import Sight
from foresail.crm.words import keys_of_record
from foresail.governance.collecting import contact_subject
from foresail.governance.services import Withdrawals, join_consents, part_consents, tell_withdrawals
from foresail.people.rules import Action

if TYPE_CHECKING:
    from foresail.people.models import User

MOST: Final = 20
"""So many records become one at once, at most."""
WHOSE: Final = ("owner_id", "team_id", "line_id")

Moves = list[dict[str, Any]]
"""What a merge did to other rows: {"table", "key", "was", "is"} by column; "row" where a row went; "state" of pairs."""

_LINKS: Final[Mapping[type[Listed], tuple[tuple[type[models.Model], str], ...]]] = {
    Account: ((Deal, "account_id"), (Contact, "account_id"), (Lead, "account_id"), (Account, "parent_id")),
    Contact: ((Lead, "contact_id"), (Contact, "previous_id")),
    Lead: (),
}
_TABLES: Final[Mapping[str, type[models.Model]]] = {
    model.__name__: model
    for model in (Account, Contact, Lead, Deal, DealContact, DuplicatePair, Task, Note, Attachment, PoolMove)
} | {each.model.__name__: each.model for each in record_types()}


def merge_records(
    *,
    keep: Listed,
    gone: Sequence[Listed],
    choices: Mapping[str, int] | None = None,
    by: User | None,
    at: datetime,
) -> Merge:
    """Make one record of `keep` and `gone`; it takes each field of `choices` from the record with that key.

    A field that nobody chose keeps its value, and takes that of the first of `gone` where it has none. Tags unite.
    What pointed to one of `gone` points to `keep`. They stay, out of every list, and say what they were merged into.

    Raises NotFound, NotAllowed (of any of them), MergeImpossible, MergeElsewhere, FieldUnknown or FieldReserved.
    """
    kind = _kind_of(keep, gone)
    with transaction.atomic():
        held = _held(kind, keep.pk, [each.pk for each in gone])
        return _merge(kind, *held, choices or {}, by=by, at=at)


def _merge(
    kind: RecordType, keep: Any, gone: list[Any], choices: Mapping[str, int], *, by: User | None, at: datetime
) -> Merge:
    require(Action.CHANGE, keep, by=by)
    require(Action.DELETE, *gone, by=by)
    _require_fitting(keep, gone)
    fields = fields_of(kind)
    wanted = _wanted(kind, keep, gone, choices, fields, by=by)
    those = [keep.pk, *(each.pk for each in gone)]
    if isinstance(keep, Account):
        wanted["parent"] = _parent_of_one(wanted.get("parent", keep.parent), set(those))
    moves: Moves = []
    for each in gone:
        moves += _move_links(kind, each, keep, among=those, at=at)
    moves += _decide_pairs(kind, those, by=by, at=at)
    for each in gone:
        each.deleted_at, each.deleted_by, each.merged_into = at, by, keep.pk
        each.version += 1
        each.save(update_fields=["deleted_at", "deleted_by", "merged_into", "version"])
        tell_of(each)
    merge = Merge.objects.create(
        record_type=kind.key,
        kept=keep.pk,
        gone=[each.pk for each in gone],
        moved=moves,
        at=at,
        by=by,
    )
    told = _deals_in(moves)
    noted = Withdrawals()
    if isinstance(keep, Contact):
        subjects = [contact_subject(each.pk) for each in gone]
        noted = join_consents(kept=contact_subject(keep.pk), gone=subjects, merge=merge.pk, at=at)
    emit(
        RecordsMerged(
            merge=merge.pk, record_type=kind.key, kept=keep.pk, gone=tuple(merge.gone), deals=told,
            actor=actor(by), at=at,
        )
    )  # fmt: skip
    tell_of(keep)
    tell_of_deal(*told)
    tell("duplicates", 0)
    tell("merges", 0)
    # Told of last: who adds a row to the trail must wait for nobody after it.
    before = {key: to_json(fields[key].value_of(keep)) for key in wanted}
    changed = amend(keep, wanted, fields=fields, verb="merge_records", batch=uuid.uuid4(), by=by, at=at)
    merge.fields = {key: [before[key], value] for key, value in changed.items()}
    merge.save(update_fields=["fields"])
    for each in gone:
        keep_change("merged_into", each, {"into": keep.pk, "merge": merge.pk}, by=by, at=at)
    tell_withdrawals(noted, by=by, at=at)
    return merge


def undo_merge(*, merge: Merge, by: User | None, at: datetime) -> None:
    """Make the records of a merge what they were: each field and link, unless it was changed again since.

    Raises NotFound, NotAllowed (of any of them), or NothingToUndo where it was undone or the kept record was merged
    further, which is to be undone first.
    """
    kind = record_type(merge.record_type)
    with transaction.atomic():
        merge.refresh_from_db(from_queryset=Merge.objects.select_for_update(no_key=True))
        if merge.undone_at is not None:
            raise NothingToUndo
        held = kind.model.with_deleted.select_for_update(no_key=True)
        records: dict[int, Any] = {
            each.pk: each for each in held.filter(pk__in=[merge.kept, *merge.gone]).order_by("pk")
        }
        keep = records.get(merge.kept)
        gone = [records[key] for key in merge.gone if key in records]
        if keep is None or len(gone) < len(merge.gone):
            raise NotFound
        require(Action.CHANGE, keep, by=by)
        require(Action.DELETE, *gone, by=by)
        if keep.deleted_at is not None or any(each.merged_into != keep.pk for each in gone):
            raise NothingToUndo
        fields = fields_of(kind, retired=True)
        wanted = {
            key: _kept_value(fields[key], before)
            for key, (before, after) in merge.fields.items()
            if key in fields and _plain(to_json(fields[key].value_of(keep))) == _plain(after)
        }
        for each in gone:
            each.deleted_at = each.deleted_by = each.merged_into = None
            each.version += 1
            each.save(update_fields=["deleted_at", "deleted_by", "merged_into", "version"])
        _move_back(merge.moved, at=at)
        merge.undone_at, merge.undone_by = at, by
        merge.save(update_fields=["undone_at", "undone_by"])
        told = _deals_in(merge.moved)
        noted = Withdrawals()
        if isinstance(keep, Contact):
            noted = part_consents(
                subjects=[contact_subject(key) for key in (merge.kept, *merge.gone)], merge=merge.pk, at=at
            )
        emit(
            MergeUndone(
                merge=merge.pk, record_type=kind.key, kept=keep.pk, gone=tuple(merge.gone), deals=told,
                actor=actor(by), at=at,
            )
        )  # fmt: skip
        for each in (keep, *gone):
            tell_of(each)
        tell_of_deal(*told)
        tell("duplicates", 0)
        tell("merges", 0)
        amend(keep, wanted, fields=fields, verb="undo_merge", by=by, at=at)
        for each in gone:
            keep_change("split_off", each, {"from": keep.pk, "merge": merge.pk}, by=by, at=at)
        tell_withdrawals(noted, by=by, at=at)


def _kind_of(keep: Listed, gone: Sequence[Listed]) -> RecordType:
    """Return the kind of all of them. Raises MergeImpossible."""
    kind = next((each for each in record_types() if isinstance(keep, each.model)), None)
    keys = {each.pk for each in gone}
    if (
        kind is None
        or kind.key not in MATCHED
        or not 0 < len(gone) <= MOST
        or len(keys) < len(gone)
        or keep.pk in keys
        or any(type(each) is not type(keep) for each in gone)
    ):
        raise MergeImpossible(
            zh=f"请选择 2 至 {MOST + 1} 条同类的客户、联系人或线索。",
            en=f"choose 2 to {MOST + 1} different accounts, contacts or leads, all of one kind.",
        )
    return kind


def _held(kind: RecordType, keep: int, gone: Sequence[int]) -> tuple[Any, list[Any]]:
    """Read the records anew and let nobody else change them; in the order of keys, so that two merges meet in none."""
    held = kind.model.objects.select_for_update(no_key=True).filter(pk__in=[keep, *gone]).order_by("pk")
    found = {each.pk: each for each in held}
    if len(found) < 1 + len(gone):
        raise NotFound
    return found[keep], [found[key] for key in gone]


def _require_fitting(keep: Any, gone: Sequence[Any]) -> None:
    if isinstance(keep, Contact) and any(each.account_id != keep.account_id for each in gone):
        raise MergeElsewhere
    if isinstance(keep, Lead) and any(each.status == Lead.Status.CONVERTED for each in gone):
        raise MergeImpossible(
            zh="已转化的线索只能作为保留的一方，且只能有一条。",
            en="a lead that was converted can only be the one that is kept, and only one of them.",
        )


def _wanted(
    kind: RecordType,
    keep: Any,
    gone: Sequence[Any],
    choices: Mapping[str, int],
    fields: Mapping[str, Field],
    *,
    by: User | None,
) -> dict[str, Any]:
    """Return the values that the kept record gets, by field."""
    sight, sources = Sight.of(by), {each.pk: each for each in (keep, *gone)}
    wanted: dict[str, Any] = {}
    for key, source in choices.items():
        field = fields.get(key)
        if field is None or not sight.shows(kind, field, keep) or source not in sources:
            raise FieldUnknown(zh=kind.zh, en=kind.en, field=key)
        if not field.changeable or not sight.may_change(kind, field, keep):
            raise FieldReserved(zh=field.zh, en=field.en)
        if not sight.shows(kind, field, sources[source]):
            raise FieldReserved(zh=field.zh, en=field.en)
        wanted[key] = _value(field, sources[source])
    for key, field in fields.items():
        if not field.changeable or key in choices or field.expression is not None:
            continue
        if field.kind is Kind.TAGS:
            tags = [tag for each in (keep, *gone) for tag in each.tags]
            wanted[key] = list(dict.fromkeys(tags))
        elif _plain(to_json(field.value_of(keep))) is None:
            found = (
                _value(field, each) for each in gone if _plain(to_json(field.value_of(each))) is not None
            )
            if (value := next(found, None)) is not None:
                wanted[key] = value
    return wanted


def _value(field: Field, record: Any) -> Any:
    """Return what `amend` takes: for fields of one's own the JSON, else what lies in the column."""
    return record.custom.get(field.key) if field.custom else getattr(record, field.column)


def _kept_value(field: Field, before: Any) -> Any:
    """Return what `amend` takes for a value that was kept as JSON."""
    if field.custom:
        return before
    match field.kind:
        case Kind.RECORD:
            return None if before is None else record_type(field.target).model.with_deleted.get(pk=before)
        case Kind.DATE:
            return None if before is None else date.fromisoformat(before)
        case Kind.TAGS:
            return before or []
        case _:
            return before or ""


def _plain(value: Any) -> Any:
    return None if value in ("", []) else value


def _parent_of_one(chosen: Account | None, those: set[int]) -> Account | None:
    """Return the company above `those` that become one: the first beyond all of them on the way up from `chosen`."""
    way: list[Account] = []
    while chosen is not None and chosen not in way:
        way.append(chosen)
        chosen = chosen.parent
    last = max((place for place, each in enumerate(way) if each.pk in those), default=-1)
    return way[last + 1] if last + 1 < len(way) else None


def _move_links(kind: RecordType, gone: Any, keep: Any, *, among: Sequence[int], at: datetime) -> Moves:
    """Point what points to `gone` to `keep`; return what was moved. What those `among` themselves say, they keep."""
    moves: Moves = []
    for model, column in _LINKS[type(keep)]:
        everything = getattr(model, "with_deleted", model._default_manager)  # noqa: SLF001  # documented by Django
        for row in everything.select_for_update(no_key=True).filter(**{column: gone.pk}).order_by("pk"):
            if isinstance(row, type(keep)) and row.pk in among:
                continue
            now = {column: keep.pk}
            if model is Contact and isinstance(keep, Account):
                now |= {name: getattr(keep, name) for name in WHOSE}
            moves.append(_moved(row, now, at=at))
    moves += _move_beside(kind, gone, keep)
    if isinstance(keep, Contact):
        moves += _move_roles(gone, keep)
    for field in CustomField.objects.filter(kind=CustomField.Kind.RECORD, target=kind.key).order_by("pk"):
        model = record_type(field.record_type).model
        pointing = model.with_deleted.select_for_update(no_key=True).filter(
            **{f"custom__{field.key}": gone.pk}
        )
        for row in pointing.order_by("pk"):
            if isinstance(row, type(keep)) and row.pk in among:
                continue
            custom = {**row.custom, field.key: keep.pk}
            model.with_deleted.filter(pk=row.pk).update(
                custom=custom, version=F("version") + 1, changed_at=at
            )
            moves.append(
                {"table": model.__name__, "key": row.pk, "custom": field.key, "was": gone.pk, "is": keep.pk}
            )
    return moves


def _move_beside(kind: RecordType, gone: Any, keep: Any) -> Moves:
    """Put the tasks, notes, attachments and moves of `gone` beside `keep`."""
    moves: Moves = []
    own = {"record_type": kind.key, "record": gone.pk}
    for model, column, found in (
        (Task, f"{kind.key}_id", Task.objects.filter(**{f"{kind.key}_id": gone.pk})),
        (Note, "record", Note.objects.filter(**own)),
        (Attachment, "record", Attachment.objects.filter(**own)),
        (PoolMove, "record", PoolMove.objects.filter(**own)),
    ):
        keys = list(found.select_for_update().order_by("pk").values_list("pk", flat=True))
        model.objects.filter(pk__in=keys).update(**{column: keep.pk})
        moves += [
            {"table": model.__name__, "key": key, "was": {column: gone.pk}, "is": {column: keep.pk}}
            for key in keys
        ]
    return moves


def _moved(row: Any, now: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    was = {column: getattr(row, column) for column in now}
    for column, value in now.items():
        setattr(row, column, value)
    row.version += 1
    row.changed_at = at
    words = keys_of_record(row)
    more = {"keys": words} if words != row.keys else {}
    type(row).with_deleted.filter(pk=row.pk).update(**now, **more, version=F("version") + 1, changed_at=at)
    if isinstance(row, Contact):
        index(record_type("contact"), [row.pk])
    return {"table": type(row).__name__, "key": row.pk, "was": was, "is": dict(now)}


def _move_roles(gone: Contact, keep: Contact) -> Moves:
    """Give the kept contact the roles in deals; where both have one in a deal, the kept one's stays."""
    moves: Moves = []
    taken = set(DealContact.objects.filter(contact=keep).values_list("deal_id", flat=True))
    for role in DealContact.objects.select_for_update().filter(contact=gone).order_by("pk"):
        if role.deal_id in taken:
            row = {"id": role.pk, "deal_id": role.deal_id, "contact_id": gone.pk, "role": role.role}
            moves.append({"table": "DealContact", "key": role.pk, "row": row, "deal": role.deal_id})
            role.delete()
            continue
        taken.add(role.deal_id)
        DealContact.objects.filter(pk=role.pk).update(contact=keep)
        moves.append(
            {"table": "DealContact", "key": role.pk, "was": {"contact_id": gone.pk},
             "is": {"contact_id": keep.pk}, "deal": role.deal_id}
        )  # fmt: skip
    return moves


def _decide_pairs(kind: RecordType, keys: Sequence[int], *, by: User | None, at: datetime) -> Moves:
    """Mark the pairs among those that become one; return what they were."""
    moves: Moves = []
    pairs = DuplicatePair.objects.select_for_update().filter(
        record_type=kind.key, low__in=keys, high__in=keys
    )
    for pair in pairs.exclude(state=DuplicatePair.State.MERGED).order_by("pk"):
        was = {"state": pair.state, "decided_by_id": pair.decided_by_id}
        decided = pair.decided_at.isoformat() if pair.decided_at else None
        moves.append({"table": "DuplicatePair", "key": pair.pk, "pair": was | {"decided_at": decided}})
        pair.state, pair.decided_at, pair.decided_by = DuplicatePair.State.MERGED, at, by
        pair.save(update_fields=["state", "decided_at", "decided_by"])
    return moves


def _move_back(moves: Moves, *, at: datetime) -> None:
    """Take back what was moved, last first, wherever it still is where the merge put it."""
    for move in reversed(moves):
        model = _TABLES[move["table"]]
        rows: Any = getattr(model, "with_deleted", model._default_manager)  # noqa: SLF001
        row = rows.filter(pk=move["key"]).first()
        if "row" in move:
            there = DealContact.objects.filter(deal=move["row"]["deal_id"], contact=move["row"]["contact_id"])
            if row is None and not there.exists() and Deal.with_deleted.filter(pk=move["deal"]).exists():
                DealContact.objects.create(**move["row"])
        elif row is None:
            continue
        elif "pair" in move:
            was = dict(move["pair"])
            was["decided_at"] = was["decided_at"] and datetime.fromisoformat(was["decided_at"])
            rows.filter(pk=row.pk, state=DuplicatePair.State.MERGED).update(**was)
        elif "custom" in move:
            if row.custom.get(move["custom"]) == move["is"]:
                custom = {**row.custom, move["custom"]: move["was"]}
                rows.filter(pk=row.pk).update(custom=custom, version=F("version") + 1, changed_at=at)
        elif model is DealContact:
            taken = DealContact.objects.filter(deal=row.deal_id, contact=move["was"]["contact_id"]).exists()
            if row.contact_id == move["is"]["contact_id"] and not taken:
                rows.filter(pk=row.pk).update(**move["was"])
        elif not isinstance(row, Listed):
            rows.filter(pk=row.pk, **move["is"]).update(**move["was"])
        else:
            link = next(iter(move["is"]))  # the link comes first, whose it is with it
            if getattr(row, link) == move["is"][link]:
                _moved(row, move["was"], at=at)


def _deals_in(moves: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the deals that got another account or other people."""
    keys = {move["key"] for move in moves if move["table"] == "Deal"}
    return tuple(sorted(keys | {move["deal"] for move in moves if "deal" in move}))
