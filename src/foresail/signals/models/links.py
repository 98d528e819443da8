"""Links that people send, and by whose opening we learn that they were read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class TrackedLink(models.Model):
    """A link for one contact, or for whoever gets it, to `target`. `name` is by chance; its signature is kept nowhere.

    `asset` is what it leads to ("advice.Asset:7"). `moves` holds the contacts it was for before merges: their keys
    and the merges'.
    """

    name = models.CharField(max_length=22, unique=True)
    target = models.TextField()
    contact = models.ForeignKey("crm.Contact", models.PROTECT, null=True, related_name="+")
    asset = models.CharField(max_length=60, blank=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    moves = models.JSONField(default=list)

    contact_id: int | None
    made_by_id: int | None

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="signals_link_has_a_name", condition=Q(name__regex="^[A-Za-z0-9_-]{22}$")
            ),
            models.CheckConstraint(name="signals_link_expires", condition=Q(expires_at__gt=F("made_at"))),
        ]

    def __str__(self) -> str:
        return self.asset or self.target
