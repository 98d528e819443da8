"""The open pool: the rules by which records come back to it, and every move out of it and into it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class PoolRule(models.Model):
    """How the pool of one line works for one kind of record.

    While `active`, what nobody touched for `days` goes back at night; `by_level` says otherwise for levels of accounts
    (0 days is never). `where` is a condition that records must meet to go back, None for all of them. An account
    whose date in the field `contract_field` lies ahead stays. The owner is told `warn_days` before. Limits that are
    None are none: of claims a day, and of records that somebody may hold. Who lost a record may not claim it again
    for `cool_down_days`.
    """

    record_type = models.CharField(max_length=20)
    line = models.ForeignKey("people.BusinessLine", models.PROTECT, related_name="+")
    active = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField()
    by_level = models.JSONField(default=dict)
    where = models.JSONField(null=True)
    contract_field = models.CharField(max_length=40, blank=True)
    warn_days = models.PositiveSmallIntegerField(default=7)
    daily_quota = models.PositiveSmallIntegerField(null=True)
    hold_limit = models.PositiveSmallIntegerField(null=True)
    cool_down_days = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    line_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["record_type", "line"], name="pool_rule_once"),
            models.CheckConstraint(
                condition=Q(record_type__in=["account", "lead"], days__gt=0), name="pool_rule_sensible"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_type} {self.line_id}"


class PoolMove(models.Model):
    """That a record went into the pool or out of it, and why.

    What a rule took back says how many `days` the rule allowed, and when the record was last touched.
    """

    class Kind(models.TextChoices):
        RECYCLED = "recycled"
        RETURNED = "returned"
        CLAIMED = "claimed"
        ASSIGNED = "assigned"

    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    from_owner = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    to_owner = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    rule = models.ForeignKey(PoolRule, models.SET_NULL, null=True, related_name="+")
    days = models.PositiveSmallIntegerField(null=True)
    last_touch_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    by_id: int | None
    from_owner_id: int | None
    to_owner_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["recycled", "returned"], to_owner=None)
                | Q(kind__in=["claimed", "assigned"], to_owner__isnull=False, from_owner=None),
                name="pool_move_in_or_out",
            ),
        )
        indexes = (
            models.Index(fields=["record_type", "record", "-at", "-id"], name="pool_move_of_record"),
            models.Index(
                fields=["to_owner", "record_type", "at"],
                condition=Q(kind="claimed"),
                name="pool_move_claims",
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record} {self.kind}"


class PoolDue(models.Model):
    """That a record will go back to the pool on a day unless somebody touches it; told anew every night."""

    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    rule = models.ForeignKey(PoolRule, models.CASCADE, related_name="+")
    returns_on = models.DateField()
    last_touch_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["record_type", "record"], name="pool_due_once"),)

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record} {self.returns_on}"
