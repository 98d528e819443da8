"""The log's tables as Django knows them. Only `services.append` writes them; the migrations say how they are kept."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """Something that happened at `at` and that we knew of from `known_at` on.

    Deals, accounts and actors are plain keys: the log tells what happened, whatever became of the record.
    """

    id = models.BigIntegerField(primary_key=True)
    known_at = models.DateTimeField()
    at = models.DateTimeField()
    kind = models.TextField()
    deal = models.BigIntegerField(null=True, db_column="deal_id")
    account = models.BigIntegerField(null=True, db_column="account_id")
    actor = models.BigIntegerField(null=True, db_column="actor_id")
    actor_label = models.TextField(null=True)  # absent is not empty
    subject = models.TextField()
    source = models.TextField()
    source_id = models.TextField()
    basis = models.TextField()
    ref = models.TextField(null=True)
    values = models.JSONField(null=True)

    class Meta:
        db_table = "timeline_entry"


class Seen(models.Model):
    """That an entry of this source and source_id is kept, by a digest of both."""

    fingerprint = models.BinaryField(primary_key=True)

    class Meta:
        db_table = "timeline_seen"
