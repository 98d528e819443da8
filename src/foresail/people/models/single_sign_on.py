"""Signing in through the company's own provider (OpenID Connect): how it is reached, and who is who there."""

from __future__ import annotations

from django.db import models

from foresail.people.roles import Role

NEWCOMER_ROLES = [role.value for role in Role if role is not Role.ADMIN]


class SingleSignOn(models.Model):
    """The settings, in one row. `secret` is sealed by the home's vault, and empty for a public client."""

    enabled = models.BooleanField(default=False)
    issuer = models.CharField(max_length=500, blank=True)
    client = models.CharField(max_length=300, blank=True)
    secret = models.BinaryField(default=b"")
    name_zh = models.CharField(max_length=50, blank=True)
    name_en = models.CharField(max_length=50, blank=True)
    domains = models.JSONField(default=list)
    """Of which e-mail addresses may come in; empty: of all."""
    newcomer_role = models.CharField(max_length=20, null=True)
    """What somebody becomes whom nobody added before; None: they are refused."""
    passwords = models.BooleanField(default=True)
    """Whether passwords let others in than administrators."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(id=1), name="single_sign_on_once"),
            models.CheckConstraint(
                condition=models.Q(newcomer_role__isnull=True) | models.Q(newcomer_role__in=NEWCOMER_ROLES),
                name="newcomer_role_known",
            ),
        )


class Identity(models.Model):
    """Who a user is at a provider. `subject` never changes there, an e-mail address may."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    bound_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["issuer", "subject"], name="subject_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_subject_each"),
        )


class PendingSignIn(models.Model):
    """Somebody who was sent to the provider and has not come back. The row goes when they do: it serves once."""

    state_hash = models.CharField(max_length=64, unique=True)
    nonce = models.CharField(max_length=64)
    verifier = models.CharField(max_length=128)
    next = models.CharField(max_length=500)
    at = models.DateTimeField(db_index=True)
