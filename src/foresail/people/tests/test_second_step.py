"""The second step: each code once, each recovery code once, and waits for who guesses them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from foresail.core.changes import Change
from foresail.people import services, totp
from foresail.people.errors import (
    CodeWrong,
    NotAllowed,
    PasswordWrong,
    SecondStepOff,
    SecondStepOn,
)
from foresail.people.models import RecoveryCode, SecondStep, User
from foresail.people.roles import Role

Hire = Callable[..., User]
Try = Callable[..., str]
PASSWORD = "correct horse battery"
HOME = "192.0.2.1"
MINUTE = timedelta(minutes=1)


def second_step(li: User, at: datetime) -> tuple[str, tuple[str, ...]]:
    offer = services.start_second_step(by=li, at=at)
    code = totp.code(secret=offer.secret, step=totp.step(at))
    return offer.secret, services.confirm_second_step(code=code, by=li, at=at)


def test_the_second_step_takes_each_code_once(li: User, at: datetime, come_in: Try) -> None:
    secret, _ = second_step(li, at)
    now = at + MINUTE
    code = totp.code(secret=secret, step=totp.step(now))
    assert come_in(now) == "second_step_needed"
    assert come_in(now, "wrong") == "sign_in_refused"

    def with_code(code: str) -> User:
        return services.authenticate(
            email="li@example.com", password=PASSWORD, code=code, address=HOME, at=now
        )

    assert with_code(f"{code[:3]} {code[3:]}") == li
    with pytest.raises(CodeWrong):
        with_code(code)


def test_guessing_codes_makes_one_wait_and_a_right_password_alone_resets_nothing(
    li: User, at: datetime, come_in: Try
) -> None:
    second_step(li, at)
    for _ in range(5):
        assert come_in(at) == "second_step_needed"
        with pytest.raises(CodeWrong):
            services.authenticate(email="li@example.com", password=PASSWORD, code="x", address=HOME, at=at)
    assert come_in(at) == "sign_in_wait"


def test_a_recovery_code_lets_in_once(li: User, at: datetime, changes: list[Change]) -> None:
    _, codes = second_step(li, at)
    assert (len(set(codes)), {len(code) for code in codes}) == (10, {19})
    assert not any(code in str(list(RecoveryCode.objects.values())) for code in codes)
    assert not any(code in str(changes) for code in codes)
    changes.clear()
    typed = {"email": "li@example.com", "password": PASSWORD, "code": codes[3].upper(), "address": HOME}
    assert services.authenticate(**typed, at=at) == li
    assert [change.verb for change in changes] == ["use_recovery_code"]
    with pytest.raises(CodeWrong):
        services.authenticate(**typed, at=at)


def test_the_second_step_is_set_up_once_and_stopped_with_the_password_or_by_an_admin(
    li: User, hire: Hire, admin: User, at: datetime, changes: list[Change], come_in: Try
) -> None:
    with pytest.raises(SecondStepOff):
        services.confirm_second_step(code="123456", by=li, at=at)
    first = services.start_second_step(by=li, at=at)
    assert come_in(at) == "in"  # not asked for before it is confirmed
    with pytest.raises(CodeWrong):
        services.confirm_second_step(code="x", by=li, at=at)
    secret, _ = second_step(li, at)
    assert secret != first.secret
    assert secret not in str(changes)
    changes.clear()
    with pytest.raises(SecondStepOn):
        services.start_second_step(by=li, at=at)
    with pytest.raises(PasswordWrong):
        services.stop_second_step(user=li, password="wrong", by=li, at=at)
    with pytest.raises(NotAllowed):
        services.stop_second_step(user=li, password=PASSWORD, by=hire("Eve", Role.MANAGER), at=at)
    assert SecondStep.objects.filter(user=li).exists()
    services.stop_second_step(user=li, by=admin, at=at)
    assert not RecoveryCode.objects.exists()
    assert come_in(at) == "in"
    second_step(li, at)
    services.stop_second_step(user=li, password=PASSWORD, by=li, at=at)
    assert come_in(at) == "in"
