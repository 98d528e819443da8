"""How good the records are: which look like the same customer, which were merged, and who may have left."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class MatchKey(models.Model):
    """A key under which a record meets those that may be of the same customer."""

    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    key = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["record_type", "key", "record"], name="match_key_once"),
        )
        indexes = (models.Index(fields=["record_type", "record"], name="match_key_of_record"),)

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record} {self.key}"


class MatchModel(models.Model):
    """What was learned, last night, about how often different records of a kind agree."""

    record_type = models.CharField(max_length=20, unique=True)
    records = models.PositiveIntegerField()
    u = models.JSONField(default=dict)
    learned_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.record_type


class DuplicatePair(models.Model):
    """Two records that look like one customer; `low` and `high` are their keys, in order.

    `outcomes` say by what is compared how it came out; from them the reasons are told.
    """

    class State(models.TextChoices):
        OPEN = "open"
        DISMISSED = "dismissed"
        MERGED = "merged"

    record_type = models.CharField(max_length=20)
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    weight = models.FloatField()
    chance = models.FloatField()
    outcomes = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    decided_by_id: int | None

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["record_type", "low", "high"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="duplicate_pair_in_order"),
        )
        indexes = (
            models.Index(fields=["record_type", "state", "-weight", "-id"], name="duplicate_pair_queue"),
            models.Index(fields=["record_type", "high"], name="duplicate_pair_of_high"),
        )

    def __str__(self) -> str:
        return f"{self.record_type}:{self.low}={self.high}"


class Merge(models.Model):
    """That records became one. `moved` holds all it did to others than `kept`, so that it can be taken back.

    `fields` are the values of the kept record, before and after, by field, as JSON.
    """

    record_type = models.CharField(max_length=20)
    kept = models.BigIntegerField()
    gone = models.JSONField()
    moved = models.JSONField(default=list)
    fields = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    by_id: int | None

    class Meta:
        indexes = (models.Index(fields=["record_type", "kept"], name="merge_of_record"),)

    def __str__(self) -> str:
        return f"{self.record_type}:{self.kept} ← {self.gone}"


class Departure(models.Model):
    """That a contact may have left, and why we think so. `signs` are kind, times and weight of what speaks for it."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        CONFIRMED = "confirmed"
        DISMISSED = "dismissed"

    contact = models.OneToOneField("crm.Contact", models.CASCADE, related_name="departure")
    confidence = models.FloatField()
    signs = models.JSONField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    contact_id: int
    decided_by_id: int | None

    class Meta:
        indexes = (models.Index(fields=["state", "-confidence", "-id"], name="departure_queue"),)

    def __str__(self) -> str:
        return f"{self.contact_id} {self.confidence:.2f}"


class QualitySetting(models.Model):
    """How the organisation wants it; one row, or none for what is usual.

    `hidden_matches` is what somebody learns of a match they may not see. From `departs_from` on, contacts are noted
    as left without anybody confirming it; None is never.
    """

    class Told(models.TextChoices):
        NOTHING = "nothing"
        EXISTS = "exists"
        TEAM = "team"

    hidden_matches = models.CharField(max_length=7, choices=Told.choices, default=Told.TEAM)
    departs_from = models.FloatField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="quality_setting_once"),
            models.CheckConstraint(
                condition=Q(departs_from=None) | Q(departs_from__gte=0.6, departs_from__lte=1),
                name="quality_departs_from_sensible",
            ),
        )

    def __str__(self) -> str:
        return self.hidden_matches
