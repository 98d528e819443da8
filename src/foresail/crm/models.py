"""Pipelines and stages, accounts and contacts, deals, who decides in them, and tasks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from foresail.people.models import Guarded

NO_AMOUNT_LOW: Final = Decimal(-1)
NO_AMOUNT_HIGH: Final = Decimal("99999999999999.99")
NO_DAY: Final = date(9999, 12, 31)
"""Where a deal without an amount or a day stands in a sorted list: last, whichever way it is sorted."""

AMOUNT: Final[models.DecimalField[Decimal, Decimal]] = models.DecimalField(max_digits=16, decimal_places=2)


class Pipeline(models.Model):
    """The way in which a line of business sells, stage after stage."""

    line = models.ForeignKey("people.BusinessLine", models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    currency = models.CharField(max_length=3, default="CNY")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["line", "name"], name="pipeline_name_once_in_a_line"),
            models.CheckConstraint(condition=~Q(name=""), name="pipeline_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A step of a pipeline. `usual_days` is how long deals usually stay in it."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages")
    key = models.CharField(max_length=50)
    name_zh = models.CharField(max_length=150)
    name_en = models.CharField(max_length=150)
    position = models.PositiveSmallIntegerField()
    usual_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["pipeline", "key"], name="stage_key_once"),
            models.UniqueConstraint(fields=["pipeline", "position"], name="stage_position_once"),
            models.UniqueConstraint(fields=["id", "pipeline"], name="stage_and_pipeline"),
        )

    def __str__(self) -> str:
        return self.key


class Account(Guarded):
    """A company that buys, or may buy."""

    noun_zh, noun_en = "客户", "account"

    name = models.CharField(max_length=200)
    industry = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    since = models.DateField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="account_has_a_name"),)
        indexes = (models.Index(fields=["name", "id"], name="account_by_name"),)

    def __str__(self) -> str:
        return self.name


class Contact(Guarded):
    """A person who works for an account, as long as `left_at` is not set. Owner, team and line are the account's."""

    noun_zh, noun_en = "联系人", "contact"

    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=150)
    title = models.CharField(max_length=150, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="contact_has_a_name"),)
        indexes = (models.Index(fields=["name", "id"], name="contact_by_name"),)

    def __str__(self) -> str:
        return self.name


class Deal(Guarded):
    """What an account may buy. `facts` are texts known when it opened; `version` grows with every change.

    That a stage is of the deal's own pipeline, a foreign key over both columns keeps.
    """

    noun_zh, noun_en = "商机", "deal"

    class Status(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"

    number = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    account = models.ForeignKey(Account, models.PROTECT, related_name="deals")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="deals")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="deals")
    status = models.CharField(max_length=4, choices=Status.choices, default=Status.OPEN)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    expected_close_on = models.DateField(null=True)
    close_reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    account_id: int
    pipeline_id: int
    stage_id: int

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="deal_has_a_name"),
            models.CheckConstraint(condition=~Q(number=""), name="deal_has_a_number"),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="deal_amount_not_below_0"
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | Q(status__in=["won", "lost"], closed_at__gte=F("opened_at")),
                name="deal_closed_once_it_ended",
            ),
        )
        # One for each way a list is sorted; pages go on from (value, id).
        indexes = (
            models.Index(fields=["opened_at", "id"], name="deal_by_opening"),
            models.Index(Coalesce("amount", Value(NO_AMOUNT_LOW, AMOUNT)), "id", name="deal_by_amount_down"),
            models.Index(Coalesce("amount", Value(NO_AMOUNT_HIGH, AMOUNT)), "id", name="deal_by_amount_up"),
            models.Index(
                Coalesce("expected_close_on", Value(NO_DAY, models.DateField())), "id", name="deal_by_close"
            ),
            models.Index(fields=["pipeline", "id"], condition=Q(status="open"), name="deal_open"),
            models.Index(fields=["closed_at"], condition=~Q(status="open"), name="deal_ended"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class DealContact(models.Model):
    """What a contact is to a deal."""

    class Role(models.TextChoices):
        ECONOMIC_BUYER = "economic_buyer"
        CHAMPION = "champion"
        TECHNICAL = "technical"
        BLOCKER = "blocker"
        USER = "user"

    NEEDED: ClassVar = (Role.ECONOMIC_BUYER, Role.CHAMPION, Role.TECHNICAL)

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="people")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="deals")
    role = models.CharField(max_length=14, choices=Role.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["deal", "contact"], name="contact_once_in_a_deal"),
            models.CheckConstraint(
                condition=Q(role__in=["economic_buyer", "champion", "technical", "blocker", "user"]),
                name="deal_role_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.deal_id} {self.contact_id} {self.role}"


class Task(models.Model):
    """Something to do for a deal, by one person."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=300)
    due_on = models.DateField(null=True)
    assignee = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    deal_id: int
    assignee_id: int

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(title=""), name="task_has_a_title"),)
        indexes = (models.Index(fields=["assignee", "due_on", "id"], name="task_of_somebody"),)

    def __str__(self) -> str:
        return self.title
