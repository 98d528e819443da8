"""The content library, and what of it was sent in which deal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Asset(models.Model):
    """Something to send to customers, that lies at `url`. It is for whoever it names; where it names none, for all.

    `personas` are roles in deals, `stages` keys of stages; `topics`, `competitors` and `industries` short texts.
    """

    class Language(models.TextChoices):
        ZH = "zh"
        EN = "en"

    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=1_000, blank=True)
    language = models.CharField(max_length=2, choices=Language.choices)
    url = models.CharField(max_length=2_000)
    personas = models.JSONField(default=list)
    stages = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    competitors = models.JSONField(default=list)
    industries = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    owner = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    owner_id: int

    class Meta:
        constraints = (models.CheckConstraint(condition=~Q(title=""), name="asset_has_a_title"),)

    def __str__(self) -> str:
        return self.title


class AssetSent(models.Model):
    """That somebody made a link to an asset, to send in a deal that stood in `stage`; for whom, the link knows."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="sent")
    deal = models.ForeignKey("crm.Deal", models.PROTECT, related_name="+")
    stage = models.ForeignKey("crm.Stage", models.PROTECT, related_name="+")
    link = models.OneToOneField("signals.TrackedLink", models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    asset_id: int
    deal_id: int
    stage_id: int
    link_id: int
    by_id: int

    class Meta:
        indexes = (models.Index(fields=["deal", "at"], name="asset_sent_in_deal"),)

    def __str__(self) -> str:
        return f"{self.asset_id} {self.deal_id}"
