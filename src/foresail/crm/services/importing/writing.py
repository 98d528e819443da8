"""A batch of planned rows becomes records, in one transaction: rows and what became of them stand or fall together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

from django.db import models

from foresail.core.events import emit
from foresail.core.outbox import tell
from foresail.crm.currencies import house_currency
from foresail.crm.events import DealAmended, DealEnded, DealMoved, DealOpened, ManyTold, OwnersChanged
from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, RecordType, to_json
from foresail.crm.models import (
    Account,
    Deal,
    DealProduct,
    Import,
    ImportRow,
    Lead,
    Listed,
    Stage,
)
from foresail.crm.services.bulk import copy_rows, json_of, next_keys, number_of, rows_to_write
from foresail.crm.services.changing import amend_many
from foresail.crm.services.importing import logs
from foresail.crm.services.importing.planning import Planner, price_of
from foresail.crm.services.importing.reading import Plan
from foresail.crm.services.telling import actor
from foresail.crm.words import keys_of_record

Deals = DealOpened | DealMoved | DealEnded | DealAmended

_ROW: Final = ("of_id", "row", "kind", "record", "action", "problems", "before", "version", "later")
_KEYS: Final = ("line", "owner", "account", "pipeline", "stage")


@dataclass
class Written:
    """What a batch came to."""

    counts: dict[str, int] = field(default_factory=dict)
    accounts: int = 0
    sha256: str = ""


def write(of: Import, planner: Planner, plans: Sequence[Plan], *, at: datetime) -> Written:
    """Write a batch: accounts that are made along, new records, changed ones, and what became of every row."""
    done = Written(
        counts={name: sum(plan.action == name for plan in plans) for name in ImportRow.Action.values}
    )
    outcomes: list[tuple[Any, ...]] = []
    events: list[Deals] = []
    made = _make_accounts(of, planner, plans, at=at, outcomes=outcomes)
    done.accounts = len(made)
    adding = [plan for plan in plans if plan.action == "added"]
    keys = _add(planner, adding, made, at=at, events=events)
    for plan, key in zip(adding, keys, strict=True):
        outcomes.append(_outcome(of, plan, planner.kind, record=key, version=1))
    updated = [plan for plan in plans if plan.action == "updated"]
    changed_fields, changed_outcomes = _change(of, planner, updated, at=at, events=events)
    outcomes += changed_outcomes
    outcomes += [
        _outcome(of, plan, planner.kind, record=None if plan.record is None else plan.record.pk)
        for plan in plans
        if plan.action in {"same", "rejected"}
    ]
    copy_rows(ImportRow, _ROW, outcomes)
    if events:
        emit(ManyTold(events=tuple(events), at=at))
    if planner.of_log:
        logs.tell(
            of,
            _deals_of_log(plans, dict(zip([plan.number for plan in adding], keys, strict=True))),
            by=planner.by,
            at=at,
        )
    by = actor(planner.by)
    for kind, hands in (
        (ACCOUNT, [(each.pk, None, each.owner_id) for each in made.values() if each.owner_id]),
        (planner.kind, _hands(planner.kind, adding, keys, changed_fields)),
    ):
        if hands:
            emit(OwnersChanged(record_type=kind.key, changes=tuple(hands), actor=by, at=at))
    if adding or done.counts["updated"]:
        changed = [plan.record.pk for plan in plans if plan.action == "updated" and plan.record is not None]
        tell(planner.kind.key, *changed)
        tell(f"{planner.kind.key}s", 0)
    if made:
        tell("accounts", 0)
    done.sha256 = _digest(outcomes)
    return done


def _deals_of_log(plans: Sequence[Plan], added: Mapping[int, int]) -> dict[str, tuple[int, int]]:
    """Return the deals of a batch that are here now, by number, each with its account: what is left out tells nothing."""
    found: dict[str, tuple[int, int]] = {}
    for plan in plans:
        if plan.number in added:
            found[plan.values["number"]] = added[plan.number], plan.values["account"].pk
        elif isinstance(plan.record, Deal) and plan.action != "rejected":
            found[plan.record.number] = plan.record.pk, plan.record.account_id
    return found


def _hands(
    kind: RecordType, adding: Sequence[Plan], keys: Sequence[int], changed: Mapping[int, Mapping[str, Any]]
) -> list[tuple[int, int | None, int | None]]:
    """Return what of a batch changed hands. What had ended when it came is for nobody to do, and contacts follow."""
    if kind.key not in {ACCOUNT.key, DEAL.key, LEAD.key}:
        return []
    ended = {Deal.Status.WON, Deal.Status.LOST, Lead.Status.CONVERTED, Lead.Status.DISCARDED}
    new = [
        (key, None, plan.values["owner"].pk)
        for plan, key in zip(adding, keys, strict=True)
        if plan.values.get("owner") is not None and plan.values.get("status") not in ended
    ]
    return new + [(key, *fields["owner"]) for key, fields in changed.items() if "owner" in fields]


def _outcome(
    of: Import,
    plan: Plan,
    kind: RecordType,
    *,
    record: int | None,
    version: int | None = None,
    before: Mapping[str, Any] | None = None,
) -> tuple[Any, ...]:
    return (
        of.pk, plan.number, kind.key, record, plan.action,
        json_of(plan.problems or None),
        json_of(before or None),
        version,
        json_of(plan.later) if plan.later and record else None,
    )  # fmt: skip


def _make_accounts(
    of: Import, planner: Planner, plans: Sequence[Plan], *, at: datetime, outcomes: list[tuple[Any, ...]]
) -> dict[str, Account]:
    """Make the accounts that rows name and nobody has, each once."""
    wanted: dict[str, Plan] = {}
    for plan in plans:
        if plan.action == "added" and plan.make:
            wanted.setdefault(plan.make, plan)
    if not wanted:
        return {}
    records = []
    for name, plan in wanted.items():
        owner = plan.values.get("owner", planner.owner)
        line = plan.values.get("line") or (owner.team.line if owner and owner.team else planner.line)
        records.append(
            Account(
                name=name, owner=owner, team=owner.team if owner else None, line=line,
                **_begun(planner, {}, at),
            )
        )  # fmt: skip
    for account, key in zip(records, next_keys(Account, len(records)), strict=True):
        account.pk = key
    _save(ACCOUNT, records)
    for plan, account in zip(wanted.values(), records, strict=True):
        outcomes.append((of.pk, plan.number, ACCOUNT.key, account.pk, "added", None, None, 1, None))
    return {account.name: account for account in records}


def _add(
    planner: Planner, plans: Sequence[Plan], made: Mapping[str, Account], *, at: datetime, events: list[Deals]
) -> list[int]:
    if not plans:
        return []
    for plan in plans:
        if plan.make:
            plan.values["account"] = made[plan.make]
    if planner.kind is DEAL:
        return _add_deals(planner, plans, at=at, events=events)
    kind, columns, house = planner.kind, _columns(planner), house_currency()
    keys = next_keys(kind.model, len(plans))

    def records() -> Iterator[Any]:
        for plan, key in zip(plans, keys, strict=True):
            values = plan.values
            own = _own(columns, values) | _begun(planner, values, at)
            if kind is CONTACT:
                account = values["account"]
                own |= {
                    "account_id": account.pk, "owner_id": account.owner_id, "team_id": account.team_id,
                    "line_id": account.line_id,
                }  # fmt: skip
            elif kind is PRODUCT:
                own |= {"active": values.get("active", True), "currency": values.get("currency") or house}
            else:
                own |= _whose(values)
            if kind is LEAD and (status := values.get("status")):
                own["status"] = status
                own["ended_at"] = at if status == Lead.Status.DISCARDED else None
            yield _made(kind.model, own | {"id": key})

    _save(kind, records())
    return keys


def _add_deals(planner: Planner, plans: Sequence[Plan], *, at: datetime, events: list[Deals]) -> list[int]:
    keys, numbers = _numbered(plans)
    columns = _columns(planner)
    products: list[tuple[Any, ...]] = []

    def records() -> Iterator[Any]:
        for plan, key, number in zip(plans, keys, numbers, strict=True):
            deal = _deal(planner, plan.values, _own(columns, plan.values), key=key, number=number, at=at)
            if (product := plan.values.get("product")) is not None:
                products.append((key, product.pk, Decimal(1), price_of(product, deal.amount), Decimal(0), 0))
            events.extend(_told(deal, planner, plan.values["stage"].key, at=at))
            yield deal

    _save(DEAL, records())
    if products:
        copy_rows(
            DealProduct, ("deal_id", "product_id", "quantity", "price", "discount", "position"), products
        )
    return keys


def _deal(
    planner: Planner,
    values: dict[str, Any],
    own: Mapping[str, Any],
    *,
    key: int,
    number: str,
    at: datetime,
) -> Any:
    account, pipeline, product = values["account"], values["pipeline"], values.get("product")
    ended = values["status"] != Deal.Status.OPEN
    closed_at = (values.get("closed_at") or at) if ended else None
    opened_at = values.get("opened_at") or values.get("created_at") or min(at, closed_at or at)
    if closed_at is not None:
        opened_at = min(opened_at, closed_at)
    owner = values["owner"]
    facts = {
        "customer": account.name, "industry": account.industry, "region": account.region,
        "team": owner.team.name if owner and owner.team else "", "line": pipeline.line.name,
        "product": product.name if product else "",
    }  # fmt: skip
    begun = _begun(planner, values | {"created_at": values.get("created_at") or opened_at}, at)
    more = {
        "id": key, "number": number, "account": account, "account_id": account.id, "pipeline_id": pipeline.id,
        "stage_id": values["stage"].id, "status": values["status"], "opened_at": opened_at, "closed_at": closed_at,
        "close_reason": values.get("close_reason", ""), "facts": {k: v for k, v in facts.items() if v},
        "currency": own.get("currency") or pipeline.currency,
    }  # fmt: skip
    return _made(Deal, {**own, **_whose(values), **begun, **more})


def _told(deal: Any, planner: Planner, stage: str, *, at: datetime) -> list[Deals]:
    """Return what is told of a new deal: that it opened when it did, and how it ended. Where it stands is known now."""
    first = planner.stages[deal.pipeline_id][0]
    by = actor(planner.by)
    told: list[Deals] = [
        DealOpened(
            deal=deal.id, pipeline=deal.pipeline_id, owner=deal.owner_id, team=deal.team_id, account=deal.account_id,
            stage_key=first.key, amount=deal.amount, facts=deal.facts, actor=by, at=deal.opened_at,
        )
    ]  # fmt: skip
    if deal.closed_at is not None:
        told.append(
            DealEnded(
                deal=deal.id, account=deal.account_id, outcome=deal.status, reason=deal.close_reason, actor=by,
                at=deal.closed_at,
            )
        )  # fmt: skip
    elif deal.stage_id != first.pk and not planner.of_log:
        told.append(DealMoved(deal=deal.id, account=deal.account_id, stage_key=stage, actor=by, at=at))
    return told


def _numbered(plans: Sequence[Plan]) -> tuple[list[int], list[str]]:
    """Return keys and numbers of new deals; numbers that look like ours may be somebody else's already."""
    keys = next_keys(Deal, len(plans))
    given = [plan.values.get("number") for plan in plans]
    while True:
        numbers = [number or number_of(key) for number, key in zip(given, keys, strict=True)]
        own = [n for n, said in zip(numbers, given, strict=True) if said is None]
        taken = set(Deal.with_deleted.filter(number__among=own).values_list("number", flat=True))
        taken |= {number for number in own if number in set(filter(None, given))}
        again = [place for place, number in enumerate(numbers) if given[place] is None and number in taken]
        if not again:
            return keys, numbers
        for place, key in zip(again, next_keys(Deal, len(again)), strict=True):
            keys[place] = key


def _change(
    of: Import, planner: Planner, plans: Sequence[Plan], *, at: datetime, events: list[Deals]
) -> tuple[dict[int, dict[str, tuple[Any, Any]]], list[tuple[Any, ...]]]:
    """Change records; return by key what changed, and what became of the rows."""
    if not plans:
        return {}, []
    kind = planner.kind
    records: dict[int, Any] = {plan.record.pk: plan.record for plan in plans if plan.record is not None}
    was = {key: (record.version, record.changed_at.isoformat()) for key, record in records.items()}
    moved: dict[int, Stage] = {
        plan.record.pk: plan.wanted["stage"]
        for plan in plans
        if plan.record is not None and "stage" in plan.wanted
    }
    changed = amend_many(
        [(plan.record, plan.wanted) for plan in plans if plan.record is not None],
        kind=kind, fields=planner.fields, batch=of.batch, by=planner.by, at=at,
    )  # fmt: skip
    by = actor(planner.by)
    for key, each in changed.items():
        if kind is not DEAL:
            break
        account = records[key].account_id
        if key in moved:
            events.append(DealMoved(deal=key, account=account, stage_key=moved[key].key, actor=by, at=at))
        if others := tuple(name for name in each if name != "stage"):
            events.append(DealAmended(deal=key, account=account, changed=others, actor=by, at=at))
    outcomes = []
    for plan in plans:
        assert plan.record is not None
        key = plan.record.pk
        version, changed_at = was[key]
        before = {"fields": changed.get(key, {}), "version": version, "changed_at": changed_at}
        outcomes.append(_outcome(of, plan, kind, record=key, version=records[key].version, before=before))
    return changed, outcomes


def _columns(planner: Planner) -> dict[str, str]:
    """Return the columns of our own fields that are changed one by one, by key."""
    names = {
        key: field_.column
        for key, field_ in planner.fields.items()
        if field_.changeable and not field_.custom and key not in {*_KEYS, "tags"}
    } | ({"line": "line"} if planner.kind is PRODUCT else {})
    columns = {field_.name: field_.attname for field_ in planner.kind.model._meta.concrete_fields}  # noqa: SLF001  # documented by Django
    return {key: columns[name] for key, name in names.items()}


def _own(columns: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        columns[key]: value.pk if isinstance(value, models.Model) else value
        for key, value in values.items()
        if key in columns
    }


def _made(model: type[Listed], values: Mapping[str, Any]) -> Any:
    """Return a new record as a plain object: Django takes ten times as long for one of its own."""
    return SimpleNamespace(**{**_defaults(model), **values})


@cache
def _defaults(model: type[Listed]) -> dict[str, Any]:
    """Return what a new record holds where nothing is said."""
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}  # noqa: SLF001  # documented by Django


def _whose(values: Mapping[str, Any]) -> dict[str, Any]:
    owner = values.get("owner")
    return {  # id, not pk: that is looked for through the model each time
        "owner_id": owner and owner.id, "team_id": owner and owner.team_id, "line_id": values["line"].id,
    }  # fmt: skip


def _begun(planner: Planner, values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return what every listed record begins with; when and by whom, as the file says it where it does."""
    custom = {
        key: to_json(value)
        for key, value in values.items()
        if key in planner.fields and planner.fields[key].custom and value not in (None, [])
    }
    by = values.get("created_by", planner.by)
    return {
        "custom": custom, "tags": values.get("tags", []), "created_at": min(values.get("created_at") or at, at),
        "created_by_id": by and by.id, "changed_at": at,
    }  # fmt: skip


def _save(kind: RecordType, records: Iterable[Any]) -> None:
    """Write new records that have their keys, with the words that find them; each is made while the server takes in those before."""
    fields: list[models.Field[Any, Any]] = list(kind.model._meta.concrete_fields)  # noqa: SLF001  # documented by Django
    fields.sort(key=lambda field: field.column != "id")
    columns = tuple(str(field.column) for field in fields)
    copy_rows(kind.model, columns, rows_to_write(fields, (_worded(kind, record) for record in records)))


def _worded(kind: RecordType, record: Any) -> Any:
    record.keys = keys_of_record(record, kind)
    return record


def _digest(outcomes: Sequence[tuple[Any, ...]]) -> str:
    """Return the SHA-256 of a line of compact JSON for each row: its place, kind, record and what became of it."""
    # Written in one go, which takes a tenth of the time: none of these holds a bracket.
    compact = json.dumps([outcome[1:5] for outcome in outcomes], separators=(",", ":"))
    lines = compact[1:-1].replace("],[", "]\n[") + "\n" if outcomes else ""
    return hashlib.sha256(lines.encode()).hexdigest()
