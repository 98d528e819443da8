"""When to suggest something, what was suggested, and who does not want to hear of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Trigger(models.Model):
    """Suggests one action where `condition` (a tree of `core.conditions` on `advice.facts`) holds.

    `topic_kind` is what kind of topic content to send should be about. Days are calendar days; `version` grows with each
    change, and a suggestion keeps the one it rests on.
    """

    class About(models.TextChoices):
        DEAL = "deal"
        ACCOUNT = "account"

    class Action(models.TextChoices):
        SEND_CONTENT = "send_content"
        CALL = "call"
        MEETING = "meeting"
        TASK = "task"

    class Whose(models.TextChoices):
        OWNER = "owner"
        MANAGER = "manager"

    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"

    key = models.SlugField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    about = models.CharField(max_length=7, choices=About.choices)
    condition = models.JSONField()
    action = models.CharField(max_length=12, choices=Action.choices)
    action_zh = models.CharField(max_length=120)
    action_en = models.CharField(max_length=200)
    topic_kind = models.CharField(max_length=14, blank=True)
    cooldown_days = models.PositiveSmallIntegerField()
    expiry_days = models.PositiveSmallIntegerField()
    whose = models.CharField(max_length=7, choices=Whose.choices, default=Whose.OWNER)
    priority = models.PositiveSmallIntegerField(default=3)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DRAFT)
    shipped = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=5), name="trigger_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(expiry_days__gte=1, expiry_days__lte=365, cooldown_days__lte=365),
                name="trigger_days_sensible",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Suggestion(models.Model):
    """That a trigger's condition held for a deal, or for an account as a whole (`deal` is then None).

    `facts` are the values that it held for, `evidence` the entries of the timeline and the topics (with strength and
    rise) behind them: numbers and keys, nothing of what anybody said or read. `lapsed_at` is since when the condition
    holds no more. Open until `ended_at`; `how` says why it ended.
    """

    class How(models.TextChoices):
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"
        OVER = "over"
        EXPIRED = "expired"
        CLOSED = "closed"
        RETIRED = "retired"

    class Reason(models.TextChoices):
        NOT_TRUE = "not_true"
        DONE = "done"
        NOT_NOW = "not_now"
        NOT_USEFUL = "not_useful"
        OTHER = "other"

    trigger = models.ForeignKey(Trigger, models.PROTECT, related_name="suggestions")
    trigger_version = models.PositiveIntegerField()
    deal = models.ForeignKey("crm.Deal", models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey("crm.Account", models.PROTECT, related_name="+")
    facts = models.JSONField()
    evidence = models.JSONField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    lapsed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=9, choices=How.choices, blank=True)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    task = models.BigIntegerField(null=True)

    trigger_id: int
    deal_id: int | None
    account_id: int
    decided_by_id: int | None

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["trigger", "deal"], condition=Q(ended_at=None), name="suggestion_one_open_for_deal"
            ),
            models.UniqueConstraint(
                fields=["trigger", "account"],
                condition=Q(ended_at=None, deal=None),
                name="suggestion_one_open_for_account",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, how="") | Q(ended_at__gte=F("made_at")) & ~Q(how=""),
                name="suggestion_ended_somehow",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["deal"], name="suggestion_of_deal"),
            models.Index(fields=["account"], name="suggestion_of_account"),
            models.Index(fields=["trigger", "ended_at"], name="suggestion_of_trigger"),
            models.Index(fields=["decided_by", "ended_at"], name="suggestion_decided_by"),
        ]

    def __str__(self) -> str:
        return f"{self.trigger_id} {self.deal_id or self.account_id}"


class Mute(models.Model):
    """That somebody does not want to hear of a trigger, or of a deal, until `until` (None: until they say otherwise).

    `learned` says that nobody asked for it: they had dismissed too many of the trigger's suggestions as not useful.
    """

    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    trigger = models.ForeignKey(Trigger, models.CASCADE, null=True, related_name="+")
    deal = models.ForeignKey("crm.Deal", models.CASCADE, null=True, related_name="+")
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    learned = models.BooleanField(default=False)

    user_id: int
    trigger_id: int | None
    deal_id: int | None

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "trigger"], name="suggestion_mute_of_trigger"),
            models.UniqueConstraint(fields=["user", "deal"], name="suggestion_mute_of_deal"),
            models.CheckConstraint(
                condition=Q(trigger=None, deal__isnull=False) | Q(trigger__isnull=False, deal=None),
                name="suggestion_mute_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.trigger_id or self.deal_id}"


class Waiting(models.Model):
    """That a deal or an account is to be judged, because something became known of it; both None: that all are."""

    deal = models.BigIntegerField(null=True)
    account = models.BigIntegerField(null=True)
    at = models.DateTimeField()
