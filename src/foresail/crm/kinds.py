"""What the audit trail may be told of crm's records: their names and values, as far as who asks may see them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, RecordType, fields_of, record_type
from foresail.crm.holding import on_those_that
from foresail.crm.models import (
    CustomField,
    Departure,
    DuplicatePair,
    FieldRule,
    Pipeline,
    PoolRule,
    Record,
    Task,
)
from foresail.crm.queries.importing import visible_imports
from foresail.crm.sight import Sight
from foresail.governance.kinds import Kind
from foresail.people.rules import Action, limited

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from foresail.people.models import User


def _names(kind: RecordType) -> Callable[[User, Collection[int]], Mapping[int, str]]:
    """Return how records of `kind` are called, those in the bin too: what was done to them is what one looks for."""

    def names(user: User, keys: Collection[int]) -> Mapping[int, str]:
        found: QuerySet[Any] = kind.model.with_deleted.filter(pk__in=keys)
        if issubclass(kind.model, Record):
            found = limited(found, user=user, action=Action.SEE)
        return dict(found.values_list("pk", "name"))

    return names


def _hidden(kind: RecordType) -> Callable[[User], Collection[str]]:
    """Return which fields of `kind` the organisation's rules keep from somebody, on any record."""

    def hidden(user: User) -> Collection[str]:
        sight = Sight.of(user)
        return [key for key, field in fields_of(kind).items() if not sight.everywhere(kind, field)]

    return hidden


def _tasks(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = Task.objects.filter(on_those_that(user, Action.SEE), pk__in=keys)
    return dict(found.values_list("pk", "title"))


def _imports(user: User, keys: Collection[int]) -> Mapping[int, str]:
    return {each.pk: str(each) for each in visible_imports(user=user).filter(pk__in=keys)}


def _pipelines(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict(Pipeline.objects.filter(pk__in=keys).values_list("pk", "name"))


def _custom_fields(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return {
        field.pk: f"{field.name_zh} / {field.name_en}" for field in CustomField.objects.filter(pk__in=keys)
    }


def _field_rules(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return {rule.pk: str(rule) for rule in FieldRule.objects.filter(pk__in=keys)}


def _pairs(user: User, keys: Collection[int]) -> Mapping[int, str]:
    """Return how the two of each pair are called, where `user` may see both."""
    found: dict[int, str] = {}
    for kind in (ACCOUNT, CONTACT, LEAD):
        pairs = DuplicatePair.objects.filter(pk__in=keys, record_type=kind.key)
        rows = list(pairs.values_list("pk", "low", "high"))
        names = _names(kind)(user, {key for _, low, high in rows for key in (low, high)})
        found |= {
            pk: f"{names[low]} = {names[high]}" for pk, low, high in rows if low in names and high in names
        }
    return found


def _departures(user: User, keys: Collection[int]) -> Mapping[int, str]:
    seen = limited(CONTACT.model.objects.all(), user=user, action=Action.SEE)
    return dict(Departure.objects.filter(pk__in=keys, contact__in=seen).values_list("pk", "contact__name"))


def _pool_rules(_: User, keys: Collection[int]) -> Mapping[int, str]:
    rules = PoolRule.objects.filter(pk__in=keys).select_related("line")
    return {rule.pk: f"{rule.line.name} · {record_type(rule.record_type).zh}" for rule in rules}


def _settings(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict.fromkeys(keys, "数据质量 / Data quality")


def _house(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict.fromkeys(keys, "本位币 / House currency")


def _rates(_: User, keys: Collection[int]) -> Mapping[int, str]:
    return dict.fromkeys(keys, "汇率 / Exchange rates")


OURS = (
    *(
        Kind(
            subject=f"crm.{kind.model.__name__}",
            names=_names(kind),
            called=(kind.key,),
            guarded=issubclass(kind.model, Record),
            hidden=_hidden(kind),
        )
        for kind in (DEAL, ACCOUNT, CONTACT, LEAD, PRODUCT)
    ),
    Kind(subject="crm.Task", names=_tasks),
    Kind(subject="crm.Import", names=_imports),
    Kind(subject="crm.Pipeline", names=_pipelines, called=("pipeline",), guarded=False),
    Kind(subject="crm.CustomField", names=_custom_fields, guarded=False),
    Kind(subject="crm.FieldRule", names=_field_rules, guarded=False),
    Kind(subject="crm.DuplicatePair", names=_pairs),
    Kind(subject="crm.Departure", names=_departures),
    Kind(subject="crm.PoolRule", names=_pool_rules, guarded=False),
    Kind(subject="crm.QualitySetting", names=_settings, guarded=False),
    Kind(subject="crm.MoneySetting", names=_house, guarded=False),
    Kind(subject="crm.CurrencyRate", names=_rates, guarded=False),
)
