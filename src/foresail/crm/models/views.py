"""Lists as people keep them: what is chosen, sorted and shown, under a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A list of one kind of record. `settings` are made by `services.views` alone; `team` is whom it is shared with."""

    class Shared(models.TextChoices):
        NOBODY = "nobody"
        TEAM = "team"
        ALL = "all"

    record_type = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    owner = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    shared = models.CharField(max_length=6, choices=Shared.choices, default=Shared.NOBODY)
    team = models.ForeignKey("people.Team", models.PROTECT, null=True, related_name="+")
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    owner_id: int
    team_id: int | None

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "record_type", "name"], name="view_name_once_for_somebody"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
            models.CheckConstraint(
                condition=Q(shared="team", team__isnull=False) | Q(shared__in=["nobody", "all"], team=None),
                name="view_shared_with_whom",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ViewPin(models.Model):
    """That somebody keeps a view in the navigation."""

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="pins")
    user = models.ForeignKey("people.User", models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "view"], name="view_pinned_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.view_id}"

    user_id: int
    view_id: int
