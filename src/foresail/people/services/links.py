"""Links by which somebody chooses their own password: nobody else ever knows it, and no mail is needed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from foresail.people.errors import LinkInvalid, OwnAccount, UserInactive
from foresail.people.models import PasswordLink, Session, User
from foresail.people.services.passwords import put_password
from foresail.people.services.permission import administering
from foresail.people.services.telling import tell
from foresail.people.texts import fingerprint

LASTS: Final = timedelta(hours=72)
TOKEN_BYTES: Final = 32


@dataclass(frozen=True, kw_only=True)
class Link:
    """`token` is kept nowhere: who makes the link hands it on, and nobody sees it again."""

    token: str
    ends_at: datetime


def offer_link(*, user: User, by: User | None, at: datetime) -> Link:
    """Let `user` choose a new password within LASTS. The present one ends at once, as do all sessions and links.

    The second step stays: a link that goes astray does not get past it.
    Raises NotAllowed, OwnAccount or UserInactive.
    """
    with administering(by=by):
        if by is not None and by.pk == user.pk:
            raise OwnAccount
        user.refresh_from_db()
        if not user.active:
            raise UserInactive(name=user.name)
        link = Link(token=secrets.token_urlsafe(TOKEN_BYTES), ends_at=at + LASTS)
        PasswordLink.objects.update_or_create(
            user=user, defaults={"key_hash": fingerprint(link.token), "ends_at": link.ends_at}
        )
        user.password = make_password(None)
        user.save(update_fields=["password"])
        Session.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
        tell("offer_link", user, {"ends_at": link.ends_at}, by=by, at=at)
        return link


def user_of_link(*, token: str, at: datetime) -> User:
    """Return whose link `token` is, for the page that greets them. Raises LinkInvalid."""
    return _open(token, at).user


def use_link(*, token: str, password: str, at: datetime) -> User:
    """Set the password that whoever holds `token` chose, and use the link up. Signing in comes after.

    Raises LinkInvalid or PasswordTooWeak, which leaves the link as it is.
    """
    with transaction.atomic():
        found = _open(token, at)
        # The condition in the deletion lets only one of two at once have it.
        deleted, _ = PasswordLink.objects.filter(pk=found.pk, key_hash=found.key_hash).delete()
        if not deleted:
            raise LinkInvalid
        put_password(user=found.user, password=password, at=at)
        tell("use_link", found.user, {}, by=found.user, at=at)
        return found.user


def _open(token: str, at: datetime) -> PasswordLink:
    links = PasswordLink.objects.select_related("user")
    found = links.filter(key_hash=fingerprint(token), ends_at__gt=at, user__active=True).first()
    if found is None:
        raise LinkInvalid
    return found
