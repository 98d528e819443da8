"""What somebody was told, and how they want to be told."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q


class Notification(models.Model):
    """That something happened to a record, for one person. What it says is made of words when it is shown.

    `times` counts the same thing about the same record, `more` the further records of the same verb. `part` is the
    task, where it is about one; `said` what else must be known: an outcome, a doubt, how an import ended. What is
    `held` came while its person did not want to be disturbed; `summary` is what told of it afterwards.
    """

    class Kind(models.TextChoices):
        TASK = "task"
        GIVEN = "given"
        SHARED = "shared"
        TAKEN = "taken"
        VERDICT = "verdict"
        ALERT = "alert"
        IMPORTED = "imported"
        DOUBT = "doubt"
        REPORT = "report"
        MENTION = "mention"
        SUMMARY = "summary"

    person = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    record_type = models.CharField(max_length=20, blank=True)
    record = models.BigIntegerField(null=True)
    more = models.PositiveIntegerField(default=0)
    times = models.PositiveIntegerField(default=1)
    part = models.BigIntegerField(null=True)
    said = models.CharField(max_length=10, blank=True)
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    held = models.BooleanField(default=False)
    summary = models.ForeignKey("self", models.CASCADE, null=True, related_name="members")

    person_id: int
    actor_id: int | None

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(actor=None) | ~Q(actor=F("person")), name="notification_never_of_oneself"
            ),
        )
        indexes = (
            models.Index(fields=["person", "-at", "-id"], name="notification_of_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["record_type", "record"], name="notification_of_record"),
            models.Index(fields=["at"], name="notification_by_age"),
        )


KINDS: Final = tuple(kind.value for kind in Notification.Kind if kind is not Notification.Kind.SUMMARY)
"""What a person can have or leave."""
LOUD: Final = frozenset(KINDS) - {Notification.Kind.DOUBT.value}
"""What one is told unless one says otherwise: what is directly one's own."""


class Preference(models.Model):
    """How one person wants to be told. `kinds` holds what differs from what is usual: kind → whether.

    From `quiet_from` to `quiet_to` (the next morning, if that is earlier) in `zone` nothing lights up, nor on the days
    that `quiet_days` says.
    """

    class Days(models.TextChoices):
        """CALENDAR are China's days off: public holidays, and weekends that are not worked in exchange."""

        NONE = "none"
        WEEKEND = "weekend"
        CALENDAR = "calendar"

    person = models.OneToOneField("people.User", models.PROTECT, primary_key=True, related_name="+")
    kinds = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    quiet_days = models.CharField(max_length=10, choices=Days.choices, default=Days.NONE)
    zone = models.CharField(max_length=64, default="Asia/Shanghai")

    person_id: int

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to")),
                name="quiet_hours_have_both_ends",
            ),
        )

    def wants(self, kind: str) -> bool:
        return bool(self.kinds.get(kind, kind in LOUD))


class Mute(models.Model):
    """That a person wants to hear nothing of one record."""

    person = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    record_type = models.CharField(max_length=20)
    record = models.BigIntegerField()
    muted_at = models.DateTimeField()

    person_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["person", "record_type", "record"], name="record_muted_once"),
        )
        indexes = (models.Index(fields=["record_type", "record"], name="mute_of_record"),)
