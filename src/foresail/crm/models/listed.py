"""What every record here carries that people list, search, change field by field, delete and bring back."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from foresail.people.models import Guarded


class _Kept(models.Manager[Any]):
    """Everything but what lies in the bin."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(deleted_at=None)


class Listed(models.Model):
    """`custom` holds values of the organisation's own fields by their keys, `keys` what `search` finds the record by.

    `version` grows with every change. What lies in the bin has a `deleted_at`; only `with_deleted` still finds it.
    So has what was merged, and `merged_into` is the key of what it became: it is in no bin, and kept as long as that is.
    """

    custom = models.JSONField(default=dict)
    tags = models.JSONField(default=list)
    keys = ArrayField(models.IntegerField(), default=list)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    merged_into = models.BigIntegerField(null=True)

    objects = _Kept()
    with_deleted = models.Manager[Any]()

    created_by_id: int | None
    deleted_by_id: int | None

    class Meta:
        abstract = True


class Record(Guarded, Listed):
    """A record of a customer: the one rule of people says who may see and change it."""

    class Meta:
        abstract = True


def pool_index(table: str) -> models.Index:
    """Return what the open pool is listed by: what came last first."""
    ownerless = models.Q(owner=None, deleted_at=None)
    return models.Index(fields=["changed_at", "id"], name=f"{table}_pool", condition=ownerless)


def indexes_of(table: str) -> tuple[models.Index, ...]:
    """Return what every table of listed records needs to be found in, filtered by tags, and emptied of old records."""
    return (
        GinIndex(fields=["keys"], name=f"{table}_keys"),
        GinIndex(fields=["tags"], name=f"{table}_tags", opclasses=["jsonb_path_ops"]),
        models.Index(
            fields=["deleted_at"], name=f"{table}_bin", condition=models.Q(deleted_at__isnull=False)
        ),
    )
