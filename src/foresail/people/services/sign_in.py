"""Signing in: password, then a code where the second step is on, and waits for who guesses."""

from __future__ import annotations

import math
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction

from foresail.core.locks import lock
from foresail.people.errors import PasswordsOff, PeopleError, SecondStepNeeded, SignInRefused, SignInWait
from foresail.people.models import Grant, SignInAttempt, SingleSignOn, User
from foresail.people.roles import Role
from foresail.people.services.second_step import second_step_refusal
from foresail.people.texts import fingerprint, folded
from foresail.people.throttle import (
    ACCOUNT_FAILURES,
    NETWORK_FAILURES,
    WINDOW,
    Failure,
    network,
    next_strike,
)

UNUSABLE = "!"
"""Django's mark of a password nobody has. Checking against it takes as long as checking a real one."""


def authenticate(*, email: str, password: str, code: str | None = None, address: str, at: datetime) -> User:
    """Return the user who signs in from `address`. Password and code come together: nothing waits in between.

    Raises SignInWait, SignInRefused, SecondStepNeeded (the password was right), CodeWrong or PasswordsOff (all
    was right), ValueError for what is no IP address. Has a transaction of its own, so that a failure is kept whatever the caller does.
    """
    account, source = fingerprint(folded(email)), network(address)
    with transaction.atomic(durable=True):
        lock(f"people account {account}")  # or many guesses at once would all be the first
        on_account, on_network = _last_on_account(account), _last_on_network(source)
        _require_no_wait(on_account, on_network, at)
        user = User.objects.filter(email=folded(email)).first()
        right = check_password(password, user.password if user else UNUSABLE)
        refusal: PeopleError | None = SignInRefused()
        if user is not None and user.active and right:
            refusal = second_step_refusal(user=user, code=code, at=at)
            if refusal is None and not passwords_serve(user=user):
                refusal = PasswordsOff()
        if not isinstance(refusal, SecondStepNeeded):  # which is half a success: it resets and counts nothing
            attempt = SignInAttempt(account=account, network=source, succeeded=refusal is None, at=at)
            if refusal is not None:
                attempt.account_strike = next_strike(
                    last=on_account, recent=_recent(at, account=account) + 1, at=at, allowed=ACCOUNT_FAILURES
                )
                attempt.network_strike = next_strike(
                    last=on_network, recent=_recent(at, network=source) + 1, at=at, allowed=NETWORK_FAILURES
                )
            attempt.save()
    if refusal is not None:
        raise refusal
    assert user is not None
    return user


def passwords_serve(*, user: User) -> bool:
    """Whether `user` may come in with a password. Administrators always may, or a provider could lock all out."""
    return (
        not SingleSignOn.objects.filter(passwords=False).exists()
        or Grant.objects.filter(user=user, role=Role.ADMIN).exists()
    )


def forget_attempts(*, before: datetime) -> int:
    """Delete attempts older than `before`; return how many. A day back is more than any wait looks at."""
    deleted, _ = SignInAttempt.objects.filter(at__lt=before).delete()
    return deleted


def _last_on_account(account: str) -> Failure | None:
    last = SignInAttempt.objects.filter(account=account).order_by("-at", "-pk").first()
    return Failure(at=last.at, strike=last.account_strike) if last and not last.succeeded else None


def _last_on_network(source: str) -> Failure | None:
    last = SignInAttempt.objects.filter(network=source, succeeded=False).order_by("-at", "-pk").first()
    return Failure(at=last.at, strike=last.network_strike) if last else None


def _recent(at: datetime, **of: str) -> int:
    """Count failures within the window: of an account since its last success, of a network all."""
    recent = SignInAttempt.objects.filter(at__gt=at - WINDOW, **of)
    if "account" in of:
        success = recent.filter(succeeded=True).order_by("-at", "-pk").first()
        if success is not None:
            recent = recent.filter(pk__gt=success.pk)
    return recent.filter(succeeded=False).count()


def _require_no_wait(on_account: Failure | None, on_network: Failure | None, at: datetime) -> None:
    until = max((failure.until for failure in (on_account, on_network) if failure), default=at)
    if at < until:
        raise SignInWait(until=until, seconds=math.ceil((until - at).total_seconds()))
