"""Tables of plumbing."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """That a record changed, for the event socket. Readers go by (transaction, id): see `outbox`."""

    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()
    transaction = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["transaction", "id"], name="notice_in_order"),
            models.Index(fields=["at"], name="notice_by_age"),
        )


class Effect(models.Model):
    """That a part of a background job has had its effect: see `jobs.once`."""

    job = models.BigIntegerField()
    part = models.CharField(max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["job", "part"], name="effect_once"),)


class Allowance(models.Model):
    """Until when somebody has spent what they may ask for: see `allowance`. The table is unlogged."""

    name = models.CharField(primary_key=True, max_length=80)
    spent_until = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["spent_until"], name="allowance_by_age"),)
