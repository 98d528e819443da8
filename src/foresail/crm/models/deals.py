"""What accounts may buy: deals, who decides in them, and products."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from foresail.crm.models.customers import Account, Contact
from foresail.crm.models.listed import Listed, Record, indexes_of
from foresail.crm.models.pipelines import Pipeline, Stage

NO_AMOUNT_LOW: Final = Decimal(-1)
NO_AMOUNT_HIGH: Final = Decimal("99999999999999.99")
NO_DAY: Final = date(9999, 12, 31)
"""Where a deal without an amount or a day stands in a sorted list: last, whichever way it is sorted."""

AMOUNT: Final[models.DecimalField[Decimal, Decimal]] = models.DecimalField(max_digits=16, decimal_places=2)


class Deal(Record):
    """What an account may buy. `facts` are texts known when it opened; `category` is the stage's where it is empty.

    That a stage is of the deal's own pipeline, a foreign key over both columns keeps.
    """

    noun_zh, noun_en = "商机", "deal"
    within: ClassVar = {"account": "account"}

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
    category = models.CharField(max_length=9, choices=Stage.Category.choices, blank=True)
    next_step = models.CharField(max_length=300, blank=True)

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
            models.Index(  # the list that most people open first
                Coalesce("amount", Value(NO_AMOUNT_LOW, AMOUNT)),
                "id",
                condition=Q(status="open", deleted_at=None),
                name="deal_open_by_amount",
            ),
            models.Index(
                Coalesce("expected_close_on", Value(NO_DAY, models.DateField())), "id", name="deal_by_close"
            ),
            models.Index(fields=["pipeline", "id"], condition=Q(status="open"), name="deal_open"),
            models.Index(  # what a board adds up, without a look at the deals themselves
                fields=["pipeline", "stage"],
                include=[
                    "id",
                    "owner",
                    "team",
                    "line",
                    "account",
                    "status",
                    "amount",
                    "currency",
                    "closed_at",
                ],
                condition=Q(status="open", deleted_at=None),
                name="deal_board",
            ),
            models.Index(fields=["closed_at"], condition=~Q(status="open"), name="deal_ended"),
            models.Index(fields=["name", "id"], name="deal_by_name"),
            models.Index(fields=["changed_at", "id"], name="deal_by_change"),
            *indexes_of("deal"),
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


class Product(Listed):
    """What is sold. Of one line of business, or of all; everybody may see it."""

    name = models.CharField(max_length=200)
    code = models.CharField(max_length=50, unique=True)
    line = models.ForeignKey("people.BusinessLine", models.PROTECT, null=True, related_name="+")
    unit = models.CharField(max_length=20, blank=True)
    price = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="CNY")
    active = models.BooleanField(default=True)

    line_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="product_has_a_name"),
            models.CheckConstraint(condition=~Q(code=""), name="product_has_a_code"),
        )
        indexes = (models.Index(fields=["name", "id"], name="product_by_name"), *indexes_of("product"))

    def __str__(self) -> str:
        return self.name


class DealProduct(models.Model):
    """What of a product a deal is about. `discount` is in percent."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="products")
    product = models.ForeignKey(Product, models.PROTECT, related_name="in_deals")
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    price = models.DecimalField(max_digits=16, decimal_places=2)
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["deal", "position"], name="deal_product_place_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gte=0, discount__gte=0, discount__lte=100),
                name="deal_product_sensible",
            ),
        )

    def __str__(self) -> str:
        return f"{self.deal_id} {self.product_id}"

    deal_id: int
    product_id: int
