"""What stands beside records: tasks, notes and attachments."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q
from django.db.models.lookups import LessThanOrEqual

from foresail.crm.models.customers import Account, Contact, Lead
from foresail.crm.models.deals import Deal
from foresail.crm.models.listed import Record

_ON = ("deal", "account", "contact", "lead")


class Task(models.Model):
    """Something to do by one person: for a deal, an account, a contact or a lead, or for nothing of these."""

    deal = models.ForeignKey(Deal, models.PROTECT, null=True, related_name="tasks")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="tasks")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="tasks")
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, related_name="tasks")
    title = models.CharField(max_length=300)
    due_on = models.DateField(null=True)
    assignee = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    deal_id: int | None
    account_id: int | None
    contact_id: int | None
    lead_id: int | None
    assignee_id: int

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    Func(*_ON, function="num_nonnulls", output_field=models.IntegerField()), 1
                ),
                name="task_for_one_record_at_most",
            ),
        )
        indexes = (models.Index(fields=["assignee", "due_on", "id"], name="task_of_somebody"),)

    def __str__(self) -> str:
        return self.title

    @property
    def record(self) -> Record | None:
        """What it is for."""
        found: Record | None = next((each for kind in _ON if (each := getattr(self, kind)) is not None), None)
        return found


class Note(models.Model):
    """What somebody wrote down about a record."""

    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    text = models.TextField()
    author = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    author_id: int

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),)
        indexes = (
            models.Index(fields=["record_type", "record", "-created_at", "-id"], name="note_of_record"),
        )

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record} {self.pk}"


class Attachment(models.Model):
    """A file kept with a record. `place` is where it lies below the folder of attachments, and tells nothing."""

    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    place = models.CharField(max_length=40, unique=True)
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    author_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="attachment_has_a_name"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_holds_something"),
        )
        indexes = (
            models.Index(fields=["record_type", "record", "-created_at", "-id"], name="attachment_of_record"),
        )

    def __str__(self) -> str:
        return f"{self.record_type}:{self.record} {self.name}"
