"""How sales operations shapes records: fields of the organisation's own, who sees which field, and views."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from foresail.people.roles import Role


class CustomField(models.Model):
    """A field of the organisation's own. Its key and its kind stay; where it is retired, its values stay too."""

    class Kind(models.TextChoices):
        TEXT = "text"
        LONG_TEXT = "long_text"
        NUMBER = "number"
        MONEY = "money"
        DATE = "date"
        BOOL = "bool"
        CHOICE = "choice"
        CHOICES = "choices"
        PERSON = "person"
        RECORD = "record"

    record_type = models.CharField(max_length=20)
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    choices = models.JSONField(default=list)
    target = models.CharField(max_length=20, blank=True)
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["record_type", "key"], name="custom_field_key_once"),
            models.CheckConstraint(
                condition=~Q(name_zh="") & ~Q(name_en=""), name="custom_field_named_in_both_languages"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_type}.{self.key}"


class FieldRule(models.Model):
    """What a role may do with a field less than all: read it, see it on own records alone, or not see it.

    Of somebody with several roles the one that allows most counts.
    """

    class Level(models.TextChoices):
        HIDDEN = "hidden"
        OWN = "own"
        READ = "read"

    record_type = models.CharField(max_length=20)
    field = models.CharField(max_length=40)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    level = models.CharField(max_length=6, choices=Level.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["record_type", "field", "role"], name="field_rule_once"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.record_type}.{self.field} {self.level}"


class FieldChange(models.Model):
    """That a field of a record had another value. `batch` joins what one verb changed; `undoes` is what it took back."""

    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    field = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    batch = models.UUIDField()
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    actor_id: int | None

    class Meta:
        indexes = (
            models.Index(fields=["record_type", "record", "-at", "-id"], name="change_of_record"),
            models.Index(fields=["batch"], name="change_of_batch"),
        )

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record} {self.field}"
