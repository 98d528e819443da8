"""Keys with which a user's own programs ask."""

from __future__ import annotations

from django.db import models


class ApiKey(models.Model):
    """What a program may do in the name of `user`, and until when. Only the hash of its token is here."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=150)
    prefix = models.CharField(max_length=16)
    """How its token begins, so that people can tell keys apart."""
    key_hash = models.CharField(max_length=64, unique=True)
    areas = models.JSONField()
    """Area → "read" or "write"."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~models.Q(name=""), name="key_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="key_ends_after_made"
            ),
        )

    @property
    def writes(self) -> bool:
        """Whether it may change anything at all."""
        return "write" in self.areas.values()
