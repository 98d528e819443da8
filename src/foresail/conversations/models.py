"""Mails, calls, meetings, visits and chats: what was said, in which deal, with whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Communication(models.Model):
    """One talk. `known_at` is when our side wrote it down; mails and chats have a direction, talks in person have none.

    `source` and `source_id` name it where it came from, so that nothing is taken in twice.
    """

    class Channel(models.TextChoices):
        MAIL = "mail"
        CALL = "call"
        MEETING = "meeting"
        VISIT = "visit"
        CHAT = "chat"

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"
        NONE = "none"

    deal = models.ForeignKey("crm.Deal", models.PROTECT, related_name="+")
    account = models.ForeignKey("crm.Account", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=7, choices=Channel.choices)
    direction = models.CharField(max_length=4, choices=Direction.choices, default=Direction.NONE)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    known_at = models.DateTimeField()
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey("crm.Contact", models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=100)
    source_id = models.CharField(max_length=200)

    deal_id: int
    account_id: int
    author_id: int | None
    contact_id: int | None

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source", "source_id"], name="communication_once"),
            models.CheckConstraint(condition=~Q(title=""), name="communication_has_a_title"),
            models.CheckConstraint(
                condition=Q(known_at__gte=F("at")), name="communication_known_once_it_was"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["mail", "chat"], direction__in=["in", "out"])
                | Q(channel__in=["call", "meeting", "visit"]),
                name="communication_direction_known",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def kind(self) -> str:
        """Return what it is on the timeline, such as "mail_in"."""
        return kind_of(self.channel, self.direction)


class Repointed(models.Model):
    """That a merge of crm's records moved a talk to another contact or account, and which it was before."""

    merge = models.BigIntegerField()
    communication = models.ForeignKey(Communication, models.CASCADE, related_name="+")
    column = models.CharField(max_length=10)
    before = models.BigIntegerField()
    after = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["merge"], name="repointed_by_merge"),)

    def __str__(self) -> str:
        return f"{self.communication_id} {self.column}"

    communication_id: int


def kind_of(channel: str, direction: str) -> str:
    """Return the timeline's kind of a talk.

    >>> kind_of("mail", "in"), kind_of("call", "out")
    ('mail_in', 'call')
    """
    return f"{channel}_{direction}" if channel in {"mail", "chat"} else channel
