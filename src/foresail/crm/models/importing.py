"""Files that become records: what was uploaded, how it is read, and what became of each of its rows."""

from __future__ import annotations

import uuid

from django.db import models


class Import(models.Model):
    """A file on its way to records. `settings` says how its `columns` are read, `check` what it would come to.

    Of a file that holds a log of events, `log` says how that is read; its rows are the deals that it tells of.

    `position` rows of the file are done: each batch moves it on in the transaction that writes its records. So
    whoever takes a run up again goes on from there.
    """

    class Status(models.TextChoices):
        READ = "read"
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"

    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    columns = models.JSONField()
    rows = models.PositiveIntegerField()
    settings = models.JSONField(default=dict)
    log = models.JSONField(null=True)
    check_result = models.JSONField(null=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.READ)
    position = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    accounts_made = models.PositiveIntegerField(default=0)
    stayed = models.JSONField(default=list)
    batch = models.UUIDField(default=uuid.uuid4)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    by_id: int

    class Meta:
        indexes = (models.Index(fields=["-created_at", "-id"], name="import_by_age"),)

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """What became of one row of a file. A row may make two records: a contact, and the account it names.

    `before` holds what an update changed, so that it can be undone; `version` is the record's afterwards. `later`
    holds links to records that may stand further down in the file.
    """

    class Action(models.TextChoices):
        ADDED = "added"
        UPDATED = "updated"
        SAME = "same"
        REJECTED = "rejected"

    of = models.ForeignKey(Import, models.CASCADE, related_name="outcomes")
    row = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    record = models.BigIntegerField(null=True)
    action = models.CharField(max_length=8, choices=Action.choices)
    problems = models.JSONField(null=True)
    before = models.JSONField(null=True)
    version = models.PositiveIntegerField(null=True)
    later = models.JSONField(null=True)

    of_id: int

    class Meta:
        constraints = (models.UniqueConstraint(fields=["of", "row", "kind"], name="import_row_once"),)
        indexes = (
            models.Index(fields=["of", "action", "row"], name="import_row_by_action"),
            models.Index(fields=["kind", "record"], name="import_row_of_record"),
        )

    def __str__(self) -> str:
        return f"{self.of_id}:{self.row}"


class ImportMapping(models.Model):
    """How somebody had a set of columns read last, so that the next file of the kind needs no work."""

    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    digest = models.CharField(max_length=32)
    settings = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["by", "kind", "digest"], name="import_mapping_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"
