"""Files that bring signals, and where the names of people in them come from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class FileBrought(models.Model):
    """A file that somebody brings, the system where `by` is nobody. Its table lies in the home's folder until it is done.

    `columns` are its headers, `settings` says how it is read, `check_result` what that would come to, `counts` what it
    has come to up to the row `position`; of rows that are no signals `wrong` keeps place and code, and nothing else.
    """

    class State(models.TextChoices):
        READ = "read"
        RUNNING = "running"
        DONE = "done"

    source = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    columns = models.JSONField()
    rows = models.PositiveIntegerField()
    settings = models.JSONField()
    check_result = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State.choices, default=State.READ)
    position = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    wrong = models.JSONField(default=list)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="signals_file_inside", condition=Q(position__lte=models.F("rows"))),
            models.CheckConstraint(
                name="signals_file_ends",
                condition=Q(state="done", ended_at__isnull=False) | ~Q(state="done") & Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.name}"


class Pseudonyms(models.Model):
    """The one secret from which people in files get their names. Beside what it names, so that a restored copy goes on."""

    secret = models.CharField(max_length=64)
