"""Models and what they said: of each deal at each look, and how it came out."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

HORIZONS: Final = (7, 14, 30, 90)
"""Days ahead for which chances are kept; 14 is the horizon by which forecasts are judged."""


class Pool(models.Model):
    """Pipelines whose deals are learned from together."""

    name = models.CharField(max_length=150, unique=True)

    def __str__(self) -> str:
        return self.name


class PoolPipeline(models.Model):
    """That a pipeline belongs to a pool; it belongs to one at most."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="members")
    pipeline = models.OneToOneField("crm.Pipeline", models.PROTECT, related_name="+")

    pipeline_id: int


class ForecastModel(models.Model):
    """A fitted model. Its files, in `folder` below the home's models, never change.

    `unfit_since` is when it was found that neither it, which serves, nor one before it can forecast; None while one can.
    """

    class Status(models.TextChoices):
        SERVING = "serving"
        RETIRED = "retired"
        REJECTED = "rejected"

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="models")
    version = models.PositiveIntegerField()
    fitted_as_of = models.DateTimeField()
    created_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status.choices)
    figures = models.JSONField(default=dict)
    card = models.JSONField(default=dict)
    folder = models.CharField(max_length=100)
    unfit_since = models.DateTimeField(null=True)

    pool_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["pool", "version"], name="model_version_once"),
            models.UniqueConstraint(fields=["pool"], condition=Q(status="serving"), name="one_model_serves"),
        )

    def __str__(self) -> str:
        return f"{self.pool_id}/{self.version}"


class Score(models.Model):
    """What a model said of a deal at an instant. Never changed. Chances are won, lost, open within so many days.

    `nightly` looks are the landmarks by which forecasts are judged; `alerted` says that the deal was then among
    the tenth most at risk; `replayed` that it was computed later, by a model and from a log of before.
    `reasons` holds base, rest, others, calibration and drivers; it is empty for old replayed looks.
    """

    deal = models.ForeignKey("crm.Deal", models.PROTECT, related_name="+")
    model = models.ForeignKey(ForecastModel, models.PROTECT, related_name="scores")
    at = models.DateTimeField()
    p_won_final = models.FloatField()
    p_won = models.FloatField()
    p_lost = models.FloatField()
    p_open = models.FloatField()
    chances = models.JSONField()
    swing = models.JSONField(null=True)
    close_early = models.DateField(null=True)
    close_mid = models.DateField(null=True)
    close_late = models.DateField(null=True)
    verdict = models.CharField(max_length=4, null=True)  # silence is not an empty word
    risk = models.FloatField()
    tier = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    reasons = models.JSONField(default=dict)
    nightly = models.BooleanField(default=False)
    alerted = models.BooleanField(default=False)
    replayed = models.BooleanField(default=False)

    deal_id: int
    model_id: int

    class Meta:
        constraints = (models.UniqueConstraint(fields=["deal", "at", "model"], name="one_score_a_look"),)
        indexes = (
            # With what lists and sums ask of a score: its row is wide, and there are many.
            models.Index(
                fields=["deal", "-at", "-id"], include=["p_won_final", "amount"], name="score_of_deal"
            ),
            models.Index(
                fields=["at", "deal"],
                include=["p_won", "alerted"],
                condition=Q(nightly=True),
                name="score_nightly",
            ),
            models.Index(fields=["deal", "at"], condition=Q(alerted=True), name="score_alerted"),
        )


class Outlook(models.Model):
    """The latest score of an open deal, with what totals are made of; `at` is when it was made."""

    deal = models.OneToOneField("crm.Deal", models.PROTECT, primary_key=True, related_name="outlook")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+")
    score = models.ForeignKey(Score, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    p_won_final = models.FloatField()
    p_won_7 = models.FloatField()
    p_won_14 = models.FloatField()
    p_won_30 = models.FloatField()
    p_won_90 = models.FloatField()
    close_mid = models.DateField(null=True)
    verdict = models.CharField(max_length=4, null=True)
    risk = models.FloatField()
    alerted = models.BooleanField(default=False)

    deal_id: int


class Touched(models.Model):
    """That something new is known of a deal since it was last scored."""

    deal = models.BigIntegerField()
    pool = models.ForeignKey(Pool, models.CASCADE, related_name="+")
    at = models.DateTimeField()


class ReadAnew(models.Model):
    """That a deal was read anew for its score, or (no deal) a whole pool: by this, others who keep its log read it anew.

    Of one pool they are made by one job after another, so that none is seen after a later one.
    """

    deal = models.BigIntegerField(null=True)
    pool = models.ForeignKey(Pool, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["pool", "id"], name="read_anew_of_pool"),)


class Verdict(models.Model):
    """That the forecast named an outcome for a deal, and whether it was right when it was due."""

    deal = models.ForeignKey("crm.Deal", models.PROTECT, related_name="+")
    pool = models.ForeignKey(Pool, models.PROTECT, related_name="+")
    model = models.ForeignKey(ForecastModel, models.PROTECT, related_name="+")
    side = models.CharField(max_length=4)
    said_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=4, null=True)
    right = models.BooleanField(null=True)

    deal_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["deal", "side"], condition=Q(right=None), name="verdict_said_once_at_a_time"
            ),
        )
        indexes = (models.Index(fields=["due_at"], condition=Q(right=None), name="verdict_not_judged"),)


class Estimate(models.Model):
    """A manager's own number for a period, beside what the model said when it was made."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4)
    scope = models.BigIntegerField()
    period = models.CharField(max_length=7)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    model_mean = models.DecimalField(max_digits=18, decimal_places=2)
    model_low = models.DecimalField(max_digits=18, decimal_places=2)
    model_high = models.DecimalField(max_digits=18, decimal_places=2)
    actual = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "scope", "period", "-made_at"], name="estimate_latest"),)
