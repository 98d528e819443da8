"""How lines of business sell: pipelines and their stages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Pipeline(models.Model):
    """The way in which a line of business sells, stage after stage."""

    line = models.ForeignKey("people.BusinessLine", models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    currency = models.CharField(max_length=3, default="CNY")

    line_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["line", "name"], name="pipeline_name_once_in_a_line"),
            models.CheckConstraint(condition=~Q(name=""), name="pipeline_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A step of a pipeline. `usual_days` is how long deals usually stay in it; `category` is what managers count it as.

    `requires` are the keys of fields that a deal must have filled to stand here. A retired stage takes no deals.
    """

    class Category(models.TextChoices):
        OMITTED = "omitted"
        PIPELINE = "pipeline"
        BEST_CASE = "best_case"
        COMMIT = "commit"

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages")
    key = models.CharField(max_length=50)
    name_zh = models.CharField(max_length=150)
    name_en = models.CharField(max_length=150)
    position = models.PositiveSmallIntegerField()
    usual_days = models.PositiveSmallIntegerField(null=True)
    category = models.CharField(max_length=9, choices=Category.choices, default=Category.PIPELINE)
    requires = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["pipeline", "key"], name="stage_key_once"),
            models.UniqueConstraint(
                fields=["pipeline", "position"],
                name="stage_position_once",
                deferrable=models.Deferrable.IMMEDIATE,  # at the end of the statement that puts stages in order
            ),
            models.UniqueConstraint(fields=["id", "pipeline"], name="stage_and_pipeline"),
        )

    def __str__(self) -> str:
        return self.key
