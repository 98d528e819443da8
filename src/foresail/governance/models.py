"""Tables of governance."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class PersonKey(models.Model):
    """What a person's values in the audit trail are encrypted with. Erasing the person takes the key away."""

    person = models.TextField(primary_key=True)
    key = models.BinaryField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="governance_personkey_or_erased",
                condition=Q(key__isnull=False, erased_at__isnull=True)
                | Q(key__isnull=True, erased_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.person


class AuditRow(models.Model):
    """One change, in its place in the chain. A trigger refuses to change or remove a row.

    The actor is a user's key and no foreign key: the row outlives the user. `personal` are the names of
    the values in `sealed`; they stay readable when the values are erased.
    """

    sequence = models.BigIntegerField(primary_key=True)
    version = models.SmallIntegerField()
    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    verb = models.TextField()
    subject = models.TextField()
    key = models.TextField()
    values = models.JSONField()
    person = models.TextField(null=True)
    personal = models.JSONField()
    commitment = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    hash = models.BinaryField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "key", "sequence"], name="governance_audit_of_record"),
            models.Index(fields=["actor", "sequence"], name="governance_audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject} {self.key}"
