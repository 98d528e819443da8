"""What the audit trail may be told of crm's records: their names and values, as far as who asks may see them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from foresail.crm.fields import ACCOUNT, CONTACT, DEAL, LEAD, PRODUCT, RecordType, record_type
from foresail.crm.holding import on_those_that
from foresail.crm.models import (
    Attachment,
    CustomField,
    Departure,
    DuplicatePair,
    FieldRule,
    Note,
    Pipeline,
    PoolRule,
    Record,
    Task,
)
from foresail.crm.queries.importing import visible_imports
from foresail.crm.queries.reading import hidden_fields
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
        return hidden_fields(user=user, record_type=kind.key)

    return hidden


def _tasks(user: User, keys: Collection[int]) -> Mapping[int, str]:
    found = Task.objects.filter(on_those_that(user, Action.SEE), pk__in=keys)
    return dict(found.values_list("pk", "title"))


def _notes(user: User, keys: Collection[int]) -> Mapping[int, str]:
    """Return what each of some notes is about, as it is called: what a note says is not for the trail."""
    return _beside(user, Note.objects.filter(pk__in=keys).values_list("pk", "record_type", "record"))


def _attachments(user: User, keys: Collection[int]) -> Mapping[int, str]:
    files = Attachment.objects.filter(pk__in=keys)
    about = _beside(user, files.values_list("pk", "record_type", "record"))
    return {key: name for key, name in files.values_list("pk", "name") if key in about}


def _beside(user: User, rows: Iterable[tuple[int, str, int]]) -> dict[int, str]:
    """Return how the record is called beside which something stands, where `user` may see it."""
    of_kind: dict[str, list[tuple[int, int]]] = {}
    for key, kind, record in rows:
        of_kind.setdefault(kind, []).append((key, record))
    found: dict[int, str] = {}
    for kind, pairs in of_kind.items():
        names = _names(record_type(kind))(user, {record for _, record in pairs})
        found |= {key: names[record] for key, record in pairs if record in names}
    return found


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
    Kind(subject="crm.Note", names=_notes),
    Kind(subject="crm.Attachment", names=_attachments),
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
