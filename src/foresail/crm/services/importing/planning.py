"""What each row of a file would come to: an added record, an updated one, or nothing, with every problem in its cell.

The check before an import and the import itself go through the same plan, so what was shown is what happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from foresail.crm.errors import ValueInvalid
from foresail.crm.fields import DEAL, RecordType, fields_of, to_json
from foresail.crm.models import Account, Deal, Listed, Pipeline, Product, Record, Stage
from foresail.crm.services.importing.naming import Unmatched
from foresail.crm.services.importing.reading import Ended, Plan, Reader, Unnamed, Way, problem, user_of
from foresail.crm.services.importing.targets import Target
from foresail.crm.services.importing.twins import Twins
from foresail.crm.sight import Sight
from foresail.people.models import BusinessLine
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from foresail.people.models import User


class Planner:
    """Plans rows of one file, in their order. `begin` is where records begin that say nothing else of it.

    `of_log` says that a log tells how the deals came to their stage.
    """

    def __init__(self, kind: RecordType, way: Way, *, by: User | None) -> None:
        self.kind, self.way, self.by = kind, way, by
        self.sight = Sight.of(by)
        self.reader = Reader(kind, way, by=by, sight=self.sight)
        self.operates = self.reader.operates
        self.targets, self.place = self.reader.targets, self.reader.place
        self.fields = fields_of(kind)
        self.keys = [key for key in way.keys if key in self.place]
        self.twins = Twins(kind, mapped=list(self.place))
        self.of_log = False
        self._in_file: dict[tuple[Any, ...], int] = {}
        self.owner = by if not self.operates else user_of(way.owner)
        self.line = BusinessLine.objects.filter(pk=way.line).first() if way.line else None
        if self.line is None and by is not None and by.team is not None:
            self.line = by.team.line
        self.stages = {
            each.pk: sorted(
                (stage for stage in each.stages.all() if stage.retired_at is None),
                key=lambda stage: stage.position,
            )
            for each in self.reader.pipelines.values()
        }
        self.pipeline = self._pipeline_by_default()

    # ---- what is asked from outside

    def lacking(self) -> list[Target]:
        """Return what must be there for records to be added, and no column is read as."""
        return [] if self.way.policy == "update" else self.reader.lacking

    def recall(self, number: int, row: Sequence[str]) -> None:
        """Note a row that was done before, for what stands further down."""
        plan = self.reader.read(number, row)
        self.twins.remember(plan.values, number)
        if (key := self._key(plan)) is not None:
            self._in_file.setdefault(key, number)

    def plan(self, begin: int, rows: Sequence[Sequence[str]], *, hold: bool = False) -> list[Plan]:
        """Plan `rows`; the first of them has the number `begin`, from 0. With `hold` what is updated is locked."""
        self.reader.look_up(rows)
        plans = [self.reader.read(begin + place, row) for place, row in enumerate(rows)]
        self._match(plans, hold=hold)
        self._compare(plans)
        self._permit(plans)
        return plans

    # ---- records

    def _key(self, plan: Plan) -> tuple[Any, ...] | None:
        values = tuple(plan.values.get(key) for key in self.keys)
        return values if values and all(value is not None for value in values) else None

    def _match(self, plans: Sequence[Plan], *, hold: bool) -> None:
        """Find what rows are about: records with the same key, and rows further up with it."""
        if not self.keys:
            return
        keyed: dict[tuple[Any, ...], list[Plan]] = {}
        for plan in plans:
            if plan.action == "rejected":
                continue
            key = self._key(plan)
            if key is None:
                plan.reject(
                    "匹配列为空，无法判断是哪条记录。",
                    "The key is empty: which record this is cannot be told.",
                )
                continue
            if key in self._in_file:
                first = self._in_file[key] + 2
                plan.reject(
                    f"与第 {first} 行重复（匹配列相同）。", f"The same key stands in line {first} already."
                )
                continue
            self._in_file[key] = plan.number
            keyed.setdefault(key, []).append(plan)
        found = self._existing(list(keyed), hold=hold)
        for key, [plan] in keyed.items():
            records = found.get(key, [])
            if len(records) > 1:
                plan.reject(
                    f"有 {len(records)} 条现有记录与匹配列相同，请换一个更准确的匹配列。",
                    f"{len(records)} records have this key. Choose a key that tells them apart.",
                )
            elif records:
                plan.record = records[0]
                plan.action = "updated"

    def _existing(self, keys: Sequence[tuple[Any, ...]], *, hold: bool) -> dict[tuple[Any, ...], list[Any]]:
        if not keys:
            return {}
        first, *_ = self.keys
        field_ = self.fields[first]
        found = self.kind.model.objects.annotate(key_0=field_.found_by())
        if field_.custom:
            found = found.filter(key_0__in=[to_json(key[0]) for key in keys])
        else:
            found = found.filter(key_0__among=[key[0] for key in keys])
        if hold:
            found = found.select_for_update(no_key=True, of=("self",))
        told: dict[tuple[Any, ...], list[Any]] = {}
        for record in found.select_related(*self.kind.related).order_by("pk"):
            key = tuple(_comparable(self.fields[name].value_of(record)) for name in self.keys)
            told.setdefault(key, []).append(record)
        return {key: told[plain] for key in keys if (plain := tuple(map(_comparable, key))) in told}

    def _compare(self, plans: Sequence[Plan]) -> None:
        """Find what is there already, though its key is another, and what stands further up."""
        found = self.twins.there([plan.values for plan in plans])
        seen = self._seen({key for each in found for key in each.values()})
        for plan, twins in zip(plans, found, strict=True):
            if plan.action == "rejected" or plan.record is not None:
                continue
            for trait in self.twins.traits:
                if (key := twins.get(trait.field)) is None:
                    continue
                name = seen.get(key)
                plan.twins.append(
                    problem(
                        f"{trait.zh}与现有的“{name}”相同。"
                        if name
                        else f"{trait.zh}与一条您无权查看的记录相同。",
                        f"The same {trait.en} as {name}, which is here already."
                        if name
                        else f"The same {trait.en} as a record that you may not see.",
                        column=self.place[trait.field],
                    )
                    | ({"record": key} if name else {})
                )
            before = self.twins.before(plan.values)
            if before is not None:
                trait, number = before
                plan.twins.append(
                    problem(
                        f"{trait.zh}与第 {number + 2} 行相同。", f"The same {trait.en} as in line {number + 2}.",
                        column=self.place[trait.field],
                    )
                )  # fmt: skip
            if plan.twins and self.way.twins == "reject":
                plan.problems += plan.twins
                plan.action = "rejected"
            else:
                self.twins.remember(plan.values, plan.number)

    def _seen(self, keys: set[int]) -> dict[int, str]:
        if not keys:
            return {}
        found: QuerySet[Any] = self.kind.model.objects.filter(pk__among=keys)
        if self.by is not None and issubclass(self.kind.model, Record):
            found = limited(found, user=self.by, action=Action.SEE)
        return dict(found.values_list("pk", "name"))

    def _permit(self, plans: Sequence[Plan]) -> None:
        """Refuse what policy and rights refuse, and fill in what new records begin with."""
        changeable = self._changeable([plan.record.pk for plan in plans if plan.record is not None])
        accounts = self._accounts(plans)
        for plan in plans:
            if plan.action == "rejected":
                if plan.record is None and all(each["column"] is not None for each in plan.problems):
                    self._begin(plan)  # all that is wrong is said at once
                continue
            if plan.record is not None and self.way.policy == "add":
                plan.reject(
                    "已有这条记录（只新增，不更新）。",
                    "This record is here already, and none is to be updated.",
                )
            elif plan.record is not None:
                self._update(plan, changeable)
            elif self.way.policy == "update":
                plan.reject(
                    "没有找到对应的现有记录（只更新，不新增）。",
                    "No such record is here, and none is to be added.",
                )
            else:
                self._add(plan, accounts)
        self._numbers(plans)

    def _changeable(self, keys: Sequence[int]) -> set[int]:
        if not keys:
            return set()
        found: QuerySet[Any] = self.kind.model.objects.filter(pk__among=keys)
        if self.by is not None and issubclass(self.kind.model, Record):
            found = limited(found, user=self.by, action=Action.CHANGE)
        return set(found.values_list("pk", flat=True))

    def _accounts(self, plans: Sequence[Plan]) -> set[int] | None:
        """Return which accounts contacts may be added to; None is all."""
        if self.by is None or self.operates or "account" not in self.targets:
            return None
        keys = {each.pk for plan in plans if isinstance(each := plan.values.get("account"), Account)}
        action = Action.SEE if self.kind is DEAL else Action.CHANGE
        found = limited(Account.objects.filter(pk__among=keys), user=self.by, action=action)
        return set(found.values_list("pk", flat=True))

    def _update(self, plan: Plan, changeable: set[int]) -> None:
        record = plan.record
        assert record is not None
        if record.pk not in changeable:
            plan.reject("对应的记录您没有权限修改。", "The record with this key you may not change.")
            return
        wanted: dict[str, Any] = {}
        for key, value in plan.values.items():
            target = self.targets[key]
            if target.only_new or key not in self.fields or isinstance(value, Unnamed):
                if isinstance(value, Unnamed) and not target.only_new:
                    plan.later[key] = value.text
                continue
            if key == "stage":
                if not isinstance(value, Ended):
                    self._stage(plan, record, str(value), wanted)
                continue
            if key == "number":
                continue
            field_ = self.fields[key]
            if _same(field_.value_of(record), value):
                continue
            if not self.sight.may_change(self.kind, field_, record):
                plan.reject(
                    "您的角色不能修改此项。", "Your role may not change this.", column=self.place[key]
                )
                return
            wanted[key] = value
        if isinstance(record, Deal) and record.status != Deal.Status.OPEN and set(wanted) - {"tags"}:
            plan.reject("商机已经结束，不能再更改。", "The deal has ended and stays as it is.")
        elif plan.action != "rejected":
            plan.wanted = wanted
            plan.action = "updated" if wanted or plan.later else "same"

    def _stage(self, plan: Plan, record: Listed, key: str, wanted: dict[str, Any]) -> None:
        assert isinstance(record, Deal)
        stage = self._stage_of(str(record.pipeline_id), key)
        if stage is None:
            plan.reject(
                "该商机的销售流程没有这个阶段。",
                "The deal's pipeline has no such stage.",
                column=self.place["stage"],
            )
        elif stage.pk != record.stage_id and record.status == Deal.Status.OPEN:
            wanted["stage"] = stage

    def _stage_of(self, pipeline: str, key: str) -> Stage | None:
        return next((each for each in self.stages[int(pipeline)] if each.key == key), None)

    def _begin(self, plan: Plan) -> None:
        """Say what a new record lacks, and what it names that nobody has."""
        values = plan.values
        wrong = {each["column"] for each in plan.problems}
        for key, target in self.targets.items():
            if target.required and key not in values and self.place[key] not in wrong:
                plan.reject(
                    "为必填项，请填写。", "enter a value, it must not be empty.", column=self.place[key]
                )
        for key in [key for key, value in values.items() if isinstance(value, Unnamed)]:
            self._unnamed(plan, key)

    def _add(self, plan: Plan, accounts: set[int] | None) -> None:
        values = plan.values
        self._begin(plan)
        account = values.get("account")
        if isinstance(account, Account) and accounts is not None and account.pk not in accounts:
            plan.reject(
                "您没有权限在该客户下新增。", "You may not add anything to this account.", column=self.place["account"]
            )  # fmt: skip
        if plan.action == "rejected":
            return
        if self.kind is DEAL:
            self._add_deal(plan)
        elif issubclass(self.kind.model, Record) and "account" not in self.targets:
            self._place(plan)

    def _unnamed(self, plan: Plan, key: str) -> None:
        """Decide on a name that no account has: made, looked for at the end, or a problem."""
        cell, place = plan.values.pop(key).text, self.place[key]
        if key == "account" and self.way.create_accounts:
            plan.make = cell
            return
        if key == "parent":
            plan.later[key] = cell
            return
        self.reader.unmatched.setdefault(place, Unmatched()).counts[cell] += 1
        zh, en = ValueInvalid.REASONS["unnamed"]
        plan.reject(zh, en, column=place)

    def _place(self, plan: Plan) -> None:
        """Say whose a new record is, and of which line."""
        owner = plan.values.get("owner", self.owner)
        line = plan.values.get("line") or (owner.team.line if owner is not None and owner.team else self.line)
        if line is None:
            plan.reject("缺少业务线：请在第二步选择，或提供业务线列。", "There is no line of business: choose one, or give a column for it.")  # fmt: skip
            return
        plan.values |= {"owner": owner, "line": line}

    def _add_deal(self, plan: Plan) -> None:
        values = plan.values
        pipeline = values.get("pipeline") or self.pipeline
        if pipeline is None:
            plan.reject("缺少销售流程：请在第二步选择，或提供销售流程列。", "There is no pipeline: choose one, or give a column for it.")  # fmt: skip
            return
        said = values.get("stage")
        if isinstance(said, Ended):
            values.setdefault("status", said.outcome)
        stages = self.stages[pipeline.pk]
        status = values.get("status", Deal.Status.OPEN.value)
        stage = stages[-1 if status == Deal.Status.WON else 0]
        if isinstance(said, str):
            named = self._stage_of(str(pipeline.pk), said)
            if named is None:
                plan.reject(
                    "该销售流程没有这个阶段。", "The pipeline has no such stage.", column=self.place["stage"]
                )
                return
            stage = named
        opened, closed = values.get("opened_at"), values.get("closed_at")
        if status == Deal.Status.OPEN:
            values.pop("closed_at", None)
        elif opened is not None and closed is not None and closed < opened:
            plan.reject(
                "结束时间早于立项时间。", "It ended before it opened.", column=self.place["closed_at"]
            )
        if "name" not in values:
            account, product = values.get("account"), values.get("product")
            whose = plan.make or (account.name if account else "")
            values["name"] = f"{whose} {product.name if product else values.get('number', '')}".strip()[:200]
        owner = values.get("owner", self.owner)
        values |= {
            "pipeline": pipeline,
            "stage": stage,
            "status": status,
            "owner": owner,
            "line": pipeline.line,
        }

    def _numbers(self, plans: Sequence[Plan]) -> None:
        """Refuse numbers and codes that another record has, also one in the bin: they are unique for good."""
        unique = {"deal": "number", "product": "code"}.get(self.kind.key)
        if unique is None or unique not in self.targets:
            return
        adding = [plan for plan in plans if plan.action == "added" and plan.values.get(unique)]
        taken = set(
            self.kind.model.with_deleted.filter(**{f"{unique}__among": [plan.values[unique] for plan in adding]})
            .values_list(unique, flat=True)
        )  # fmt: skip
        first: dict[str, int] = {}
        for plan in adding:
            value, place = plan.values[unique], self.place[unique]
            if value in taken:
                plan.reject("已被现有记录使用（可能在回收站）。", "Another record has this, maybe one in the bin.", column=place)  # fmt: skip
            elif value in first:
                plan.reject(
                    f"与第 {first[value] + 2} 行重复。",
                    f"The same as in line {first[value] + 2}.",
                    column=place,
                )
            first.setdefault(value, plan.number)

    def _pipeline_by_default(self) -> Pipeline | None:
        if self.way.pipeline:
            return self.reader.pipelines.get(str(self.way.pipeline))
        own = [
            each
            for each in self.reader.pipelines.values()
            if self.line is None or each.line_id == self.line.pk
        ]
        return own[0] if len(own) == 1 else None


def price_of(product: Product, amount: Any) -> Any:
    """Return at what price a product goes into an imported deal: the deal's own, else the list's."""
    if amount is not None:
        return amount
    return product.price if product.price is not None else 0


def _comparable(value: object) -> object:
    return to_json(value)


def _same(before: object, after: object) -> bool:
    one, other = to_json(before), to_json(after)
    return (one or None) == (other or None) if not isinstance(other, bool) else one == other
