"""What was shared: single records, with a colleague or a team."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Share(models.Model):
    """That `user`, or everybody in `team` and below it, may see one record, or change it too.

    `kind` and `record` name the record: the name of its model in lower case, and its key. With `below` it holds for
    what belongs to the record too (`Guarded.within`). `ends_on` is the last day on which it holds, `ends_at` the
    instant after that. Ended, a row stays: it says who saw what, and when.
    """

    class Right(models.TextChoices):
        SEE = "see"
        CHANGE = "change"

    kind = models.CharField(max_length=20)
    record = models.BigIntegerField()
    user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey("people.Team", models.PROTECT, null=True, related_name="+")
    right = models.CharField(max_length=6, choices=Right.choices)
    below = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    shared_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    shared_at = models.DateTimeField()
    ends_on = models.DateField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    user_id: int | None
    team_id: int | None
    shared_by_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=False, team=None) | Q(user=None, team__isnull=False),
                name="share_with_one",
            ),
            models.CheckConstraint(condition=Q(right__in=["see", "change"]), name="share_right_known"),
            models.CheckConstraint(
                condition=Q(ends_on=None, ends_at=None) | Q(ends_on__isnull=False, ends_at__isnull=False),
                name="share_ends_after_its_day",
            ),
            # Also what the one rule looks them up by.
            models.UniqueConstraint(
                fields=["user", "kind", "record"], condition=Q(ended_at=None), name="share_of_user"
            ),
            models.UniqueConstraint(
                fields=["team", "kind", "record"], condition=Q(ended_at=None), name="share_of_team"
            ),
        )
        indexes = (
            models.Index(fields=["kind", "record"], name="share_of_record"),
            models.Index(
                fields=["ends_at"], condition=Q(ended_at=None, ends_at__isnull=False), name="share_due"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.record} {self.right}"
