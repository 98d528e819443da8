"""What comes in: keys, visitors, and signals."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class IntakeKey(models.Model):
    """What a site or a server shows when it brings signals.

    A server's token is secret: only its digest is kept. A browser's stands in every page, so it is kept as it is,
    counts for little, and holds only for pages of `origins`. With `secret` a server signs who a visitor is.
    """

    class Kind(models.TextChoices):
        SERVER = "server"
        BROWSER = "browser"

    kind = models.CharField(max_length=7, choices=Kind.choices)
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    shown = models.CharField(max_length=60)
    secret = models.CharField(max_length=64)
    sources = models.JSONField()
    origins = models.JSONField(default=list)
    per_minute = models.PositiveIntegerField()
    created_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="signals_key_browser_has_origins",
                condition=~Q(kind="browser") | ~Q(origins=[]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Visitor(models.Model):
    """One browser or device, by the name that its tracker gave it. Who it is, is not known here."""

    anonymous = models.TextField(unique=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.anonymous


class Signal(models.Model):
    """Something that happened at `at`, known from `known_at` on, kept on `basis` until `until`."""

    id = models.BigIntegerField(primary_key=True)
    known_at = models.DateTimeField()
    at = models.DateTimeField()
    until = models.DateTimeField()
    key = models.BigIntegerField(db_column="key_id")
    visitor = models.BigIntegerField(db_column="visitor_id")
    source = models.TextField()
    kind = models.TextField()
    purpose = models.TextField()
    basis = models.TextField()
    fingerprint = models.BinaryField()
    values = models.JSONField()

    class Meta:
        db_table = "signals_signal"


class Seen(models.Model):
    """That a signal of this key, source and id is here, by a digest of them."""

    fingerprint = models.BinaryField(primary_key=True)

    class Meta:
        db_table = "signals_seen"
