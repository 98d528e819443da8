"""Passwords: good enough to keep, and never told to anybody."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import password_validation as validation
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from foresail.people.errors import NotAllowed, PasswordTooWeak, PasswordWrong, UserInactive
from foresail.people.models import Session, User
from foresail.people.services.permission import administers
from foresail.people.services.telling import tell
from foresail.people.words import Text

SHORTEST = 12


class _Light(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 1024, 1


# Django's own Chinese sentences lag behind its English ones.
WEAKNESSES = {
    "password_too_short": Text(
        zh=f"密码至少需要 {SHORTEST} 个字符。", en=f"It must have at least {SHORTEST} characters."
    ),
    "password_too_similar": Text(
        zh="密码不能与您的邮箱或姓名相近。", en="It must not resemble your e-mail address or name."
    ),
    "password_too_common": Text(
        zh="该密码太常见，容易被猜到。", en="It is a common password, and soon guessed."
    ),
    "password_entirely_numeric": Text(zh="密码不能只含数字。", en="It must not be digits alone."),
}


def set_password(
    *,
    user: User,
    password: str,
    current: str | None = None,
    keep: Session | None = None,
    by: User | None,
    at: datetime,
) -> None:
    """Set the password, and sign `user` out everywhere but in the session `keep`.

    Who sets their own proves it with the `current` one. Raises NotAllowed, UserInactive, PasswordWrong or
    PasswordTooWeak.
    """
    with transaction.atomic():
        fresh = User.objects.select_for_update().get(pk=user.pk)
        own = by is not None and by.pk == fresh.pk
        if not own and not administers(by):
            raise NotAllowed
        if not fresh.active:
            raise UserInactive(name=fresh.name)
        if own and not check_password(current, fresh.password):
            raise PasswordWrong
        put_password(user=fresh, password=password, keep=keep, at=at)
        user.password = fresh.password
        tell("set_password", fresh, {}, by=by, at=at)


def set_shown_password(*, user: User, hashed: str, at: datetime) -> None:
    """Set a password that is no secret, as `shown_password` hashed it: that of a demo, printed for everybody."""
    with transaction.atomic():
        user.password = hashed
        user.save(update_fields=["password"])
        tell("set_password", user, {}, by=None, at=at)


def shown_password(password: str) -> str:
    """Return the hash of a password that everybody is shown: it guards nothing, so it need not take long to guess."""
    return make_password(password, hasher=_Light())


def put_password(*, user: User, password: str, keep: Session | None = None, at: datetime) -> None:
    """Set the password of `user` for a verb that permits and tells it, and sign them out but in `keep`.

    Raises PasswordTooWeak.
    """
    _require_strength(password, user)
    user.password = make_password(password)
    user.save(update_fields=["password"])
    open_sessions = Session.objects.filter(user=user, revoked_at=None)
    open_sessions.exclude(pk=keep.pk if keep else 0).update(revoked_at=at)


def _require_strength(password: str, user: User) -> None:
    validators: list[validation.PasswordValidator] = [
        validation.MinimumLengthValidator(SHORTEST),
        validation.UserAttributeSimilarityValidator(user_attributes=("email", "name")),
        validation.CommonPasswordValidator(),
        validation.NumericPasswordValidator(),
    ]
    try:
        validation.validate_password(password, user, validators)
    except ValidationError as error:
        said = [WEAKNESSES[each.code or ""] for each in error.error_list]
        raise PasswordTooWeak(
            because_zh="".join(text.zh for text in said), because_en=" ".join(text.en for text in said)
        ) from error
