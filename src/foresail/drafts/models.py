"""What companies do after something happened, what people made of proposals, their reports, and what counts as saved."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Habit(models.Model):
    """Where deals of a pipeline stand a week after `kind` first happened in them: in `stage` or beyond, in `reached` of
    `cases`.
    """

    pipeline = models.ForeignKey("crm.Pipeline", models.CASCADE, related_name="+")
    stage = models.ForeignKey("crm.Stage", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=50)
    cases = models.PositiveIntegerField()
    reached = models.PositiveIntegerField()
    learned_at = models.DateTimeField()

    pipeline_id: int
    stage_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["pipeline", "kind"], name="habit_once_a_kind"),
            models.CheckConstraint(
                condition=Q(reached__gt=0, reached__lte=F("cases")), name="habit_within_its_cases"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pipeline_id} {self.kind}"


class Decision(models.Model):
    """What somebody made of a proposal. `mark` is the proposal with its evidence: it is decided once, and never
    proposed again. `characters` are those that nobody had to type; `made` is what came of it, by its kind.
    """

    class Kind(models.TextChoices):
        STAGE = "stage"
        JOIN = "join"
        CONTACT = "contact"
        TASK = "task"

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed"
        REFUSED = "refused"

    deal = models.ForeignKey("crm.Deal", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    mark = models.CharField(max_length=32)
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    evidence = models.JSONField(default=list)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    characters = models.PositiveIntegerField(default=0)
    made = models.BigIntegerField(null=True)
    before = models.BigIntegerField(null=True)

    deal_id: int
    by_id: int

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["deal", "mark"], name="proposal_decided_once"),
            models.CheckConstraint(condition=~Q(mark=""), name="decision_names_its_proposal"),
        )
        indexes = (models.Index(fields=["by", "at"], name="decision_of_somebody"),)

    def __str__(self) -> str:
        return f"{self.deal_id} {self.kind} {self.verdict}"


class Report(models.Model):
    """What somebody reports of a week or a month, about themselves or their team.

    `drafted` holds the lines that were ever drafted for it, `text` what its author made of them; no draft ever changes
    that. `kept` counts the characters of drafted lines that are in the text as they were, `typed` those that the author
    put into drafted lines.
    """

    class Span(models.TextChoices):
        WEEK = "week"
        MONTH = "month"

    author = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    span = models.CharField(max_length=5, choices=Span.choices)
    begins_on = models.DateField()
    team = models.BooleanField(default=False)
    drafted = models.JSONField(default=list)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    handed_to = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    handed_at = models.DateTimeField(null=True)
    handed_text = models.TextField(blank=True)
    kept = models.PositiveIntegerField(default=0)
    typed = models.PositiveIntegerField(default=0)

    author_id: int
    handed_to_id: int | None

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["author", "span", "begins_on", "team"], name="report_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(handed_to=None, handed_at=None)
                | Q(handed_to__isnull=False, handed_at__isnull=False) & ~Q(handed_to=F("author")),
                name="report_handed_to_another",
            ),
        )
        indexes = (models.Index(fields=["handed_to", "-handed_at"], name="report_handed_in"),)

    def __str__(self) -> str:
        return f"{self.author_id} {self.span} {self.begins_on}"


class SavingSetting(models.Model):
    """What counts as saved; one row, or none for what is usual. Seconds, but for the speed of typing."""

    per_minute = models.PositiveSmallIntegerField(default=60)
    stage = models.PositiveSmallIntegerField(default=20)
    join = models.PositiveSmallIntegerField(default=15)
    contact = models.PositiveSmallIntegerField(default=25)
    task = models.PositiveSmallIntegerField(default=10)
    confirm = models.PositiveSmallIntegerField(default=4)
    refuse = models.PositiveSmallIntegerField(default=4)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(pk=1), name="saving_setting_once"),
            models.CheckConstraint(
                condition=Q(per_minute__gte=10, per_minute__lte=600), name="typing_speed_sensible"
            ),
        )

    def __str__(self) -> str:
        return f"{self.per_minute}"
