"""The second step: a code from an authenticator app, or one of ten recovery codes."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction

from foresail.people import totp
from foresail.people.errors import (
    CodeWrong,
    NotAllowed,
    PasswordWrong,
    SecondStepNeeded,
    SecondStepOff,
    SecondStepOn,
)
from foresail.people.models import RecoveryCode, SecondStep, User
from foresail.people.services.permission import administers
from foresail.people.services.telling import tell
from foresail.people.texts import fingerprint

RECOVERY_CODES = 10
RECOVERY_BYTES = 10


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What the user's app needs: the secret to type, or the address to show as a QR code."""

    secret: str
    address: str


def start_second_step(*, by: User, at: datetime) -> Offer:
    """Offer `by` a new secret. It counts once a code of it is confirmed. Raises NotAllowed or SecondStepOn."""
    with transaction.atomic():
        user = _active(by)
        if SecondStep.objects.filter(user=user, confirmed_at__isnull=False).exists():
            raise SecondStepOn
        secret = totp.new_secret()
        SecondStep.objects.update_or_create(user=user, defaults={"secret": secret, "used_step": -1})
        tell("start_second_step", user, {}, by=by, at=at)
        return Offer(secret=secret, address=totp.address(secret=secret, email=user.email))


def confirm_second_step(*, code: str, by: User, at: datetime) -> tuple[str, ...]:
    """Turn the second step on and return the recovery codes, which nobody will see again.

    Raises NotAllowed, SecondStepOff, SecondStepOn or CodeWrong.
    """
    with transaction.atomic():
        user = _active(by)
        step = SecondStep.objects.filter(user=user).first()
        if step is None:
            raise SecondStepOff
        if step.confirmed_at is not None:
            raise SecondStepOn
        if not _taken(step, code, at):
            raise CodeWrong
        step.confirmed_at = at
        step.save(update_fields=["confirmed_at"])
        codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=user, code_hash=fingerprint(_bare(code))) for code in codes
        )
        tell("confirm_second_step", user, {"second_step": True}, by=by, at=at)
        return codes


def stop_second_step(*, user: User, password: str | None = None, by: User | None, at: datetime) -> None:
    """Turn the second step off: oneself with one's password, or an admin for somebody who lost the phone.

    Raises NotAllowed, PasswordWrong or SecondStepOff.
    """
    with transaction.atomic():
        fresh = User.objects.select_for_update().get(pk=user.pk)
        own = by is not None and by.pk == fresh.pk and fresh.active
        if not own and not administers(by):
            raise NotAllowed
        if own and not check_password(password, fresh.password):
            raise PasswordWrong
        removed, _ = SecondStep.objects.filter(user=fresh).delete()
        if not removed:
            raise SecondStepOff
        RecoveryCode.objects.filter(user=fresh).delete()
        tell("stop_second_step", fresh, {"second_step": False}, by=by, at=at)


def second_step_refusal(*, user: User, code: str | None, at: datetime) -> CodeWrong | SecondStepNeeded | None:
    """Return why `code` does not let `user` in, None if it does or none is needed. A right code is used up.

    Call it inside the transaction that keeps the attempt.
    """
    step = SecondStep.objects.filter(user=user, confirmed_at__isnull=False).first()
    if step is None:
        return None
    if not code:
        return SecondStepNeeded()
    if _taken(step, code, at):
        return None
    recovery = RecoveryCode.objects.filter(user=user, code_hash=fingerprint(_bare(code)), used_at=None)
    if recovery.update(used_at=at):
        tell("use_recovery_code", user, {}, by=user, at=at)
        return None
    return CodeWrong()


def _taken(step: SecondStep, code: str, at: datetime) -> bool:
    """Use up `code`. The condition in the update lets only one of two at once have it."""
    typed = "".join(code.split())
    found = totp.matching_step(secret=step.secret, typed=typed, at=at, after=step.used_step)
    if found is None:
        return False
    return SecondStep.objects.filter(pk=step.pk, used_step__lt=found).update(used_step=found) == 1


def _active(by: User) -> User:
    user = User.objects.select_for_update().get(pk=by.pk)
    if not user.active:
        raise NotAllowed
    return user


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _bare(code: str) -> str:
    return "".join(c for c in code.lower() if c.isalnum())
