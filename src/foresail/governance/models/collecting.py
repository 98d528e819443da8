"""What may be collected, who decides it, what people consented to, and what the gate left out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from foresail.governance.collecting import Purpose, Reason


class Guardian(models.Model):
    """A member of the data-governance group: they decide on boundaries that others propose."""

    person = models.OneToOneField("people.User", models.PROTECT, primary_key=True, related_name="+")
    added_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()


class ProposedBoundary(models.Model):
    """One version of the boundary. The approved one with the highest `approved_at` is in force."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    version = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    reason = models.CharField(max_length=1000)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=1000, blank=True)

    proposed_by_id: int
    decided_by_id: int | None

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="governance_boundary_decided",
                condition=Q(status="proposed", decided_at=None)
                | Q(~Q(status="proposed"), decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="governance_boundary_two_people",
                condition=~Q(status="approved") | ~Q(decided_by=F("proposed_by")),
            ),
            models.UniqueConstraint(
                models.Value(1), condition=Q(status="proposed"), name="governance_boundary_one_proposed"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["decided_at"], condition=Q(status="approved"), name="governance_boundary_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.status}"


class ConsentWording(models.Model):
    """What people were asked, word by word. It is never changed: another wording is another version."""

    purpose = models.CharField(max_length=10, choices=[(each.value, each.value) for each in Purpose])
    version = models.PositiveIntegerField()
    zh = models.TextField()
    en = models.TextField()
    added_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purpose", "version"], name="governance_wording_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class ConsentEntry(models.Model):
    """That somebody gave or withdrew consent. A trigger refuses to change or remove it: it is the proof.

    `subject` is a pseudonym ("visitor:…", "contact:12"), so that the proof can stay when the person's data goes.
    A row that `takes_back` another says that this was no word of theirs: neither counts.
    """

    subject = models.TextField()
    purpose = models.CharField(max_length=10)
    given = models.BooleanField()
    at = models.DateTimeField()
    known_at = models.DateTimeField()
    wording = models.ForeignKey(ConsentWording, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=40)
    proof = models.JSONField(default=dict)
    by = models.BigIntegerField(null=True)
    takes_back = models.ForeignKey(
        "self", models.PROTECT, null=True, db_index=False, related_name="taken_back_by"
    )

    wording_id: int | None
    takes_back_id: int | None

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="governance_consent_not_ahead", condition=Q(at__lte=F("known_at"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject", "purpose", "at"], name="governance_consent_of"),
            models.Index(fields=["-known_at", "-id"], name="governance_consent_newest"),
            models.Index(
                fields=["takes_back"],
                condition=Q(takes_back__isnull=False),
                name="governance_consent_taken_back",
            ),
            models.Index(  # holds all that is asked of the few
                fields=["purpose", "subject"],
                include=["id"],
                condition=Q(given=False, takes_back__isnull=True),
                name="governance_consent_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.purpose} {self.given}"


class GateCount(models.Model):
    """How much the gate left out on a day: of which source, for which reason. What it was is kept nowhere."""

    on = models.DateField()
    source = models.CharField(max_length=40)
    reason = models.CharField(max_length=15, choices=[(each.value, each.value) for each in Reason])
    count = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["on", "source", "reason"], name="governance_gatecount_once")
        ]
