"""Signing in: passwords, and waits for who guesses, at instants that are passed in."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foresail.core.changes import Change
from foresail.people import services
from foresail.people.errors import (
    PasswordTooWeak,
    PasswordWrong,
    SignInRefused,
    SignInWait,
)
from foresail.people.models import Session, SignInAttempt, User

Hire = Callable[..., User]
Try = Callable[..., str]
PASSWORD = "correct horse battery"
HOME = "192.0.2.1"
MINUTE = timedelta(minutes=1)


def test_a_password_is_kept_as_argon2_and_told_to_nobody(
    hire: Hire, at: datetime, changes: list[Change]
) -> None:
    user = hire("Li")
    changes.clear()
    services.set_password(user=user, password=PASSWORD, by=None, at=at)
    assert User.objects.get(pk=user.pk).password.startswith("argon2$argon2id$")
    (change,) = changes
    assert (change.verb, change.values) == ("set_password", {})
    assert services.authenticate(email=" LI@Example.com", password=PASSWORD, address=HOME, at=at) == user


def test_a_weak_password_is_refused_in_both_languages(li: User, at: datetime, changes: list[Change]) -> None:
    before = User.objects.get(pk=li.pk).password
    for weak, zh, en in [
        ("wq-81x", "密码至少需要 12 个字符。", "It must have at least 12 characters."),
        (
            "li@example.com",
            "密码不能与您的邮箱或姓名相近。",
            "It must not resemble your e-mail address or name.",
        ),
        ("1qaz2wsx3edc", "该密码太常见，容易被猜到。", "It is a common password, and soon guessed."),
        ("918273645546372819", "密码不能只含数字。", "It must not be digits alone."),
    ]:
        with pytest.raises(PasswordTooWeak) as raised:
            services.set_password(user=li, password=weak, by=None, at=at)
        assert raised.value.zh == f"请换一个密码：{zh}"
        assert raised.value.en == f"Choose another password: {en}"
    assert User.objects.get(pk=li.pk).password == before
    assert changes == []


def test_ones_own_password_needs_the_present_one_and_signs_out_elsewhere(
    li: User, at: datetime, come_in: Try
) -> None:
    here, _ = services.create_session(user=li, address=HOME, agent="", at=at)
    services.create_session(user=li, address=HOME, agent="", at=at)
    for wrong in (None, "", "wrong"):
        with pytest.raises(PasswordWrong):
            services.set_password(user=li, password="another horse battery", current=wrong, by=li, at=at)
    assert Session.objects.filter(revoked_at=None).count() == 2
    services.set_password(
        user=li, password="another horse battery", current=PASSWORD, keep=here, by=li, at=at
    )
    assert Session.objects.get(revoked_at=None) == here
    assert come_in(at, "another horse battery") == "in"


@pytest.mark.usefixtures("li")
def test_an_unknown_address_costs_and_says_the_same_as_a_wrong_password(
    hire: Hire, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire("Mute")  # no password yet
    gone = hire("Gone")
    services.set_password(user=gone, password=PASSWORD, by=None, at=at)
    services.deactivate_user(user=gone, by=None, at=at)
    hashed: list[str] = []

    def count(name: str) -> None:
        method = getattr(Argon2PasswordHasher, name)

        def counted(*arguments: object) -> object:
            hashed.append("hash")
            return method(*arguments)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)

    count("encode")
    count("verify")
    seen = set()
    for email, password in [
        ("li@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("mute@example.com", PASSWORD),
        ("gone@example.com", PASSWORD), ("li\x00@example.com", "wrong"),
    ]:  # fmt: skip
        hashed.clear()
        with CaptureQueriesContext(connection) as asked, pytest.raises(SignInRefused) as raised:
            services.authenticate(email=email, password=password, address=HOME, at=at)
        seen.add((raised.value.zh, raised.value.en, len(hashed), len(asked)))
    assert len(seen) == 1
    assert next(iter(seen))[2] == 1


@pytest.mark.usefixtures("li")
def test_after_five_failures_the_wait_doubles_up_to_a_quarter_of_an_hour(at: datetime, come_in: Try) -> None:
    for _ in range(5):
        assert come_in(at, "wrong") == "sign_in_refused"
    now = at
    for minutes in (1, 2, 4, 8, 15, 15):
        with pytest.raises(SignInWait) as raised:
            services.authenticate(email="li@example.com", password=PASSWORD, address=HOME, at=now)
        assert (raised.value.until, raised.value.en) == (
            now + minutes * MINUTE, f"Too many attempts. Try again in {minutes * 60} seconds.",
        )  # fmt: skip
        assert come_in(now + minutes * MINUTE - timedelta(seconds=1)) == "sign_in_wait"
        now += minutes * MINUTE
        assert come_in(now, "wrong") == "sign_in_refused"
    assert SignInAttempt.objects.count() == 11  # who is made to wait, is neither looked at nor counted
    assert come_in(now + 15 * MINUTE) == "in"


@pytest.mark.usefixtures("li")
def test_a_success_resets_the_account(at: datetime, come_in: Try) -> None:
    for _ in range(3):
        for _ in range(4):
            assert come_in(at, "wrong") == "sign_in_refused"
        assert come_in(at) == "in"


@pytest.mark.usefixtures("li")
def test_failures_spread_over_more_than_the_window_make_nobody_wait(at: datetime, come_in: Try) -> None:
    for number in range(12):
        assert come_in(at + number * 4 * MINUTE, "wrong") == "sign_in_refused"
    assert come_in(at + 45 * MINUTE) == "in"


@pytest.mark.usefixtures("li")
def test_after_a_quiet_window_counting_starts_anew(at: datetime, come_in: Try) -> None:
    for _ in range(5):
        come_in(at, "wrong")
    later = at + 16 * MINUTE
    for _ in range(4):
        assert come_in(later, "wrong") == "sign_in_refused"
    assert come_in(later) == "in"


@pytest.mark.usefixtures("li")
def test_an_unknown_address_is_made_to_wait_as_a_known_one(at: datetime, come_in: Try) -> None:
    for _ in range(5):
        come_in(at, email="nobody@example.com")
    assert come_in(at, email="NOBODY@example.com") == "sign_in_wait"
    assert come_in(at) == "in"
    assert "nobody" not in str(list(SignInAttempt.objects.values()))


@pytest.mark.usefixtures("li")
def test_many_accounts_tried_from_one_network_make_it_wait(at: datetime, come_in: Try) -> None:
    for number in range(20):
        assert come_in(at, email=f"u{number}@example.com", address=f"2001:db8::{number}") == "sign_in_refused"
    assert come_in(at, address="2001:db8::ffff") == "sign_in_wait"
    assert come_in(at, address="2001:db8:0:1::1") == "in"
    assert come_in(at + MINUTE, address="2001:db8::ffff") == "in"
    assert come_in(at + MINUTE, "wrong", address="2001:db8::1") == "sign_in_refused"
    assert (
        come_in(at + 2 * MINUTE, address="2001:db8::1") == "sign_in_wait"
    )  # the network's count was not reset
    assert services.forget_attempts(before=at + MINUTE) == 21


@pytest.mark.usefixtures("li")
def test_nothing_secret_is_logged(at: datetime, caplog: pytest.LogCaptureFixture, come_in: Try) -> None:
    with caplog.at_level(logging.INFO):
        come_in(at, "s3cret-wrong")
    assert "s3cret" not in caplog.text
