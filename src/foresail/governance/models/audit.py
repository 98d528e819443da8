"""The audit trail, its verification, and exports of everything."""

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
            models.Index(fields=["subject", "sequence"], name="governance_audit_of_kind"),
            models.Index(fields=["verb", "sequence"], name="governance_audit_of_verb"),
            models.Index(fields=["at"], name="governance_audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject} {self.key}"


class Verification(models.Model):
    """One reading of the whole chain: who asked (nobody: the night's own), and what was found."""

    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    head_sequence = models.BigIntegerField(null=True)
    head_hash = models.CharField(max_length=64, blank=True)
    broken_at = models.BigIntegerField(null=True)
    broken_what = models.CharField(max_length=7, blank=True)
    because = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="governance_verification_ended_with_rows",
                condition=Q(ended_at=None, rows=None) | Q(ended_at__isnull=False, rows__isnull=False),
            ),
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="governance_verification_one_at_a_time"
            ),
        ]


class Leaving(models.Model):
    """An export of everything into one file: who asked, and what it came to. `because` says why it failed."""

    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField()
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    files = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    because = models.CharField(max_length=200, blank=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at=None), name="governance_leaving_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
