"""Who buys or may buy: accounts, contacts, and leads before they are either."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from foresail.crm.models.listed import Record, indexes_of, pool_index


class Account(Record):
    """A company that buys, or may buy. `code` is its 统一社会信用代码; `parent` the company it belongs to."""

    noun_zh, noun_en = "客户", "account"

    name = models.CharField(max_length=200)
    industry = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    since = models.DateField(null=True)
    code = models.CharField(max_length=18, blank=True)
    level = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    address = models.CharField(max_length=300, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    parent_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="account_has_a_name"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="account_not_below_itself"),
        )
        indexes = (
            models.Index(fields=["name", "id"], name="account_by_name"),
            models.Index(fields=["changed_at", "id"], name="account_by_change"),
            models.Index(fields=["code"], name="account_by_code", condition=~Q(code="")),
            models.Index(Lower("domain"), name="account_by_domain", condition=~Q(domain="")),
            pool_index("account"),
            *indexes_of("account"),
        )

    def __str__(self) -> str:
        return self.name


class Contact(Record):
    """A person who works for an account, as long as `left_at` is not set. Owner, team and line are the account's.

    `left_reason` says how it is known; `previous` is the same person where they worked before.
    """

    noun_zh, noun_en = "联系人", "contact"
    within: ClassVar = {"account": "account"}

    class LeftReason(models.TextChoices):
        """How it is known that somebody left."""

        BOUNCE = "bounce"
        TITLE_CHANGE = "title_change"
        TOLD = "told"
        SILENCE = "silence"
        EVIDENCE = "evidence"

    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=150, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    department = models.CharField(max_length=100, blank=True)
    left_at = models.DateTimeField(null=True)
    left_reason = models.CharField(max_length=20, blank=True)
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="following")

    account_id: int
    previous_id: int | None

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="contact_has_a_name"),)
        indexes = (
            models.Index(fields=["name", "id"], name="contact_by_name"),
            models.Index(fields=["changed_at", "id"], name="contact_by_change"),
            models.Index(Lower("email"), name="contact_by_email", condition=~Q(email="")),
            models.Index(
                fields=["merged_into"], name="contact_merged", condition=Q(merged_into__isnull=False)
            ),
            *indexes_of("contact"),
        )

    def __str__(self) -> str:
        return self.name


class Lead(Record):
    """Somebody who may become a customer, before there is an account. Converted, it points to what came of it."""

    noun_zh, noun_en = "线索", "lead"

    class Status(models.TextChoices):
        NEW = "new"
        WORKING = "working"
        CONVERTED = "converted"
        DISCARDED = "discarded"

    name = models.CharField(max_length=150)
    company = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=150, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    source = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.NEW)
    reason = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="leads")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="leads")
    deal = models.ForeignKey("crm.Deal", models.PROTECT, null=True, related_name="leads")

    account_id: int | None
    contact_id: int | None
    deal_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="lead_has_a_name"),
            models.CheckConstraint(
                condition=Q(status__in=["new", "working"], ended_at=None)
                | Q(status__in=["converted", "discarded"], ended_at__isnull=False),
                name="lead_ended_once_it_did",
            ),
        )
        indexes = (
            models.Index(fields=["name", "id"], name="lead_by_name"),
            models.Index(fields=["created_at", "id"], name="lead_by_creation"),
            models.Index(Lower("email"), name="lead_by_email", condition=~Q(email="")),
            pool_index("lead"),
            *indexes_of("lead"),
        )

    def __str__(self) -> str:
        return self.name
