"""How somebody comes in: attempts, the second step, sessions. No secret is readable here but TOTP's own."""

from __future__ import annotations

from django.db import models


class SignInAttempt(models.Model):
    """One try to sign in. A failure carries its strike: how many times in a row it had to make others wait."""

    account = models.CharField(max_length=64)
    """SHA-256 of the address typed, known or not: people type passwords there by mistake."""
    network = models.CharField(max_length=43)
    succeeded = models.BooleanField()
    at = models.DateTimeField()
    account_strike = models.PositiveSmallIntegerField(default=0)
    network_strike = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=["account", "-at"], name="attempt_by_account"),
            models.Index(fields=["network", "-at"], name="attempt_by_network"),
            models.Index(fields=["at"], name="attempt_by_age"),
        )


class SecondStep(models.Model):
    """A user's TOTP secret. It counts from `confirmed_at` on; `used_step` is the last time step taken."""

    user = models.OneToOneField("people.User", models.PROTECT, related_name="second_step")
    secret = models.CharField(max_length=64)
    confirmed_at = models.DateTimeField(null=True)
    used_step = models.BigIntegerField(default=-1)


class PasswordLink(models.Model):
    """A way for somebody to choose their password, once, until `ends_at`. A person has one at most; used, it is gone."""

    user = models.OneToOneField("people.User", models.PROTECT, related_name="password_link")
    key_hash = models.CharField(max_length=64, unique=True)
    ends_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """A way in without the phone, once."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class Session(models.Model):
    """One browser or device that is signed in. Only the hash of its token is here."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.GenericIPAddressField()
    agent = models.CharField(max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True)
    identity = models.ForeignKey("people.Identity", models.PROTECT, null=True, related_name="sessions")
    """Through whom they came in; None: with a password."""
    provider_session = models.CharField(max_length=255, blank=True)
    """The provider's own name (sid) for the session there, by which it may end this one."""

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(seen_at__gte=models.F("created_at")), name="session_seen_after_made"
            ),
        )
