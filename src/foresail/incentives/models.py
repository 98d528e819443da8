"""Targets."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Target(models.Model):
    """What somebody shall win in a month. `scope` is the key of a person, a team or a line; 0 for all."""

    class Kind(models.TextChoices):
        PERSON = "person"
        TEAM = "team"
        LINE = "line"
        ALL = "all"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    scope = models.BigIntegerField()
    month = models.DateField()
    base = models.DecimalField(max_digits=16, decimal_places=2)
    stretch = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    set_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "scope", "month"], name="target_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="target_of_a_whole_month"),
            models.CheckConstraint(
                condition=Q(base__gte=0) & (Q(stretch=None) | Q(stretch__gte=F("base"))),
                name="target_stretch_not_below_base",
            ),
        )
        indexes = (models.Index(fields=["month"], name="target_of_month"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.scope} {self.month:%Y-%m}"
