"""Who visitors are, what they care about, and what that adds up to.

Accounts, contacts, visitors and signals are plain keys: signals go when their time is over, and what was made of them
goes with them, in `services`.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class Topic(models.Model):
    """Something that customers care about. `rule` is a condition on a page (`topics.FIELDS`); on drafts nothing counts."""

    class Kind(models.TextChoices):
        PRODUCT = "product"
        PRICE = "price"
        IMPLEMENTATION = "implementation"
        SECURITY = "security"
        COMPETITOR = "competitor"
        OTHER = "other"

    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"

    key = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    rule = models.JSONField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DRAFT)
    changed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Tie(models.Model):
    """That a visitor is taken to be somebody of an account, known from `known_at` until `ended_at`.

    `signal` is the one that says so. One stands for each visitor: the surest, of equally sure ones the latest.
    """

    class Reason(models.TextChoices):
        SIGNED = "signed"
        LINK = "link"
        FORM = "form"
        STAFF = "staff"
        DOMAIN = "domain"
        COMPANY = "company"

    visitor = models.BigIntegerField(db_column="visitor_id")
    account = models.BigIntegerField(db_column="account_id")
    contact = models.BigIntegerField(null=True, db_column="contact_id")
    confidence = models.FloatField()
    reason = models.CharField(max_length=7, choices=Reason.choices)
    signal = models.BigIntegerField(db_column="signal_id")
    known_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(ended_at=None), name="signals_tie_one_stands"
            ),
            models.CheckConstraint(condition=Q(confidence__gt=0, confidence__lte=1), name="signals_tie_sure"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["visitor"], name="signals_tie_of_visitor"),
            models.Index(fields=["account"], condition=Q(ended_at=None), name="signals_tie_of_account"),
            models.Index(
                fields=["contact"],
                condition=Q(contact__isnull=False),
                name="signals_tie_of_contact",
            ),
            models.Index(fields=["signal"], name="signals_tie_by_signal"),
        ]


class Evidence(models.Model):
    """What one signal says of an account's interest in one topic, known from `known_at` until `ended_at`.

    `amount` is its size, times how sure it is who it was, less for repeats. `topics` is how many topics the signal is
    about: for the account as a whole it counts once. `topic` is 0 where it is about none. `on` is its day in China.
    """

    account = models.BigIntegerField(db_column="account_id")
    topic = models.BigIntegerField(db_column="topic_id")
    kind = models.TextField()
    signal = models.BigIntegerField(db_column="signal_id")
    visitor = models.BigIntegerField(db_column="visitor_id")
    contact = models.BigIntegerField(null=True, db_column="contact_id")
    at = models.DateTimeField()
    on = models.DateField()
    known_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    amount = models.FloatField()
    topics = models.SmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["signal", "topic"],
                condition=Q(ended_at=None),
                name="signals_evidence_one_stands",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("known_at")),
                name="signals_evidence_ends_later",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "at"], name="signals_evidence_of_account"),
            models.Index(fields=["visitor", "on"], name="signals_evidence_of_visitor"),
            BrinIndex(fields=["at"], name="signals_evidence_by_time"),
        ]


class Interest(models.Model):
    """All standing evidence of a kind, as far as it had faded at `at`: `value` of the topic, `whole` shared among topics."""

    pk = models.CompositePrimaryKey("account", "topic", "kind")
    account = models.BigIntegerField(db_column="account_id")
    topic = models.BigIntegerField(db_column="topic_id")
    kind = models.TextField()
    at = models.DateTimeField()
    value = models.FloatField()
    whole = models.FloatField()

    class Meta:
        # All that the map asks of some accounts among very many, together: from the table it would be a read a row.
        indexes: ClassVar = [
            models.Index(
                fields=["account", "topic"],
                include=["kind", "at", "value", "whole"],
                name="signals_interest_of_map",
            ),
        ]


class Daily(models.Model):
    """All standing evidence of a kind that happened on a day, as it was on that day."""

    pk = models.CompositePrimaryKey("account", "on", "topic", "kind")
    account = models.BigIntegerField(db_column="account_id")
    on = models.DateField()
    topic = models.BigIntegerField(db_column="topic_id")
    kind = models.TextField()
    amount = models.FloatField()
    whole = models.FloatField()
    count = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account", "on"], include=["kind", "whole"], name="signals_daily_of_map"),
            models.Index(fields=["on"], include=["account", "whole"], name="signals_daily_lately"),
        ]


class KindWeight(models.Model):
    """What one kind of evidence counts here, and in how many days that halves, where it is not as shipped.

    `learned` says what was learned, and from how many deals; `edited_by` who set it otherwise: that counts then.
    """

    kind = models.CharField(max_length=40, primary_key=True)
    weight = models.FloatField()
    half_life = models.FloatField()
    learned = models.JSONField(null=True)
    edited_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=100, half_life__gte=1, half_life__lte=365),
                name="signals_weight_in_range",
            )
        ]


class Fresh(models.Model):
    """A signal that came in and was not added up yet."""

    signal = models.BigIntegerField(primary_key=True, db_column="signal_id")
    known_at = models.DateTimeField()


class Month(models.Model):
    """A month of evidence that was over, by its first day in UTC, and the file that holds it.

    `changes` is how often its evidence changed since this row is there: the database counts that. Where `written` is
    another number the file is stale, and as good as none. `digest` is its SHA-256.
    """

    first = models.DateField(primary_key=True)
    changes = models.BigIntegerField(default=0)
    file = models.TextField(default="")
    rows = models.BigIntegerField(null=True)
    digest = models.TextField(default="")
    written = models.BigIntegerField(null=True)
    written_at = models.DateTimeField(null=True)
